/** Owner of `watr`: text modules to bytes. Loaded when the first text comes, since the package costs 22 ms. */
import { AegisError } from "../core/errors.ts";
import { textError } from "../wasm/text_error.ts";
import { checkWatShape } from "./wat_shape.ts";

interface Watr {
  compile(text: string): Uint8Array;
}

/**
 * Compiles WebAssembly text to a module's bytes, on the thread of the caller. What may be in a text is bounded, so that
 * hostile text takes about a second.
 *
 * @throws {ModuleInvalidError} when the text cannot be parsed; its offset counts characters of the text
 */
export async function compileWat(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof text !== "string") {
    throw new AegisError("InvalidOption", "Cannot parse what is no text: loadBytes takes a binary module");
  }
  checkWatShape(text);
  const watr = await import("watr") as unknown as Watr; // `as`: its own types admit more than text
  try {
    return new Uint8Array(watr.compile(text));
  } catch (error) {
    throw textError(error, text);
  }
}
