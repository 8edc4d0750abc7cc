import { ModuleInvalidError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";
import { readModule } from "../wasm/read_module.ts";
import { validateModule, type Validation } from "../wasm/validate_module.ts";

/** V8's reason for refusing bytes that we take for a module. Our own checks come first and should know them all. */
async function engineError(bytes: Uint8Array<ArrayBuffer>): Promise<ModuleInvalidError> {
  try {
    await WebAssembly.compile(bytes);
    return new ModuleInvalidError("V8 does not accept the module", 0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = Number(/@\+([0-9]+)/.exec(message)?.[1] ?? 0);
    const reason = message.replace(/^WebAssembly\.compile\(\): /, "").replace(/ @\+[0-9]+$/, "");
    return new ModuleInvalidError(`V8 does not accept the module: ${reason}`, offset);
  }
}

/**
 * Checks bytes as a run would: structure, types, and V8 as the second wall.
 *
 * @throws {ModuleInvalidError} @throws {ModuleRefusedError}
 */
export async function checkModule(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ module: Module; validation: Validation }> {
  const module = readModule(bytes);
  const validation = validateModule(module);
  if (!WebAssembly.validate(bytes)) throw await engineError(bytes);
  return { module, validation };
}
