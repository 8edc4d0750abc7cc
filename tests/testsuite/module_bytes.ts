// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/** Turns the modules of scripts into bytes. */
import { compile } from "watr";
import initializeWabt from "npm:wabt@1.0.39";
import type { ModuleSource } from "./wast.ts";

/** Compiles text; throws on text that is malformed as far as the compiler sees it. */
export type TextCompiler = (text: string) => Uint8Array<ArrayBuffer>;

/** `watr` knows every instruction but those of the old exceptions. */
export const compileText: TextCompiler = (text) => Uint8Array.from(compile(text));

/** `wabt` knows the old exceptions, and not the types of garbage collection. */
export async function legacyTextCompiler(): Promise<TextCompiler> {
  const wabt = await initializeWabt();
  return (text) => {
    const module = wabt.parseWat("module.wat", text, { exceptions: true, tail_call: true });
    try {
      return Uint8Array.from(module.toBinary({}).buffer);
    } finally {
      module.destroy();
    }
  };
}

/** The bytes of a module of a script. */
export function moduleBytes(source: ModuleSource, compileText: TextCompiler): Uint8Array<ArrayBuffer> {
  return source.form === "binary" ? Uint8Array.from(source.bytes) : compileText(source.text);
}
