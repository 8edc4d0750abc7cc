/**
 * A guest of a pool as its holder sees it. What the holder keeps after the use has ended is of no use to them: the
 * guest belongs to somebody else by then, so every method asks first.
 */
import type { Alert } from "./alert_messages.ts";
import type { Batch } from "./batch.ts";
import type { BatchOptions, CallOptions } from "./call_options.ts";
import type { CallStream } from "./call_stream.ts";
import type { ChannelOptions } from "./channel_options.ts";
import type { GuestChannel } from "./guest_channel.ts";
import type { LogMessage } from "./log_messages.ts";
import { type CallResult, resultOf, type Sandbox } from "./sandbox.ts";
import { streamOfSandbox } from "./sandbox_stream.ts";
import type { Output } from "./standard_output.ts";
import type { CallInputs } from "./stream_inputs.ts";
import type { CallStreamOptions } from "./stream_options.ts";
import type { AuditEvent } from "../core/audit.ts";
import { AegisError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { Metrics } from "../core/metrics.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import type { Count } from "../core/units.ts";
import type { CallValue, FuncType, Value } from "../core/value.ts";

/** What a pool needs of a sandbox. */
export type WarmSandbox = Pick<
  Sandbox,
  | "id"
  | "limits"
  | "tryCall"
  | "tryCallSync"
  | "callMany"
  | "readMemory"
  | "writeMemory"
  | "getFuncType"
  | "channel"
  | "remainingFuel"
  | "addFuel"
  | "metrics"
  | "output"
  | "logs"
  | "alerts"
  | "denials"
  | "reset"
  | "close"
>;

/** One use of a guest, from the moment it is lent. */
export class Loan {
  readonly #sandbox: WarmSandbox;
  readonly #channels: GuestChannel[] = [];
  readonly #ending: AbortController = new AbortController();
  #underWay = 0;
  #failed = false;

  constructor(sandbox: WarmSandbox) {
    this.#sandbox = sandbox;
  }

  /** The guest, while it is lent. @throws {AegisError} `Closed` */
  get sandbox(): WarmSandbox {
    if (this.ended) {
      throw new AegisError("Closed", "Cannot use a guest of a pool any more: it was released", {
        suggestion: "Acquire a guest for each use.",
      });
    }
    return this.#sandbox;
  }

  get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Whether the guest may be amid something: a call failed, or was still under way when the use ended. */
  get unfinished(): boolean {
    return this.#failed || this.#underWay > 0;
  }

  /** What a call has returned was wrong, whatever the call itself says. */
  fail(): void {
    this.#failed = true;
  }

  /** Calls that are under way end as cancelled; there can be no others. */
  end(): void {
    this.#ending.abort();
    for (const channel of this.#channels) channel.close();
  }

  /** Opens a channel, which is closed when the use ends. */
  channel(name: string, options: ChannelOptions): GuestChannel {
    const channel = this.sandbox.channel(name, options);
    this.#channels.push(channel);
    return channel;
  }

  async tryCall(name: string, args: readonly CallValue[], options: CallOptions): Promise<Outcome> {
    const { sandbox } = this;
    this.#underWay++;
    try {
      const outcome = await sandbox.tryCall(name, args, { ...options, signal: this.#both(options.signal) });
      if (outcome.kind !== "value") this.#failed = true;
      return outcome;
    } finally {
      this.#underWay--;
    }
  }

  tryCallSync(name: string, args: readonly CallValue[], options: CallOptions): Outcome {
    const outcome = this.sandbox.tryCallSync(name, args, options);
    if (outcome.kind !== "value") this.#failed = true;
    return outcome;
  }

  async callMany(
    name: string,
    rows: readonly (readonly Value[])[],
    options: BatchOptions,
  ): Promise<Batch> {
    const { sandbox } = this;
    this.#underWay++;
    try {
      const batch = await sandbox.callMany(name, rows, { ...options, signal: this.#both(options.signal) });
      if (batch.end !== undefined) this.#failed = true;
      return batch;
    } finally {
      this.#underWay--;
    }
  }

  /** The caller's signal and that of the end of the use; what is no signal is refused by the sandbox. */
  #both(signal: AbortSignal | undefined): AbortSignal {
    return signal instanceof AbortSignal
      ? AbortSignal.any([signal, this.#ending.signal])
      : signal ?? this.#ending.signal;
  }
}

/**
 * A guest of a pool, for the time of one use: what a sandbox can do, without what would outlast the use. After its
 * release every method throws `Closed`.
 */
export class PooledSandbox {
  readonly #loan: Loan;

  /** Made by a pool; see `Pool.acquire`. */
  constructor(loan: Loan) {
    this.#loan = loan;
  }

  /** The sandbox's id, which stays the same over its uses. */
  get id(): string {
    return this.#loan.sandbox.id;
  }

  /** The limits of the guest. */
  get limits(): Limits {
    return this.#loan.sandbox.limits;
  }

  /** Calls an exported function of the module loaded last. @throws as `Sandbox.call`, and `Closed` */
  async call<R = CallResult>(
    name: string,
    args: readonly CallValue[] = [],
    options: CallOptions = {},
  ): Promise<R> {
    return resultOf(await this.#loan.tryCall(name, args, options), options.signal) as R; // the caller says what it returns
  }

  /** Calls an exported function and blocks this thread. @throws as `Sandbox.callSync`, and `Closed` */
  callSync<R = CallResult>(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): R {
    return resultOf(this.#loan.tryCallSync(name, args, options)) as R; // as in call()
  }

  /** Calls an exported function for many rows. @throws as `Sandbox.callMany`, and `Closed` */
  async callMany(
    name: string,
    rows: readonly (readonly Value[])[],
    options: BatchOptions = {},
  ): Promise<Batch> {
    return await this.#loan.callMany(name, rows, options);
  }

  /** Calls an exported function and drops its results. @throws as {@linkcode call} */
  async callVoid(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): Promise<void> {
    await this.call(name, args, options);
  }

  /** Calls an exported function; how it ended is the result. @throws as `Sandbox.tryCall`, and `Closed` */
  async tryCall(name: string, args: readonly CallValue[] = [], options: CallOptions = {}): Promise<Outcome> {
    return await this.#loan.tryCall(name, args, options);
  }

  /** Calls an exported function for each input of a source. @throws as `Sandbox.callStream`, and `Closed` */
  callStream(name: string, inputs: CallInputs, options: CallStreamOptions = {}): CallStream {
    return streamOfSandbox(this, { name, inputs, options });
  }

  /** Runs the program to its end. @returns its status @throws as `Sandbox.run`, and `Closed` */
  async run(options: CallOptions = {}): Promise<number> {
    const outcome = await this.#loan.tryCall("_start", [], options);
    if (outcome.kind === "exit") return outcome.status;
    if (outcome.kind !== "value") throw outcomeError(outcome);
    return 0;
  }

  /** Opens a channel for messages to and from the guest, up to the release. @throws as `Sandbox.channel` */
  channel(name: string, options: ChannelOptions = {}): GuestChannel {
    return this.#loan.channel(name, options);
  }

  /** Copies bytes out of an exported memory. @throws as `Sandbox.readMemory`, and `Closed` */
  async readMemory(offset: number, length: number, memory = "memory"): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#loan.sandbox.readMemory(offset, length, memory);
  }

  /** Copies bytes into an exported memory. @throws as `Sandbox.writeMemory`, and `Closed` */
  async writeMemory(offset: number, bytes: Uint8Array, memory = "memory"): Promise<void> {
    await this.#loan.sandbox.writeMemory(offset, bytes, memory);
  }

  /** The type of an exported function of the module loaded last. @throws {AegisError} `Closed` */
  getFuncType(name: string): FuncType | undefined {
    return this.#loan.sandbox.getFuncType(name);
  }

  /** Fuel units that are left of the budget. @throws {AegisError} `Closed` */
  remainingFuel(): bigint {
    return this.#loan.sandbox.remainingFuel();
  }

  /** Adds to the fuel budget, until the guest is reset. @throws {AegisError} `InvalidOption`, `Closed` */
  addFuel(units: Count): void {
    this.#loan.sandbox.addFuel(units);
  }

  /** What the guest has used since it was last reset. @throws {AegisError} `Closed` */
  metrics(): Metrics {
    return this.#loan.sandbox.metrics();
  }

  /** What was kept of the guest's output since it was last reset. @throws {AegisError} `Closed` */
  output(): Output {
    return this.#loan.sandbox.output();
  }

  /** What the guest has logged since it was last reset. @throws {AegisError} `Closed` */
  logs(): readonly LogMessage[] {
    return this.#loan.sandbox.logs();
  }

  /** The alerts that the guest has sent since it was last reset. @throws {AegisError} `Closed` */
  alerts(): readonly Alert[] {
    return this.#loan.sandbox.alerts();
  }

  /** What the guest was denied since it was last reset. @throws {AegisError} `Closed` */
  denials(): readonly AuditEvent[] {
    return this.#loan.sandbox.denials();
  }
}
