/**
 * The life of a sandbox's guest: its thread, the modules that are loaded, what was used, and whether it has ended.
 * Whoever makes requests sees to it that one is under way at a time.
 */
import { cancelled } from "./cancel.ts";
import { ContentError } from "./content.ts";
import { GuestLost, type GuestThread } from "./guest_thread.ts";
import { type LinkedModule, linkError, linkImports } from "./linker.ts";
import type { ResetOptions } from "./load_options.ts";
import { type AegisModule, preparedOf } from "./module.ts";
import { type Meter, NumberRequests } from "./number_requests.ts";
import { readOutcome } from "./result.ts";
import { StateReceiver } from "./state_receiver.ts";
import type { Surroundings } from "./surroundings.ts";
import { type UsageReading, UsageRecord } from "./usage.ts";
import { checkDeclared } from "../analysis/declared.ts";
import { AegisError } from "../core/errors.ts";
import { type Limits, UNLIMITED_FUEL } from "../core/limits.ts";
import type { Metrics } from "../core/metrics.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import { type Count, least, parseCount } from "../core/units.ts";
import type { LoadMessage } from "../guest/messages.ts";
import { FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";

/** Outcomes after which the instance may not go on: it was stopped between two instructions that belong together. */
const ENDING: ReadonlySet<string> = new Set(["fuel", "time", "cpuTime", "aborted", "exit", "abi", "fault"]);

/** A request that goes in a frame. */
export interface FrameRequest<Result> {
  readonly kind: number;
  readonly write: (writer: FrameWriter) => void;
  /** Takes what was asked for out of the result. */
  readonly read: (reader: FrameReader) => Result;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a request ended. */
export type Reply<Result> =
  | { readonly outcome: Outcome }
  | { readonly result: Result }
  /** A message of V8's. */
  | { readonly linkError: string };

/**
 * Bytes of memories that a thread may drop. V8 collects them late: resets of a guest that writes to 64 MiB made the process
 * grow to 1.9 GiB. What a thread holds is gone with it, and a new one takes 15 ms.
 */
const MOST_DROPPED = 128 * 1024 * 1024;

/** What the end of a request is judged by. */
interface Judged<Result> {
  readonly read: (reader: FrameReader) => Result;
  readonly timeout: number;
  /** Modules by the guest's numbers. */
  readonly modules: readonly AegisModule[];
}

export class GuestSession {
  readonly #surroundings: Surroundings;
  #thread: GuestThread;
  #loaded: LinkedModule[] = [];
  /** After a reset: the next load replaces what is loaded. */
  #replace = false;
  #ended: string | undefined;
  #budget: bigint;
  /** Fuel that was added since the last reset. */
  #added = 0n;
  #usage = new UsageRecord();
  /** Bytes of the memories that were dropped since the thread began. */
  #dropped = 0;
  #closed = false;
  #numbers: NumberRequests;

  private constructor(surroundings: Surroundings, thread: GuestThread) {
    this.#surroundings = surroundings;
    this.#thread = thread;
    this.#numbers = this.#numberRequests(thread);
    this.#budget = this.limits.fuelLimit;
    thread.channel.setFuelBudget(this.#budget);
  }

  /** Starts a guest. @throws {AegisError} `GuestFault` */
  static async start(surroundings: Surroundings): Promise<GuestSession> {
    try {
      return new GuestSession(surroundings, await surroundings.startThread());
    } catch (error) {
      await surroundings.release();
      throw error;
    }
  }

  get limits(): Limits {
    return this.#surroundings.settings.limits;
  }

  /** Whether whoever asks is a host function of this guest, was called by one, or listens to its events. */
  get inHostFunction(): boolean {
    return this.#thread.inHostFunction || this.#surroundings.events.telling;
  }

  /** Whether a request is under way. */
  get working(): boolean {
    return this.#thread.working;
  }

  /** The module that calls go to. */
  get module(): AegisModule | undefined {
    return this.#loaded.at(-1)?.module;
  }

  /** The same, and the number under which the guest knows it. @throws {AegisError} `ModuleNotLoaded`, `InstanceEnded` */
  current(): { readonly module: AegisModule; readonly index: number } {
    const { module } = this;
    if (module === undefined) {
      throw new AegisError("ModuleNotLoaded", "The sandbox has no module", {
        suggestion: "Call loadModule first.",
      });
    }
    if (this.#ended !== undefined) throw this.#endedError();
    return { module, index: this.#loaded.length - 1 };
  }

  /** The modules that are loaded, in order. */
  get loaded(): readonly LinkedModule[] {
    return this.#loaded;
  }

  /** From now on the guest's state is taken; in the midst of a request it is asked for. */
  receiveState(): StateReceiver {
    const receiver = new StateReceiver(this.limits.memoryLimit);
    this.#thread.receiveState(receiver);
    return receiver;
  }

  /** Loads a module behind those that are loaded, or after a reset in their place. @throws as `Sandbox.loadModule` */
  async load(item: LinkedModule, signal?: AbortSignal, restoring = false): Promise<void> {
    const fresh = this.#replace, began = performance.now(), { executions } = this.#surroundings;
    if (this.#ended !== undefined && !fresh) throw this.#endedError();
    await this.#cancellable(signal, () => this.#load(item, { fresh, restoring, signal }));
    this.#replace = false;
    if (executions.active) executions.loaded(item, performance.now() - began);
  }

  /** Starts over, with what is loaded or without. @throws as `Sandbox.reset` */
  async reset({ modules, quotas }: Required<ResetOptions>): Promise<void> {
    const { timeout } = this.limits, drop = modules === "drop", renew = quotas === "renew";
    this.#added = 0n;
    if (drop) this.#loaded = [];
    this.#dropped += this.#thread.channel.meters().memory;
    if (this.#thread.lost || this.#dropped > MOST_DROPPED) return await this.#restart(renew);
    this.#begin();
    if (renew) this.#surroundings.renewQuotas();
    const reply = await this.#exchange(
      () => this.#thread.requestByMessage({ kind: "reset", drop, timeout }, timeout),
      { read: () => undefined, timeout, modules: this.#modules },
    );
    if ("result" in reply) return;
    this.#loaded = [];
    if ("linkError" in reply) {
      throw new AegisError("GuestFault", `Cannot reset the sandbox: ${reply.linkError}`);
    }
    throw outcomeError(this.#failure(reply.outcome));
  }

  /** The request that comes next is a call. @param rows of a batch */
  beginCall(name: string, rows?: number): void {
    const { executions } = this.#surroundings;
    this.#usage.beginCall();
    executions.count++;
    executions.name = name;
    if (executions.active) executions.begin(this.#thread.channel, { name, rows });
  }

  /** The call has ended. */
  endCall(outcome: Outcome): Outcome {
    const { executions } = this.#surroundings;
    this.#usage.endCall();
    executions.ended = executions.count;
    if (outcome.kind !== "value") executions.failed = { execution: executions.count, outcome };
    if (executions.open) executions.end(outcome);
    return outcome;
  }

  /** Takes note of how a call ended. */
  note(outcome: Outcome): Outcome {
    const name = outcome.kind === "limit" ? outcome.limit : outcome.kind;
    if (ENDING.has(name) || this.#thread.lost) {
      this.#ended = name;
      this.#surroundings.io.channels.endLife();
    }
    return outcome;
  }

  /** Makes a request; a guest whose thread is lost ends every one. */
  async request<Result>(request: FrameRequest<Result>): Promise<Reply<Result>> {
    const { kind, write, read, timeout, signal } = request;
    const send = () => this.#thread.request(kind, write, timeout);
    return await this.#cancellable(
      signal,
      () => this.#exchange(send, { read, timeout, modules: this.#modules }),
    );
  }

  /** Does some work of the guest, which a signal stops from now on. */
  async #cancellable<Result>(
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const cancel = () => this.#thread.abort("cancelled");
    signal?.addEventListener("abort", cancel);
    try {
      return await work();
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** The same, blocking this thread. */
  requestSync<Result>(request: FrameRequest<Result>): Reply<Result> {
    const { kind, write, read, timeout } = request, meter = this.#meter();
    const judged = { read, timeout, modules: this.#modules };
    try {
      return this.#judge(this.#thread.requestSync(kind, write, timeout), judged);
    } catch (error) {
      return this.#judgeError(error, { elapsed: meter.elapsed(), timeout });
    } finally {
      meter.end();
    }
  }

  /** Calls with numbers alone. */
  get numbers(): NumberRequests {
    return this.#numbers;
  }

  /** Fuel units that are left of the budget; never negative. */
  remainingFuel(): bigint {
    const left = this.#budget - this.#thread.channel.meters().fuelUsed;
    return left > 0n ? left : 0n;
  }

  /** Fuel units that were consumed since the last reset. */
  get fuelUsed(): bigint {
    return this.#thread.channel.meters().fuelUsed;
  }

  /** Fuel units that it may consume since the last reset, with those that were added. */
  get fuelBudget(): bigint {
    return this.#budget;
  }

  addFuel(units: Count): void {
    this.#added = least(this.#added + parseCount(units, "units"), UNLIMITED_FUEL);
    this.#setBudget();
  }

  metrics(): Metrics {
    const { denials } = this.#surroundings.io;
    const at = performance.now(), paused = this.#thread.pausedFor(at);
    return { ...this.#usage.metrics(this.#thread.channel, { at, paused }), denials: denials.count };
  }

  /** What the sandbox uses at this moment, amid a call too. */
  reading(): UsageReading {
    const { denials } = this.#surroundings.io;
    return { ...this.#usage.reading(this.#thread.channel, performance.now()), denials: denials.count };
  }

  get paused(): boolean {
    return this.#thread.paused;
  }

  pause(): void {
    this.#thread.pause();
  }

  resume(): void {
    this.#thread.resume();
  }

  /** Stops the request that is under way, if there is one. */
  stop(): void {
    this.#thread.abort("cancelled");
  }

  /** Whatever is under way ends with `Closed`. */
  abandon(): void {
    this.#closed = true;
    this.#thread.abort("closed");
  }

  /** Ends the thread; nothing is under way any more. */
  close(): void {
    this.#thread.close();
  }

  get #modules(): AegisModule[] {
    return this.#loaded.map((item) => item.module);
  }

  async #load(
    item: LinkedModule,
    { fresh, restoring = false, signal }: {
      readonly fresh: boolean;
      readonly restoring?: boolean;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<void> {
    const { module } = item, loaded = fresh ? [] : this.#loaded, { timeout } = this.limits;
    checkEngine(module, loaded[0]?.module);
    const prepared = preparedOf(module), { functions, content } = this.#surroundings;
    checkDeclared(prepared.declared, this.limits);
    this.#usage.beginOther(this.#thread.channel);
    await content.prepare([...functions.kinds, ...module.signatureKinds]);
    const bindings = linkImports(module, loaded, functions);
    const { engine, module: code, support, layout } = prepared;
    // Statically known, so that it needs no permission when it is needed.
    const watch = prepared.watch === undefined ? undefined : await import("./watch_program.gen.ts");
    const message: LoadMessage = {
      kind: "load",
      engine,
      module: code,
      support,
      layout,
      bindings,
      fresh,
      restoring,
      timeout,
      ...(watch === undefined ? {} : { watch: watch.WATCH_PROGRAM_TEXT }),
    };
    if (signal?.aborted) throw cancelled(signal);
    if (fresh) {
      this.#dropped += this.#thread.channel.meters().memory;
      this.#begin();
    }
    const reply = await this.#exchange(
      () => this.#thread.requestByMessage(message, timeout),
      { read: () => undefined, timeout, modules: [...loaded.map((other) => other.module), module] },
    );
    if (fresh) this.#loaded = [];
    if ("linkError" in reply) throw linkError(module, reply.linkError);
    if ("outcome" in reply) throw outcomeError(this.#failure(reply.outcome));
    this.#loaded = [...loaded, item];
  }

  /** A new thread in place of one that was written off, or has dropped too much, with the same modules. */
  async #restart(renew: boolean): Promise<void> {
    const { paused } = this.#thread;
    this.#thread.close();
    this.#dropped = 0;
    this.#thread = await this.#surroundings.startThread();
    if (paused) this.#thread.pause();
    this.#numbers = this.#numberRequests(this.#thread);
    if (this.#closed) throw new AegisError("Closed", "The sandbox was closed");
    const loaded = this.#loaded;
    this.#loaded = [];
    this.#begin();
    if (renew) this.#surroundings.renewQuotas();
    for (const item of loaded) await this.#load(item, { fresh: false });
  }

  /** A new life begins: full budget, meters at zero. */
  #begin(): void {
    this.#ended = undefined;
    this.#replace = true;
    this.#setBudget();
    this.#usage = new UsageRecord();
    this.#surroundings.restart();
  }

  #setBudget(): void {
    this.#budget = least(this.limits.fuelLimit + this.#added, UNLIMITED_FUEL);
    this.#thread.channel.setFuelBudget(this.#budget);
  }

  /** One request, its time and its outcome. */
  async #exchange<Result>(
    send: () => Promise<FrameReader>,
    judged: Judged<Result>,
  ): Promise<Reply<Result>> {
    const meter = this.#meter();
    try {
      return this.#judge(await send(), judged);
    } catch (error) {
      return this.#judgeError(error, { elapsed: meter.elapsed(), timeout: judged.timeout });
    } finally {
      meter.end();
    }
  }

  #numberRequests(thread: GuestThread): NumberRequests {
    return new NumberRequests(thread, {
      frameSize: this.limits.frameSize,
      meter: () => this.#meter(),
      countRequest: (duration) => this.#usage.endRequest(duration),
      judge: (reader, judged) => this.#judge(reader, { ...judged, modules: this.#modules }),
      judgeError: (error, time) => this.#judgeError(error, time),
      note: (outcome) => this.note(outcome),
    });
  }

  /** Notes what a request uses. */
  #meter(): Meter {
    const started = performance.now(), usage = this.#usage, elapsed = () => performance.now() - started;
    usage.beginRequest(this.#thread.channel, started);
    return { elapsed, end: () => usage.endRequest(elapsed()) };
  }

  #judge<Result>(reader: FrameReader, { read, timeout, modules }: Judged<Result>): Reply<Result> {
    const { limits } = this, { hostError } = this.#thread;
    const outcome = readOutcome(reader, { limits, timeout, modules, hostError });
    if (outcome === "value") return { result: read(reader) };
    if ("linkError" in outcome) return outcome;
    if (!("last" in outcome)) return { outcome };
    this.#thread.close(); // its process is gone, which its back end tells later
    return { outcome: outcome.last };
  }

  #judgeError(
    error: unknown,
    { elapsed, timeout }: { readonly elapsed: number; readonly timeout: number },
  ): { readonly outcome: Outcome } {
    if (error instanceof ContentError) {
      return { outcome: { kind: "abi", message: `a result is wrong: ${error.message}` } };
    }
    if (error instanceof FrameError) return { outcome: { kind: "fault", message: error.message } };
    if (!(error instanceof GuestLost)) {
      this.#usage.endCall();
      if (this.#surroundings.executions.open) this.#surroundings.executions.refuse(error);
      throw error;
    }
    if (error.stopReason === "timeout") {
      return { outcome: { kind: "limit", limit: "time", elapsed, allowed: timeout } };
    }
    if (error.stopReason !== undefined) return { outcome: { kind: "aborted", reason: error.stopReason } };
    return {
      outcome: this.#closed
        ? { kind: "aborted", reason: "closed" }
        : { kind: "fault", message: error.message },
    };
  }

  #failure(outcome: Outcome): Exclude<Outcome, { kind: "value" }> {
    this.note(outcome);
    return outcome.kind === "value"
      ? { kind: "fault", message: "a value where none was asked for" }
      : outcome;
  }

  #endedError(): AegisError {
    return new AegisError("InstanceEnded", `The instance was ended by an earlier call (${this.#ended})`, {
      suggestion: "Call reset to start over.",
    });
  }
}

/** @throws {AegisError} `InvalidOption` for modules that could share nothing */
function checkEngine(module: AegisModule, first: AegisModule | undefined): void {
  if (first === undefined || first.engine === module.engine) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot load a module for engine ${quote(module.engine)}: the sandbox has one for ${quote(first.engine)}`,
    { field: "engine", suggestion: "Load all modules of a sandbox for the same engine." },
  );
}
