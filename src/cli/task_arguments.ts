/** Words of the command line as what a task is given: arguments of its program, or of its function. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { isWasiModule } from "../wasi/functions.ts";
import { describeExports } from "../wasm/external_type.ts";
import { readModule } from "../wasm/read_module.ts";
import { readSignatures } from "../wasm/read_signatures.ts";
import { readGuestArguments } from "./guest_arguments.ts";
import { valueJson } from "./value_text.ts";

/** Arguments as a server takes them. */
export type TaskArguments = { readonly argv: readonly string[] } | { readonly args: readonly Json[] };

/**
 * Reads words as `aegis run` does. What the module does not export is for the server to say.
 *
 * @param bytes of the module
 * @throws {AegisError} `ModuleInvalid`, `TypeMismatch`
 */
export function taskArguments(
  words: readonly string[],
  { bytes, name: wanted }: { readonly bytes: Uint8Array; readonly name: string | undefined },
): TaskArguments {
  const module = readModule(bytes);
  const functions = new Map(
    describeExports(module).flatMap(({ name, type }) =>
      type.kind === "function" ? [[name, { params: type.params, results: type.results }] as const] : []
    ),
  );
  const name = wanted ?? (functions.has("_start") ? "_start" : "main");
  if (name === "_start" && module.imports.some((item) => isWasiModule(item.module))) return { argv: words };
  const type = readSignatures(module).exports.get(name) ?? functions.get(name);
  if (type === undefined) return { args: words };
  if (type.params.includes("bytes")) {
    throw new AegisError("TypeMismatch", `Cannot make a task of ${quote(name)}: it takes bytes`, {
      suggestion: "A task is given numbers, text and JSON.",
    });
  }
  return {
    args: readGuestArguments(words, name, type).map((value, index) =>
      valueJson(value, type.params[index] ?? "")
    ),
  };
}
