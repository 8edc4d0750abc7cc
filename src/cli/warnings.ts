import { quote } from "../core/quote.ts";
import { describeImports } from "../wasm/external_type.ts";
import type { Module } from "../wasm/module.ts";
import type { Validation } from "../wasm/validate_module.ts";
import { messageOf } from "./failure.ts";
import { isOffered } from "../inspection/needs.ts";
import { refusalsOf } from "../inspection/refusals.ts";

/** What is valid, and still cannot be run. Codes are for programs that read the JSON output. */
const WARNING_CODES = ["no-exports", "missing-import", "refused"] as const;

export interface Warning {
  readonly code: typeof WARNING_CODES[number];
  readonly message: string;
}

/** Lists the warnings about a valid module: one for every import that a run does not offer. */
export function warningsOf(module: Module, validation: Validation): Warning[] {
  const warnings: Warning[] = [];
  if (module.exports.length === 0) {
    warnings.push({
      code: "no-exports",
      message: "The module exports nothing, so nothing of it can be called",
    });
  }
  for (const wanted of describeImports(module)) {
    if (isOffered(wanted)) continue;
    const { module: from, name } = wanted;
    warnings.push({
      code: "missing-import",
      message: `The module imports ${quote(from)} ${quote(name)}, which "aegis run" does not offer`,
    });
  }
  for (const refusal of refusalsOf(module, validation)) {
    warnings.push({ code: "refused", message: messageOf(refusal) });
  }
  return warnings;
}
