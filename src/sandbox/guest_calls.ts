/** Calls of a guest's functions by each driver: one or many, waiting or blocking. */
import { copyArguments } from "./arguments.ts";
import type { Batch } from "./batch.ts";
import { BatchRun } from "./batch_run.ts";
import { type BatchOptions, type CallOptions, resolveCallOptions } from "./call_options.ts";
import { callRequest, type ContentCall, functionOf } from "./call_request.ts";
import type { Content } from "./content.ts";
import type { GivenProgram } from "./given_program.ts";
import type { FrameRequest, GuestSession, Reply } from "./guest_session.ts";
import type { AegisModule } from "./module.ts";
import type { RequestQueue } from "./request_queue.ts";
import type { Outcome } from "../core/outcome.ts";
import { isContentKind, type Kind } from "../core/signature.ts";
import type { CallValue, Value } from "../core/value.ts";
import type { FrameReader } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";

/** How a batch ends whose rows all have values. */
const ALL_ROWS: Outcome = { kind: "value", values: [] };

const CANCELLED: Outcome = { kind: "aborted", reason: "cancelled" };

/** What is done right before and after a call, while the guest does nothing else. */
export interface Around {
  /** @param module what is called */
  before(module: AegisModule): Promise<void>;
  after(): Promise<void>;
}

/** What bounds a call: milliseconds, and fuel units. */
type Bounds = ReturnType<typeof resolveCallOptions>;

/** A call that was checked, and what it is bounded by; `index` is that of the instance. */
interface BoundCall extends Bounds {
  readonly call: ContentCall;
  readonly index: number;
}

export class GuestCalls {
  readonly #session: GuestSession;
  readonly #queue: RequestQueue;
  readonly #content: Content;
  readonly #program: GivenProgram;
  /** Of calls that have none of their own. */
  readonly #bounds: Bounds;

  constructor(
    session: GuestSession,
    { queue, content, program }: {
      readonly queue: RequestQueue;
      readonly content: Content;
      readonly program: GivenProgram;
    },
  ) {
    this.#session = session;
    this.#queue = queue;
    this.#content = content;
    this.#program = program;
    this.#bounds = resolveCallOptions({}, session.limits);
  }

  /** @throws as `Sandbox.tryCall` */
  call(
    name: string,
    args: readonly CallValue[],
    options: CallOptions,
    around?: Around,
  ): Promise<Outcome> {
    const session = this.#session, content = this.#content;
    return this.#queue.told(async () => {
      const { timeout, fuel } = resolveCallOptions(options, session.limits), { type, signal } = options;
      const wanted = { name, args: copyArguments(name, args), type },
        program = this.#program.read(options.program);
      let begun = false;
      try {
        return await this.#queue.add(async () => {
          const { module, index } = session.current();
          if (type !== undefined) await content.prepare([...type.params, ...type.results]);
          const call = callRequest(module, wanted, content);
          if (signal?.aborted) return CANCELLED;
          const failed = await this.#program.begin(program);
          if (failed !== undefined) return failed;
          begun = true;
          try {
            await around?.before(module);
            try {
              // It may have come while the guest was told its words: nothing listens before the call itself.
              if (signal?.aborted) return CANCELLED;
              session.beginCall(name);
              if (call.numbers) {
                const { shape, index: exported, row } = call;
                const head = { timeout, fuel, instance: index, export: exported };
                const done = await session.numbers.batch({ head, shape, rows: [row], signal });
                return session.endCall(session.numbers.rowOutcome(shape, done));
              }
              const request = this.#frameOf({ call, timeout, fuel, index });
              return session.endCall(this.#outcome(await session.request({ ...request, signal })));
            } finally {
              await around?.after();
            }
          } finally {
            this.#program.end(program);
          }
        });
      } finally {
        if (!begun) this.#program.drop(program);
      }
    });
  }

  /** @throws as `Sandbox.tryCallSync` */
  callSync(name: string, args: readonly CallValue[], options: CallOptions | undefined): Outcome {
    const session = this.#session;
    return this.#queue.runSync(() => {
      const bounds = options === undefined ? this.#bounds : resolveCallOptions(options, session.limits);
      const { timeout, fuel } = bounds, { module, index } = session.current();
      const call = callRequest(module, { name, args, type: options?.type }, this.#content);
      if (options?.signal?.aborted) return CANCELLED;
      const program = this.#program.read(options?.program), failed = this.#program.beginSync(program);
      if (failed !== undefined) return failed;
      try {
        session.beginCall(name);
        if (call.numbers) {
          const { shape, index: exported, row } = call;
          return session.endCall(
            session.numbers.rowSync({ timeout, fuel, instance: index, export: exported }, shape, row),
          );
        }
        const reply = session.requestSync(this.#frameOf({ call, timeout, fuel, index }));
        return session.endCall(this.#outcome(reply));
      } finally {
        this.#program.end(program);
      }
    });
  }

  /** @throws as `Sandbox.callMany` */
  callMany(
    name: string,
    rows: readonly (readonly Value[])[],
    options: BatchOptions,
  ): Promise<Batch> {
    const session = this.#session;
    return this.#queue.told(async () => {
      const bounds = resolveCallOptions(options, session.limits), { signal } = options;
      return await this.#queue.add(async () => {
        const run = this.#batchRun(name, rows, bounds);
        if (signal?.aborted) return run.end(CANCELLED);
        session.beginCall(name, rows.length);
        for (let batch = run.next(); batch !== undefined; batch = run.next()) {
          // It may have come when the last row of the batch before was done already.
          if (signal?.aborted) return this.#endMany(run.end(CANCELLED));
          run.add(await session.numbers.batch({ ...batch, signal }));
        }
        return this.#endMany(run.end());
      });
    });
  }

  /** @throws as `Sandbox.callManySync` */
  callManySync(name: string, rows: readonly (readonly Value[])[], options: BatchOptions): Batch {
    const session = this.#session;
    return this.#queue.runSync(() => {
      const run = this.#batchRun(name, rows, resolveCallOptions(options, session.limits));
      if (options.signal?.aborted) return run.end(CANCELLED);
      session.beginCall(name, rows.length);
      for (let batch = run.next(); batch !== undefined; batch = run.next()) {
        run.add(session.numbers.batchSync(batch));
      }
      return this.#endMany(run.end());
    });
  }

  #batchRun(name: string, rows: readonly (readonly Value[])[], bounds: Bounds): BatchRun {
    const { module, index } = this.#session.current();
    return new BatchRun(functionOf(module, name), { name, rows, bounds, index, session: this.#session });
  }

  #endMany(batch: Batch): Batch {
    this.#session.endCall(batch.end ?? ALL_ROWS);
    return batch;
  }

  #frameOf({ call, timeout, fuel, index }: BoundCall): FrameRequest<CallValue[]> {
    const { args, kinds, content } = call;
    return {
      kind: FRAMES.call,
      timeout,
      write: (writer) => {
        writer.f64(timeout);
        writer.i64(fuel);
        writer.u32(index);
        writer.u32(call.index);
        writer.kind(content);
        writer.values(args, kinds);
      },
      read: (reader) => this.#readValues(reader, call.results),
    };
  }

  /** @throws {ContentError} for content that is none of its kind */
  #readValues(reader: FrameReader, results: readonly Kind[]): CallValue[] {
    return reader.values(results).map((value, index) => {
      const kind = results[index] ?? "i32";
      if (!isContentKind(kind)) return value;
      // `as`: a value of such a kind is bytes, which the reader has copied; whatever they stand for, it is a value
      return this.#content.decode(kind, value as Uint8Array<ArrayBuffer>) as CallValue;
    });
  }

  #outcome(reply: Reply<CallValue[]>): Outcome {
    const outcome: Outcome = "outcome" in reply
      ? reply.outcome
      : "result" in reply
      ? { kind: "value", values: reply.result }
      : { kind: "fault", message: reply.linkError };
    return this.#session.note(outcome);
  }
}
