import { AegisError } from "../../src/core/errors.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";

/** Why we refuse a module, or `undefined` if it is valid. Anything thrown that is no error of ours goes through. */
export function refusal(bytes: Uint8Array): string | undefined {
  try {
    validateModule(readModule(bytes, ENGINE_LIMITS));
    return undefined;
  } catch (error) {
    if (error instanceof AegisError) return error.message;
    throw error;
  }
}
