import type { Alert } from "./alert_messages.ts";
import { cancelled } from "./cancel.ts";
import type { ChannelOptions } from "./channel_options.ts";
import type { GuestChannel } from "./guest_channel.ts";
import type { Batch } from "./batch.ts";
import { BATCH_OPTIONS, type BatchOptions, type CallOptions } from "./call_options.ts";
import type { CallStream } from "./call_stream.ts";
import { GuestCalls } from "./guest_calls.ts";
import { GivenProgram } from "./given_program.ts";
import { GuestSession } from "./guest_session.ts";
import { GuestStates, type InterruptedCall, type LostFile } from "./guest_states.ts";
import type { LinkedModule } from "./linker.ts";
import { encodeSnapshot, savedBytes, snapshotModule } from "./snapshot.ts";
import type { GuestState } from "../guest/guest_state.ts";
import { GuestWatch, type Profile, type TraceResult } from "./guest_watch.ts";
import type { Debugger } from "./debugger.ts";
import type { DebugOptions, TraceOptions } from "./watch_options.ts";
import type { AegisEvents } from "./events.ts";
import type { ExecutionReport } from "./execution_report.ts";
import type {
  HostFunction,
  HostFunctionDefinition,
  HostFunctionType,
  HostFunctionUsage,
  ReturnOf,
} from "./host_functions.ts";
import type { LogMessage } from "./log_messages.ts";
import { makeReport } from "./make_report.ts";
import { MemoryAccess } from "./memory_access.ts";
import { type LoadOptions, readLoadOptions, readResetOptions, type ResetOptions } from "./load_options.ts";
import { AegisModule } from "./module.ts";
import { withOwnMemory } from "./own_memory.ts";
import { RequestQueue } from "./request_queue.ts";
import { streamOfSandbox } from "./sandbox_stream.ts";
import type { Output } from "./standard_output.ts";
import type { CallInputs } from "./stream_inputs.ts";
import type { CallStreamOptions } from "./stream_options.ts";
import { type SandboxSettings, Surroundings } from "./surroundings.ts";
import { SYSTEM_TIMERS } from "./timers.ts";
import { type MonitorOptions, UsageMonitor } from "./usage_monitor.ts";
import type { AuditEvent } from "../core/audit.ts";
import { AegisError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { Metrics } from "../core/metrics.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import type { Count } from "../core/units.ts";
import type { Kind } from "../core/signature.ts";
import type { CallValue, FuncType, Value } from "../core/value.ts";
import type { CapabilityKind, Policy } from "../policy/grants.ts";
import { withoutCapability } from "../policy/policy.ts";

/** How a runtime restores; not part of the public interface. */
export const RESTORE = Symbol("restore");

/** What bounds the rest of a call. */
export interface ContinueOptions extends Pick<CallOptions, "timeout" | "signal"> {}

/** What a call returns: nothing, one value, or several. */
export type CallResult = CallValue | readonly CallValue[] | undefined;

/**
 * A sandbox: one guest with its instances, limits and meters. Requests queue, first in, first out. What the guest
 * does wrong comes back as an outcome; only misuse throws.
 */
export class Sandbox implements AsyncDisposable {
  /** Unique in this process. */
  readonly id: string;
  readonly #surroundings: Surroundings;
  readonly #session: GuestSession;
  readonly #queue: RequestQueue;
  readonly #calls: GuestCalls;
  readonly #memory: MemoryAccess;
  readonly #states: GuestStates;
  readonly #watch: GuestWatch;
  #closing: Promise<void> | undefined;
  readonly #monitors: Set<UsageMonitor> = new Set();

  /** Made by a runtime; see `Aegis.sandbox`. */
  private constructor(surroundings: Surroundings, session: GuestSession) {
    this.id = surroundings.id;
    this.#surroundings = surroundings;
    this.#session = session;
    this.#queue = new RequestQueue(session, surroundings);
    this.#calls = new GuestCalls(session, {
      queue: this.#queue,
      content: surroundings.content,
      program: new GivenProgram(session, surroundings),
    });
    this.#memory = new MemoryAccess(session, this.#queue);
    this.#states = new GuestStates(session, { queue: this.#queue, content: surroundings.content });
    this.#watch = new GuestWatch(session, { calls: this.#calls, desk: surroundings.io.watch });
  }

  /** Starts a guest. @throws {AegisError} `InvalidOption`, `GuestFault` */
  static async start(settings: SandboxSettings): Promise<Sandbox> {
    const surroundings = new Surroundings(settings);
    return new Sandbox(surroundings, await GuestSession.start(surroundings));
  }

  /** The limits of this sandbox. */
  get limits(): Limits {
    return this.#surroundings.settings.limits;
  }

  /** What the guest may reach at this moment. */
  get policy(): Policy {
    return this.#surroundings.policy;
  }

  /** What happens to this sandbox, for those who want to be told; its runtime's `events` have those of all. */
  get events(): AegisEvents {
    return this.#surroundings.events;
  }

  /**
   * Saves the guest: modules, memories, tables, stack, what its program has open, fuel. In the midst of a call the state is
   * that between two of its instructions, and the call goes on; also while the sandbox is paused. A host function that is
   * being called is waited for first.
   *
   * @returns bytes that `runtime.restore` goes on from, in another process, too
   * @throws {AegisError} `NotSaved` where engine "v8" runs the guest, in the midst of a batch or of a start function, and
   * while it holds what lives elsewhere: values of the host, channels, responses, output of commands
   */
  async snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    for (const { module } of this.#session.loaded) savedBytes(module); // before the guest is asked
    const state = await this.#states.take();
    const modules = await Promise.all(
      this.#session.loaded.map(({ module, name }) => snapshotModule(module, name)),
    );
    const { args } = this.#surroundings;
    return await withOwnMemory("Cannot save the guest", () => encodeSnapshot({ modules, args, state }));
  }

  /** The call in whose midst the snapshot was taken that this sandbox was restored from; undefined when it was none, or is continued. */
  get interruptedCall(): InterruptedCall | undefined {
    return this.#states.interrupted;
  }

  /** What the guest had open and could not be opened again when it was restored. */
  get lostFiles(): readonly LostFile[] {
    return this.#states.lost;
  }

  /**
   * Goes on with the call that was interrupted; its time begins anew, its fuel does not.
   *
   * @returns what the call returns @throws {AegisError} as {@linkcode call}, and `InstanceEnded` when no call was interrupted
   */
  async continueCall<R = CallResult>(options: ContinueOptions = {}): Promise<R> {
    return resultOf(await this.tryContinueCall(options), options.signal) as R; // the caller says what it is, as of call()
  }

  /** The same, with whatever the guest does as an outcome. @throws {AegisError} `InstanceEnded`, `Closed`, `Reentrant` */
  tryContinueCall(options: ContinueOptions = {}): Promise<Outcome> {
    checkOptionNames<ContinueOptions>(options, {
      place: "to go on with a call",
      names: { timeout: true, signal: true },
    });
    return this.#states.goOn(options);
  }

  /** @ignore What a runtime does to restore: loads the modules of a state without starting them, then puts it in place. */
  async [RESTORE](modules: readonly LinkedModule[], state: GuestState): Promise<void> {
    await this.#queue.add(async () => {
      for (const item of modules) await this.#session.load(item, undefined, true);
      await this.#states.put(state);
    });
  }

  /** What was kept of the guest's output; it may still be printing. */
  output(): Output {
    return this.#surroundings.io.output.kept;
  }

  /** What the guest has logged, the oldest first; at most 1,000 messages are kept. */
  logs(): readonly LogMessage[] {
    return this.#surroundings.io.log.kept;
  }

  /** The alerts that the guest has sent and no `onAlert` has taken, the oldest first; at most 1,000 are kept. */
  alerts(): readonly Alert[] {
    return this.#surroundings.io.alerts.kept;
  }

  /**
   * What the guest was denied, each different denial once, the last 100, the latest last. Those of the brokers are complete when the
   * sandbox is closed and when {@linkcode decisionsTold} has ended, and a moment late before.
   */
  denials(): readonly AuditEvent[] {
    return this.#surroundings.io.denials.kept;
  }

  /**
   * Ends when brokers have told all that they have decided about the guest by now: {@linkcode denials} and events are
   * complete then, and what comes later is of what the guest does later. It costs nothing where the guest has asked for
   * nothing in its life, else some tenths of a millisecond, where it has brokers.
   *
   * @returns whether they have told all of it, rather than taken longer than three seconds
   */
  async decisionsTold(): Promise<boolean> {
    return this.metrics().hostCalls === 0 || await this.#surroundings.told();
  }

  /**
   * Takes grants away, at once, in mid-call too: what the guest has open of that kind stays open and can do nothing.
   * Clock, environment and random bytes are what they were when the guest started.
   */
  revoke(kind: CapabilityKind): void {
    this.#surroundings.narrow(withoutCapability(this.#surroundings.policy, kind));
  }

  /**
   * Offers a host function to the modules that are loaded from now on. It gets its arguments, and a context if it wants
   * one; what it throws stops the guest and is thrown by the call.
   *
   * @example
   * ```ts
   * import { Aegis } from "jsr:@aegis/core";
   *
   * await using runtime = await Aegis.create();
   * await using sandbox = await runtime.sandbox().build();
   * sandbox.registerFunc("env", "add", { params: ["i32", "i32"], results: ["i32"] }, (a, b) => a + b);
   * ```
   * @throws {AegisError} `InvalidOption`
   */
  registerFunc<
    const Params extends readonly Kind[],
    const Results extends readonly Kind[],
    const Context extends boolean = false,
    const Returned extends ReturnOf<Results> = ReturnOf<Results>,
  >(
    module: string,
    name: string,
    type: HostFunctionType<Params, Results, Context>,
    run: HostFunction<Params, Results, Context, Returned>,
  ): void {
    const definition = { ...type, run: run as unknown as HostFunction }; // it is called with what its type says
    this.#surroundings.functions.register(module, name, definition);
  }

  /**
   * Offers all functions of an object under their names; each is made with `hostFunction`, which infers its types.
   *
   * @throws {AegisError} `InvalidOption`
   */
  registerFuncs(module: string, functions: Readonly<Record<string, HostFunctionDefinition>>): void {
    for (const [name, definition] of Object.entries(functions)) {
      this.#surroundings.functions.register(module, name, definition);
    }
  }

  /**
   * Opens a channel for messages to and from the guest, which opens its own end by the same name: see module
   * `aegis:channel` in docs/channels.md. No other channel is there for the guest.
   *
   * @param name 1 to 256 bytes; one that is closed can be opened anew
   * @throws {AegisError} `InvalidOption`, `Closed`
   */
  channel(name: string, options: ChannelOptions = {}): GuestChannel {
    return this.#surroundings.io.channels.create(name, options);
  }

  /** How often each host function was called since the last reset, and for how long. */
  hostFunctions(): HostFunctionUsage[] {
    return this.#surroundings.functions.usage();
  }

  /**
   * Loads a module: links its imports, instantiates it, runs its start function. Later modules can import from it
   * under the name given. Calls go to the module loaded last.
   *
   * @throws {AegisError} `MissingImport`, `ModuleRefused` when it exceeds this sandbox's limits, `Cancelled`, or what its
   * start function ended with
   */
  async loadModule(module: AegisModule, options: LoadOptions = {}): Promise<void> {
    const { name, signal } = readLoadOptions(options);
    if (!(module instanceof AegisModule)) {
      throw new AegisError(
        "InvalidOption",
        "Cannot load what is no module: use one that a runtime has loaded",
      );
    }
    await this.#queue.told(() => this.#queue.add(() => this.#session.load({ module, name }, signal)));
  }

  /**
   * Calls an exported function of the module loaded last.
   *
   * @param args numbers for i32, f32, f64, bigints for i64; text, bytes and what JSON can say for functions that keep
   * to the guest ABI. They are copied at once, whatever is in them: the call may have to wait
   * @returns the result; an array of several; undefined for none
   * @throws {AegisError} for misuse as {@linkcode tryCall}, and for every outcome that is no value
   */
  async call<R = CallResult>(
    name: string,
    args: readonly CallValue[] = [],
    options: CallOptions = {},
  ): Promise<R> {
    return resultOf(await this.tryCall(name, args, options), options.signal) as R; // the caller says what the function returns
  }

  /** Calls an exported function and drops its results. @throws as {@linkcode call} */
  async callVoid(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): Promise<void> {
    await this.call(name, args, options);
  }

  /**
   * Calls an exported function; how it ended is the result, whatever the guest did.
   *
   * @throws {AegisError} `FunctionNotFound`, `TypeMismatch`, `ModuleNotLoaded`, `InstanceEnded`, `Closed`,
   * `InvalidOption`; `Reentrant` for what a host function of this sandbox does, or has others do, before it has ended
   */
  tryCall(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): Promise<Outcome> {
    return this.#calls.call(name, args, options);
  }

  /**
   * Calls an exported function and blocks this thread until it has returned: the fastest way for short functions, since
   * both threads look for each other's turn before they rest. Nothing else happens on this thread meanwhile, so host
   * functions must not return promises, and `signal` is looked at before the call alone.
   *
   * @throws {AegisError} as {@linkcode call}; `Busy` while another request is under way, or the sandbox is paused
   */
  callSync<R = CallResult>(name: string, args: readonly CallValue[] = [], options?: CallOptions): R {
    return resultOf(this.tryCallSync(name, args, options)) as R; // as in call()
  }

  /** As {@linkcode callSync}; how it ended is the result. @throws as {@linkcode tryCall}, and `Busy` */
  tryCallSync(name: string, args: readonly CallValue[] = [], options?: CallOptions): Outcome {
    return this.#calls.callSync(name, args, options);
  }

  /**
   * Calls an exported function that takes and returns numbers once for each row of arguments, in as few round trips as
   * fit into frames: hundreds of times as fast as calls one by one. The first row that ends without a value is the last.
   * Time and fuel of the options bound all rows together. Rows are not copied: leave them as they are until it ends.
   *
   * @throws {AegisError} as {@linkcode tryCall}; `TypeMismatch` for a function or a row with other values, before any
   * row is begun
   */
  async callMany(
    name: string,
    rows: readonly (readonly Value[])[],
    options: BatchOptions = {},
  ): Promise<Batch> {
    checkOptionNames(options, BATCH_OPTIONS);
    return await this.#calls.callMany(name, rows, options);
  }

  /** As {@linkcode callMany}, blocking this thread. @throws as it, and `Busy` as {@linkcode callSync} */
  callManySync(name: string, rows: readonly (readonly Value[])[], options: BatchOptions = {}): Batch {
    checkOptionNames(options, BATCH_OPTIONS);
    return this.#calls.callManySync(name, rows, options);
  }

  /**
   * Calls an exported function once for each input that a source gives, one after the other, as fast as the results are
   * read; see {@linkcode CallStream}. A call that ends without a value is an outcome like others, and the stream goes on
   * as long as the instance does. A reader who leaves waits for the call that is under way, so that the instance stays
   * whole; a signal stops it.
   *
   * @throws {AegisError} `InvalidOption`, `TypeMismatch` for what is no source; the stream throws as {@linkcode tryCall}
   */
  callStream(name: string, inputs: CallInputs, options: CallStreamOptions = {}): CallStream {
    return streamOfSandbox(this, { name, inputs, options });
  }

  /**
   * As {@linkcode tryCall}, and writes down what the guest does: its calls, or its instructions. It consumes the same
   * fuel; its time is bounded as ever.
   *
   * @throws {AegisError} as {@linkcode tryCall}; `InvalidOption` for a module that was not loaded with `watch`
   */
  trace(name: string, args: readonly CallValue[] = [], options: TraceOptions = {}): Promise<TraceResult> {
    return this.#watch.trace(name, args, options);
  }

  /** As {@linkcode tryCall}, and tells which functions consumed its fuel, to the unit. @throws as {@linkcode trace} */
  profile(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): Promise<Profile> {
    return this.#watch.profile(name, args, options);
  }

  /**
   * Calls an exported function and has it stand still before its first instruction, to be stepped from there. The module
   * must have been loaded with `watch: "instructions"`. Other requests wait until the call has ended.
   *
   * @throws {AegisError} as {@linkcode trace}
   */
  debug(name: string, args: readonly CallValue[] = [], options: DebugOptions = {}): Promise<Debugger> {
    return this.#watch.debug(name, args, options);
  }

  /**
   * Runs the loaded program to its end: calls `_start`.
   *
   * @returns the status with which it exits; 0 when it returns
   * @throws {AegisError} as {@linkcode call}
   */
  async run(options: CallOptions = {}): Promise<number> {
    const outcome = await this.tryCall("_start", [], options);
    this.#surroundings.io.channels.endLife(); // a program that has returned sends nothing more
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
    return this.#memory.read(memory, { offset, length });
  }

  /** Copies bytes into an exported memory of the module loaded last. @throws as {@linkcode readMemory} */
  writeMemory(offset: number, bytes: Uint8Array, memory = "memory"): Promise<void> {
    return this.#memory.write(memory, { offset, bytes });
  }

  /** The type of an exported function of the module loaded last. */
  getFuncType(name: string): FuncType | undefined {
    return this.#session.module?.functionType(name);
  }

  /** Fuel units that are left of the budget; never negative. Of an unlimited budget some 4.6 · 10¹⁸. */
  remainingFuel(): bigint {
    return this.#session.remainingFuel();
  }

  /**
   * Adds to the fuel budget; a call that is running gets it too. An instance that has run out of fuel has ended: give it more
   * before. {@linkcode reset} starts over with the budget of the limits.
   */
  addFuel(units: Count): void {
    this.#session.addFuel(units);
  }

  /** What the sandbox has used, at this moment, without asking the guest. */
  metrics(): Metrics {
    return this.#session.metrics();
  }

  /** What the sandbox has done and used, at this moment, in one object: for a person, or as JSON. */
  report(): ExecutionReport {
    return makeReport(this.#surroundings, this.#session);
  }

  /**
   * Looks at what the sandbox uses from now on, at fixed times, until the monitor is stopped or the sandbox closed.
   *
   * @example `using monitor = sandbox.monitor({ every: "100ms", keep: 600 })`
   * @throws {AegisError} `InvalidOption`, `Closed`
   */
  monitor(options: MonitorOptions = {}): UsageMonitor {
    this.#queue.checkOpen();
    const monitor: UsageMonitor = new UsageMonitor({
      read: () => this.#session.reading(),
      timers: SYSTEM_TIMERS,
      onStop: () => this.#monitors.delete(monitor),
    }, options);
    this.#monitors.add(monitor);
    return monitor;
  }

  /**
   * Has the guest stand still in the middle of what it does, and its time with it; a call that begins now stands still
   * at once. It uses no processor until {@linkcode resume}, or {@linkcode stop}, which ends the pause as well. A host function
   * that it waits for goes on.
   */
  pause(): void {
    this.#session.pause();
  }

  /** Lets a guest go on that stands still. */
  resume(): void {
    this.#session.resume();
  }

  /**
   * Stops the call that is running; it ends as `aborted`. It was stopped between two instructions that belong together, so
   * calls that wait behind it end with `InstanceEnded`, up to the next {@linkcode reset}.
   */
  stop(): void {
    this.#session.stop();
  }

  /**
   * Starts over: instances of the loaded modules anew, or none, with a full budget and meters at zero. A module that is
   * loaded next takes the place of those. What was read, written and made counts on, unless `quotas` is `"renew"`.
   *
   * @throws {AegisError} `InvalidOption`, and what a start function ended with
   */
  async reset(options: ResetOptions = {}): Promise<void> {
    const how = readResetOptions(options);
    await this.#queue.told(() => this.#queue.add(() => this.#session.reset(how)));
  }

  /** Ends the guest. A call that is running ends with `Closed`; what is queued is refused. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const idle = this.#queue.close();
    for (const monitor of this.#monitors) monitor.stop();
    this.#session.abandon();
    await idle;
    this.#session.close();
    await this.#surroundings.release();
    this.#surroundings.io.close();
    this.#surroundings.settings.onClose();
  }

  /** As {@linkcode close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * What a call returns that ended so.
 *
 * @param signal whose reason is the cause, where it has cancelled the call
 * @throws {AegisError} for an outcome that is no value
 */
export function resultOf(outcome: Outcome, signal?: AbortSignal): CallResult {
  if (outcome.kind === "aborted" && outcome.reason === "cancelled" && signal?.aborted === true) {
    throw cancelled(signal);
  }
  if (outcome.kind !== "value") throw outcomeError(outcome);
  return outcome.values.length > 1 ? outcome.values : outcome.values[0];
}
