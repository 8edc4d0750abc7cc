/**
 * The bytes of a snapshot: a computation that can go on elsewhere.
 *
 *     "AEGISNAP" · u32 version · u32 0 · u64 bytes of the content · SHA-256 of the content · the content
 *
 * The checksum finds what was damaged. It does not prove who made the snapshot: what is in it is as untrusted as the guest
 * that it was taken of, and every part is checked where it is used.
 */
import { type AegisModule, originalOf, preparedOf } from "./module.ts";
import { checkWords } from "./program_settings.ts";
import { AegisError } from "../core/errors.ts";
import { toHex } from "../core/bytes.ts";
import type { GuestState } from "../guest/guest_state.ts";
import { decodeData, encodeData } from "../protocol/data.ts";

const MAGIC = "AEGISNAP", VERSION = 1;

/** Bytes before the content. */
const HEAD = 56, VERSION_AT = 8, LENGTH_AT = 16, SUM_AT = 24;

/** A module of a snapshot. */
export interface SnapshotModule {
  /** That under which later modules import from it. */
  readonly name: string | undefined;
  /** As it was before instrumentation. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of those, in hexadecimal. */
  readonly hash: string;
  /** SHA-256 of the interpreter's code for it: positions in a state are positions in that. */
  readonly code: string;
}

/** What a snapshot holds. */
export interface SnapshotContent {
  /** In the order in which they were loaded. */
  readonly modules: readonly SnapshotModule[];
  /** What its program was given. */
  readonly args: readonly string[];
  readonly state: GuestState;
}

/** The bytes that a module was prepared from. @throws {AegisError} `NotSaved` for a module of another engine */
export function savedBytes(module: AegisModule): Uint8Array<ArrayBuffer> {
  const bytes = originalOf(module);
  if (bytes !== undefined) return bytes;
  throw new AegisError("NotSaved", `Cannot save the guest: it runs in engine "${module.engine}"`, {
    field: "engine",
    suggestion: 'Load the module with engine "interpreter".',
  });
}

/** @throws {AegisError} as {@linkcode savedBytes} */
export async function snapshotModule(
  module: AegisModule,
  name: string | undefined,
): Promise<SnapshotModule> {
  const bytes = savedBytes(module);
  return { name, bytes, hash: module.hash, code: await codeHash(module) };
}

/** What tells whether positions in the code of a module mean the same here as where a snapshot was taken. */
export async function codeHash(module: AegisModule): Promise<string> {
  const { module: code } = preparedOf(module);
  if (!("kind" in code)) return "";
  return await sha256(
    Uint8Array.from(new Uint8Array(code.code.buffer, code.code.byteOffset, code.code.byteLength)),
  );
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** @param state as the guest gave it: encoded data */
export async function encodeSnapshot(
  content: Omit<SnapshotContent, "state"> & { readonly state: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const encoded = encodeData(content), bytes = new Uint8Array(HEAD + encoded.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(VERSION_AT, VERSION, true);
  view.setBigUint64(LENGTH_AT, BigInt(encoded.length), true);
  bytes.set(new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(encoded))), SUM_AT);
  bytes.set(encoded, HEAD);
  return bytes;
}

/** @throws {AegisError} `SnapshotInvalid` */
export async function decodeSnapshot(bytes: Uint8Array): Promise<SnapshotContent> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD || new TextDecoder().decode(bytes.subarray(0, VERSION_AT)) !== MAGIC) {
    throw invalid("it does not begin as one", "Give the bytes that snapshot() or --checkpoint wrote.");
  }
  const version = view.getUint32(VERSION_AT, true);
  if (version !== VERSION) {
    throw invalid(
      `its version is ${version}, this is version ${VERSION}`,
      "Restore it with the Aegis that took it.",
    );
  }
  const length = view.getBigUint64(LENGTH_AT, true), content = Uint8Array.from(bytes.subarray(HEAD));
  if (length > content.length) throw invalid(`it ends after ${content.length} of ${length} bytes`);
  if (length < content.length) throw invalid(`${BigInt(content.length) - length} bytes follow its end`);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  if (toHex(sum) !== toHex(bytes.subarray(SUM_AT, HEAD))) {
    throw invalid("its checksum is wrong: it was altered");
  }
  try {
    const decoded = decodeData(content);
    if (!isContent(decoded)) throw new TypeError("it does not hold what a snapshot holds");
    checkWords("args", decoded.args);
    return { ...decoded, state: decodeData(decoded.state) as GuestState }; // its parts are checked where they are used
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function isContent(value: unknown): value is Omit<SnapshotContent, "state"> & { state: Uint8Array } {
  if (typeof value !== "object" || value === null) return false;
  const { modules, args, state } = value as Partial<Record<keyof SnapshotContent, unknown>>;
  return Array.isArray(modules) && modules.every(isModule) && state instanceof Uint8Array &&
    Array.isArray(args) && args.every((arg) => typeof arg === "string");
}

function isModule(value: unknown): value is SnapshotModule {
  if (typeof value !== "object" || value === null) return false;
  const { name, bytes, hash, code } = value as Partial<Record<keyof SnapshotModule, unknown>>;
  return (name === undefined || typeof name === "string") && bytes instanceof Uint8Array &&
    typeof hash === "string" && typeof code === "string";
}

export function invalid(why: string, suggestion?: string): AegisError {
  return new AegisError(
    "SnapshotInvalid",
    `Cannot restore the snapshot: ${why}`,
    suggestion === undefined ? {} : { suggestion },
  );
}
