/** `aegis inspect`: what a module contains and asks for. Runs nothing, starts no process. */
import { ModuleInvalidError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";
import { readModule } from "../wasm/read_module.ts";
import { validateModule } from "../wasm/validate_module.ts";
import { failureLines, statusOf } from "./failure.ts";
import { type Inspection, inspectModule } from "./inspection.ts";
import { inspectionJson } from "./inspection_json.ts";
import { INSPECT_PARTS, inspectionText } from "./inspection_text.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";
import { refusalsOf } from "./refusals.ts";
import { styleFor } from "./style.ts";

/** What keeps a module that can be read from being run: it is invalid, or refused. */
function judge(module: Module): Pick<Inspection, "invalid" | "refusals"> {
  try {
    return { invalid: undefined, refusals: refusalsOf(module, validateModule(module)) };
  } catch (error) {
    if (error instanceof ModuleInvalidError) return { invalid: error, refusals: [] };
    throw error;
  }
}

/** Runs the command; the result is its exit status. A module that can be read is shown even when it is invalid. */
export async function inspect(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human", all = false, quiet = false } = parsed.flags;
  const operand = parsed.operand ?? STDIN;
  const { form, bytes } = await readModuleInput(operand, io);
  const module = readModule(bytes);
  const { invalid, refusals } = judge(module);
  const inspection = inspectModule(module, { form, invalid, refusals });
  if (format === "human") {
    const parts = INSPECT_PARTS.filter((part) => all || parsed.flags[part]);
    io.out(inspectionText(inspection, quiet ? undefined : operand, parts));
  } else {
    io.out(jsonText(inspectionJson(inspection, operand), format));
  }
  if (invalid === undefined) return 0;
  io.err(failureLines(invalid, styleFor(io.colour)));
  return statusOf(invalid);
}
