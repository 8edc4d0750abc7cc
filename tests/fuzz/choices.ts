/** Reads decisions out of an input: what an input means stands in its bytes, so that changing them changes that. */
import type { Input } from "./target.ts";

/** Integers that calls break on. */
const EDGES: readonly number[] = [
  ...[
    0,
    1,
    -1,
    2,
    3,
    4,
    5,
    8,
    16,
    64,
    100,
    1000,
    1024,
    4096,
    32_768,
    65_528,
    65_532,
    65_535,
    65_536,
    131_072,
  ],
  ...[2 ** 31 - 1, -(2 ** 31), -8, -4, 2 ** 24, 2 ** 30],
];

const WIDE_EDGES: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 8n, 4096n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n],
  ...[2n ** 63n - 1n, -(2n ** 63n), 10n ** 9n, 10n ** 15n, 10n ** 18n],
];

export class Choices {
  #at = 0;

  constructor(readonly input: Input) {}

  get ended(): boolean {
    return this.#at >= this.input.length;
  }

  /** The next byte; behind the end they are 0. */
  byte(): number {
    return this.input[this.#at++] ?? 0;
  }

  /** A whole number below one that is at most 256. */
  below(bound: number): number {
    return this.byte() % bound;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("Cannot pick from nothing");
    return item;
  }

  u16(): number {
    return this.byte() | this.byte() << 8;
  }

  u32(): number {
    return (this.u16() | this.u16() << 16) >>> 0;
  }

  /** An integer of 32 bits, signed: small, an edge, a place in the first page, or any. */
  i32(): number {
    const how = this.byte();
    if (how < 96) return how & 15;
    if (how < 144) return this.pick(EDGES);
    return how < 224 ? this.u16() : this.u32() | 0;
  }

  i64(): bigint {
    const how = this.byte();
    if (how < 96) return BigInt(how & 15);
    if (how < 160) return this.pick(WIDE_EDGES);
    return how < 224 ? BigInt(this.u16()) : BigInt.asIntN(64, BigInt(this.u32()) << 32n | BigInt(this.u32()));
  }

  /** So many bytes, or as many as there are. */
  bytes(most: number): Input {
    const start = Math.min(this.#at, this.input.length);
    this.#at = Math.min(this.input.length, start + most);
    return this.input.slice(start, this.#at);
  }

  rest(): Input {
    return this.bytes(this.input.length);
  }
}
