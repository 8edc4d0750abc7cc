/** The last items of a sequence, in order; those before are dropped and counted. */
export class RingBuffer<Item> implements Iterable<Item> {
  readonly capacity: number;
  /** Grows to the capacity, then is written round. */
  readonly #items: (Item | undefined)[] = [];
  /** Where the oldest is. */
  #first = 0;
  #size = 0;
  /** Items that had to make room for later ones. */
  dropped = 0;

  /** @param capacity items that are kept, from 1 */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Items that are there. */
  get size(): number {
    return this.#size;
  }

  /** Appends an item; drops the oldest where there is no room. */
  add(item: Item): void {
    if (this.#size === this.capacity) {
      this.take();
      this.dropped++;
    }
    this.#items[(this.#first + this.#size) % this.capacity] = item;
    this.#size++;
  }

  /** Takes the oldest item out; undefined when there is none. */
  take(): Item | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined; // nobody holds it here any more
    this.#first = (this.#first + 1) % this.capacity;
    this.#size--;
    return item;
  }

  /** The item added last. */
  get last(): Item | undefined {
    return this.#size === 0 ? undefined : this.#items[(this.#first + this.#size - 1) % this.capacity];
  }

  /** Drops everything, uncounted. */
  clear(): void {
    this.#items.length = 0;
    this.#first = this.#size = this.dropped = 0;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = 0; index < this.#size; index++) {
      yield this.#items[(this.#first + index) % this.capacity] as Item; // there are `size` of them
    }
  }
}
