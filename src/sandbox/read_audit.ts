/** Reads audit logs from files: whether they are as they were written, and the records that somebody wants to see. */
import { headFile, olderFiles } from "./audit_paths.ts";
import { readAuditKey } from "./audit_key.ts";
import type { Digest } from "../audit/digest.ts";
import { type AuditHead, HEAD_SIZE, headDigest, readHead } from "../audit/head.ts";
import { type AuditQuery, matchesQuery } from "../audit/query.ts";
import { type AuditRecord, LONGEST_LINE } from "../audit/record.ts";
import { type AuditVerification, AuditVerifier, type Expectation } from "../audit/verify.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** How a log is verified. */
export interface VerifyAuditOptions {
  /** The file with its key. @default none */
  readonly keyFile?: string;
  /** What it must hold, as it was noted elsewhere: the head file may have been rewritten with the log. @default nothing */
  readonly expected?: readonly Expectation[];
  /** Told of each record that is where it belongs. */
  readonly onRecord?: (record: AuditRecord) => void;
}

/** Bytes that are read at a time. */
const PART = 256 * 1024;

/**
 * Whether an audit log is as it was written: every record, in all of its files, and where it ends.
 *
 * @param file the one that is written to
 * @throws {AegisError} `InvalidOption` where there is no such log, and for a key that is none
 */
export async function verifyAuditLog(
  file: string,
  options: VerifyAuditOptions = {},
): Promise<AuditVerification> {
  const { keyFile, expected = [], onRecord } = options;
  const { digestWith } = await import("../audit/digest_with.ts");
  const digest = digestWith(keyFile === undefined ? undefined : readAuditKey(keyFile));
  const files = filesOf(file);
  const before = headOf(file, digest);
  if (typeof before === "string") return flawed(headFile(file), before);
  if (before === undefined && expected.length === 0) {
    return flawed(headFile(file), "the head file is missing: nothing says where the log ends");
  }
  const verifier = new AuditVerifier(digest, { before, expected });
  let lines = 0, rest = 0;
  for (const [index, path] of files.entries()) {
    lines = 0;
    rest = 0;
    for await (const { bytes, ended } of linesOf(path)) {
      // Only the file that is written to may end within a line.
      if (!ended && index === files.length - 1) rest = bytes.length;
      else if (!ended) verifier.cut({ file: path, line: lines + 1 });
      else {
        const record = verifier.line(bytes, { file: path, line: ++lines });
        if (record !== undefined) onRecord?.(record);
      }
      if (verifier.failed) break;
    }
  }
  const after = before === undefined ? undefined : headOf(file, digest);
  if (typeof after === "string") return flawed(headFile(file), after);
  const heads = before === undefined || after === undefined ? undefined : { before, after };
  return verifier.end({ file, lines, rest }, heads);
}

/**
 * Reads the records of a log that somebody wants to see, the oldest first. Whether they are as they were written is another
 * question: see {@linkcode verifyAuditLog}. Lines that are no records are passed over.
 *
 * @throws {AegisError} `InvalidOption` where there is no such log
 */
export async function* readAuditLog(file: string, query: AuditQuery = {}): AsyncGenerator<AuditRecord> {
  const { readRecord } = await import("../audit/record.ts");
  for (const path of filesOf(file)) {
    for await (const { bytes, ended } of linesOf(path)) {
      if (!ended || bytes.length > LONGEST_LINE) continue;
      const read = readRecord(new TextDecoder("latin1").decode(bytes));
      if (typeof read === "object" && matchesQuery(read.record, query)) yield read.record;
    }
  }
}

/** The files of a log that are there, the oldest first. */
function filesOf(file: string): string[] {
  const files = [...olderFiles(file).reverse(), file].filter(isThere);
  if (files.length === 0) throw unreadable(file, "there is no such file");
  return files;
}

/**
 * Whether something is there that can be read to its end: a FIFO would be waited for, and a device may have none.
 *
 * @throws {AegisError} `InvalidOption` for what is no regular file
 */
function isThere(path: string): boolean {
  let found: Deno.FileInfo;
  try {
    found = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
  if (!found.isFile) throw unreadable(path, "it is no regular file");
  return true;
}

function unreadable(path: string, reason: string): AegisError {
  return new AegisError("InvalidOption", `Cannot read the audit log ${quote(path)}: ${reason}`, {
    field: "audit",
  });
}

/** The head of a log; why it is none; undefined where there is no such file. */
function headOf(file: string, digest: Digest): AuditHead | string | undefined {
  if (!isThere(headFile(file))) return undefined;
  let text: string;
  try {
    using head = Deno.openSync(headFile(file));
    const bytes = new Uint8Array(HEAD_SIZE + 1);
    text = new TextDecoder("latin1").decode(bytes.subarray(0, head.readSync(bytes) ?? 0));
  } catch (error) {
    throw unreadable(headFile(file), error instanceof Error ? error.message : String(error));
  }
  const named = headDigest(text);
  if (named === "hmac-sha256" && digest.name === "sha256") {
    return "the log has a key: give it with --audit-key";
  }
  return readHead(text, digest) ??
    (named === "sha256" && digest.name !== named
      ? "the log was written without a key"
      : "the head was altered, or the key is another one");
}

function flawed(file: string, reason: string): AuditVerification {
  return {
    intact: false,
    records: 0,
    first: 0,
    last: 0,
    hash: "0".repeat(64),
    closed: false,
    notes: [],
    flaw: { file, line: 0, reason },
  };
}

interface Line {
  readonly bytes: Uint8Array;
  /** Whether a line end stands behind it. */
  readonly ended: boolean;
}

/** The lines of a file; of one that is longer than any may be, enough to see that. */
async function* linesOf(path: string): AsyncGenerator<Line> {
  using file = await Deno.open(path);
  const part = new Uint8Array(PART);
  let kept = new Uint8Array();
  for (;;) {
    const length = await file.read(part);
    if (length === null) break;
    let start = 0;
    for (let end = part.indexOf(0x0a); end >= 0 && end < length; end = part.indexOf(0x0a, start)) {
      yield { bytes: joined(kept, part.subarray(start, end)), ended: true };
      kept = new Uint8Array();
      start = end + 1;
    }
    kept = joined(kept, part.subarray(start, length));
  }
  if (kept.length > 0) yield { bytes: kept, ended: false };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = one.subarray(0, LONGEST_LINE + 1), room = LONGEST_LINE + 1 - kept.length;
  const bytes = new Uint8Array(kept.length + Math.min(room, other.length));
  bytes.set(kept);
  bytes.set(other.subarray(0, room), kept.length);
  return bytes;
}
