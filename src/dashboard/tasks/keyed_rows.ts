/** Rows of a table that stay where they are while what they show changes: no scroll, focus or selection is lost. */

/** A row, and how it shows another state of its item. */
export interface KeyedRow<Item> {
  readonly root: HTMLTableRowElement;
  update(item: Item): void;
}

export interface KeyedRowsOptions<Item, Row extends KeyedRow<Item>> {
  readonly key: (item: Item) => string | number;
  readonly make: (item: Item) => Row;
}

export class KeyedRows<Item, Row extends KeyedRow<Item>> {
  readonly #body: HTMLTableSectionElement;
  readonly #options: KeyedRowsOptions<Item, Row>;
  readonly #rows: Map<string | number, Row> = new Map();

  constructor(body: HTMLTableSectionElement, options: KeyedRowsOptions<Item, Row>) {
    this.#body = body;
    this.#options = options;
  }

  get(key: string | number): Row | undefined {
    return this.#rows.get(key);
  }

  /** Those that are shown, from above. */
  get elements(): HTMLTableRowElement[] {
    return [...this.#body.rows];
  }

  /** Shows these, in this order. */
  show(items: readonly Item[]): void {
    const { key, make } = this.#options, wanted = new Set(items.map(key));
    for (const known of [...this.#rows.keys()]) if (!wanted.has(known)) this.remove(known);
    let next = this.#body.firstElementChild;
    for (const item of items) {
      const known = this.#rows.get(key(item)), row = known ?? make(item);
      if (known === undefined) this.#rows.set(key(item), row);
      else row.update(item);
      if (row.root === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.root, next);
    }
  }

  /** Takes one away; the focus that was in it goes to its neighbour. */
  remove(key: string | number): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    const { root } = row, neighbour = root.nextElementSibling ?? root.previousElementSibling;
    const hadFocus = root.contains(document.activeElement);
    root.remove();
    if (hadFocus) neighbour?.querySelector<HTMLElement>("a[href]")?.focus();
  }
}
