/** Files that a command writes, where the person said so. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { dirname } from "../sandbox/path.ts";
import { reasonOf, unreadable } from "./read_input.ts";

/** Bytes that are read of a file's first line. */
const LONGEST_LINE = 200;

/**
 * The first line of a file, as far as it is read; undefined where there is no such file.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function firstLine(path: string): string | undefined {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(LONGEST_LINE);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0)).split("\n", 1)[0];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw unreadable(path, error);
  }
}

/**
 * Writes a file, and the folders above it that are missing.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function writeFile(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new AegisError("InvalidOption", `Cannot write ${quote(path)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
