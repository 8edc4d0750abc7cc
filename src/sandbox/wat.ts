/** Owner of `watr`: text modules to bytes. Loaded when the first text comes, since the package costs 22 ms. */
import { ModuleInvalidError } from "../core/errors.ts";

/** Characters of a text module at most: the parser runs on the host's thread, and keeps a tree of all of it. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

interface Watr {
  compile(text: string): Uint8Array;
}

/**
 * Compiles WebAssembly text to a module's bytes.
 *
 * @throws {ModuleInvalidError} with offset 0 when the text cannot be parsed
 */
export async function compileWat(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (text.length > MOST_CHARACTERS) {
    throw new ModuleInvalidError(
      `Cannot parse the text: ${text.length} characters exceed ${MOST_CHARACTERS}`,
      0,
    );
  }
  const watr = await import("watr") as unknown as Watr; // `as`: its own types admit more than text
  try {
    return new Uint8Array(watr.compile(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new ModuleInvalidError(`Cannot parse the text: ${reason}`, 0);
  }
}
