/** One `callMany`: its rows, cut into batches that fit into frames, within bounds that hold for all of them. */
import { Batch, type BatchPart } from "./batch.ts";
import { isRowOf } from "./call_request.ts";
import { checkArguments } from "./arguments.ts";
import type { GuestSession } from "./guest_session.ts";
import type { ExportedFunction } from "./module.ts";
import type { BatchEnd, BatchRequest } from "./number_requests.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Value } from "../core/value.ts";
import type { BatchShape } from "../protocol/batch_frames.ts";

/** What is to be run. */
export interface BatchRunOptions {
  readonly name: string;
  readonly rows: readonly (readonly Value[])[];
  /** Milliseconds; units, below zero for what is left of the sandbox's budget. */
  readonly bounds: { readonly timeout: number; readonly fuel: bigint };
  /** Number of the instance. */
  readonly index: number;
  readonly session: GuestSession;
}

export class BatchRun {
  readonly #options: BatchRunOptions;
  readonly #shape: BatchShape;
  readonly #export: number;
  readonly #started: number = performance.now();
  readonly #fuelBefore: bigint;
  readonly #parts: BatchPart[] = [];
  #next = 0;
  #outcome: Outcome | undefined;

  /** @throws {TypeMismatchError} for a function that takes or returns other than numbers, or a row that does not fit */
  constructor({ type, shape, index }: ExportedFunction, options: BatchRunOptions) {
    const { name, rows, session } = options;
    if (shape === undefined) checkArguments(name, type, []);
    this.#options = options;
    this.#shape = shape as BatchShape; // other types do not pass the check
    this.#export = index;
    this.#fuelBefore = session.fuelUsed;
    for (const row of rows) if (!isRowOf(this.#shape.params, row)) checkArguments(name, type, row);
  }

  /** The batch that is next; undefined when all is done. */
  next(): BatchRequest | undefined {
    const { rows, index, bounds, session } = this.#options, from = this.#next;
    if (this.#outcome !== undefined || from >= rows.length) return undefined;
    this.#next += session.numbers.rowsAtOnce(this.#shape);
    const used = session.fuelUsed;
    this.#parts.push({
      answer: { rows: 0, floats: new Float64Array(), integers: new BigInt64Array() },
      fuelBefore: used,
    });
    const spent = used - this.#fuelBefore;
    return {
      head: {
        timeout: Math.max(0, bounds.timeout - (performance.now() - this.#started)),
        fuel: bounds.fuel < 0n ? bounds.fuel : bounds.fuel > spent ? bounds.fuel - spent : 0n,
        instance: index,
        export: this.#export,
      },
      shape: this.#shape,
      rows: from === 0 && rows.length <= this.#next ? rows : rows.slice(from, this.#next),
    };
  }

  /** The batch has ended. */
  add({ answer, end }: BatchEnd): void {
    const fuelBefore = this.#parts.pop()?.fuelBefore ?? 0n;
    this.#parts.push({ answer, fuelBefore });
    if (end !== undefined) this.#outcome = this.#options.session.note(end);
  }

  /** @param outcome how it ended, if not by its rows */
  end(outcome: Outcome | undefined = this.#outcome): Batch {
    return new Batch(this.#parts, { shape: this.#shape, end: outcome });
  }
}
