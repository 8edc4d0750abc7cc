/** What looks like an attack, as a table. Thresholds are counts within a window of time, for one module. */
import type { AuditKind, Severity } from "./kinds.ts";

/** A row of {@linkcode THREAT_RULES}. */
export interface ThreatRule {
  /** The kinds that count. */
  readonly kinds: readonly AuditKind[];
  /** How many it takes. */
  readonly threshold: number;
  /** Milliseconds within which they must come. It then strikes no more until so much time has passed. */
  readonly window: number;
  /** Of the record that tells of it. */
  readonly severity: Severity;
  /** Only records with that detail count: its name, and the text or a part of it. */
  readonly where?: { readonly detail: string; readonly is: RegExp };
  /** Different values of that detail count, not records. */
  readonly different?: string;
  /** What it means. */
  readonly doc: string;
}

const MINUTE = 60_000;

/** The first two are the rules of the audit scanner that this one replaces, with its thresholds. */
export const THREAT_RULES = {
  capability_violations: {
    kinds: ["grant_denied"],
    threshold: 3,
    window: MINUTE,
    severity: "warning",
    doc: "It keeps asking for what it was not granted.",
  },
  resource_limits: {
    kinds: ["limit_hit"],
    threshold: 5,
    window: MINUTE,
    severity: "warning",
    doc: "It keeps running into its limits.",
  },
  repeated_traps: {
    kinds: ["guest_trapped"],
    threshold: 10,
    window: MINUTE,
    severity: "warning",
    doc: "It keeps trapping, as a guest does that is tried with many inputs.",
  },
  probing: {
    kinds: ["grant_denied"],
    threshold: 20,
    window: MINUTE,
    severity: "error",
    different: "target",
    doc: "It tries one target after the other: files, hosts or ports.",
  },
  path_escape: {
    kinds: ["grant_denied"],
    threshold: 1,
    window: MINUTE,
    severity: "error",
    where: { detail: "reason", is: /leads out of the directory|leads through none of the directories/ },
    doc: "It tried to leave a directory that it was granted.",
  },
  metadata_service: {
    kinds: ["grant_denied"],
    threshold: 1,
    window: MINUTE,
    severity: "critical",
    where: { detail: "target", is: /169\.254\.169\.254|\[fd00:ec2::254\]|metadata\.google\.internal/i },
    doc: "It asked for the metadata service of a cloud, which hands out credentials.",
  },
  denial_flood: {
    kinds: ["grant_denied"],
    threshold: 1000,
    window: MINUTE,
    severity: "error",
    doc: "It asks for what it was not granted faster than any program has reason to.",
  },
} as const satisfies Record<string, ThreatRule>;

/** A key of {@linkcode THREAT_RULES}. */
export type ThreatRuleName = keyof typeof THREAT_RULES;
