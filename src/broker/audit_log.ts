import type { Clock } from "./clock.ts";
import { type Decision, REFUSALS, Refused } from "./refusals.ts";
import type { AuditEvent } from "../core/audit.ts";
import { cutText } from "../core/cut.ts";

/** Events that are worth a message of their own while the broker is at work. */
const FULL_BATCH = 64;

/** Milliseconds between two messages at least, and how old an event gets at most while the broker is at work. */
const PAUSE = 50, OLD = 100;

/** Different events of one sandbox that wait at most; what comes beyond is only counted. */
const MOST_WAITING = 200;

/** Longest target that is told, in UTF-16 units: a guest can name a path as long as a frame. */
const LONGEST = 1024;

function shown(target: string): string {
  return cutText(target, LONGEST);
}

type Waiting = { -readonly [Key in keyof AuditEvent]: AuditEvent[Key] } & { count: number };

/**
 * Gathers events for the host. A guest cannot flood it: equal events become one with a count, and one sandbox's events take
 * up so much room and no more.
 */
export class AuditLog {
  readonly #clock: Clock;
  readonly #post: (events: readonly AuditEvent[]) => void;
  #waiting: Map<string, Waiting> = new Map();
  #waitingOf: Map<string, number> = new Map();
  #first = 0;
  #posted = -Infinity;

  constructor(clock: Clock, post: (events: readonly AuditEvent[]) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  allowed(sandbox: string, { action, target }: Decision): void {
    this.#add({ time: 0, sandbox, capability: "filesystem", action, target: shown(target), allowed: true });
  }

  refused(sandbox: string, { refusal, decision: { action, target, flag } }: Refused): void {
    const row = REFUSALS[refusal],
      event = { sandbox, capability: "filesystem", action, target: shown(target), allowed: false };
    this.#add({ time: 0, ...event, reason: row.reason, ...(row.flag ? { flag } : {}) });
  }

  #add(event: AuditEvent): void {
    if (this.#waiting.size === 0) this.#first = this.#clock.now();
    const { sandbox, action, target, allowed, reason } = event;
    const key = JSON.stringify([sandbox, action, target, allowed, reason]);
    if (this.#count(key)) return;
    const waiting = this.#waitingOf.get(sandbox) ?? 0;
    if (waiting < MOST_WAITING) {
      this.#waitingOf.set(sandbox, waiting + 1);
      this.#keep(key, event);
      return;
    }
    const rest = JSON.stringify([sandbox, allowed]);
    if (this.#count(rest)) return;
    const { capability } = event;
    this.#keep(rest, {
      time: 0,
      sandbox,
      capability,
      action: "",
      target: "",
      allowed,
      reason: "too many to tell",
    });
  }

  #count(key: string): boolean {
    const equal = this.#waiting.get(key);
    if (equal !== undefined) equal.count++;
    return equal !== undefined;
  }

  #keep(key: string, event: AuditEvent): void {
    this.#waiting.set(key, { ...event, time: this.#clock.wall(), count: 1 });
  }

  /**
   * Posts what is due.
   *
   * @param idle whether the broker has nothing else to do
   * @returns milliseconds until it wants to be called again, Infinity when nothing waits
   */
  settle(idle: boolean): number {
    if (this.#waiting.size === 0) return Infinity;
    const now = this.#clock.now(), pause = this.#posted + PAUSE - now;
    if (pause > 0) return pause;
    if (!idle && this.#waiting.size < FULL_BATCH && now - this.#first < OLD) return this.#first + OLD - now;
    this.flush();
    return Infinity;
  }

  /** Posts everything. */
  flush(): void {
    if (this.#waiting.size === 0) return;
    const events = [...this.#waiting.values()].map(({ count, ...event }) =>
      count === 1 ? event : { ...event, count }
    );
    this.#waiting = new Map();
    this.#waitingOf = new Map();
    this.#posted = this.#clock.now();
    this.#post(events);
  }
}
