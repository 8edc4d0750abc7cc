/** Entries of a list that are kept: a module of megabytes has a million functions, and each entry has texts. */
const MOST_LISTED = 10_000;

/** What was found, as far as it is listed. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  /** How many more there are. */
  readonly further: number;
}

/** Gathers a list, and counts what is too much. */
export class Listing<Item> implements Listed<Item> {
  readonly items: Item[] = [];
  further = 0;

  /** Takes one. @param tell is called when there is room for it */
  add(tell: () => Item): void {
    if (this.items.length >= MOST_LISTED) this.further++;
    else this.items.push(tell());
  }
}
