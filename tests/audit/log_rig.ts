/** An audit log in memory, whose every write can be made to fail, and what verification says of its bytes. */
import type { Digest } from "../../src/audit/digest.ts";
import { digestWith } from "../../src/audit/digest_with.ts";
import { readHead } from "../../src/audit/head.ts";
import { AUDIT_KINDS, type AuditKind } from "../../src/audit/kinds.ts";
import { LogWriter } from "../../src/audit/log_writer.ts";
import type { AuditDetail, AuditEntry } from "../../src/audit/record.ts";
import type { AuditStorage, FoundLog } from "../../src/audit/storage.ts";
import { type AuditVerification, AuditVerifier, type Expectation } from "../../src/audit/verify.ts";

/** What is on the disk: the files of a log, the one that is written to last. */
export interface Disk {
  files: Uint8Array[];
  head: string | undefined;
}

/** What goes wrong: after so many bytes that were written, of records and heads together, nothing is written any more. */
export interface Trouble {
  readonly room?: number;
  readonly rotation?: "denied";
  /** Files that are kept beside the one that is written to. */
  readonly kept?: number;
}

export const NONE = new Uint8Array();

export function emptyDisk(): Disk {
  return { files: [NONE], head: undefined };
}

export function copyOf({ files, head }: Disk): Disk {
  return { files: files.map((file) => file.slice()), head };
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

class MemoryStorage implements AuditStorage {
  readonly found: FoundLog;
  closed = false;
  #room: number;

  constructor(readonly disk: Disk, readonly trouble: Trouble = {}) {
    const tail = disk.files.at(-1) ?? NONE;
    const olderTail = tail.length > 0 ? NONE : disk.files.at(-2) ?? NONE;
    this.found = { head: disk.head, size: tail.length, tail, olderTail };
    this.#room = trouble.room ?? Infinity;
  }

  append(bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, Math.max(0, this.#room));
    this.#room -= bytes.length;
    this.disk.files.push(join(this.disk.files.pop() ?? NONE, fitting));
    if (this.#room < 0) throw new Error("no space left on device");
  }

  writeHead(text: string): void {
    this.#room -= text.length;
    if (this.#room < 0) throw new Error("no space left on device");
    this.disk.head = text;
  }

  rotate(dropped: (oldest: Uint8Array) => void): void {
    if (this.trouble.rotation === "denied") throw new Deno.errors.NotCapable("no");
    this.disk.files = [...this.disk.files, NONE].slice(-1 - (this.trouble.kept ?? 3));
    const [oldest = NONE] = this.disk.files;
    dropped(oldest.subarray(0, oldest.indexOf(0x0a)));
  }

  sync(): void {}

  close(): void {
    this.closed = true;
  }
}

export const PLAIN = digestWith(undefined);
export const KEYED = digestWith(new TextEncoder().encode("a key that is thirty-two bytes long"));

let clock = Date.UTC(2026, 2, 1);

export function writerOn(
  disk: Disk,
  { digest = PLAIN, fileSize = 2 ** 26, ...trouble }: Trouble & { digest?: Digest; fileSize?: number } = {},
): LogWriter {
  const storage = new MemoryStorage(disk, trouble);
  return new LogWriter(storage, { name: "log", digest, fileSize, wall: () => clock += 1000 });
}

export function entryOf(
  kind: AuditKind,
  detail: AuditDetail = {},
  more: Partial<AuditEntry> = {},
): AuditEntry {
  return {
    kind,
    severity: AUDIT_KINDS[kind].severity,
    time: Date.UTC(2026, 2, 1, 12),
    sandbox: "s",
    detail,
    ...more,
  };
}

/** A log of six records that was closed. */
export function smallLog(digest: Digest = PLAIN): Disk {
  const disk = emptyDisk(), writer = writerOn(disk, { digest });
  writer.write(entryOf("call_started", { function: "main" }, { execution: 1 }));
  writer.write(
    entryOf("grant_denied", { capability: "filesystem", target: "/\x1b[31m\u202e" }, { count: 7 }),
  );
  writer.write(entryOf("limit_hit", { code: "Timeout" }));
  writer.write(entryOf("call_completed", { outcome: "limit" }));
  writer.close();
  return disk;
}

/** What is said of files and a head. */
export function verify(
  { files, head: text }: Disk,
  { digest = PLAIN, expected = [], without = false }: {
    digest?: Digest;
    expected?: readonly Expectation[];
    /** Whether there is no head to look at. */
    without?: boolean;
  } = {},
): AuditVerification {
  const head = text === undefined || without ? undefined : readHead(text, digest);
  const verifier = new AuditVerifier(digest, { before: head, expected });
  let lines = 0, rest = 0;
  for (const [index, file] of files.entries()) {
    lines = 0;
    let start = 0;
    for (let end = file.indexOf(0x0a); end >= 0; end = file.indexOf(0x0a, start)) {
      verifier.line(file.subarray(start, end), { file: `log.${files.length - 1 - index}`, line: ++lines });
      start = end + 1;
    }
    rest = file.length - start;
  }
  const found = verifier.end(
    { file: "log.0", lines, rest },
    head === undefined ? undefined : { before: head, after: head },
  );
  return head === undefined && !without ? { ...found, intact: false } : found;
}

/** The lines of a file, each with its end. */
export function linesOf(file: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = file.indexOf(0x0a); end >= 0; end = file.indexOf(0x0a, start)) {
    lines.push(file.slice(start, end + 1));
    start = end + 1;
  }
  return lines;
}
