/**
 * One execution of a task, from the moment it is admitted until nothing of it runs any more. It never throws: however it
 * ends, that is a {@linkcode RunEnd}.
 */
import { callArguments } from "./call_values.ts";
import { type ActivityEvent, CapturedActivity, type ToldDenial } from "./captured_activity.ts";
import { CapturedLog, type LogBounds, type LogLine } from "./captured_log.ts";
import type { GuestListener, TaskGuest } from "./guest_set.ts";
import { readRunEnd, type RunEnd, type RunFacts, type StopReason } from "./run_end.ts";
import { PRIORITIES, type Priority } from "./run_queue.ts";
import type { TaskSettings } from "./task_settings.ts";
import type { SlicedRun } from "./time_slices.ts";
import { AegisError } from "../core/errors.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Alert } from "../sandbox/alert_messages.ts";
import type { LogMessage } from "../sandbox/log_messages.ts";
import type { AegisModule } from "../sandbox/module.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** What a run asks for. */
export interface TaskRunPorts {
  /** The module, checked and compiled. */
  module(signal: AbortSignal): Promise<AegisModule>;
  /** A guest for the task, with nothing loaded. */
  guest(): Promise<TaskGuest>;
  /** A guest that goes on from the task's checkpoint; undefined where there is none. */
  restored: (() => Promise<TaskGuest>) | undefined;
  /** It has its guest, and has asked for the processor if it wants it. */
  ready(): void;
  /** The guest is needed no more. */
  release(guest: TaskGuest): void;
  /** It wants the processor, and wants it no more. */
  share(run: SlicedRun): void;
  unshare(run: SlicedRun): void;
  /** Told of each line, and of its place in the log. */
  onLine(line: LogLine, index: number): void;
  /** Told of each alert, also of those that the log has no room for. */
  onAlert(alert: Pick<Alert, "time" | "level" | "message">): void;
  /** Told of what it is denied, some in a second. */
  onDenial(denial: ToldDenial): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls as soon as everything has happened that waits for nothing else. */
  soon(work: () => void): void;
}

/** Bytes of output that become text at once: a line that is kept may keep the text alive that it is a part of. */
const PIECE = 64 * 1024;

export class TaskRun implements SlicedRun, GuestListener {
  readonly weight: number;
  readonly log: CapturedLog;
  readonly activity: CapturedActivity;
  readonly #settings: TaskSettings;
  readonly #ports: TaskRunPorts;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #cancel: AbortController = new AbortController();
  #sandbox: Sandbox | undefined;
  #stopped: StopReason | undefined;
  #held = false;
  #sharing = false;

  constructor(
    task: { readonly settings: TaskSettings; readonly priority: Priority; readonly bounds: LogBounds },
    ports: TaskRunPorts,
  ) {
    this.#settings = task.settings;
    this.weight = PRIORITIES[task.priority].weight;
    this.#ports = ports;
    this.log = new CapturedLog(task.bounds, (line, index) => ports.onLine(line, index));
    this.activity = new CapturedActivity((denial) => ports.onDenial(denial));
  }

  /** What its guest has used so far; undefined before it has one. */
  metrics(): Metrics | undefined {
    return this.#sandbox?.metrics();
  }

  /** Whether somebody wants it to stand still. */
  get held(): boolean {
    return this.#held;
  }

  /** Runs it to its end. */
  async run(): Promise<RunEnd> {
    let guest: TaskGuest | undefined, ended: RunFacts["ended"], restoring = false;
    try {
      const { module, restored } = this.#ports;
      const code = restored === undefined ? await module(this.#cancel.signal) : undefined;
      this.#checkStopped();
      restoring = restored !== undefined;
      guest = await (restored ?? this.#ports.guest)();
      restoring = false;
      this.#checkStopped();
      guest.listener = this;
      ended = await this.#call(guest.sandbox, code);
    } catch (error) {
      ended = { error };
    }
    this.#leave();
    if (guest !== undefined) guest.untold = !await guest.sandbox.decisionsTold();
    const end = this.#conclude({ ended, restoring }, guest?.sandbox);
    this.#sandbox = undefined;
    if (guest !== undefined) this.#ports.release(guest);
    return end;
  }

  /** Ends it; what ends it first is the reason. */
  stop(reason: StopReason): void {
    this.#stopped ??= reason;
    this.#cancel.abort(); // what is about to begin
    this.#sandbox?.stop(); // what is under way, a pause included
    // Between the two is a moment in which a call is made, and not under way: it would begin, and stand still for ever.
    this.#ports.soon(() => this.#sandbox?.stop());
  }

  /** Has its guest stand still until {@linkcode letGo}, and leaves its slot to others. */
  hold(): void {
    this.#held = true;
    this.#leave();
    this.#sandbox?.pause();
  }

  /** Ends the pause: it goes on as soon as it gets a slot. */
  letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#sandbox !== undefined) this.#enter();
  }

  // Of the slots.

  pause(): void {
    this.#sandbox?.pause();
  }

  resume(): void {
    this.#sandbox?.resume();
  }

  // Of the guest.

  print(source: "stdout" | "stderr", bytes: Uint8Array): void {
    const now = this.#ports.now(), decoder = this.#decoders[source];
    for (let at = 0; at < bytes.length; at += PIECE) {
      this.log.print(source, decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }), now);
    }
  }

  takeLog({ time, level, message, truncated }: LogMessage): void {
    this.log.add({ time, source: "log", level, text: message, ...(truncated ? { cut: true } : {}) });
  }

  takeAlert({ time, level, message, truncated }: Alert): void {
    this.log.add({ time, source: "alert", level, text: message, ...(truncated ? { cut: true } : {}) });
    this.#ports.onAlert({ time, level, message });
  }

  takeActivity(event: ActivityEvent): void {
    this.activity.take(event);
  }

  /** The state of its guest in mid-computation. @throws {AegisError} `NotSaved` and as `Sandbox.snapshot` */
  async snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#sandbox === undefined) {
      throw new AegisError("NotSaved", "Cannot save a task that has no guest yet");
    }
    return await this.#sandbox.snapshot();
  }

  /** @param code undefined for a guest that goes on from its checkpoint */
  async #call(sandbox: Sandbox, code: AegisModule | undefined): Promise<Outcome> {
    const { signal } = this.#cancel;
    this.#sandbox = sandbox;
    if (this.#held) sandbox.pause();
    else this.#enter();
    this.#ports.ready();
    if (code !== undefined) await sandbox.loadModule(code, { signal });
    this.#checkStopped();
    // One that was saved between its start function and the call has the call before it.
    if (sandbox.interruptedCall !== undefined) return await sandbox.tryContinueCall({ signal });
    const name = this.#settings.function ?? (sandbox.getFuncType("_start") === undefined ? "main" : "_start");
    // Beside text a number is given as the module means the function, whose type has other parameters.
    const args = callArguments(this.#settings.args, code?.signature(name) ?? sandbox.getFuncType(name));
    return await sandbox.tryCall(name, args, { signal });
  }

  #conclude(facts: Pick<RunFacts, "ended" | "restoring">, sandbox: Sandbox | undefined): RunEnd {
    const time = this.#ports.now();
    this.log.finish(time);
    this.activity.finish();
    for (const { capability, action, target, reason } of sandbox?.denials() ?? []) {
      const text = [capability, action, target, reason].filter(Boolean).join(" ");
      this.log.addNotice({ time, source: "denial", text });
    }
    const end = readRunEnd({ ...facts, stopped: this.#stopped, metrics: sandbox?.metrics() });
    if (end.notice !== undefined) this.log.addNotice({ time, source: "system", text: end.notice });
    return end;
  }

  #checkStopped(): void {
    if (this.#stopped !== undefined) {
      throw new AegisError("Cancelled", "The task was stopped before it began");
    }
  }

  /** Asks for a slot. */
  #enter(): void {
    if (this.#sharing) return;
    this.#sharing = true;
    this.#ports.share(this);
  }

  #leave(): void {
    if (!this.#sharing) return;
    this.#sharing = false;
    this.#ports.unshare(this);
  }
}
