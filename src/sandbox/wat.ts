/** Owner of `watr`: text modules to bytes. Loaded when the first text comes, since the package costs 22 ms. */
import { AegisError, ModuleInvalidError } from "../core/errors.ts";
import { textError } from "../wasm/text_error.ts";

/**
 * Characters of a text module at most. The parser runs on the host's thread, and takes more than linear time: 260,000
 * characters of `i32.const` keep it busy for 2 s, so this allows about one.
 */
const MOST_CHARACTERS = 192 * 1024;

interface Watr {
  compile(text: string): Uint8Array;
}

/**
 * Compiles WebAssembly text to a module's bytes.
 *
 * @throws {ModuleInvalidError} when the text cannot be parsed; its offset counts characters of the text
 */
export async function compileWat(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof text !== "string") {
    throw new AegisError("InvalidOption", "Cannot parse what is no text: loadBytes takes a binary module");
  }
  if (text.length > MOST_CHARACTERS) {
    throw new ModuleInvalidError(
      `Cannot parse the text: ${text.length} characters exceed ${MOST_CHARACTERS}; load it as a binary module`,
      0,
    );
  }
  const watr = await import("watr") as unknown as Watr; // `as`: its own types admit more than text
  try {
    return new Uint8Array(watr.compile(text));
  } catch (error) {
    throw textError(error, text);
  }
}
