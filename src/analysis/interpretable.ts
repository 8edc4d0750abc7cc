import { type ModuleFeature, moduleFeatures } from "./features.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { Module } from "../wasm/module.ts";

/** Proposals that the interpreter does not have. */
const MISSING: readonly ModuleFeature[] = ["gc", "threads"];

/** @throws {ModuleRefusedError} for a valid module that the interpreter cannot run, wherever that is */
export function checkInterpretable(module: Module): void {
  const missing = moduleFeatures(module).find((feature) => MISSING.includes(feature));
  if (missing === undefined) return;
  throw new ModuleRefusedError(
    `Cannot run the module: it uses the proposal ${quote(missing)}, which the interpreter does not have`,
    {
      suggestion:
        'Run it on V8, in a process of its own: engine "v8" with isolation "process", or --engine v8 --isolation process.',
    },
  );
}
