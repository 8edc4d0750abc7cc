import { quote } from "../core/quote.ts";
import type { Module } from "../wasm/module.ts";
import { KNOWN_MODULES, WASI_MODULES } from "./needs.ts";

/** What is valid, and still likely not what was meant. Codes are for programs that read the JSON output. */
export const WARNING_CODES = ["no-exports", "unknown-import", "needs-wasi"] as const;

export interface Warning {
  readonly code: typeof WARNING_CODES[number];
  readonly message: string;
}

/** Lists the warnings about a valid module; one for every import module, not for every import. */
export function warningsOf(module: Module): Warning[] {
  const warnings: Warning[] = [];
  if (module.exports.length === 0) {
    warnings.push({
      code: "no-exports",
      message: "The module exports nothing, so nothing of it can be called",
    });
  }
  const imports = new Map<string, string[]>();
  for (const { module: from, name } of module.imports) {
    const names = imports.get(from);
    if (names === undefined) imports.set(from, [name]);
    else names.push(name);
  }
  for (const [from, names] of imports) {
    const shown = names.slice(0, 3).map(quote).join(", ") +
      (names.length > 3 ? `, and ${names.length - 3} more` : "");
    if (WASI_MODULES.includes(from)) {
      warnings.push({
        code: "needs-wasi",
        message: `The module needs WASI: it imports ${shown} from ${quote(from)}`,
      });
    } else if (!KNOWN_MODULES.includes(from)) {
      warnings.push({
        code: "unknown-import",
        message: `The module imports ${shown} from ${quote(from)}, which is unknown`,
      });
    }
  }
  return warnings;
}
