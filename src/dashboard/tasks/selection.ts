/** Which tasks somebody has chosen: some by name, or all that fit the filter. */
export class Selection {
  readonly #ids: Set<string> = new Set();
  readonly #onChange: () => void;
  #everything = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** Whether all are meant that fit the filter, those of other parts of the list too. */
  get everything(): boolean {
    return this.#everything;
  }

  has(id: string): boolean {
    return this.#everything || this.#ids.has(id);
  }

  set(ids: Iterable<string>, selected: boolean): void {
    this.#everything = false;
    for (const id of ids) {
      if (selected) this.#ids.add(id);
      else this.#ids.delete(id);
    }
    this.#onChange();
  }

  /** @param shown those that stay chosen when one of all is taken out */
  unset(id: string, shown: Iterable<string>): void {
    if (this.#everything) { for (const one of shown) this.#ids.add(one); }
    this.set([id], false);
  }

  selectEverything(): void {
    this.#ids.clear();
    this.#everything = true;
    this.#onChange();
  }

  clear(): void {
    this.#ids.clear();
    this.#everything = false;
    this.#onChange();
  }

  /** One that is no more. */
  forget(id: string): void {
    if (this.#ids.delete(id)) this.#onChange();
  }
}
