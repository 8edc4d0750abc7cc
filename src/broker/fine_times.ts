/** Files whose exact times are remembered; the one that was set longest ago is forgotten first. */
const MOST_KEPT = 4096;

const NANOSECONDS = 1_000_000n;

/** Times of a file as a guest has set them, in nanoseconds since 1970; undefined for one that it has not. */
interface Exact {
  readonly accessed: bigint | undefined;
  readonly modified: bigint | undefined;
}

/**
 * The part of times that Deno loses: it sets and reads whole milliseconds. A time that a guest has set is what it gets
 * back as long as the file still has that millisecond.
 */
export class FineTimes {
  /** By the inode number that guests see. */
  readonly #kept: Map<bigint, Exact> = new Map();

  /** Remembers what was set just now; what was not set stays remembered. */
  note(inode: bigint, times: Exact): void {
    const old = this.#kept.get(inode);
    this.#kept.delete(inode); // and in again, as the one set last
    this.#kept.set(inode, {
      accessed: times.accessed ?? old?.accessed,
      modified: times.modified ?? old?.modified,
    });
    if (this.#kept.size <= MOST_KEPT) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }

  /** A time of a file, exact if it is known. @param read what the system says: whole milliseconds, in nanoseconds */
  exact(inode: bigint, which: keyof Exact, read: bigint): bigint {
    const kept = this.#kept.get(inode)?.[which];
    return kept !== undefined && kept / NANOSECONDS === read / NANOSECONDS ? kept : read;
  }
}
