/** Modules as analysis takes them, from their text: read and validated. */
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { compileText, type TextCompiler } from "../testsuite/module_bytes.ts";

export interface ValidModule {
  readonly module: Module;
  readonly maxOperandBytes: Uint32Array;
}

/** Reads and validates bytes. */
export function validModule(bytes: Uint8Array): ValidModule {
  const module = readModule(bytes);
  return { module, maxOperandBytes: validateModule(module).maxOperandBytes };
}

/** Reads and validates the fields of a text module. */
export function textModule(fields: string, compile: TextCompiler = compileText): ValidModule {
  return validModule(compile(`(module ${fields})`));
}
