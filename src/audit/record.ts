/**
 * One record of an audit log and its line. There is exactly one way to write a record, in ASCII: a line that says the same in
 * other bytes is no line of ours, so that no bit of a file can be changed unseen.
 */
import { type AuditKind, isAuditKind, isSeverity, type Severity } from "./kinds.ts";

/** What else is known, by name. */
export type AuditDetail = Readonly<Record<string, string | number | boolean>>;

/** What happened, before it has a place in a log. */
export interface AuditEntry {
  /** What happened. */
  readonly kind: AuditKind;
  /** How bad it is. */
  readonly severity: Severity;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id of the sandbox. */
  readonly sandbox?: string;
  /** Number of the call in its sandbox. */
  readonly execution?: number;
  /** SHA-256 of the module's bytes in hexadecimal. */
  readonly module?: string;
  /** How many equal ones this one stands for. @default 1 */
  readonly count?: number;
  /** What else is known. */
  readonly detail: AuditDetail;
}

/** A record of a log. */
export interface AuditRecord extends Omit<AuditEntry, "time"> {
  /** Its number, from 1. */
  readonly seq: number;
  /** ISO 8601, in UTC. */
  readonly time: string;
  /** The hash of the record before, 64 zeros for the first. */
  readonly prev: string;
  /** The hash of this one. */
  readonly hash: string;
}

/** What stands before the first record. */
export const GENESIS = "0".repeat(64);

/** Longest line, in bytes: what bounded details can take up, and some more. */
export const LONGEST_LINE = 32 * 1024;

/** Longest text of a detail in UTF-16 units, and how many details a record has at most. */
export const LONGEST_TEXT = 256, MOST_DETAILS = 16;

const HASH = /^[0-9a-f]{64}$/;

/** All that is not printable ASCII: a log can be shown on any terminal as it is. */
const NOT_ASCII = /[^\x20-\x7e]/g;

/** JSON in ASCII. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    NOT_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The text that is hashed: the record without its hash, its fields in this order, details in that of their names. */
export function recordBody(record: Omit<AuditRecord, "hash">): string {
  const { seq, time, kind, severity, sandbox, execution, module, count, detail, prev } = record;
  const names = Object.keys(detail).sort();
  return asciiJson({
    seq,
    time,
    kind,
    severity,
    sandbox,
    execution,
    module,
    count,
    detail: Object.fromEntries(names.map((name) => [name, detail[name]])),
    prev,
  });
}

/** The line of a record, without its end. @param body what was hashed */
export function recordLine(body: string, hash: string): string {
  return `${body.slice(0, -1)},"hash":"${hash}"}`;
}

/** A record, with the text that its hash must be of. */
export interface ReadRecord {
  readonly record: AuditRecord;
  readonly body: string;
}

/** Reads a line. @returns why it is none, where it is none */
export function readRecord(line: string): ReadRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "it is not JSON";
  }
  if (!isRecord(value)) return "it is no record";
  const { hash, ...rest } = value, body = recordBody(rest);
  return recordLine(body, hash) === line ? { record: value, body } : "it is not written as records are";
}

/** Fields that nobody knows need not be looked for: a line with one is not written as records are. */
function isRecord(value: unknown): value is AuditRecord {
  if (typeof value !== "object" || value === null) return false;
  const { seq, time, kind, severity, sandbox, execution, module, count, detail, prev, hash } =
    value as Record<
      string,
      unknown
    >; // as any object
  return isWhole(seq) && typeof time === "string" && !Number.isNaN(Date.parse(time)) &&
    typeof kind === "string" && isAuditKind(kind) && typeof severity === "string" && isSeverity(severity) &&
    isOptional(sandbox, isText) && isOptional(execution, isWhole) && isOptional(module, isText) &&
    isOptional(count, isWhole) && isDetail(detail) && isHash(prev) && isHash(hash);
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
}

function isDetail(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => ["string", "number", "boolean"].includes(typeof one));
}
