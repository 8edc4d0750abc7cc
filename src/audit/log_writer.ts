/**
 * Writes records, each whole and before the call goes on, and then the head. Nothing is ever cut off: what a process left
 * half written is named by the next record. It never goes on with a log whose end is not what its head says.
 */
import { AuditChain } from "./chain.ts";
import type { Digest } from "./digest.ts";
import { type AuditHead, emptyHead, headDigest, headText, readHead } from "./head.ts";
import { AUDIT_KINDS, type AuditKind, mayFollow } from "./kinds.ts";
import { type AuditDetail, type AuditEntry, LONGEST_LINE, readRecord } from "./record.ts";
import type { AuditStorage, FoundLog } from "./storage.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** What a writer is given. */
export interface LogWriterOptions {
  /** As messages name it. */
  readonly name: string;
  readonly digest: Digest;
  /** Largest size of a file, in bytes. */
  readonly fileSize: number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("latin1");
const LINE_END = 0x0a;
const NOTHING = new Uint8Array();

export class LogWriter {
  readonly #storage: AuditStorage;
  readonly #options: LogWriterOptions;
  readonly #chain: AuditChain;
  #written: AuditHead;
  #size: number;
  #state: "open" | "full" | "failed" | "closed" = "open";
  /** Records that were not written since the log is full. */
  dropped = 0;

  /**
   * Goes on with what is there.
   *
   * @throws {AegisError} `InvalidOption` where its end is not what its head says, or where the key is another one
   */
  constructor(storage: AuditStorage, options: LogWriterOptions) {
    this.#storage = storage;
    this.#options = options;
    const { digest, fileSize } = options,
      { found } = storage,
      { head, torn, unended } = endOf(found, options);
    this.#chain = new AuditChain(digest, head);
    this.#written = head;
    this.#size = found.size;
    if (found.head === undefined) this.#writeHead();
    if (unended) this.#append("\n");
    if (torn.length > 0) {
      this.#own("log_recovered", { bytes: torn.length, digest: digest.of(torn) });
    }
    this.#own("log_opened", { version: 1, digest: digest.name });
    // So that each process has room for its own.
    if (this.#size > fileSize / 2) this.#rotate();
  }

  /** Where the log ends by now: with the last record that was written. */
  get head(): AuditHead {
    return this.#written;
  }

  /** Appends a record. What does not fit any more is counted. @throws what the system says */
  write(entry: AuditEntry): void {
    if (this.#state === "open" && this.#size + LONGEST_LINE > this.#options.fileSize) this.#rotate();
    if (this.#state === "open") this.#record(entry);
    else this.dropped += entry.count ?? 1;
  }

  /** Ends it with a record that says so. */
  close(): void {
    if (this.#state === "closed") return;
    try {
      if (this.#state !== "failed") {
        this.#own("log_closed", this.dropped === 0 ? {} : { dropped: this.dropped });
        this.#storage.sync();
      }
    } finally {
      this.#state = "closed";
      this.#storage.close();
    }
  }

  #own(kind: AuditKind & `log_${string}`, detail: AuditDetail): void {
    this.#record({ kind, severity: AUDIT_KINDS[kind].severity, time: this.#options.wall(), detail });
  }

  /** What fails is not tried again: a record behind one that is missing would look like an attack. */
  #record(entry: AuditEntry): void {
    try {
      this.#append(`${this.#chain.next(entry)}\n`);
      this.#written = this.#chain.head;
      this.#writeHead();
    } catch (error) {
      this.#state = "failed";
      throw error;
    }
  }

  #append(text: string): void {
    const bytes = ENCODER.encode(text);
    this.#storage.append(bytes);
    this.#size += bytes.length;
  }

  #writeHead(): void {
    this.#storage.writeHead(headText(this.#chain.head, this.#options.digest));
  }

  #rotate(): void {
    const { digest } = this.#options;
    this.#own("log_rotated", {});
    try {
      this.#storage.rotate((oldest) => {
        const read = readRecord(DECODER.decode(oldest));
        if (typeof read === "object" && digest.of(read.body) === read.record.hash) {
          this.#chain.dropBefore(read.record.seq);
        }
      });
      this.#size = 0;
    } catch (error) {
      this.#own("log_full", { message: error instanceof Error ? error.name : "", size: this.#size });
      this.#state = "full";
      return;
    }
    this.#writeHead();
  }
}

interface FoundEnd {
  readonly head: AuditHead;
  /** What stands half written behind it. */
  readonly torn: Uint8Array;
  /** Whether the last line has no end. */
  readonly unended: boolean;
}

/** Where what is there ends. */
function endOf(
  found: FoundLog,
  options: LogWriterOptions,
): FoundEnd {
  const { digest, name } = options, { head: text, size, tail, olderTail } = found;
  if (text === undefined) {
    if (size > 0 || olderTail.length > 0) throw damaged(name, "its head file is missing");
    return { head: emptyHead(digest.name), torn: NOTHING, unended: false };
  }
  const named = headDigest(text), head = readHead(text, digest);
  if (named !== undefined && named !== digest.name) throw otherKey(name, named);
  if (head === undefined) throw damaged(name, "its head file is damaged, or the key is another one");
  const end = tail.lastIndexOf(LINE_END) + 1, torn = tail.slice(end);
  const lines = tail.subarray(0, end), last = lastLine(lines) ?? lastLine(olderTail);
  if (last === undefined) {
    if (head.count > 0) throw damaged(name, `it is empty, and its head names record ${head.count}`);
    return endWith({ head }, torn, digest);
  }
  const read = readRecord(last);
  if (typeof read === "string") throw damaged(name, "its last line is no record");
  const { record: { seq, prev, hash, kind }, body } = read;
  if (digest.of(body) !== hash) throw damaged(name, "its last record was altered, or the key is another one");
  if (seq === head.count && hash === head.hash) return endWith({ head, kind }, torn, digest);
  // The process before was killed between the record and the head.
  if (seq === head.count + 1 && prev === head.hash) {
    const before = readRecord(lastLine(lines.subarray(0, -1 - last.length)) ?? "");
    if (typeof before === "object" && !mayFollow(before.record.kind, kind)) {
      throw damaged(name, "its last record stands behind the end of a log that was closed");
    }
    return { head: { ...head, count: seq, hash }, torn, unended: torn.length > 0 };
  }
  throw damaged(name, `it ends with record ${seq}, and its head names record ${head.count}`);
}

/** What is torn may be a whole record that wants nothing but its line end. @param kind of the last record, if there is one */
function endWith(
  { head, kind }: { readonly head: AuditHead; readonly kind?: AuditKind },
  torn: Uint8Array,
  digest: Digest,
): FoundEnd {
  const unended = torn.length > 0, read = readRecord(DECODER.decode(torn));
  if (typeof read === "string") return { head, torn, unended };
  const { record: { seq, prev, hash, kind: next }, body } = read;
  const isNext = seq === head.count + 1 && prev === head.hash && digest.of(body) === hash &&
    (kind === undefined || mayFollow(kind, next));
  return isNext ? { head: { ...head, count: seq, hash }, torn: NOTHING, unended } : { head, torn, unended };
}

/** The last line of bytes that end with one. */
function lastLine(bytes: Uint8Array): string | undefined {
  if (bytes.at(-1) !== LINE_END) return undefined;
  const line = bytes.subarray(0, -1);
  return DECODER.decode(line.subarray(line.lastIndexOf(LINE_END) + 1));
}

function damaged(name: string, reason: string): AegisError {
  return new AegisError("InvalidOption", `Cannot go on with the audit log ${quote(name)}: ${reason}`, {
    field: "audit",
    suggestion: "See what aegis audit verify says of it, and keep it; begin another one.",
  });
}

function otherKey(name: string, digest: string): AegisError {
  const keyed = digest !== "sha256";
  return new AegisError(
    "InvalidOption",
    `Cannot go on with the audit log ${quote(name)}: it was begun ${keyed ? "with" : "without"} a key`,
    { field: "auditKey", suggestion: keyed ? "Give the same key." : "Give none, or begin another log." },
  );
}
