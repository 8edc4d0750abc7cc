import type { AuditEvent } from "../core/audit.ts";

/** Different denials that a sandbox remembers; further ones are counted. */
const MOST_KEPT = 100;

/** What a sandbox was denied since its life began: each different denial once, and how many there were. */
export class Denials {
  readonly #kept: Map<string, AuditEvent> = new Map();
  count = 0;

  add(event: AuditEvent): void {
    if (event.allowed) return;
    this.count += event.count ?? 1;
    const key = JSON.stringify([event.capability, event.action, event.target]);
    if (this.#kept.has(key) || this.#kept.size >= MOST_KEPT) return;
    this.#kept.set(key, event);
  }

  get kept(): readonly AuditEvent[] {
    return [...this.#kept.values()];
  }

  restart(): void {
    this.#kept.clear();
    this.count = 0;
  }
}
