/** Tasks that wait for a guest: by priority, and by how long they have waited, so that none waits for ever. */

/** Priorities, and what each is worth: a head start in the queue, in milliseconds, and a share of the processor. */
export const PRIORITIES = {
  high: { headStart: 10_000, weight: 4 },
  normal: { headStart: 0, weight: 2 },
  low: { headStart: -10_000, weight: 1 },
} as const satisfies Record<string, { readonly headStart: number; readonly weight: number }>;

/** A key of {@linkcode PRIORITIES}. */
export type Priority = keyof typeof PRIORITIES;

/** What stands in the queue. */
export interface QueuedTask {
  readonly id: string;
  readonly priority: Priority;
  /** Milliseconds of a clock that never goes back. */
  readonly since: number;
}

interface Entry {
  readonly task: QueuedTask;
  /** Who has the least is next: a task of high priority overtakes those that came up to ten seconds before it. */
  readonly rank: number;
  /** In the order in which they came, for equal ranks. */
  readonly order: number;
}

/** A binary heap; what is taken out by name stays in it as a hole until it comes to the top. */
export class RunQueue {
  readonly #heap: Entry[] = [];
  readonly #entries: Map<string, Entry> = new Map();
  #order = 0;

  /** Tasks that wait. */
  get size(): number {
    return this.#entries.size;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  add(task: QueuedTask): void {
    const rank = task.since - PRIORITIES[task.priority].headStart,
      entry = { task, rank, order: this.#order++ };
    this.#entries.set(task.id, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes a task out, wherever it stands. */
  remove(id: string): void {
    this.#entries.delete(id);
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#entries.size) this.#rebuild();
  }

  /** Takes out who is next; undefined when nobody waits. */
  take(): QueuedTask | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      const last = this.#heap.pop();
      if (last !== undefined && last !== first) {
        this.#heap[0] = last;
        this.#sink(0);
      }
      if (this.#entries.get(first.task.id) !== first) continue; // a hole
      this.#entries.delete(first.task.id);
      return first.task;
    }
  }

  #rebuild(): void {
    const sorted = [...this.#entries.values()].sort((a, b) => isBefore(a, b) ? -1 : 1); // which is a heap
    this.#heap.length = 0;
    for (const entry of sorted) this.#heap.push(entry);
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, above)) return;
      at = above;
    }
  }

  #sink(from: number): void {
    for (let at = from;;) {
      const left = 2 * at + 1, right = left + 1, one = this.#heap[left], other = this.#heap[right];
      if (one === undefined) return;
      const least = other !== undefined && isBefore(other, one) ? right : left;
      if (!this.#swapIfBefore(least, at)) return;
      at = least;
    }
  }

  /** Whether they had to change places. */
  #swapIfBefore(lower: number, upper: number): boolean {
    const one = this.#heap[lower], other = this.#heap[upper];
    if (one === undefined || other === undefined || !isBefore(one, other)) return false;
    this.#heap[lower] = other;
    this.#heap[upper] = one;
    return true;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.rank < other.rank || one.rank === other.rank && one.order < other.order;
}
