/**
 * Numbers that stand for JavaScript values in registers. A value is kept while its number stands anywhere in the
 * machine's stack, globals and tables; what looks like a number there keeps a value, too, which costs memory and nothing
 * else.
 */

/** Numbers begin here, so that few others look like one. */
const FIRST = 0x5a000000;

/** In the place of -0, which a map takes for 0. */
const NEGATIVE_ZERO = Symbol("-0");

/** Numbers that can be restored. */
const MOST = 1 << 20;

/** Values before the first search for those that are not needed. */
const LEAST = 1024;

export class Handles<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #numbers = new Map<T | symbol, number>();
  readonly #unused: number[] = [];
  #limit = LEAST;

  /** @param each calls its argument for all words that may be numbers */
  constructor(readonly each: (visit: (word: number) => void) => void) {}

  numberOf(value: T): number {
    const key = Object.is(value, -0) ? NEGATIVE_ZERO : value, known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const place = this.#unused.pop() ?? this.#values.length;
    this.#values[place] = value;
    this.#numbers.set(key, FIRST + place);
    if (this.#numbers.size > this.#limit) this.#collect(place);
    return FIRST + place;
  }

  valueOf(number: number): T | undefined {
    return this.#values[number - FIRST];
  }

  /** Whether anything is kept that is still needed. */
  get inUse(): boolean {
    if (this.#numbers.size > 0) this.#collect(-1);
    return this.#numbers.size > 0;
  }

  /** All numbers that are in use, with their values. */
  *entries(): Iterable<readonly [number: number, value: T]> {
    for (const [place, value] of this.#values.entries()) {
      if (value !== undefined) yield [FIRST + place, value];
    }
  }

  /** Gives a value the number that it had. @returns whether that can be one, and was free */
  restore(number: number, value: T): boolean {
    const place = number - FIRST;
    if (!Number.isInteger(place) || place < 0 || place > MOST || this.#values[place] !== undefined) {
      return false;
    }
    while (this.#values.length <= place) this.#unused.push(this.#values.push(undefined) - 1);
    this.#unused.splice(this.#unused.indexOf(place), 1);
    this.#values[place] = value;
    this.#numbers.set(value, number);
    return true;
  }

  /** All values that are kept. */
  *all(): Iterable<T> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** @param added the place of a value whose number is not in use yet; what it holds counts already */
  #collect(added: number): void {
    const used = new Uint8Array(this.#values.length);
    used[added] = 1;
    this.each((word) => {
      const place = word - FIRST;
      if (place >= 0 && place < used.length) used[place] = 1;
    });
    for (const [value, number] of this.#numbers) {
      const place = number - FIRST;
      if (used[place] === 1) continue;
      this.#numbers.delete(value);
      this.#values[place] = undefined;
      this.#unused.push(place);
    }
    this.#limit = Math.max(LEAST, 2 * this.#numbers.size);
  }
}
