/**
 * A sandbox: one guest with its instances, limits and meters. Requests queue, first in, first out. What the guest
 * does wrong comes back as an outcome; only misuse throws.
 */
import { checkArguments, copyArguments, describeValue } from "./arguments.ts";
import { type CallOptions, least, resolveCallOptions } from "./call_options.ts";
import { GuestLost, type GuestThread } from "./guest_thread.ts";
import type { HostFunction, HostFunctionType } from "./host_functions.ts";
import { type LinkedModule, linkError, linkImports } from "./linker.ts";
import type { LogMessage } from "./log_messages.ts";
import { AegisModule, preparedOf } from "./module.ts";
import { readOutcome } from "./result.ts";
import type { Output } from "./standard_output.ts";
import { type SandboxSettings, Surroundings } from "./surroundings.ts";
import { UsageRecord } from "./usage.ts";
import { checkDeclared } from "../analysis/declared.ts";
import type { AuditEvent } from "../core/audit.ts";
import { AegisError, FunctionNotFoundError, TypeMismatchError } from "../core/errors.ts";
import { type Limits, UNLIMITED_FUEL } from "../core/limits.ts";
import type { Metrics } from "../core/metrics.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import { suggest } from "../core/suggestion.ts";
import { type Count, parseCount } from "../core/units.ts";
import type { FuncType, Value } from "../core/value.ts";
import { quote } from "../core/quote.ts";
import type { LoadMessage } from "../guest/messages.ts";
import type { CapabilityKind, Policy } from "../policy/grants.ts";
import { withoutCapability } from "../policy/policy.ts";
import { FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";

/** What a call returns: nothing, one value, or several. */
export type CallResult = Value | readonly Value[] | undefined;

/** Outcomes after which the instance may not go on: it was stopped between two instructions that belong together. */
const ENDING: ReadonlySet<string> = new Set(["fuel", "time", "cpuTime", "aborted", "exit", "fault"]);

/** A request to the guest, and what its end is judged by. */
interface Exchange<T> {
  readonly send: () => Promise<FrameReader>;
  /** Takes what was asked for out of the result. */
  readonly read: (reader: FrameReader) => T;
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Modules by the guest's numbers; by default those that are loaded. */
  readonly modules?: readonly AegisModule[];
}

type Reply<T> = { readonly outcome: Outcome } | { readonly result: T } | { readonly linkError: string };

export class Sandbox implements AsyncDisposable {
  /** Unique in this process. */
  readonly id: string;
  readonly #surroundings: Surroundings;
  #thread: GuestThread;
  #queue: Promise<unknown> = Promise.resolve();
  #loaded: LinkedModule[] = [];
  /** After a reset: the next load replaces what is loaded. */
  #replace = false;
  #ended: string | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  #budget: bigint;
  /** Fuel that was added since the last reset. */
  #added = 0n;
  #usage = new UsageRecord();

  /** Made by a runtime; see `Aegis.sandbox`. */
  private constructor(surroundings: Surroundings, thread: GuestThread) {
    this.id = surroundings.id;
    this.#surroundings = surroundings;
    this.#thread = thread;
    this.#budget = this.limits.fuelLimit;
    thread.channel.setFuelBudget(this.#budget);
  }

  /** Starts a guest. @throws {AegisError} `InvalidOption`, `GuestFault` */
  static async start(settings: SandboxSettings): Promise<Sandbox> {
    const surroundings = new Surroundings(settings);
    return new Sandbox(surroundings, await surroundings.startThread());
  }

  /** The limits of this sandbox. */
  get limits(): Limits {
    return this.#surroundings.settings.limits;
  }

  /** What the guest may reach at this moment. */
  get policy(): Policy {
    return this.#surroundings.policy;
  }

  /** What was kept of the guest's output; it may still be printing. */
  output(): Output {
    return this.#surroundings.io.output.kept;
  }

  /** What the guest has logged, the oldest first; at most 1,000 messages are kept. */
  logs(): readonly LogMessage[] {
    return this.#surroundings.io.log.kept;
  }

  /**
   * What the guest was denied, each different denial once, the last 100, the latest last. Those of the brokers are complete when the
   * sandbox is closed, and a moment late before.
   */
  denials(): readonly AuditEvent[] {
    return this.#surroundings.io.denials.kept;
  }

  /**
   * Takes grants away, at once, in mid-call too: what the guest has open of that kind stays open and can do nothing.
   * Clock, environment and random bytes are what they were when the guest started.
   */
  revoke(kind: CapabilityKind): void {
    this.#surroundings.narrow(withoutCapability(this.#surroundings.policy, kind));
  }

  /**
   * Offers a host function to the modules that are loaded from now on. It gets and returns numbers, bigints for i64,
   * or a promise of them; what it throws stops the guest and is thrown by the call.
   *
   * @throws {AegisError} `InvalidOption`
   */
  registerFunc(module: string, name: string, type: HostFunctionType, run: HostFunction): void {
    this.#surroundings.functions.register(module, name, type, run);
  }

  /**
   * Loads a module: links its imports, instantiates it, runs its start function. Later modules can import from it
   * under the name given. Calls go to the module loaded last.
   *
   * @throws {AegisError} `MissingImport`, `ModuleRefused` when it exceeds this sandbox's limits, or what its start
   * function ended with
   */
  loadModule(module: AegisModule, options: { readonly name?: string } = {}): Promise<void> {
    if (!(module instanceof AegisModule)) {
      return Promise.reject(
        new AegisError("InvalidOption", "Cannot load what is no module: use one that a runtime has loaded"),
      );
    }
    return this.#enqueue(async () => {
      const fresh = this.#replace;
      if (this.#ended !== undefined && !fresh) throw this.#endedError();
      await this.#load({ module, name: options.name }, fresh);
      this.#replace = false;
    });
  }

  /** @param fresh whether what is loaded is dropped, and a new life begins */
  async #load(item: LinkedModule, fresh: boolean): Promise<void> {
    const { module } = item, loaded = fresh ? [] : this.#loaded, { timeout } = this.limits;
    const prepared = preparedOf(module);
    checkDeclared(prepared.declared, this.limits);
    const bindings = linkImports(module, loaded, this.#surroundings.functions);
    const { module: compiled, shim, layout } = prepared;
    const message: LoadMessage = { kind: "load", module: compiled, shim, layout, bindings, fresh, timeout };
    if (fresh) this.#begin();
    const reply = await this.#exchange({
      send: () => this.#thread.requestByMessage(message, timeout),
      timeout,
      modules: [...loaded.map((other) => other.module), module],
      read: () => undefined,
    });
    if (fresh) this.#loaded = [];
    if ("linkError" in reply) throw linkError(module, reply.linkError);
    if ("outcome" in reply) throw outcomeError(this.#failure(reply.outcome));
    this.#loaded = [...loaded, item];
  }

  /**
   * Calls an exported function of the module loaded last.
   *
   * @param args numbers for i32, f32, f64, bigints for i64
   * @returns the result; an array of several; undefined for none
   * @throws {AegisError} for misuse as {@linkcode tryCall}, and for every outcome that is no value
   */
  async call<R extends CallResult = CallResult>(
    name: string,
    args: readonly Value[] = [],
    options: CallOptions = {},
  ): Promise<R> {
    const outcome = await this.tryCall(name, args, options);
    if (outcome.kind !== "value") throw outcomeError(outcome);
    // `as`: the caller says what the function's type is; without that, R is what any function may return.
    return (outcome.values.length > 1 ? outcome.values : outcome.values[0]) as R;
  }

  /** Calls an exported function and drops its results. @throws as {@linkcode call} */
  async callVoid(name: string, args: readonly Value[] = [], options: CallOptions = {}): Promise<void> {
    await this.call(name, args, options);
  }

  /**
   * Calls an exported function; how it ended is the result, whatever the guest did.
   *
   * @throws {AegisError} `FunctionNotFound`, `TypeMismatch`, `ModuleNotLoaded`, `InstanceEnded`, `Closed`,
   * `InvalidOption`
   */
  async tryCall(name: string, args: readonly Value[] = [], options: CallOptions = {}): Promise<Outcome> {
    const { timeout, fuel } = resolveCallOptions(options, this.limits), given = copyArguments(name, args);
    return await this.#enqueue(async () => {
      const { module, index } = this.#current();
      const type = module.functionType(name);
      if (type === undefined) {
        const names = module.functionNames();
        throw new FunctionNotFoundError(name, suggest(name, names), names);
      }
      const kinds = checkArguments(name, type, given);
      const write = (writer: FrameWriter) => {
        writer.f64(timeout);
        writer.i64(fuel);
        writer.u32(index);
        writer.string(name);
        writer.values(given, kinds);
      };
      const { signal } = options;
      if (signal?.aborted) return { kind: "aborted", reason: "cancelled" };
      this.#usage.beginCall();
      const send = () => this.#thread.request(FRAMES.call, write, timeout);
      const reply = await this.#exchange({ send, timeout, signal, read: (reader) => reader.values() });
      const outcome: Outcome = "outcome" in reply
        ? reply.outcome
        : "result" in reply
        ? { kind: "value", values: reply.result }
        : { kind: "fault", message: reply.linkError };
      return this.#note(outcome);
    });
  }

  /**
   * Runs the loaded program to its end: calls `_start`.
   *
   * @returns the status with which it exits; 0 when it returns
   * @throws {AegisError} as {@linkcode call}
   */
  async run(options: CallOptions = {}): Promise<number> {
    const outcome = await this.tryCall("_start", [], options);
    if (outcome.kind === "exit") return outcome.status;
    if (outcome.kind !== "value") throw outcomeError(outcome);
    return 0;
  }

  /**
   * Copies bytes out of an exported memory of the module loaded last.
   *
   * @throws {AegisError} `TypeMismatch` when there is no such memory, or the range lies outside
   */
  readMemory(offset: number, length: number, memory = "memory"): Promise<Uint8Array<ArrayBuffer>> {
    if (!isNatural(offset) || !isNatural(length)) return Promise.reject(rangeError(offset, length));
    return this.#enqueue(() =>
      this.#access(FRAMES.readMemory, memory, (writer) => {
        writer.f64(offset);
        writer.f64(length);
      })
    );
  }

  /** Copies bytes into an exported memory of the module loaded last. @throws as {@linkcode readMemory} */
  writeMemory(offset: number, bytes: Uint8Array, memory = "memory"): Promise<void> {
    if (!isNatural(offset)) return Promise.reject(rangeError(offset, bytes.length));
    return this.#enqueue(async () => {
      await this.#access(FRAMES.writeMemory, memory, (writer) => {
        writer.f64(offset);
        writer.bytes(bytes);
      });
    });
  }

  /** The type of an exported function of the module loaded last. */
  getFuncType(name: string): FuncType | undefined {
    return this.#loaded.at(-1)?.module.functionType(name);
  }

  /** Fuel units that are left of the budget; never negative. */
  remainingFuel(): bigint {
    const left = this.#budget - this.#thread.channel.meters().fuelUsed;
    return left > 0n ? left : 0n;
  }

  /** Adds to the fuel budget; a call that is running gets it too. */
  addFuel(units: Count): void {
    this.#added = least(this.#added + parseCount(units, "units"), UNLIMITED_FUEL);
    this.#budget = least(this.limits.fuelLimit + this.#added, UNLIMITED_FUEL);
    this.#thread.channel.setFuelBudget(this.#budget);
  }

  /** What the sandbox has used, at this moment, without asking the guest. */
  metrics(): Metrics {
    const { denials } = this.#surroundings.io;
    return { ...this.#usage.metrics(this.#thread.channel.meters()), denials: denials.count };
  }

  /**
   * Starts over: instances of the loaded modules anew, with a full budget and meters at zero. A module that is loaded
   * next takes the place of those.
   */
  reset(): Promise<void> {
    return this.#enqueue(async () => {
      const { timeout } = this.limits;
      this.#added = 0n;
      if (this.#thread.lost) return await this.#restart();
      this.#begin();
      const send = () => this.#thread.requestByMessage({ kind: "reset", timeout }, timeout);
      const reply = await this.#exchange({ send, timeout, read: () => undefined });
      if ("result" in reply) return;
      this.#loaded = [];
      if ("linkError" in reply) {
        throw new AegisError("GuestFault", `Cannot reset the sandbox: ${reply.linkError}`);
      }
      throw outcomeError(this.#failure(reply.outcome));
    });
  }

  /** A new thread in place of one that was written off, with the same modules. */
  async #restart(): Promise<void> {
    this.#thread = await this.#surroundings.startThread();
    if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
    const loaded = this.#loaded;
    this.#loaded = [];
    this.#begin();
    for (const item of loaded) await this.#load(item, false);
  }

  /** Ends the guest. A call that is running ends with `Closed`; what is queued is refused. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#thread.abort("closed");
    await this.#queue;
    this.#thread.close();
    await this.#surroundings.release();
    this.#surroundings.io.close();
    this.#surroundings.settings.onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a request after those before it, however they end. */
  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.#thread.inHostFunction) {
      return Promise.reject(
        new AegisError("Reentrant", "A host function cannot call into the sandbox that is calling it"),
      );
    }
    const run = this.#queue.then(() => {
      if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
      return work();
    });
    this.#queue = run.catch(() => {});
    return run;
  }

  #current(): { module: AegisModule; index: number } {
    const module = this.#loaded.at(-1)?.module;
    if (module === undefined) {
      throw new AegisError("ModuleNotLoaded", "The sandbox has no module", {
        suggestion: "Call loadModule first.",
      });
    }
    if (this.#ended !== undefined) throw this.#endedError();
    return { module, index: this.#loaded.length - 1 };
  }

  #endedError(): AegisError {
    return new AegisError("InstanceEnded", `The instance was ended by an earlier call (${this.#ended})`, {
      suggestion: "Call reset to start over.",
    });
  }

  /** A new life begins: full budget, meters at zero. */
  #begin(): void {
    this.#ended = undefined;
    this.#replace = true;
    this.#budget = least(this.limits.fuelLimit + this.#added, UNLIMITED_FUEL);
    this.#thread.channel.setFuelBudget(this.#budget);
    this.#usage = new UsageRecord();
    this.#surroundings.io.restart();
  }

  async #access(
    kind: number,
    memory: string,
    write: (writer: FrameWriter) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { index } = this.#current(), { timeout } = this.limits;
    const writeAll = (writer: FrameWriter) => {
      writer.u32(index);
      writer.string(memory);
      write(writer);
    };
    const reply = await this.#exchange({
      send: () => this.#thread.request(kind, writeAll, timeout),
      read: (reader) => reader.bytes(),
      timeout,
    });
    if ("result" in reply) return reply.result;
    if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
    const reason = "outcome" in reply && reply.outcome.kind === "fault"
      ? reply.outcome.message
      : "the guest ended";
    throw new AegisError("TypeMismatch", `Cannot access memory ${quote(memory)}: ${reason}`);
  }

  /** One request, its time and its outcome; a guest whose thread is lost ends every request. */
  async #exchange<T>(request: Exchange<T>): Promise<Reply<T>> {
    const { timeout, signal, modules = this.#loaded.map((item) => item.module) } = request;
    const before = this.#thread.channel.meters(), started = performance.now();
    const cancel = () => this.#thread.abort("cancelled");
    signal?.addEventListener("abort", cancel);
    try {
      const reader = await request.send(), { limits } = this, { hostError } = this.#thread;
      const read = readOutcome(reader, { limits, timeout, modules, hostError });
      if (read === "value") return { result: request.read(reader) };
      return "linkError" in read ? read : { outcome: read };
    } catch (error) {
      if (error instanceof FrameError) return { outcome: { kind: "fault", message: error.message } };
      if (!(error instanceof GuestLost)) throw error;
      return { outcome: this.#lostOutcome(error, performance.now() - started, timeout) };
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#usage.endRequest(performance.now() - started, before, this.#thread.channel.meters());
    }
  }

  #lostOutcome(error: GuestLost, elapsed: number, timeout: number): Outcome {
    if (error.stopReason === "timeout") return { kind: "limit", limit: "time", elapsed, allowed: timeout };
    if (error.stopReason !== undefined) return { kind: "aborted", reason: error.stopReason };
    return this.#closed ? { kind: "aborted", reason: "closed" } : { kind: "fault", message: error.message };
  }

  #failure(outcome: Outcome): Exclude<Outcome, { kind: "value" }> {
    this.#note(outcome);
    return outcome.kind === "value"
      ? { kind: "fault", message: "a value where none was asked for" }
      : outcome;
  }

  #note(outcome: Outcome): Outcome {
    const name = outcome.kind === "limit" ? outcome.limit : outcome.kind;
    if (ENDING.has(name)) this.#ended = name;
    return outcome;
  }
}

function isNatural(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function rangeError(offset: unknown, length: unknown): TypeMismatchError {
  return new TypeMismatchError(
    "Cannot access memory",
    "whole numbers from 0",
    `offset ${describeValue(offset)} and length ${describeValue(length)}`,
  );
}
