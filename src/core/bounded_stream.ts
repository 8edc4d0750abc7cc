/**
 * What happens, for one reader with `for await`: kept while the reader is busy, up to a bound; then the oldest is
 * dropped, and counted. So a slow reader costs neither memory nor the time of who writes.
 */
import { RingBuffer } from "./ring_buffer.ts";

/** An endless sequence for one reader. Leaving a `for await` ends it; so does `await using`. */
export interface BoundedStream<Item> extends AsyncIterableIterator<Item, undefined>, AsyncDisposable {
  /** Items that the reader was too slow for: the oldest at that time. */
  readonly dropped: number;
  /** Ends it; what is kept is dropped. */
  return(): Promise<IteratorResult<Item, undefined>>;
}

const DONE = { done: true, value: undefined } as const;

/** Both ends of a {@linkcode BoundedStream}. */
export class BoundedQueue<Item> implements BoundedStream<Item> {
  readonly #items: RingBuffer<Item>;
  readonly #onEnd: () => void;
  /** Readers that found nothing; there are only several when a reader does not wait for its own `next`. */
  readonly #waiting: ((result: IteratorResult<Item, undefined>) => void)[] = [];
  #ended = false;

  /** @param capacity items that are kept @param onEnd called once, however it ends */
  constructor(capacity: number, onEnd: () => void = () => {}) {
    this.#items = new RingBuffer(capacity);
    this.#onEnd = onEnd;
  }

  get dropped(): number {
    return this.#items.dropped;
  }

  /** Hands an item to the reader, now or later. */
  push(value: Item): void {
    if (this.#ended) return;
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#items.add(value);
    else reader({ done: false, value });
  }

  /** Nothing comes any more; what is kept can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#waiting.splice(0)) reader(DONE);
    this.#onEnd();
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#items.size > 0) return Promise.resolve({ done: false, value: this.#items.take() as Item }); // one is there
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.end();
    while (this.#items.size > 0) this.#items.take();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
