/**
 * Calls of functions that take and return numbers alone: the way of short calls, and of many in one round trip. Both
 * ends lay their values into 64-bit words of the frame area, without a length or a tag, since both know the type:
 *
 *     word 0   timeout, f64, milliseconds          request
 *          1   fuel, i64; below zero for what is left
 *          2   instance, f64
 *          3   index of the export, f64
 *          4   rows, f64
 *          5   the arguments, row by row: i64 for i64, f64 for the others
 *          …   rows that were done, f64            answer
 *          …   row by row the results, and the fuel that the instances have consumed since their life began, i64
 *
 * A row that ends without a value ends the batch. How it ended is asked for in a request of its own; if it was the first,
 * a `result` frame is the answer already. The views are of fixed length: those that follow a buffer as it grows are five
 * times as slow.
 */
import { tooLong } from "./frame.ts";
import { FIRST_FRAME_SIZE, FRAME_START } from "./layout.ts";
import type { Value, ValueKind } from "../core/value.ts";

const HEAD = 5;

/** Bytes of a word. */
const WORD = 8, HALF = 4;

/** What a batch is. */
export interface BatchShape {
  readonly params: readonly ValueKind[];
  readonly results: readonly ValueKind[];
}

/** What is asked for with a batch. */
export interface BatchHead {
  /** Milliseconds. */
  readonly timeout: number;
  /** Units; below zero for what is left of the sandbox's budget. */
  readonly fuel: bigint;
  /** Number of the instance. */
  readonly instance: number;
  /** Index of the export among those of the original module. */
  readonly export: number;
}

function answerAt(rows: number, { params }: BatchShape): number {
  return HEAD + rows * params.length;
}

/** Words of the frame area that a batch takes, with its answer. */
function wordsOf(rows: number, shape: BatchShape): number {
  return answerAt(rows, shape) + 1 + rows * (shape.results.length + 1);
}

/** Rows of a shape that go into one frame area of so many bytes, with their answer: at least one, which may not fit. */
export function mostRows(bytes: number, { params, results }: BatchShape): number {
  return Math.max(1, Math.floor((bytes / WORD - HEAD - 1) / (params.length + results.length + 1)));
}

/** The words of a frame area, as both kinds of number, and as halves, which can be copied without being numbers. */
class Words {
  readonly buffer: ArrayBufferLike;
  floats: Float64Array;
  integers: BigInt64Array;
  halves: Int32Array;

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    this.floats = new Float64Array(buffer, FRAME_START, FIRST_FRAME_SIZE / WORD);
    this.integers = new BigInt64Array(buffer, FRAME_START, FIRST_FRAME_SIZE / WORD);
    this.halves = new Int32Array(buffer, FRAME_START, FIRST_FRAME_SIZE / HALF);
  }

  /** Makes the views long enough. @throws {RangeError} when the buffer is not */
  reach(words: number): void {
    if (words <= this.floats.length) return;
    this.floats = new Float64Array(this.buffer, FRAME_START, words);
    this.integers = new BigInt64Array(this.buffer, FRAME_START, words);
    this.halves = new Int32Array(this.buffer, FRAME_START, 2 * words);
  }

  set(at: number, value: Value): void {
    if (typeof value === "bigint") this.integers[at] = value;
    else this.floats[at] = value;
  }
}

/** In the form that is read fastest: a batch may have a million rows. @returns the word behind them */
function putRows(words: Words, { params }: BatchShape, rows: readonly (readonly Value[])[]): number {
  const { floats, integers } = words, wide = params.map((kind) => kind === "i64"), count = params.length;
  let at = HEAD;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? [];
    for (let column = 0; column < count; column++, at++) {
      const value = row[column] ?? 0;
      if (wide[column] === true) integers[at] = value as bigint; // the row was checked against the kinds
      else floats[at] = value as number;
    }
  }
  return at;
}

/** Whether one row of a shape needs no larger buffer than a channel begins with. */
export function fitsAtOnce(shape: BatchShape): boolean {
  return wordsOf(1, shape) <= FIRST_FRAME_SIZE / WORD;
}

/** The host's end of batches. */
export class BatchWriter {
  readonly #words: Words;
  readonly #buffer: SharedArrayBuffer;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Words(buffer);
    this.#buffer = buffer;
  }

  /**
   * Writes a request; the rows fit, see {@linkcode mostRows}.
   *
   * @param rows values that were checked against the shape
   * @returns bytes of the request and of the room for its answer
   * @throws {FrameError} for a row that fits into no frame
   */
  write(head: BatchHead, shape: BatchShape, rows: readonly (readonly Value[])[]): number {
    const words = this.#words, needed = wordsOf(rows.length, shape), buffer = this.#buffer;
    const bytes = FRAME_START + needed * WORD;
    if (bytes > buffer.maxByteLength) {
      throw tooLong(needed * WORD, buffer);
    }
    if (bytes > buffer.byteLength) {
      buffer.grow(Math.min(buffer.maxByteLength, Math.max(bytes, 2 * buffer.byteLength)));
    }
    words.reach(needed);
    const { floats, integers } = words;
    floats[0] = head.timeout;
    integers[1] = head.fuel;
    floats[2] = head.instance;
    floats[3] = head.export;
    floats[4] = rows.length;
    const at = putRows(words, shape, rows);
    floats[at] = 0; // no row is done unless the guest says so
    return needed * WORD;
  }

  /** Writes a request of one row that {@linkcode fitsAtOnce}. @returns as {@linkcode write} */
  writeRow(head: BatchHead, shape: BatchShape, row: readonly Value[]): number {
    const words = this.#words, needed = wordsOf(1, shape), { floats, integers } = words;
    floats[0] = head.timeout;
    integers[1] = head.fuel;
    floats[2] = head.instance;
    floats[3] = head.export;
    floats[4] = 1;
    let at = HEAD;
    for (let index = 0; index < row.length; index++) words.set(at++, row[index] ?? 0);
    floats[at] = 0; // as above
    return needed * WORD;
  }

  /** The results of a batch of one row. */
  row(shape: BatchShape): Value[] {
    return valuesAt(this.#words, HEAD + shape.params.length + 1, shape);
  }

  /** Rows that were done, by what the guest says; never more than there are. */
  done(rows: number, shape: BatchShape): number {
    const done = this.#words.floats[answerAt(rows, shape)] ?? 0;
    return Number.isSafeInteger(done) && done >= 0 ? Math.min(done, rows) : 0;
  }

  /** Copies of the words of the rows that were done. */
  answer(rows: number, shape: BatchShape): BatchAnswer {
    const done = this.done(rows, shape), from = answerAt(rows, shape) + 1;
    const to = from + done * (shape.results.length + 1);
    return {
      rows: done,
      floats: this.#words.floats.slice(from, to),
      integers: this.#words.integers.slice(from, to),
    };
  }
}

/** Rows as they came back: results and fuel in turn, `results.length + 1` words a row. */
export interface BatchAnswer {
  readonly rows: number;
  readonly floats: Float64Array;
  readonly integers: BigInt64Array;
}

/** The results of a row. */
export function rowOf(answer: BatchAnswer, row: number, shape: BatchShape): Value[] {
  return valuesAt(answer, row * (shape.results.length + 1), shape);
}

function valuesAt(
  { floats, integers }: Pick<Words, "floats" | "integers">,
  from: number,
  { results }: BatchShape,
): Value[] {
  const value = (kind: ValueKind | undefined, at: number): Value => {
    if (kind === "i64") return integers[at] ?? 0n;
    const float = floats[at] ?? 0;
    // Whatever was written there, it is of its type.
    return kind === "i32" ? float | 0 : kind === "f32" ? Math.fround(float) : float;
  };
  if (results.length === 1) return [value(results[0], from)];
  return results.map((kind, index) => value(kind, from + index));
}

/** Words that are copied one by one: making a view of more costs less than copying them so. */
const FEW = 64;

/** The guest's end of batches: reads a request row by row, and answers beside it. */
export class BatchReader {
  readonly #shared: Words;
  /** Request and answer of this batch: the frame area belongs to whatever the functions ask for meanwhile. */
  #own = new Words(new ArrayBuffer(FRAME_START + FIRST_FRAME_SIZE));
  #answerAt = HEAD;
  #shape: BatchShape = { params: [], results: [] };
  #done = 0;
  /** Where the arguments of the row that is next begin, and which of them are i64. */
  #next = HEAD;
  #wide: readonly boolean[] = [];
  #begun = false;
  #rows = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#shared = new Words(buffer);
  }

  /** A request is there; nothing of it is known yet. */
  head(): BatchHead {
    this.#begun = false;
    const { floats, integers } = this.#shared;
    return {
      timeout: floats[0] ?? 0,
      fuel: integers[1] ?? 0n,
      instance: floats[2] ?? 0,
      export: floats[3] ?? 0,
    };
  }

  /** Takes the rows. @returns how many there are @throws {RangeError} for more than the frame area holds */
  begin(shape: BatchShape): number {
    const rows = this.#shared.floats[4] ?? 0, words = wordsOf(rows, shape);
    this.#begun = true;
    this.#rows = rows;
    this.#shape = shape;
    this.#answerAt = answerAt(rows, shape);
    this.#done = 0;
    this.#next = HEAD;
    this.#wide = shape.params.map((kind) => kind === "i64");
    this.#shared.reach(words);
    if (words > this.#own.floats.length) {
      this.#own = new Words(new ArrayBuffer(FRAME_START + 2 * words * WORD));
    }
    this.#own.reach(words);
    copyWords(this.#shared, this.#own, { from: HEAD, to: this.#answerAt });
    return rows;
  }

  /** An argument of the row that is next. */
  argument(index: number): Value {
    const word = this.#next + index, { floats, integers } = this.#own;
    return (this.#wide[index] === true ? integers[word] : floats[word]) ?? 0;
  }

  /** A row was done. @param fuel consumed since the life of the instances began */
  row(results: readonly Value[] | Value | undefined, fuel: bigint): void {
    const own = this.#own, count = this.#shape.results.length;
    const at = this.#answerAt + 1 + this.#done++ * (count + 1);
    if (count === 1) own.set(at, results as Value); // the function's type says so
    else if (count > 1) {
      for (const [index, value] of (results as readonly Value[]).entries()) own.set(at + index, value);
    }
    own.integers[at + count] = fuel;
    this.#next += this.#wide.length;
  }

  /**
   * Lays the answer down; nothing else is asked for from here on.
   *
   * @param complete whether every row may be done @returns how many were, and bytes of request and answer
   */
  end(complete: boolean): { readonly done: number; readonly length: number } {
    if (!this.#begun) return { done: 0, length: 0 };
    const done = complete ? this.#done : Math.min(this.#done, this.#rows - 1), { results } = this.#shape;
    this.#own.floats[this.#answerAt] = done;
    const to = this.#answerAt + 1 + done * (results.length + 1);
    // What was asked for meanwhile may have made the buffer larger; never smaller.
    copyWords(this.#own, this.#shared, { from: this.#answerAt, to });
    return { done, length: to * WORD };
  }
}

function copyWords(
  source: Words,
  target: Words,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (to - from > FEW) return target.integers.set(source.integers.subarray(from, to), from);
  const { halves } = source, copies = target.halves;
  for (let at = 2 * from; at < 2 * to; at++) copies[at] = halves[at] ?? 0;
}
