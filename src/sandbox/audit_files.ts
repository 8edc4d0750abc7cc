/**
 * An audit log in files: FILE is written to, FILE.1, FILE.2 … are those before, FILE.head says where it ends. Only regular
 * files with one name are taken, and no link is followed: what a guest may write must never turn out to be the log.
 */
import { HEAD_SIZE } from "../audit/head.ts";
import { type AuditStorage, type FoundLog, TAIL_SIZE } from "../audit/storage.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { headFile, olderFiles } from "./audit_paths.ts";

export class AuditFiles implements AuditStorage {
  /** Without links. */
  readonly path: string;
  readonly found: FoundLog;
  readonly #head: Deno.FsFile;
  /** What stands there; undefined while nothing does. */
  #headText: string | undefined;
  /** Files that were not there before. */
  readonly #made: string[] = [];
  #file: Deno.FsFile;

  /**
   * Opens the files, or makes them, for nobody else to read.
   *
   * @throws {AegisError} `InvalidOption` for what is no file of its own, and where another process writes to it
   */
  constructor(path: string) {
    checkRegular(headFile(path));
    checkRegular(path);
    for (const older of olderFiles(path)) checkRegular(older);
    const opened: Deno.FsFile[] = [];
    const openOnce = (name: string, how: { readonly append: boolean }): Deno.FsFile => {
      const isNew = look(name) === undefined, file = open(name, how);
      opened.push(file);
      if (isNew) this.#made.push(name);
      return file;
    };
    try {
      const isNew = look(headFile(path)) === undefined;
      this.#head = openOnce(headFile(path), { append: false });
      if (!this.#head.tryLockSync(true)) {
        this.#made.length = 0; // it is somebody else's by now
        throw refuse(path, "another process writes to it", "Wait for it, or take another file.");
      }
      const text = isNew ? undefined : readHeadText(this.#head);
      this.#file = openOnce(path, { append: true });
      this.path = Deno.realPathSync(path);
      checkOpened(this.#file, path);
      checkOpened(this.#head, headFile(path));
      const { bytes: tail, size } = readTail(path), [before = ""] = olderFiles(path);
      const olderTail = size > 0 || look(before) === undefined ? new Uint8Array() : readTail(before).bytes;
      this.#headText = text === "" ? undefined : text;
      this.found = { head: this.#headText, size, tail, olderTail };
    } catch (error) {
      this.#removeMade();
      closeAll(opened);
      throw error instanceof AegisError ? error : refuse(path, reasonOf(error));
    }
  }

  append(bytes: Uint8Array): void {
    writeAll(this.#file, bytes);
  }

  /** What fails half-way puts the head before back: it names the record before, and half a head would name none. */
  writeHead(text: string): void {
    try {
      this.#overwriteHead(text);
    } catch (error) {
      try {
        if (this.#headText !== undefined) this.#overwriteHead(this.#headText);
      } catch {
        // then the log is not gone on with
      }
      throw error;
    }
    this.#headText = text;
  }

  #overwriteHead(text: string): void {
    this.#head.seekSync(0, Deno.SeekMode.Start);
    writeAll(this.#head, new TextEncoder().encode(text));
  }

  rotate(dropped: (oldest: Uint8Array) => void): void {
    const files = [this.path, ...olderFiles(this.path)], [last = "", ...newer] = files.toReversed();
    // Read before anything moves: what is gone cannot be asked what came behind it.
    const kept = newer.find((file) => look(file) !== undefined);
    // One that somebody put there meanwhile is not opened: a FIFO would be waited for.
    const oldest = look(last) === undefined || kept === undefined || look(kept)?.isFile !== true
      ? undefined
      : firstLine(kept);
    for (let index = files.length - 2; index >= 0; index--) {
      const from = files[index] ?? "", to = files[index + 1] ?? "";
      if (look(from) === undefined) continue;
      Deno.renameSync(from, to);
      if (to === last && oldest !== undefined) dropped(oldest);
    }
    const before = this.#file;
    this.#file = open(this.path, { append: true });
    try {
      before.syncDataSync();
    } finally {
      before.close();
    }
    checkOpened(this.#file, this.path);
  }

  sync(): void {
    this.#file.syncDataSync();
    this.#head.syncDataSync();
  }

  close(): void {
    closeAll([this.#file, this.#head]);
  }

  /** Closes it, and leaves nothing behind that was not there: a log that is refused was never begun. */
  abandon(): void {
    this.#removeMade();
    this.close();
  }

  /** While the head is locked: nobody else has begun to write. */
  #removeMade(): void {
    for (const path of this.#made.reverse()) {
      try {
        Deno.removeSync(path);
      } catch {
        // It is of no use, and does no harm.
      }
    }
  }
}

/** Closes all of them, whatever one says. @throws what the first said that has failed */
function closeAll(files: readonly Deno.FsFile[]): void {
  const failures: unknown[] = [];
  for (const file of files) {
    try {
      file.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function refuse(path: string, reason: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", `Cannot write the audit log ${quote(path)}: ${reason}`, {
    field: "audit",
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** What the system says; what Deno says of its permissions is meant for who typed its flags. */
function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "access to it is denied";
  return error instanceof Error ? error.message : String(error);
}

/** What is at a path, links not followed; undefined where there is nothing. */
function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Before it is opened: to open a device or a FIFO may do something, or wait for ever. */
function checkRegular(path: string): void {
  let found: Deno.FileInfo | undefined;
  try {
    found = look(path);
  } catch (error) {
    throw refuse(path, reasonOf(error));
  }
  if (found === undefined) return;
  if (found.isSymlink) throw refuse(path, "it is a symbolic link", "Name the file itself.");
  if (!found.isFile) throw refuse(path, "it is no regular file");
  if ((found.nlink ?? 1) > 1) {
    throw refuse(path, "it has more names than this one", "Take a file with one name.");
  }
}

/** What was opened is what was looked at. */
function checkOpened(file: Deno.FsFile, path: string): void {
  checkRegular(path);
  const opened = file.statSync(), found = look(path);
  if (found?.ino === opened.ino && found.dev === opened.dev) return;
  throw refuse(path, "it is being moved about");
}

function open(path: string, { append }: { readonly append: boolean }): Deno.FsFile {
  const how = append ? { append } : { write: true };
  try {
    return Deno.openSync(path, { read: true, create: true, mode: 0o600, ...how });
  } catch (error) {
    throw refuse(path, reasonOf(error));
  }
}

function readHeadText(file: Deno.FsFile): string {
  const bytes = new Uint8Array(HEAD_SIZE + 1);
  return new TextDecoder("latin1").decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
}

function readTail(path: string): { readonly bytes: Uint8Array; readonly size: number } {
  using file = Deno.openSync(path);
  const { size } = file.statSync(), bytes = new Uint8Array(Math.min(size, TAIL_SIZE));
  file.seekSync(size - bytes.length, Deno.SeekMode.Start);
  let at = 0;
  while (at < bytes.length) at += file.readSync(bytes.subarray(at)) ?? bytes.length;
  return { bytes, size };
}

function firstLine(path: string): Uint8Array | undefined {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(TAIL_SIZE), length = file.readSync(bytes) ?? 0;
  const end = bytes.subarray(0, length).indexOf(0x0a);
  return end < 0 ? undefined : bytes.slice(0, end);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
