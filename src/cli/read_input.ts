import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { readRegularFile } from "../manifest/regular_file.ts";

/** The operand that stands for stdin. */
export const STDIN = "-";

/** Bytes asked for at a time. */
const PART = 64 * 1024;

/** Why a file could not be opened, in a few words. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  return error instanceof Error ? error.message : String(error);
}

/** An input as messages name it. */
export function inputName(path: string): string {
  return path === STDIN ? "stdin" : quote(path);
}

/** The error for a file that cannot be read; `path` is shown as the person wrote it. */
export function unreadable(path: string, error: unknown): AegisError {
  return new AegisError("InvalidOption", `Cannot read ${inputName(path)}: ${reasonOf(error)}`, {
    cause: error,
  });
}

function tooLarge(path: string, most: number): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot read ${inputName(path)}: it is larger than ${formatByteSize(most)}`,
  );
}

/**
 * Reads a file, or stdin for `-`, up to a size: a device or a pipe without end is refused too.
 *
 * @throws {AegisError} `InvalidOption`
 */
export async function readInput(path: string, most: number, shown = path): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    using file = path === STDIN ? undefined : Deno.openSync(path);
    const source = file ?? Deno.stdin;
    while (size <= most) {
      const part = new Uint8Array(PART);
      const length = await source.read(part);
      if (length === null) break;
      parts.push(part.subarray(0, length));
      size += length;
    }
  } catch (error) {
    throw unreadable(shown, error);
  }
  if (size > most) throw tooLarge(shown, most);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The same, of stdin or a regular file alone.
 *
 * @throws {AegisError} `InvalidOption`
 */
export async function readRegular(path: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if (path === STDIN) return await readInput(path, most);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readRegularFile(path, most);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (bytes.length > most) throw tooLarge(path, most);
  return bytes;
}
