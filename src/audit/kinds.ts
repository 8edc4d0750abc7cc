/** What an audit log tells of. Severities and kinds are words in files that are kept: none is ever given another meaning. */

/** How bad it is; a higher number is worse. */
export const SEVERITIES = { info: 0, warning: 1, error: 2, critical: 3 } as const;

/** A key of {@linkcode SEVERITIES}. */
export type Severity = keyof typeof SEVERITIES;

/**
 * Kinds of records with their severity. That of a threat is its rule's. What a guest says of itself is `info`, however loud
 * it says so: a guest does not choose the severity of a record. `log`: the log's own, which nobody else can write. `own`:
 * written by the embedder.
 */
export const AUDIT_KINDS = {
  /** A process begins to write. */
  log_opened: { severity: "info", log: true, own: false },
  /** The process before it was interrupted within a line. */
  log_recovered: { severity: "warning", log: true, own: false },
  /** The last record of a file that became too large; the next file goes on. */
  log_rotated: { severity: "info", log: true, own: false },
  /** The last record of a log that may not grow; what comes after is only counted. */
  log_full: { severity: "critical", log: true, own: false },
  /** The process has ended its work. */
  log_closed: { severity: "info", log: true, own: false },
  /** A sandbox has loaded a module. */
  module_loaded: { severity: "info", log: false, own: false },
  /** A call begins. */
  call_started: { severity: "info", log: false, own: false },
  /** A call has ended, in whatever way. */
  call_completed: { severity: "info", log: false, own: false },
  /** A call or a load was refused, or failed for another reason than those below. */
  call_failed: { severity: "warning", log: false, own: false },
  /** An instruction of the guest trapped, or the guest broke the rules of an interface. */
  guest_trapped: { severity: "warning", log: false, own: false },
  /** The guest was ended by one of its limits. */
  limit_hit: { severity: "error", log: false, own: false },
  /** The guest was ended by a denial, or by whoever called it. */
  guest_stopped: { severity: "error", log: false, own: false },
  /** It was decided that the guest may do something. */
  grant_allowed: { severity: "info", log: false, own: false },
  /** It was decided that it may not, or a quota was used up. */
  grant_denied: { severity: "warning", log: false, own: false },
  /** It was not, and the guest was given something in its place that is the same in each run. */
  grant_replaced: { severity: "info", log: false, own: false },
  /** A function of the host was called. */
  host_call: { severity: "info", log: false, own: false },
  /** The guest has sent an alert. */
  alert: { severity: "info", log: false, own: false },
  /** A rule over the records before has struck. */
  threat: { severity: "critical", log: false, own: false },
  /** A client of a server has asked for something. */
  request: { severity: "info", log: false, own: true },
  /** What the embedder wants to have there. */
  note: { severity: "info", log: false, own: true },
} as const satisfies Record<
  string,
  { readonly severity: Severity; readonly log: boolean; readonly own: boolean }
>;

/** A key of {@linkcode AUDIT_KINDS}. */
export type AuditKind = keyof typeof AUDIT_KINDS;

/** Whether a word is a kind. */
export function isAuditKind(word: string): word is AuditKind {
  return Object.hasOwn(AUDIT_KINDS, word);
}

/** Whether a word is a severity. */
export function isSeverity(word: string): word is Severity {
  return Object.hasOwn(SEVERITIES, word);
}

/** The kinds with which a process begins to write. */
const BEGINNINGS: ReadonlySet<AuditKind> = new Set(["log_opened", "log_recovered"]);

/** Whether one record may stand behind another: behind the last one of a process only the first one of the next. */
export function mayFollow(before: AuditKind, kind: AuditKind): boolean {
  return before !== "log_closed" || BEGINNINGS.has(kind);
}
