/**
 * Keeps a guest from filling the host's disk. Equal entries of one sandbox within a second become one with a count, and
 * one sandbox gets so many records and no more; what goes beyond is counted by kind. What the host decides to tell, and what
 * ends a guest, is not held back: it is bounded by the guests that the host starts.
 */
import { SEVERITIES } from "./kinds.ts";
import type { AuditEntry } from "./record.ts";

/** Records of one sandbox in a row, and each second from then on. */
const BURST = 200, PER_SECOND = 20;

/** Milliseconds within which equal entries are one. */
export const FOLD_WINDOW = 1000;

/** Details in which entries may differ and be equal. */
const MEASURED: ReadonlySet<string> = new Set(["fuel", "duration"]);

interface Folded {
  readonly entry: AuditEntry;
  count: number;
}

class Allowance {
  tokens = BURST;
  refilled: number;
  /** Entries of this window that were let through, or wait, by what they say. */
  readonly folded: Map<string, Folded> = new Map();
  /** Those that went beyond, by kind. */
  readonly rest: Map<string, Folded> = new Map();

  constructor(now: number) {
    this.refilled = now;
  }

  take(now: number): boolean {
    this.tokens = Math.min(BURST, this.tokens + (now - this.refilled) / 1000 * PER_SECOND);
    this.refilled = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}

export class AuditFold {
  readonly #now: () => number;
  readonly #write: (entry: AuditEntry) => void;
  readonly #sandboxes: Map<string, Allowance> = new Map();

  /** @param now milliseconds that never go back @param write takes what is to be recorded */
  constructor(now: () => number, write: (entry: AuditEntry) => void) {
    this.#now = now;
    this.#write = write;
  }

  /** Whether something waits, or is remembered. */
  get active(): boolean {
    return this.#sandboxes.size > 0;
  }

  /** Records an entry, now or with others. */
  add(entry: AuditEntry): void {
    const { sandbox } = entry;
    if (sandbox === undefined) return this.#write(entry);
    const now = this.#now(), known = this.#sandboxes.get(sandbox);
    const own = known ?? new Allowance(now);
    if (known === undefined) this.#sandboxes.set(sandbox, own);
    const key = keyOf(entry), equal = own.folded.get(key), { count = 1 } = entry;
    if (equal !== undefined) {
      own.folded.set(key, { entry, count: equal.count + count });
    } else if (isGrave(entry) || own.take(now)) {
      own.folded.set(key, { entry, count: 0 });
      this.#write(entry);
    } else {
      const rest = own.rest.get(entry.kind)?.count ?? 0;
      own.rest.set(entry.kind, { entry: withoutDetail(entry), count: rest + count });
    }
  }

  /** Records what waits, at the end of a window. */
  flush(): void {
    const now = this.#now();
    for (const [sandbox, own] of this.#sandboxes) {
      for (const { entry, count } of [...own.folded.values(), ...own.rest.values()]) {
        if (count > 0) this.#write(counted(entry, count));
      }
      const used = own.folded.size + own.rest.size > 0;
      own.folded.clear();
      own.rest.clear();
      // One that has been quiet for long has all its allowance again: nothing need be remembered.
      if (!used && now - own.refilled > BURST / PER_SECOND * 1000) this.#sandboxes.delete(sandbox);
    }
  }
}

/** There is one for a call at most, and it is never told without its details. */
function isGrave({ severity }: AuditEntry): boolean {
  return SEVERITIES[severity] >= SEVERITIES.error;
}

function keyOf({ kind, detail }: AuditEntry): string {
  const said = Object.entries(detail).filter(([name]) => !MEASURED.has(name));
  return JSON.stringify([kind, said]);
}

function withoutDetail(entry: AuditEntry): AuditEntry {
  return { ...entry, detail: { folded: "too many to tell each" } };
}

function counted({ count: _, ...entry }: AuditEntry, count: number): AuditEntry {
  return count === 1 ? entry : { ...entry, count };
}
