/**
 * What a sandbox tells of its calls. Whoever would tell something looks at `active`, or at `open`, before: a call of which
 * nobody wants to hear costs a look and a few words that are noted for the report.
 */
import type { Alert } from "./alert_messages.ts";
import { type AegisEvents, emitEvent } from "./events.ts";
import type { LinkedModule } from "./linker.ts";
import { usageBetween } from "./usage.ts";
import type { AuditEvent } from "../core/audit.ts";
import { cutText } from "../core/cut.ts";
import { AegisError, type ErrorCode } from "../core/errors.ts";
import type { ExecutionCompletedEvent } from "../core/events.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import type { HostEnd, MeterReading } from "../protocol/channel.ts";

/** Longest message of an `error` or an `alert_sent` event, in UTF-16 units: a host function may quote what a guest gave it. */
const LONGEST_MESSAGE = 1024;

/** The call that is under way, if somebody listened when it began. */
interface Execution {
  readonly function: string;
  readonly channel: HostEnd;
  /** Milliseconds of `performance.now()`. */
  readonly started: number;
  readonly before: MeterReading;
  /** What the meters said when they were looked at last. */
  seen: MeterReading;
}

export class ExecutionEvents {
  readonly #sandbox: string;
  readonly #events: AegisEvents;
  #current: Execution | undefined;
  /** Errors that were told, so that none is told twice. */
  readonly #told: WeakSet<object> = new WeakSet();
  /** Calls that were begun, whether somebody listened or not: the number of the last one. */
  count = 0;
  /** Name of its function. */
  name = "";
  /** Number of the last call that has ended with an outcome. */
  ended = 0;
  /** How the last call ended that had no value, and its number. */
  failed: { readonly execution: number; readonly outcome: Outcome } | undefined;

  constructor(sandbox: string, events: AegisEvents) {
    this.#sandbox = sandbox;
    this.#events = events;
  }

  /** Whether anybody listens. */
  get active(): boolean {
    return this.#events.active;
  }

  /** How the last call ended, without its values, which are the caller's; undefined while it runs, and when it was refused. */
  get outcome(): Outcome | undefined {
    const { count, ended, failed } = this;
    if (ended !== count) return undefined;
    return failed?.execution === count ? failed.outcome : { kind: "value", values: [] };
  }

  /** Whether the end of the call that is under way is to be told. */
  get open(): boolean {
    return this.#current !== undefined;
  }

  /** A call begins, whose number is `count`. */
  begin(channel: HostEnd, call: { readonly name: string; readonly rows: number | undefined }): void {
    const { name, rows } = call, before = channel.meters();
    this.#current = { function: name, channel, started: performance.now(), before, seen: before };
    if (!this.#events.wants("execution_started")) return;
    emitEvent(this.#events, {
      type: "execution_started",
      ...this.#origin(),
      execution: this.count,
      function: name,
      ...(rows === undefined ? {} : { rows }),
    });
  }

  /** The guest waits for the host: what its meters say by now is told, in a call of which somebody hears. */
  turn(): void {
    if (this.#current !== undefined) this.#tellMeters(this.#current);
  }

  /** The call has ended. */
  end(outcome: Outcome): void {
    const failed = outcome.kind !== "value" && (outcome.kind !== "exit" || outcome.status !== 0);
    this.#complete(outcome.kind, failed ? { error: outcomeError(outcome) } : undefined);
  }

  /** The call that is under way never reached the guest. @param error what it throws */
  refuse(error: unknown): void {
    this.#complete("refused", { error });
  }

  /**
   * A call or a load throws: before it began, or after it was told why. What a listener gets for calling into the sandbox is
   * its own matter: told of it, it would do so again.
   */
  thrown(error: unknown): void {
    if (!this.active || this.#events.telling) return;
    if (typeof error !== "object" || error === null || !this.#told.has(error)) this.#error(error, undefined);
  }

  /** A function of the host has ended. @param call `duration`: milliseconds */
  hostFunctionCalled(
    { module, name }: { readonly module: string; readonly name: string },
    call: { readonly duration: number; readonly failed: boolean },
  ): void {
    if (!this.#events.wants("host_function_called")) return;
    const { duration, failed } = call;
    const origin = this.#origin(), execution = this.count;
    emitEvent(this.#events, {
      type: "host_function_called",
      ...origin,
      execution,
      module,
      name,
      duration,
      failed,
    });
  }

  /** A decision was made. */
  audit(event: AuditEvent): void {
    if (this.#events.wants("capability_checked")) {
      emitEvent(this.#events, { type: "capability_checked", ...event });
    }
  }

  /** The guest has sent an alert. */
  alerted({ time, sandbox, level, message }: Alert): void {
    if (!this.#events.wants("alert_sent")) return;
    const text = cutText(message, LONGEST_MESSAGE), execution = this.count;
    emitEvent(this.#events, { type: "alert_sent", time, sandbox, execution, level, message: text });
  }

  /** A module was loaded. @param duration milliseconds */
  loaded({ module, name = module.name }: LinkedModule, duration: number): void {
    if (!this.#events.wants("module_loaded")) return;
    const named = name === undefined ? {} : { name };
    emitEvent(this.#events, {
      type: "module_loaded",
      ...this.#origin(),
      module: module.hash,
      ...named,
      duration,
    });
  }

  #origin(): { readonly time: number; readonly sandbox: string } {
    return { time: Date.now(), sandbox: this.#sandbox };
  }

  /** @param failure why it has no result */
  #complete(
    outcome: ExecutionCompletedEvent["outcome"],
    failure: { readonly error: unknown } | undefined,
  ): void {
    const execution = this.#current;
    if (execution === undefined) return;
    const { before, started, channel } = execution;
    const usage = usageBetween(before, channel.meters(), performance.now() - started);
    this.#tellMeters(execution);
    this.#current = undefined;
    if (failure !== undefined) this.#error(failure.error, this.count);
    if (!this.#events.wants("execution_completed")) return;
    emitEvent(this.#events, {
      type: "execution_completed",
      ...this.#origin(),
      execution: this.count,
      function: execution.function,
      outcome,
      usage,
    });
  }

  #tellMeters(execution: Execution): void {
    const events = this.#events;
    if (!events.wants("memory_grew") && !events.wants("fuel_consumed")) return;
    const { seen, channel } = execution, now = channel.meters();
    execution.seen = now;
    if (now.memory > seen.memory && events.wants("memory_grew")) {
      const { memory: to } = now, { memory: from } = seen;
      emitEvent(events, { type: "memory_grew", ...this.#origin(), execution: this.count, from, to });
    }
    if (now.fuelUsed > seen.fuelUsed && events.wants("fuel_consumed")) {
      const total = now.fuelUsed, units = total - seen.fuelUsed;
      emitEvent(events, { type: "fuel_consumed", ...this.#origin(), execution: this.count, units, total });
    }
  }

  #error(error: unknown, execution: number | undefined): void {
    if (typeof error === "object" && error !== null) this.#told.add(error);
    if (!this.#events.wants("error")) return;
    const code: ErrorCode = error instanceof AegisError ? error.code : "HostFunctionFailed";
    emitEvent(this.#events, {
      type: "error",
      ...this.#origin(),
      code,
      message: cutText(messageOf(error), LONGEST_MESSAGE),
      ...(execution === undefined ? {} : { execution }),
    });
  }
}

/** The message of whatever a host function threw: what it takes to find it out may throw as well. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "a value that has no text";
  }
}
