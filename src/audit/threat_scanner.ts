import type { AuditEntry } from "./record.ts";
import { THREAT_RULES, type ThreatRule } from "./threat_rules.ts";

/** A rule that has struck. */
export interface Threat {
  /** Its name. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: ThreatRule["severity"];
  /** What it means. */
  readonly doc: string;
  /** What it counted when it struck. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The sandbox of the last one that counted. */
  readonly sandbox?: string;
  /** The module that it is about. */
  readonly module?: string;
}

/** Guests that are watched at once by one rule; the one that was quiet longest is forgotten. */
const MOST_WATCHED = 1024;

/** What one rule has seen of one guest. */
interface Watched {
  /** Times and counts of the last records, as many as the threshold at most. */
  seen: { readonly time: number; readonly count: number; readonly value: string }[];
  /** Until when it strikes no more. */
  quietUntil: number;
}

/**
 * Looks at entries one after the other. Guests are told apart by their module: one that is started anew for each call is the
 * same guest. It keeps no more than each threshold asks for.
 */
export class ThreatScanner {
  readonly #rules: readonly (readonly [name: string, rule: ThreatRule])[];
  readonly #watched: Map<string, Watched> = new Map();

  /** @param rules by name @default all that there are */
  constructor(rules: Readonly<Record<string, ThreatRule>> = THREAT_RULES) {
    this.#rules = Object.entries(rules);
  }

  /** @returns the rules that it made strike */
  scan(entry: AuditEntry): Threat[] {
    const threats: Threat[] = [];
    for (const [name, rule] of this.#rules) {
      const { kinds, where } = rule;
      if (!kinds.includes(entry.kind)) continue;
      if (where !== undefined && !where.is.test(String(entry.detail[where.detail] ?? ""))) continue;
      const count = this.#count(name, rule, entry);
      if (count < rule.threshold) continue;
      const { severity, doc } = rule, { time, sandbox, module } = entry;
      threats.push({
        rule: name,
        severity,
        doc,
        count,
        time,
        ...(sandbox === undefined ? {} : { sandbox }),
        ...(module === undefined ? {} : { module }),
      });
    }
    return threats;
  }

  /** What counts by now; 0 while the rule is quiet. */
  #count(name: string, { window, threshold, different }: ThreatRule, entry: AuditEntry): number {
    const { time, count = 1, detail } = entry,
      watched = this.#of(`${name} ${entry.module ?? entry.sandbox ?? ""}`);
    const value = different === undefined ? "" : String(detail[different] ?? "");
    const recent = watched.seen.filter((one) =>
      one.time > time - window && (different === undefined || one.value !== value)
    );
    recent.push({ time, count: different === undefined ? count : 1, value });
    watched.seen = recent.slice(-threshold);
    if (time < watched.quietUntil) return 0;
    const sum = watched.seen.reduce((total, one) => total + one.count, 0);
    if (sum >= threshold) {
      watched.quietUntil = time + window;
      watched.seen = [];
    }
    return sum;
  }

  #of(key: string): Watched {
    const watched = this.#watched.get(key) ?? { seen: [], quietUntil: 0 };
    this.#watched.delete(key); // and in again, as the last one
    this.#watched.set(key, watched);
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= MOST_WATCHED) break;
      this.#watched.delete(oldest);
    }
    return watched;
  }
}
