/** What the interpreter runs of a module: its code, and the core for its memories. Loaded when the first one is asked for. */
import { CoreCache } from "./core_cache.ts";
import type { Code, PrepareOptions } from "./prepare.ts";
import type { InstrumentedModule } from "../instrument/instrument_module.ts";
import { HOOKS } from "../instrument/layout.ts";
import { originalInstructions } from "../instrument/original_instructions.ts";
import { compileModule } from "../interp/compile/compile_module.ts";
import type { WatchLevel, WatchOptions } from "../interp/compile/watch_code.ts";
import type { Module } from "../wasm/module.ts";

/** A module that was checked and instrumented for the interpreter. */
export type InterpretedModule =
  & InstrumentedModule
  & { readonly original: Module }
  & Pick<PrepareOptions, "codeAsBytes" | "watch">
  & { readonly cores?: CoreCache };

/**
 * Our own validator alone decides: whoever chooses the interpreter does so to keep hostile bytes away from V8, its
 * decoder included, and what a module that should have been refused could reach is memory of its own sandbox.
 */
export async function compileForInterpreter(made: InterpretedModule): Promise<Code> {
  const { bytes, indices, codeAsBytes = false, cores = new CoreCache(), watch } = made;
  const module = compileModule(bytes, {
    hints: { ...indices, refuel: HOOKS.refuel },
    watch: watch === undefined ? undefined : watchOptions(watch, made),
  });
  const { memories } = module;
  const support = await (codeAsBytes ? cores.bytes(memories) : cores.compiled(memories));
  return { engine: "interpreter", watch, module, support };
}

function watchOptions(
  level: WatchLevel,
  { original, origin, metering }: InstrumentedModule & { readonly original: Module },
): WatchOptions {
  return {
    level,
    original: original.bytes.slice(),
    ...metering,
    originalOf: originalInstructions(original, origin),
  };
}
