/**
 * Turns the modules of scripts into bytes. No text parser knows all of the suite, so there are three, in an order:
 * `wasm-tools` knows all but the old exceptions, which `wabt` knows; `watr` alone takes every character in a name.
 *
 * Only text that must be well-formed is given to a second parser: what one refuses rightly, another may repair.
 */
import { compileText, legacyTextCompiler, type TextCompiler } from "./module_bytes.ts";
import { wasmToolsCompiler } from "./wasm_tools.ts";
import type { Command, ModuleSource } from "./wast.ts";

/** Bytes, or why there are none. */
export type CompiledText = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly refused: string };

/** Whether the suite calls the module malformed, so that its text may be as well. */
export function isMalformed({ kind }: Pick<Command, "kind">): boolean {
  return kind === "assert_malformed" || kind === "assert_malformed_custom" ||
    kind === "assert_invalid_custom";
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

export class ScriptCompiler {
  readonly #modern: readonly TextCompiler[];
  readonly #legacy: readonly TextCompiler[];

  private constructor(wasmTools: TextCompiler, wabt: TextCompiler) {
    this.#modern = [wasmTools, compileText];
    this.#legacy = [wabt, wasmTools];
  }

  static async create(): Promise<ScriptCompiler> {
    return new ScriptCompiler(await wasmToolsCompiler(), await legacyTextCompiler());
  }

  /** Compiles the module of a command of a script, such as `legacy/throw.wast`. */
  compile(script: string, command: Command, source: ModuleSource): CompiledText {
    if (source.form === "binary") return { bytes: Uint8Array.from(source.bytes) };
    const compilers = script.startsWith("legacy/") ? this.#legacy : this.#modern;
    let refused = "";
    for (const compile of isMalformed(command) ? compilers.slice(0, 1) : compilers) {
      try {
        return { bytes: compile(source.text) };
      } catch (error) {
        refused ||= firstLine(error);
      }
    }
    return { refused };
  }
}
