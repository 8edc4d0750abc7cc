/** Which records somebody wants to see. */
import { type AuditKind, SEVERITIES, type Severity } from "./kinds.ts";
import type { AuditRecord } from "./record.ts";

/** What records must have; all of it. */
export interface AuditQuery {
  /** From that moment on: milliseconds since 1970. */
  readonly since?: number;
  /** Before that moment. */
  readonly until?: number;
  /** Of that sandbox: its id, or the beginning of it. */
  readonly sandbox?: string;
  /** Of one of those kinds. */
  readonly kinds?: readonly AuditKind[];
  /** As bad as that at least. */
  readonly severity?: Severity;
}

/** Whether a record is one of those that were asked for. */
export function matchesQuery(record: AuditRecord, query: AuditQuery): boolean {
  const { since = -Infinity, until = Infinity, sandbox, kinds, severity = "info" } = query;
  const time = Date.parse(record.time);
  return time >= since && time < until &&
    (sandbox === undefined || record.sandbox?.startsWith(sandbox) === true) &&
    (kinds === undefined || kinds.includes(record.kind)) &&
    SEVERITIES[record.severity] >= SEVERITIES[severity];
}
