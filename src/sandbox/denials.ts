import type { AuditEvent } from "../core/audit.ts";

/** Different denials that a sandbox remembers, the last ones; all are counted. */
const MOST_KEPT = 100;

/** What a sandbox was denied since its life began: each different denial once, the last one last, and how many there were. */
export class Denials {
  readonly #kept: Map<string, AuditEvent> = new Map();
  count = 0;

  add(event: AuditEvent): void {
    if (event.allowed) return;
    this.count += event.count ?? 1;
    const key = JSON.stringify([event.capability, event.action, event.target]);
    this.#kept.delete(key); // and in again, as the last one
    this.#kept.set(key, event);
    if (this.#kept.size <= MOST_KEPT) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }

  get kept(): readonly AuditEvent[] {
    return [...this.#kept.values()];
  }

  restart(): void {
    this.#kept.clear();
    this.count = 0;
  }
}
