/** Flags that say where it is recorded what a guest does, and which of the records are meant. */
import { SEVERITIES, type Severity } from "../../audit/kinds.ts";
import type { FlagRow } from "./flag_row.ts";

const SEVERITY_NAMES = Object.keys(SEVERITIES) as readonly Severity[]; // a literal's keys are those of its type

export const RECORD_FLAGS = {
  recordPolicy: {
    long: "record-policy",
    kind: "text",
    metavar: "FILE",
    doc: "Write a manifest there: the grants that the run used",
  },
  audit: {
    long: "audit",
    kind: "text",
    metavar: "FILE",
    doc: "Record what happens there: lines of JSON, chained by hashes",
  },
  auditKey: {
    long: "audit-key",
    kind: "text",
    metavar: "FILE",
    doc: "The key of the chain: 32 bytes or more, for its owner alone to read",
  },
  expect: {
    long: "expect",
    kind: "list",
    metavar: "HASH|COUNT",
    doc: "It must hold the record with that hash, or as many records",
  },
  since: {
    long: "since",
    kind: "text",
    metavar: "TIME",
    doc: "From then on, in UTC: 2026-03-01T12:00, or 2h ago as 2h",
  },
  until: { long: "until", kind: "text", metavar: "TIME", doc: "Before that moment, in the same forms" },
  ofSandbox: {
    long: "sandbox",
    kind: "text",
    metavar: "ID",
    doc: "Of that sandbox: its id, or the beginning of it",
  },
  auditKind: {
    long: "kind",
    kind: "list",
    metavar: "KIND",
    doc: "Of that kind, or of one of several: grant_denied, limit_hit, threat …",
  },
  severity: {
    long: "severity",
    kind: "choice",
    choices: SEVERITY_NAMES,
    metavar: "NAME",
    doc: `As bad as that at least: ${SEVERITY_NAMES.join(", ")}`,
  },
} as const satisfies Record<string, FlagRow>;
