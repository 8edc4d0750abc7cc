/** Calls with numbers alone, one or many in a request, on the host's side; see `protocol/batch_frames.ts`. */
import type { Reply } from "./guest_session.ts";
import { fitting, type GuestThread } from "./guest_thread.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Value } from "../core/value.ts";
import {
  type BatchAnswer,
  type BatchHead,
  type BatchShape,
  BatchWriter,
  fitsAtOnce,
  mostRows,
  rowOf,
} from "../protocol/batch_frames.ts";
import type { FrameReader } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";

/** Calls with numbers. */
export interface BatchRequest {
  readonly head: BatchHead;
  readonly shape: BatchShape;
  /** Values that fit the shape. */
  readonly rows: readonly (readonly Value[])[];
  readonly signal?: AbortSignal | undefined;
}

/** The rows that were done, and how the next one ended if there was one that had no value. */
export interface BatchEnd {
  readonly answer: BatchAnswer;
  readonly end?: Outcome;
}

const NO_ROWS: BatchAnswer = { rows: 0, floats: new Float64Array(), integers: new BigInt64Array() };

/** Measures one request. */
export interface Meter {
  /** Milliseconds so far. */
  elapsed(): number;
  end(): void;
}

/** What the session of the guest does for its requests. */
export interface NumberPorts {
  /** Bytes of a frame at most. */
  readonly frameSize: number;
  meter(): Meter;
  /** Notes a request that was not measured by a meter. @param duration milliseconds */
  countRequest(duration: number): void;
  judge<Result>(
    reader: FrameReader,
    judged: { readonly read: (reader: FrameReader) => Result; readonly timeout: number },
  ): Reply<Result>;
  /** @throws what is no end of a request */
  judgeError(
    error: unknown,
    time: { readonly elapsed: number; readonly timeout: number },
  ): { readonly outcome: Outcome };
  /** Takes note of how a call ended. */
  note(outcome: Outcome): Outcome;
}

export class NumberRequests {
  readonly #thread: GuestThread;
  readonly #ports: NumberPorts;
  readonly #batches: BatchWriter;

  constructor(thread: GuestThread, ports: NumberPorts) {
    this.#thread = thread;
    this.#ports = ports;
    this.#batches = new BatchWriter(thread.channel.buffer);
  }

  /**
   * Calls a function with rows of numbers, in one round trip if they fit, until one ends without a value.
   *
   * @param rows no more than {@linkcode rowsAtOnce}
   */
  async batch(batch: BatchRequest): Promise<BatchEnd> {
    const { head, signal } = batch, thread = this.#thread, meter = this.#ports.meter();
    const cancel = () => this.#thread.abort("cancelled");
    signal?.addEventListener("abort", cancel);
    try {
      await thread.exchange(() => this.#giveBatch(batch), head.timeout);
      const { unasked, ...taken } = this.#takeRows(batch);
      return unasked ? { ...taken, end: this.#batchEnd(await thread.ask(FRAMES.batchEnd), batch) } : taken;
    } catch (error) {
      return this.#noRows(error, { elapsed: meter.elapsed(), timeout: head.timeout });
    } finally {
      signal?.removeEventListener("abort", cancel);
      meter.end();
    }
  }

  /** One row, blocking this thread: {@linkcode batchSync} without what only several rows need. */
  rowSync(head: BatchHead, shape: BatchShape, row: readonly Value[]): Outcome {
    if (!fitsAtOnce(shape)) return this.rowOutcome(shape, this.batchSync({ head, shape, rows: [row] }));
    const thread = this.#thread;
    let started = NaN;
    try {
      thread.beginSync();
      thread.channel.give(FRAMES.batch, this.#batches.writeRow(head, shape, row));
      started = performance.now(); // telling the time takes as long as a tenth of the call: the guest is at work meanwhile
      thread.serveSync(head.timeout);
      if (thread.channel.frameKind === FRAMES.batchRows && this.#batches.done(1, shape) === 1) {
        return { kind: "value", values: this.#batches.row(shape) };
      }
      return this.#ports.note(this.#batchEnd(thread.channel.reader(), { head, shape }));
    } catch (error) {
      const elapsed = sinceOrNone(started);
      return this.#ports.note(this.#ports.judgeError(error, { elapsed, timeout: head.timeout }).outcome);
    } finally {
      thread.endSync();
      this.#ports.countRequest(sinceOrNone(started));
    }
  }

  /** How a batch of one row ended. */
  rowOutcome(shape: BatchShape, { answer, end }: BatchEnd): Outcome {
    return end === undefined ? { kind: "value", values: rowOf(answer, 0, shape) } : this.#ports.note(end);
  }

  /** As {@linkcode batch}, blocking this thread. */
  batchSync(batch: BatchRequest): BatchEnd {
    const thread = this.#thread, meter = this.#ports.meter();
    try {
      thread.exchangeSync(() => this.#giveBatch(batch), batch.head.timeout);
      const { unasked, ...taken } = this.#takeRows(batch);
      return unasked ? { ...taken, end: this.#batchEnd(thread.askSync(FRAMES.batchEnd), batch) } : taken;
    } catch (error) {
      return this.#noRows(error, { elapsed: meter.elapsed(), timeout: batch.head.timeout });
    } finally {
      meter.end();
    }
  }

  /** Rows of a shape that one batch can have. */
  rowsAtOnce(shape: BatchShape): number {
    return mostRows(this.#ports.frameSize, shape);
  }

  #giveBatch({ head, shape, rows }: BatchRequest): void {
    this.#thread.channel.give(FRAMES.batch, fitting(() => this.#batches.write(head, shape, rows)));
  }

  /** What the guest has laid down; how the row after it ended is to be asked for where `unasked`. */
  #takeRows(batch: BatchRequest): BatchEnd & { readonly unasked: boolean } {
    const { rows, shape } = batch, { channel } = this.#thread;
    if (channel.frameKind !== FRAMES.batchRows) {
      return { answer: NO_ROWS, end: this.#batchEnd(channel.reader(), batch), unasked: false };
    }
    const answer = this.#batches.answer(rows.length, shape);
    return { answer, unasked: answer.rows < rows.length };
  }

  #noRows(error: unknown, time: { readonly elapsed: number; readonly timeout: number }): BatchEnd {
    return { answer: NO_ROWS, end: this.#ports.judgeError(error, time).outcome };
  }

  #batchEnd(reader: FrameReader, { head, shape }: Pick<BatchRequest, "head" | "shape">): Outcome {
    const { timeout } = head;
    const reply = this.#ports.judge(reader, { read: (frame) => frame.values(shape.results), timeout });
    if ("outcome" in reply) return reply.outcome;
    const values = "result" in reply ? reply.result : [];
    const fit = values.length === shape.results.length &&
      shape.results.every((kind, index) =>
        kind === "i64" ? typeof values[index] === "bigint" : typeof values[index] === "number"
      );
    return fit ? { kind: "value", values } : { kind: "fault", message: "a row has no value and no outcome" };
  }
}

/** Milliseconds since a moment; none since one that has not come. */
function sinceOrNone(moment: number): number {
  return Number.isNaN(moment) ? 0 : performance.now() - moment;
}
