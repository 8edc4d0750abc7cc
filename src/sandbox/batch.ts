/** The rows of `callMany`. */
import type { Outcome } from "../core/outcome.ts";
import type { Value } from "../core/value.ts";
import { type BatchAnswer, type BatchShape, rowOf } from "../protocol/batch_frames.ts";

/** A part of a batch that went in one round trip. */
export interface BatchPart {
  readonly answer: BatchAnswer;
  /** Units that were consumed before its first row. */
  readonly fuelBefore: bigint;
}

/** How many calls in one batch ended: a result and the fuel of each row, read when they are asked for. */
export class Batch implements Iterable<readonly Value[]> {
  /** Rows that were done; the rows behind them were not begun, unless {@linkcode end} says otherwise. */
  readonly length: number;
  /** How the row ended that had no value, if there was one: it is the last that was begun. */
  readonly end: Exclude<Outcome, { kind: "value" }> | undefined;
  readonly #shape: BatchShape;
  readonly #parts: readonly BatchPart[];

  /** Made by `Sandbox.callMany`. */
  constructor(
    parts: readonly BatchPart[],
    { shape, end }: { readonly shape: BatchShape; readonly end: Outcome | undefined },
  ) {
    this.#parts = parts;
    this.#shape = shape;
    this.length = parts.reduce((sum, { answer }) => sum + answer.rows, 0);
    this.end = end?.kind === "value" ? undefined : end;
  }

  /** The results of a row. @throws {RangeError} for a row that was not done */
  values(row: number): Value[] {
    const { part, at } = this.#find(row);
    return rowOf(part.answer, at, this.#shape);
  }

  /** The only or first result of a row; undefined when there is none. @throws {RangeError} as {@linkcode values} */
  value(row: number): Value | undefined {
    return this.values(row)[0];
  }

  /** Fuel units that a row consumed. @throws {RangeError} as {@linkcode values} */
  fuel(row: number): bigint {
    const { part, at } = this.#find(row), before = at === 0 ? part.fuelBefore : this.#consumed(part, at - 1);
    return this.#consumed(part, at) - before;
  }

  /** The results of the rows that were done, in order. */
  *[Symbol.iterator](): Iterator<readonly Value[]> {
    for (let row = 0; row < this.length; row++) yield this.values(row);
  }

  #consumed({ answer }: BatchPart, at: number): bigint {
    const words = this.#shape.results.length + 1;
    return answer.integers[at * words + words - 1] ?? 0n;
  }

  #find(row: number): { readonly part: BatchPart; readonly at: number } {
    let at = row;
    for (const part of Number.isSafeInteger(row) && row >= 0 ? this.#parts : []) {
      if (at < part.answer.rows) return { part, at };
      at -= part.answer.rows;
    }
    throw new RangeError(`Cannot read row ${row}: ${this.length} rows were done`);
  }
}
