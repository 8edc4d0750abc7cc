/** Which lines of logs came already: some come twice, as part of a log and as an event. */

/** Logs that are known, of some thousand lines at most each; then the one that was heard of first is forgotten. */
const MOST = 100;

export class HeardLines {
  /** Places of lines, by the id of the execution. */
  readonly #places: Map<number, Set<number>> = new Map();

  /** Notes that a line came. @returns whether for the first time */
  isNew(execution: number, index: number): boolean {
    const places = this.#places.get(execution) ?? new Set();
    if (places.has(index)) return false;
    this.#places.set(execution, places.add(index));
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= MOST) break;
      this.#places.delete(oldest);
    }
    return true;
  }
}
