/**
 * Where counts of executed code are kept while a target runs, and what a run reached by them. Modules that were
 * rewritten ({@linkcode file://./instrument_source.ts}) count in one array of bytes, a place for each branch.
 */

/** More branches than the product has. */
const MOST_BRANCHES = 1 << 18;

/** The name of the array in rewritten modules. */
export const COUNTERS_NAME = "__aegisCounters";

/** Classes of how often a branch was taken: 1, 2, 3, 4–7, 8–15, 16–31, 32–127, more. */
const CLASSES = 8;

/** The class of each count. */
const CLASS_OF: Uint8Array = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count <= 3) return count - 1;
  return count < 8 ? 3 : count < 16 ? 4 : count < 32 ? 5 : count < 128 ? 6 : 7;
});

/** Counts of this process, and which branches, how often, were seen by any run. */
export class Counters {
  readonly #counts: Uint8Array<ArrayBuffer> = new Uint8Array(MOST_BRANCHES);
  readonly #words: BigUint64Array = new BigUint64Array(this.#counts.buffer);
  /** A bit for each class of each branch. */
  readonly #seen: Uint8Array = new Uint8Array(MOST_BRANCHES);
  #branches = 0;
  #reached = 0;

  /** The array, for code that does not look for it. */
  get counts(): Uint8Array {
    return this.#counts;
  }

  /** Lays the array where rewritten modules find it. */
  publish(): void {
    Object.defineProperty(globalThis, COUNTERS_NAME, { value: this.#counts });
  }

  /** Reserves places. @returns the first */
  reserve(branches: number): number {
    const first = this.#branches;
    this.#branches += branches;
    if (this.#branches > MOST_BRANCHES) throw new RangeError(`There are more than ${MOST_BRANCHES} branches`);
    return first;
  }

  /** Branches of the modules that were loaded. */
  get branches(): number {
    return this.#branches;
  }

  /** Those that any run took. */
  get reached(): number {
    return this.#reached;
  }

  clear(): void {
    this.#counts.fill(0, 0, this.#branches);
  }

  /** What the run since {@linkcode clear} reached that none had: branches, and classes of how often; both are noted. */
  news(): number {
    const counts = this.#counts, words = this.#words, seen = this.#seen, end = (this.#branches + 7) >> 3;
    let found = 0;
    for (let word = 0; word < end; word++) {
      if (words[word] === 0n) continue;
      for (let at = word * 8; at < word * 8 + 8; at++) {
        const count = counts[at] ?? 0;
        if (count === 0) continue;
        const bit = 1 << (CLASS_OF[count] ?? CLASSES - 1), known = seen[at] ?? 0;
        if ((known & bit) !== 0) continue;
        if (known === 0) this.#reached++;
        seen[at] = known | bit;
        found++;
      }
    }
    return found;
  }
}
