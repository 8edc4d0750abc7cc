/**
 * The host's turns while a guest works on a request: the guest has called a host function, or asks for an operation of
 * the host's, and waits. Every turn is answered once, and the guest runs on.
 */
import { describeValue, valueMismatch } from "./arguments.ts";
import type { Content } from "./content.ts";
import { ContentError } from "./content.ts";
import type { ExecutionEvents } from "./execution_events.ts";
import { CallContext } from "./host_context.ts";
import type { HostFunctions, RegisteredFunction } from "./host_functions.ts";
import { workFor, worksFor } from "./host_stack.ts";
import { HostOperations } from "./host_operations.ts";
import type { HostError } from "./result.ts";
import type { StateReceiver } from "./state_receiver.ts";
import { AegisError, CapabilityDeniedError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { isContentKind } from "../core/signature.ts";
import { isThenable } from "../core/thenable.ts";
import type { Value } from "../core/value.ts";
import type { HostEnd } from "../protocol/channel.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FrameError, type FrameReader, type FrameValue } from "../protocol/frame.ts";
import { FRAMES, RESULTS } from "../protocol/layout.ts";
import { readRequest, writeAnswer } from "../protocol/operation_frames.ts";
import { type Answer, type OperationName, operationOf, type OperationsBy } from "../protocol/operations.ts";

/** What host functions and operations are taken from. */
export interface HostServices {
  readonly sandbox: string;
  readonly functions: HostFunctions;
  readonly operations: HostOperations;
  readonly content: Content;
  readonly executions: ExecutionEvents;
}

/**
 * Milliseconds in which a guest that waits for the host answers looks into its memory, all of a request together; those that
 * take less than the second figure, as honest ones do, are not counted.
 */
const LONGEST_ACCESS = 1000, SHORT_ACCESS = 5;

/** What was not waited for "ended" with. */
const INTERRUPTED = Symbol("interrupted");

export class HostTurns {
  readonly #channel: HostEnd;
  readonly #services: HostServices;
  readonly #stopped: () => boolean;
  readonly #lose: (why: string) => void;
  /** Ends the wait for a host function or an operation; there is one while one is waited for. */
  #interrupt: (() => void) | undefined;
  #context: CallContext | undefined;
  #ended = false;
  /** Milliseconds that are left of {@linkcode LONGEST_ACCESS}. */
  #accessTime = LONGEST_ACCESS;
  /** When code of the embedder's was seen to return last; milliseconds of `performance.now()`. */
  #seen = 0;
  /** What a host function threw during the request that is under way, if one has. */
  thrown: HostError | undefined;
  /** Takes the guest's state, while somebody has asked for it. */
  receiver: StateReceiver | undefined;
  /** Whether code of the embedder's is on this thread's stack that the guest waits for. */
  #onStack = false;

  /**
   * @param options `stopped`: whether the guest was told to stop, and gets nothing more done; `lose`: gives up a guest that
   * does not keep to the channel's rules
   */
  constructor(
    channel: HostEnd,
    options: {
      readonly services: HostServices;
      readonly stopped: () => boolean;
      readonly lose: (why: string) => void;
    },
  ) {
    this.#channel = channel;
    this.#services = options.services;
    this.#stopped = options.stopped;
    this.#lose = options.lose;
  }

  /** Whether whoever asks is a host function of this guest, or was called by one. */
  get inHostFunction(): boolean {
    return this.#onStack || worksFor(this);
  }

  /** A request begins. */
  begin(): void {
    this.thrown = undefined;
    this.#context = undefined;
    this.#accessTime = LONGEST_ACCESS;
  }

  /** What is under way is not waited for any more. */
  interrupt(): void {
    this.#interrupt?.();
    this.#context?.interrupt();
  }

  /** A look at the clock that was no earlier than the return of the embedder's code that ran last. */
  get seen(): number {
    return this.#seen;
  }

  /** Whether the last turn was the end of the request: its frame is the result. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Answers the guest. @param mayWait whether a host function may take its time */
  serve(mayWait: boolean): void | Promise<void> {
    const { frameKind } = this.#channel;
    if (frameKind === FRAMES.state) return this.#state();
    this.#ended = frameKind !== FRAMES.hostCall && frameKind !== FRAMES.operation;
    if (!this.#ended) this.#services.executions.turn();
    if (frameKind === FRAMES.hostCall) return this.#hostCall(mayWait);
    if (frameKind === FRAMES.operation) return this.#operation(mayWait);
  }

  /** Takes a piece of the guest's state. */
  #state(): void {
    this.#ended = false;
    try {
      if (this.receiver === undefined) throw new FrameError("Cannot take a state that nobody asked for");
      this.receiver.take(this.#channel.reader());
    } catch (error) {
      return this.#lose(error instanceof Error ? error.message : String(error));
    }
    this.#channel.writer();
    this.#channel.give(FRAMES.hostReturn);
  }

  #hostCall(mayWait: boolean): void | Promise<void> {
    try {
      const reader = this.#channel.reader(),
        entry = this.#services.functions.byId(reader.u32());
      if (this.#stopped()) return this.#giveThrow();
      if (entry === undefined) {
        throw new AegisError("GuestFault", "The guest called a host function that does not exist");
      }
      const given = readArguments(reader, entry);
      this.#checkCapability(entry);
      const args = this.#decode(entry, given), started = performance.now();
      const context = entry.context ? this.#newContext() : undefined;
      const run = () => callWith(entry, context === undefined ? args : [...args, context]);
      const count = (failed: boolean) => this.#count(entry, { started, failed });
      let pending: unknown;
      try {
        pending = this.#work(run, mayWait);
      } catch (error) {
        count(true);
        throw error;
      }
      if (!isThenable(pending)) {
        count(false);
        context?.end();
        return this.#giveValues(entry, pending);
      }
      if (mayWait) return this.#await(pending, { entry, context, count });
      count(true);
      pending.then(() => {}, () => {}); // nobody will hear of it
      throw new AegisError("HostFunctionFailed", `${named(entry)} returned a promise to a synchronous call`, {
        suggestion: "Use call, which waits.",
      });
    } catch (error) {
      this.#throw(asGuestFault(error));
    }
  }

  async #await(
    pending: PromiseLike<unknown>,
    { entry, context, count }: {
      readonly entry: RegisteredFunction;
      readonly context: CallContext | undefined;
      readonly count: (failed: boolean) => void;
    },
  ): Promise<void> {
    let returned: unknown;
    try {
      // When the guest is stopped meanwhile, it gets its turn back without waiting for the function.
      returned = await this.#unlessInterrupted(pending);
    } catch (error) {
      count(true);
      return this.#throw(error);
    }
    try {
      count(returned === INTERRUPTED);
      context?.end();
      if (returned === INTERRUPTED) this.#giveThrow();
      else this.#giveValues(entry, returned);
    } catch (error) {
      this.#throw(error);
    }
  }

  /** Takes note of a function that has ended. @param call when it began, in milliseconds of `performance.now()` */
  #count(
    entry: RegisteredFunction,
    { started, failed }: { readonly started: number; readonly failed: boolean },
  ): void {
    const { functions, executions } = this.#services, now = performance.now(), duration = now - started;
    this.#seen = now;
    functions.count(entry, duration);
    if (executions.active) executions.hostFunctionCalled(entry, { duration, failed });
  }

  /** Performs an operation that is the host's. What a guest has printed is taken even when it is stopped. */
  #operation(mayWait: boolean): void | Promise<void> {
    try {
      const reader = this.#channel.reader(), name = operationOf(reader.u32());
      if (name === undefined || !HostOperations.performs(name)) {
        return this.#giveAnswer("writeOutput", { errno: ERRNO.nosys });
      }
      const request = readRequest(reader, name);
      if (this.#stopped() && name !== "writeOutput") return this.#giveAnswer(name, { errno: ERRNO.intr });
      const pending = this.#work(() => this.#services.operations.perform(name, request), mayWait);
      this.#seen = performance.now(); // what takes output may take long
      if (!isThenable(pending)) return this.#giveAnswer(name, pending);
      if (mayWait) return this.#awaitAnswer(name, pending);
      this.#services.operations.abandon(name);
      pending.then(() => {}, () => {}); // as above
      throw new AegisError(
        "HostFunctionFailed",
        "The guest waits for its input, for a sensor, for a channel, or for what takes its output, in a synchronous call",
        { suggestion: "Use call, which waits." },
      );
    } catch (error) {
      this.#throw(asGuestFault(error));
    }
  }

  async #awaitAnswer<Name extends OperationsBy<"host">>(
    name: Name,
    pending: PromiseLike<Answer<Name>>,
  ): Promise<void> {
    try {
      const answer = await this.#unlessInterrupted(pending);
      if (answer === INTERRUPTED) this.#services.operations.abandon(name);
      this.#giveAnswer(name, answer === INTERRUPTED ? { errno: ERRNO.intr } : answer);
    } catch (error) {
      this.#throw(error);
    }
  }

  async #unlessInterrupted<Result>(pending: PromiseLike<Result>): Promise<Result | typeof INTERRUPTED> {
    const { promise, resolve } = Promise.withResolvers<typeof INTERRUPTED>();
    this.#interrupt = () => resolve(INTERRUPTED);
    if (this.#stopped()) resolve(INTERRUPTED);
    try {
      return await Promise.race([pending, promise]);
    } finally {
      this.#interrupt = undefined;
    }
  }

  #giveAnswer<Name extends OperationName>(name: Name, answer: Answer<Name>): void {
    writeAnswer(this.#channel.writer(), name, answer);
    this.#channel.give(FRAMES.answer);
  }

  #throw(error: unknown): void {
    this.#context?.end();
    this.thrown = { error };
    this.#giveThrow();
  }

  #giveThrow(): void {
    this.#channel.writer();
    this.#channel.give(FRAMES.hostThrow);
  }

  /** @throws {AegisError} `HostFunctionFailed` for what does not fit the function's type, or a frame */
  #giveValues(entry: RegisteredFunction, returned: unknown): void {
    const failed = (how: string, cause?: unknown) =>
      new AegisError("HostFunctionFailed", `${named(entry)} returned ${how}`, { cause });
    const values = this.#encode(entry, returned);
    if (values === undefined) {
      throw failed(`${describeValue(returned)}: expected (${entry.results.join(", ")})`);
    }
    try {
      this.#channel.writer().values(values, entry.results);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw failed("more than fits into a frame", error);
    }
    this.#channel.give(FRAMES.hostReturn);
  }

  /** @throws {AegisError} `TypeMismatch` for content that is none of its kind: the guest's doing, which stops it */
  #decode(entry: RegisteredFunction, given: readonly FrameValue[]): unknown[] {
    return given.map((value, index) => {
      const kind = entry.params[index] ?? "i32";
      if (typeof value !== "object" || !isContentKind(kind)) return value;
      try {
        return this.#services.content.decode(kind, value as Uint8Array<ArrayBuffer>); // the reader has copied it
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        throw new AegisError(
          "TypeMismatch",
          `The guest called ${quote(entry.module)} ${quote(entry.name)} with ${error.actual} as argument ${
            index + 1
          }: expected ${error.expected}`,
        );
      }
    });
  }

  /** The values that a host function returned, in the order of its results; undefined where they do not fit its type. */
  #encode({ results }: RegisteredFunction, returned: unknown): FrameValue[] | undefined {
    const list: readonly unknown[] = results.length === 0
      ? []
      : results.length === 1
      ? [returned]
      : Array.isArray(returned)
      ? returned
      : [];
    if (list.length !== results.length) return undefined;
    const values: FrameValue[] = [];
    for (const [index, kind] of results.entries()) {
      const value = list[index];
      if (isContentKind(kind)) {
        try {
          values.push(this.#services.content.encode(kind, value));
        } catch (error) {
          if (error instanceof ContentError) return undefined;
          throw error;
        }
      } else if (valueMismatch(kind, value) === undefined) values.push(value as Value); // checked just now
      else return undefined;
    }
    return values;
  }

  /** @throws {CapabilityDeniedError} */
  #checkCapability({ capability }: RegisteredFunction): void {
    if (capability === undefined) return;
    const decision = this.#services.operations.decide({ kind: "custom", name: capability });
    if (decision.allowed) return;
    throw new CapabilityDeniedError(capability, "use", decision.reason, `Grant it: ${decision.hint}.`);
  }

  /** Runs code of the embedder's, which cannot call into the guest that waits for it. */
  #work<Result>(work: () => Result, mayWait: boolean): Result {
    this.#onStack = true;
    try {
      return mayWait ? workFor(this, work) : work();
    } finally {
      this.#onStack = false;
    }
  }

  #newContext(): CallContext {
    return this.#context = new CallContext({
      sandbox: this.#services.sandbox,
      read: (address, length) => {
        const channel = this.#channel, writer = channel.writer();
        writer.f64(address);
        writer.f64(length);
        return this.#access(FRAMES.readMemory).alignedBytes();
      },
      write: (address, bytes) => {
        const writer = this.#channel.writer();
        writer.f64(address);
        writer.alignedBytes(bytes);
        this.#access(FRAMES.writeMemory);
      },
    });
  }

  /**
   * Has the guest that waits do something with its memory. One that does not, and may answer later, is lost: its answer
   * would be taken for what it was asked next.
   */
  #access(kind: number): ReturnType<HostEnd["reader"]> {
    const channel = this.#channel, began = performance.now();
    channel.give(kind);
    const came = channel.waitForTurn(this.#accessTime);
    this.#accessTime -= Math.max(0, performance.now() - began - SHORT_ACCESS);
    if (!came || this.#accessTime <= 0 || channel.frameKind !== FRAMES.result) {
      this.#lose("it did not let the host look into its memory");
      throw new AegisError("GuestFault", "Cannot access memory: the guest does not answer");
    }
    const reader = channel.reader();
    if (reader.u8() === RESULTS.value) return reader;
    throw new AegisError("TypeMismatch", `Cannot access memory: ${reader.string()}`);
  }
}

/** @throws {AegisError} `GuestFault` for others than the function has, which no guest writes that is what it was */
function readArguments(reader: FrameReader, entry: RegisteredFunction): FrameValue[] {
  try {
    return reader.values(entry.params);
  } catch (cause) {
    if (!(cause instanceof FrameError)) throw cause;
    throw new AegisError("GuestFault", `The guest called ${named(entry)} with what are no arguments of it`, {
      cause,
    });
  }
}

function callWith({ run }: RegisteredFunction, args: readonly unknown[]): unknown {
  // `as`: the arguments are what the function's own type says, which the general one does not show.
  return (run as (...args: unknown[]) => unknown)(...args);
}

/** A frame that the host cannot read was not written by our program, whatever the guest is by now. */
function asGuestFault(error: unknown): unknown {
  return error instanceof FrameError ? new AegisError("GuestFault", error.message) : error;
}

function named({ module, name }: RegisteredFunction): string {
  return `Host function ${quote(module)} ${quote(name)}`;
}
