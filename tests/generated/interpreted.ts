/** Prepares modules for the interpreter as the prepare Worker does, but for its core, which is built once. */
import { instrument, type PrepareOptions } from "../../src/guest/prepare.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { HOOKS } from "../../src/instrument/layout.ts";
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { WIDE_LIMITS } from "../instrument/wide_limits.ts";
import { coreFor } from "../interp/rig.ts";
import type { Runnable } from "./run.ts";

/** @throws {AegisError} for a module that is refused */
export function prepareInterpreted(
  bytes: Uint8Array<ArrayBuffer>,
  options: Omit<PrepareOptions, "limits" | "engine"> = {},
): Runnable {
  const limits = resolveLimits(WIDE_LIMITS),
    made = instrument(bytes, { ...options, limits, engine: "interpreter" });
  const module = compileModule(made.bytes, { hints: { ...made.indices, refuel: HOOKS.refuel } });
  return { layout: made.layout, origin: made.origin, module, support: coreFor(module.memories) };
}
