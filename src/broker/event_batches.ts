import type { AuditEvent } from "../core/audit.ts";

/** Different events of one sandbox that wait to be told; what comes beyond is only counted. */
const MOST_PENDING = 200;

/** Milliseconds between two messages, so that a guest cannot flood the host with refusals. */
const PAUSE = 20;

type Counted = AuditEvent & { readonly count: number };

/** What stands for events that are only counted. */
const UNTOLD = { target: "…", reason: "too many to tell each" } as const;

/** Gathers audit events: the first is told at once, what follows closely together, equal ones as one with a count. */
export class EventBatches {
  readonly #tell: (events: readonly AuditEvent[]) => void;
  readonly #pending: Map<string, Counted> = new Map();
  /** How many of them each sandbox has. */
  readonly #counts: Map<string, number> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (events: readonly AuditEvent[]) => void) {
    this.#tell = tell;
  }

  add(event: AuditEvent): void {
    const { time: _time, count = 1, ...same } = event;
    const key = JSON.stringify(same), pending = this.#counts.get(event.sandbox) ?? 0;
    if (this.#pending.has(key) || pending < MOST_PENDING) this.#count(key, { ...event, count });
    else {this.#count(JSON.stringify([event.sandbox, event.action, event.allowed]), {
        ...event,
        count,
        ...UNTOLD,
      });}
    if (this.#timer === undefined) this.#pause();
  }

  #count(key: string, event: Counted): void {
    const before = this.#pending.get(key), { sandbox } = event;
    if (before === undefined) this.#counts.set(sandbox, (this.#counts.get(sandbox) ?? 0) + 1);
    this.#pending.set(key, { ...event, count: event.count + (before?.count ?? 0) });
  }

  /** Tells at once what waits. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const events = [...this.#pending.values()].map(({ count, ...event }) =>
      count === 1 ? event : { ...event, count }
    );
    this.#pending.clear();
    this.#counts.clear();
    this.#tell(events);
  }

  /** Ends the timer, after telling what waits. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pause(): void {
    this.flush();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#pending.size > 0) this.#pause();
    }, PAUSE);
  }
}
