/** Both ends of the encoding of operations: what is asked, and how it ended, in a frame. */
import { ERRNO } from "./errno.ts";
import { cutText } from "../core/cut.ts";
import type { FrameReader, FrameWriter } from "./frame.ts";
import {
  type Answer,
  type DirectoryEntry,
  type FieldTypes,
  type MissingGrant,
  type OperationName,
  type OperationRow,
  OPERATIONS,
  type ReplyOf,
  type RequestOf,
} from "./operations.ts";

/** Writes a request: the operation's code, then its fields. @throws {FrameError} when it does not fit */
export function writeRequest<Name extends OperationName>(
  writer: FrameWriter,
  name: Name,
  request: RequestOf<Name>,
): void {
  const row: OperationRow = OPERATIONS[name];
  writer.u32(row.code);
  writeFields(writer, row.request, request);
}

/** Reads the fields of a request, after its code. `bytes` lie in the frame still. @throws {FrameError} */
export function readRequest<Name extends OperationName>(reader: FrameReader, name: Name): RequestOf<Name> {
  return readFields(reader, OPERATIONS[name].request) as RequestOf<Name>; // the row says which fields there are
}

/** Writes how an operation ended. @throws {FrameError} when it does not fit */
export function writeAnswer<Name extends OperationName>(
  writer: FrameWriter,
  name: Name,
  answer: Answer<Name>,
): void {
  writer.u32(answer.errno);
  if (answer.errno === ERRNO.again) writer.f64(answer.retryAfter ?? 0);
  if (answer.reply !== undefined) return writeFields(writer, OPERATIONS[name].reply, answer.reply);
  if (answer.errno !== ERRNO.again) writeMissing(writer, answer.missing);
}

/** Texts of a grant that is missing, in the order in which they stand in an answer. */
const MISSING_TEXTS = ["capability", "action", "reason", "hint"] as const;

/** Longest of these texts, in UTF-16 units: a guest can name a path as long as a frame. */
const LONGEST_TEXT = 160;

/** What is told of a missing grant, after the error number; nothing where none was missing. */
export function writeMissing(writer: FrameWriter, missing: MissingGrant | undefined): void {
  if (missing === undefined) return;
  for (const field of MISSING_TEXTS) writer.string(cutText(missing[field], LONGEST_TEXT));
}

/** Reads the same; undefined where the frame has ended. @throws {FrameError} */
export function readMissing(reader: FrameReader): MissingGrant | undefined {
  if (reader.ended) return undefined;
  // In the order of MISSING_TEXTS.
  return {
    capability: reader.string(),
    action: reader.string(),
    reason: reader.string(),
    hint: reader.string(),
  };
}

/** Reads how an operation ended. `bytes` lie in the frame still. @throws {FrameError} */
export function readAnswer<Name extends OperationName>(reader: FrameReader, name: Name): Answer<Name> {
  const errno = reader.u32();
  if (errno === ERRNO.again) return { errno, retryAfter: reader.f64() };
  if (errno !== ERRNO.success) {
    const missing = readMissing(reader);
    return missing === undefined ? { errno } : { errno, missing };
  }
  return { errno, reply: readFields(reader, OPERATIONS[name].reply) as ReplyOf<Name> }; // as in readRequest()
}

function writeFields(writer: FrameWriter, row: OperationRow["request"], values: object): void {
  for (const field in row) {
    const value: unknown = (values as Record<string, unknown>)[field];
    switch (row[field]) {
      case "u8":
        writer.u8(value as number);
        break;
      case "u32":
        writer.u32(value as number);
        break;
      case "f64":
        writer.f64(value as number);
        break;
      case "i64":
        writer.i64(value as bigint);
        break;
      case "text":
        writer.string(value as string);
        break;
      case "bytes":
        writer.alignedBytes(value as Uint8Array);
        break;
      case "entries":
        writeEntries(writer, value as readonly DirectoryEntry[]);
        break;
    }
  }
}

function readFields(reader: FrameReader, row: OperationRow["request"]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field in row) values[field] = readField(reader, row[field] ?? "u8");
  return values;
}

function readField(reader: FrameReader, type: keyof FieldTypes): unknown {
  switch (type) {
    case "u8":
      return reader.u8();
    case "u32":
      return reader.u32();
    case "f64":
      return reader.f64();
    case "i64":
      return reader.i64();
    case "text":
      return reader.string();
    case "bytes":
      return reader.bytesInPlace();
    case "entries":
      return readEntries(reader);
  }
}

function writeEntries(writer: FrameWriter, entries: readonly DirectoryEntry[]): void {
  writer.u32(entries.length);
  for (const entry of entries) {
    writer.string(entry.name);
    writer.i64(entry.inode);
    writer.u8(entry.type);
  }
}

function readEntries(reader: FrameReader): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    entries.push({ name: reader.string(), inode: reader.i64(), type: reader.u8() });
  }
  return entries;
}
