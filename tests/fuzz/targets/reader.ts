/**
 * Reader and validator against V8, and what looks into modules: a scan, names, text of the code. What is no module ends
 * in an error with an offset within the bytes; verdicts differ from V8's for reasons alone that have a name.
 */
import { AegisError, ModuleInvalidError } from "../../../src/core/errors.ts";
import { scanModule } from "../../../src/inspection/scan.ts";
import { disassemble } from "../../../src/wasm/disassemble.ts";
import { ENGINE_LIMITS } from "../../../src/wasm/implementation_limits.ts";
import type { Module } from "../../../src/wasm/module.ts";
import { readNames } from "../../../src/wasm/names.ts";
import { readProducers, readTargetFeatures } from "../../../src/wasm/producers.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { Comparison } from "../../wasm/verdict.ts";
import { changeModule } from "../change_module.ts";
import { moduleSeeds } from "../module_seeds.ts";
import type { Input, Target } from "../target.ts";

/** Reads everything that can be read of a module besides. */
function readRest(module: Module): void {
  const names = readNames(module);
  for (const index of module.functions.keys()) names.locals(index);
  readProducers(module);
  readTargetFeatures(module);
  for (const { code, end } of module.bodies) {
    for (const { text } of disassemble(module, { start: code, end })) {
      if (text === "") throw new Error("An instruction without a text");
    }
  }
}

function attempt(input: Input): void {
  const comparison = new Comparison({ hexBytes: 0 });
  comparison.add(input, "input");
  const [difference] = comparison.differences;
  if (difference !== undefined) throw new Error(`Verdicts differ: ${difference}`);
  try {
    readRest(readModule(input, ENGINE_LIMITS));
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    if (error instanceof ModuleInvalidError && !(error.offset >= 0 && error.offset <= input.length)) {
      throw new Error(`No offset of the input: ${error.message}`);
    }
  }
  try {
    const { scan: { invalid, score } } = scanModule(input);
    if ((invalid === undefined) !== (score !== undefined)) throw new Error("A score of what is invalid");
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
  }
}

export const target: Target = {
  doc: "reader, validator, names, disassembly and scan: verdicts as V8's, errors at offsets, linear time",
  seeds: moduleSeeds,
  change: changeModule,
  mostBytes: 20_000,
  patience: { base: 300, perKiB: 40 },
  open: () => ({ attempt }),
};
