/**
 * Calls with inputs that come one after the other, and their outcomes as they are read. Nothing happens before the first
 * result is asked for, and never are more inputs taken than the window has room for: who does not read stops the source.
 *
 * The ways to an end, in each of which no call is under way any more when the reader hears of it, and the source is
 * closed:
 *
 *     the source ends       all results are read
 *     something throws      the source, or a call that is misuse: results before it are read, then it is thrown
 *     the signal aborts     calls are cancelled, what was not read is dropped, `Cancelled` is thrown
 *     the reader leaves     by `break` or `return()`; what is under way is cancelled or waited for, and dropped
 */
import { copyArguments } from "./arguments.ts";
import { type CallInputs, type InputSource, inputSource } from "./stream_inputs.ts";
import type { StreamPlan } from "./stream_options.ts";
import { AegisError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { CallValue } from "../core/value.ts";

/** How the call with one input of a stream ended. */
export interface StreamResult {
  /** Which input it was, from 0. */
  readonly index: number;
  /** How it ended; every end of a guest's is one. */
  readonly outcome: Outcome;
}

/** Who makes the calls of a stream. */
export interface StreamCaller {
  /** Makes one call. Only misuse throws. */
  readonly call: (args: readonly CallValue[], signal: AbortSignal) => Promise<Outcome>;
  /** Calls at once. */
  readonly lanes: number;
  /** Whether calls that are under way are cancelled when the reader leaves; they are waited for otherwise. */
  readonly cancels: boolean;
}

/** An input that was taken from the source. */
interface StreamInput {
  readonly index: number;
  readonly args: readonly CallValue[];
}

type Read = IteratorResult<StreamResult, undefined>;

/**
 * Results of a stream of calls, each with the index of its input. To be read once: by `for await`, by
 * `ReadableStream.from`, or by hand.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create();
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(await runtime.loadFile("examples/factorial.wat"));
 * let sum = 0n;
 * for await (const { outcome } of sandbox.callStream("factorial", [[3n], [4n]])) {
 *   if (outcome.kind === "value") sum += BigInt(Number(outcome.values[0]));
 * }
 * console.log(sum); // 30n
 * ```
 */
export class CallStream implements AsyncIterableIterator<StreamResult, undefined>, AsyncDisposable {
  readonly #name: string;
  readonly #source: InputSource;
  readonly #plan: StreamPlan;
  readonly #caller: StreamCaller;
  readonly #cancelling: AbortController = new AbortController();
  /** Reads that wait for their results, first in, first out. */
  readonly #reads: PromiseWithResolvers<Read>[] = [];
  /** Inputs that wait for a lane. */
  readonly #waiting: StreamInput[] = [];
  /** Calls that are under way; they never reject. */
  readonly #running: Map<number, Promise<void>> = new Map();
  /** Results that nobody has read, in the order in which they came. */
  readonly #results: Map<number, Outcome> = new Map();
  #taken = 0;
  #read = 0;
  #taking = false;
  /** Whether the caller's signal is listened to: from the first read on, until nothing is left that it could end. */
  #listening = false;
  #sourceEnded = false;
  /** The first input that has no outcome, and why. */
  #failure: { readonly index: number; readonly error: unknown } | undefined;
  #ended: Promise<void> | undefined;

  /** Made by `Sandbox.callStream` and `Pool.callStream`. @throws {AegisError} `TypeMismatch` for what is no source of inputs */
  constructor(
    name: string,
    inputs: CallInputs,
    options: { readonly plan: StreamPlan; readonly caller: StreamCaller },
  ) {
    this.#name = name;
    this.#source = inputSource(inputs);
    this.#plan = options.plan;
    this.#caller = options.caller;
  }

  /** The stream itself: it can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The next result, when it is there.
   *
   * @throws what the source threw; {@linkcode AegisError} `Cancelled` when the signal was aborted, and for misuse as
   * `tryCall`. The stream has ended then.
   */
  next(): Promise<IteratorResult<StreamResult, undefined>> {
    if (this.#ended !== undefined) return this.#ended.then(() => ({ done: true, value: undefined }));
    const read = Promise.withResolvers<Read>();
    this.#reads.push(read);
    this.#listen();
    this.#settle();
    return read.promise;
  }

  /** Ends the stream early. Ends when no call is under way and the source is closed. @throws what closing it throws */
  async return(): Promise<IteratorResult<StreamResult, undefined>> {
    await this.#end(this.#caller.cancels);
    return { done: true, value: undefined };
  }

  /** As {@linkcode return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #listen(): void {
    const { signal } = this.#plan;
    if (signal === undefined || this.#listening || this.#nothingLeft()) return;
    this.#listening = true;
    signal.addEventListener("abort", this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  #unlisten(): void {
    if (!this.#listening) return;
    this.#listening = false;
    this.#plan.signal?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const { signal } = this.#plan;
    this.#failure = {
      index: -1,
      error: new AegisError("Cancelled", "The stream of calls was cancelled", { cause: signal?.reason }),
    };
    this.#results.clear();
    this.#waiting.length = 0;
    this.#cancelling.abort(signal?.reason);
    this.#settle();
  };

  /** Something has happened: readers get what is there, and as many inputs are taken as there is room for then. */
  #settle(): void {
    while (this.#ended === undefined && this.#reads.length > 0) {
      const result = this.#takeResult();
      if (result === undefined) break;
      this.#read++;
      this.#reads.shift()?.resolve({ done: false, value: result });
    }
    if (this.#ended !== undefined) return;
    if (this.#nothingLeft()) this.#unlisten();
    if (this.#reads.length > 0 && this.#isOver()) this.#finish();
    else this.#take();
  }

  /** Whether the source has ended, and all results are read, though nobody may have asked for the end. */
  #nothingLeft(): boolean {
    return this.#failure === undefined && this.#isOver() && this.#results.size === 0;
  }

  #takeResult(): StreamResult | undefined {
    const [index] = this.#plan.ordered ? [this.#read] : this.#results.keys();
    if (index === undefined) return undefined;
    const outcome = this.#results.get(index);
    if (outcome === undefined) return undefined;
    this.#results.delete(index);
    return { index, outcome };
  }

  /** Whether no result will come any more that is to be read. */
  #isOver(): boolean {
    if (this.#failure === undefined) {
      return this.#sourceEnded && this.#running.size === 0 && this.#waiting.length === 0;
    }
    const { index } = this.#failure;
    return [...this.#running.keys()].every((one) => one > index) &&
      this.#waiting.every((one) => one.index > index);
  }

  /** The last that a reader gets; those behind it get nothing. */
  async #finish(): Promise<void> {
    const reads = this.#reads.splice(0), [first] = reads, failure = this.#failure;
    const end = this.#end(true);
    try {
      await end;
    } catch (error) {
      if (failure === undefined) return first?.reject(error);
    } finally {
      for (const read of reads.slice(1)) read.resolve({ done: true, value: undefined });
    }
    if (failure === undefined) first?.resolve({ done: true, value: undefined });
    else first?.reject(failure.error);
  }

  #end(cancel: boolean): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    const over = Promise.withResolvers<void>();
    this.#ended = over.promise.catch(() => {}); // who asks later is not told again
    this.#stop(cancel).then(over.resolve, over.reject);
    return over.promise;
  }

  async #stop(cancel: boolean): Promise<void> {
    this.#waiting.length = 0;
    this.#results.clear();
    if (cancel) this.#cancelling.abort();
    try {
      await Promise.all(this.#running.values());
      await this.#source.close();
    } finally {
      this.#unlisten();
      for (const read of this.#reads.splice(0)) read.resolve({ done: true, value: undefined });
    }
  }

  get #mayTake(): boolean {
    return this.#ended === undefined && this.#failure === undefined && !this.#sourceEnded &&
      this.#taken - this.#read < this.#plan.concurrency;
  }

  /** Takes inputs one after the other, while there is room. */
  async #take(): Promise<void> {
    if (this.#taking || !this.#mayTake) return;
    this.#taking = true;
    try {
      while (this.#mayTake) {
        const { done, value } = await this.#source.next();
        if (this.#ended !== undefined || this.#failure !== undefined) break;
        if (done) this.#sourceEnded = true;
        else this.#begin({ index: this.#taken, args: copyArguments(this.#name, value) });
      }
    } catch (error) {
      this.#fail(this.#taken, error);
    } finally {
      this.#taking = false;
      this.#settle();
    }
  }

  #begin(input: StreamInput): void {
    this.#taken++;
    this.#waiting.push(input);
    this.#fillLanes();
  }

  #fillLanes(): void {
    while (this.#running.size < this.#caller.lanes) {
      const input = this.#waiting.shift();
      if (input === undefined) return;
      this.#running.set(input.index, this.#run(input));
    }
  }

  async #run({ index, args }: StreamInput): Promise<void> {
    try {
      const outcome = await this.#caller.call(args, this.#cancelling.signal);
      if (this.#ended === undefined && this.#failure?.index !== -1) this.#results.set(index, outcome);
    } catch (error) {
      this.#fail(index, error);
    }
    this.#running.delete(index);
    this.#fillLanes();
    this.#settle();
  }

  /** What lies before it goes on; nothing new is begun behind it. */
  #fail(index: number, error: unknown): void {
    if (this.#failure !== undefined && this.#failure.index <= index) return;
    this.#failure = { index, error };
    const before = this.#waiting.filter((one) => one.index < index);
    this.#waiting.splice(0, this.#waiting.length, ...before);
  }
}
