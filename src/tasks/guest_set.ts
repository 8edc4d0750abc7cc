/**
 * Guests that are kept for the next task with the same limits and grants: starting one takes 15 ms, making one as new a
 * tenth of one. What runs in a guest hears nothing of who was there before: it starts over without any module.
 */
import { ACTIVITY_EVENTS, type ActivityEvent } from "./captured_activity.ts";
import { AegisError } from "../core/errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Timers } from "../sandbox/timers.ts";
import type { Alert } from "../sandbox/alert_messages.ts";
import type { EventSubscriber } from "../sandbox/event_subscriber.ts";
import type { LogMessage } from "../sandbox/log_messages.ts";

/** Who listens to a guest at this moment. */
export interface GuestListener {
  takeLog(message: LogMessage): void;
  takeAlert(alert: Alert): void;
  takeActivity(event: ActivityEvent): void;
  print(source: "stdout" | "stderr", bytes: Uint8Array): void;
}

/** What the sandbox of a guest tells, whoever has it. */
export type GuestVoice = Readonly<{
  onLog: (message: LogMessage) => void;
  onAlert: (alert: Alert) => void;
  stdout: (bytes: Uint8Array<ArrayBuffer>) => void;
  stderr: (bytes: Uint8Array<ArrayBuffer>) => void;
  subscribers: readonly EventSubscriber[];
}>;

/** Makes the sandbox of a guest. */
export type BuildGuest = (voice: GuestVoice) => Promise<Sandbox>;

/** A guest for one task at a time. */
export class TaskGuest {
  readonly sandbox: Sandbox;
  /** What it shares with the tasks that may have it; undefined for a guest of one task alone. */
  readonly kind: string | undefined;
  listener: GuestListener | undefined;
  /** Whether something of who had it may be told later still: then nobody else gets it. */
  untold = false;

  private constructor(sandbox: Sandbox, kind: string | undefined) {
    this.sandbox = sandbox;
    this.kind = kind;
  }

  /** @throws what building fails with */
  static async start(kind: string | undefined, build: BuildGuest): Promise<TaskGuest> {
    let guest: TaskGuest | undefined;
    const sandbox = await build({
      onLog: (message) => guest?.listener?.takeLog(message),
      onAlert: (alert) => guest?.listener?.takeAlert(alert),
      stdout: (bytes) => guest?.listener?.print("stdout", bytes),
      stderr: (bytes) => guest?.listener?.print("stderr", bytes),
      subscribers: [{
        types: ACTIVITY_EVENTS,
        onEvent: (event) => guest?.listener?.takeActivity(event as ActivityEvent), // of these types
      }],
    });
    return guest = new TaskGuest(sandbox, kind);
  }
}

export interface GuestSetOptions {
  /** Guests that are kept. */
  readonly mostIdle: number;
  /** Milliseconds for which one is kept that nobody wants: V8 gives memory back with the thread at last. */
  readonly idleTime: number;
  readonly timers: Timers;
}

export class GuestSet {
  readonly #options: GuestSetOptions;
  /** The one that was given back last is at the end. */
  readonly #idle: TaskGuest[] = [];
  /** When each of them became idle, in milliseconds of the timers. */
  readonly #since: WeakMap<TaskGuest, number> = new WeakMap();
  #stopTimer: (() => void) | undefined;
  /** Of guests that are made as new, or end. */
  readonly #leaving: Set<Promise<void>> = new Set();
  /** Those of them that may be had again, with their kinds. */
  readonly #renewing: Map<Promise<void>, string> = new Map();
  #closed = false;

  constructor(options: GuestSetOptions) {
    this.#options = options;
  }

  /** Guests that are kept. */
  get idle(): number {
    return this.#idle.length;
  }

  /**
   * A guest of this kind: one that is kept, one that is on its way back, which takes less time than to start another, or
   * another. Where the runtime has no room, one that is kept makes it, or one that is on its way back.
   *
   * @param kind undefined for a guest of one task alone @throws what building fails with
   */
  async take(kind: string | undefined, build: BuildGuest): Promise<TaskGuest> {
    for (;;) {
      const kept = this.#takeKept(kind);
      if (kept !== undefined) return kept;
      const coming = [...this.#renewing].flatMap(([work, other]) => other === kind ? [work] : []);
      if (coming.length > 0) {
        await Promise.race(coming);
        continue;
      }
      try {
        return await TaskGuest.start(kind, build);
      } catch (error) {
        const crowded = error instanceof AegisError && error.code === "TooManySandboxes";
        if (!crowded || !await this.#makeRoom()) throw error;
      }
    }
  }

  /** Takes a guest back, which is made as new in the background; one that cannot be is closed. Never fails. */
  giveBack(guest: TaskGuest): Promise<void> {
    guest.listener = undefined;
    guest.sandbox.resume(); // it may have ended while it was about to stand still
    const work = this.#leave(this.#renew(guest));
    if (guest.kind !== undefined) {
      this.#renewing.set(work, guest.kind);
      void work.then(() => this.#renewing.delete(work));
    }
    return work;
  }

  /** Ends when no guest is left of those that were given back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    for (const guest of this.#idle.splice(0)) void this.#end(guest);
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  #takeKept(kind: string | undefined): TaskGuest | undefined {
    const index = kind === undefined ? -1 : this.#idle.findLastIndex((guest) => guest.kind === kind);
    return index < 0 ? undefined : this.#idle.splice(index, 1)[0];
  }

  /** @returns whether there may be more room now */
  async #makeRoom(): Promise<boolean> {
    const oldest = this.#idle.shift();
    if (oldest === undefined && this.#leaving.size === 0) return false;
    await (oldest === undefined ? Promise.race(this.#leaving) : this.#end(oldest));
    return true;
  }

  async #renew(guest: TaskGuest): Promise<void> {
    const renewed = guest.kind !== undefined && !guest.untold && !this.#closed &&
      await guest.sandbox.reset({ modules: "drop", quotas: "renew" }).then(() => true, () => false);
    if (!renewed || this.#closed) return await this.#end(guest);
    this.#idle.push(guest);
    this.#since.set(guest, this.#options.timers.now());
    this.#watch();
    const oldest = this.#idle.length > this.#options.mostIdle ? this.#idle.shift() : undefined;
    if (oldest !== undefined) await this.#end(oldest);
  }

  /** One timer, for the guest that has been idle longest. */
  #watch(): void {
    const [oldest] = this.#idle, { timers, idleTime } = this.#options;
    if (oldest === undefined || this.#stopTimer !== undefined || this.#closed) return;
    const left = (this.#since.get(oldest) ?? 0) + idleTime - timers.now();
    this.#stopTimer = timers.after(Math.max(0, left), () => {
      this.#stopTimer = undefined;
      const now = timers.now(), isOld = (guest: TaskGuest) => (this.#since.get(guest) ?? 0) + idleTime <= now;
      for (const guest of this.#idle.filter(isOld)) {
        this.#idle.splice(this.#idle.indexOf(guest), 1);
        void this.#end(guest);
      }
      this.#watch();
    }, false);
  }

  #end(guest: TaskGuest): Promise<void> {
    return this.#leave(guest.sandbox.close().catch(() => {})); // there is nobody whom it concerns
  }

  async #leave(work: Promise<void>): Promise<void> {
    this.#leaving.add(work);
    await work.finally(() => this.#leaving.delete(work));
  }
}
