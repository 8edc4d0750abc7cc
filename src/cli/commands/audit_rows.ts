/** Commands for audit logs. */
import { AUDIT_KINDS } from "../../audit/kinds.ts";
import type { CommandRow } from "./command_row.ts";

/** Kinds of records, but for the log's own. */
const KINDS_OF_RECORDS = Object.entries(AUDIT_KINDS).flatMap(([kind, { log }]) => log ? [] : [kind]);

const LOG = { metavar: "FILE", doc: "What --audit has written" } as const;

export const AUDIT_ROWS = {
  "audit verify": {
    summary: "Check that an audit log is as it was written",
    operand: { ...LOG, optional: true },
    flags: ["data", "auditKey", "expect", "format", "quiet", "help"],
    flagDocs: { data: "Check who did what at the server that kept its data there" },
    statuses: [["1", "it was altered or cut, or cannot be checked"]],
    notes: [
      "Every record is checked, in FILE and the older FILE.1 to FILE.3, and where they end with FILE.head.",
      "Who can write all of these files can make them anew: --expect finds that, by a hash or a count that",
      "was noted elsewhere, and so does a key that only you have. docs/audit.md says what each proves.",
    ],
    examples: [
      { line: "aegis audit verify audit.jsonl", doc: "The line of the first flaw, and what it is" },
      {
        line: "aegis audit verify audit.jsonl --audit-key key --expect 1200",
        doc: "With a key, and no record less",
      },
    ],
  },
  "audit query": {
    summary: "Print records of an audit log",
    operand: LOG,
    flags: ["since", "until", "ofSandbox", "auditKind", "severity", "format", "help"],
    flagDocs: { format: "json is one document, json-compact a line for each record (default: human)" },
    notes: [
      `Kinds: ${KINDS_OF_RECORDS.slice(0, 6).join(", ")},`,
      `${KINDS_OF_RECORDS.slice(6).join(", ")};`,
      "and of the log itself log_opened, log_recovered, log_rotated, log_full, log_closed.",
    ],
    examples: [
      { line: "aegis audit query audit.jsonl --severity warning --since 1h", doc: "What went wrong lately" },
      { line: "aegis audit query audit.jsonl --kind threat --format json", doc: "Threats, for programs" },
    ],
  },
} as const satisfies Record<string, CommandRow>;
