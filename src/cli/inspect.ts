/** `aegis inspect`: what a module contains and asks for. Runs nothing, starts no process. */
import { inspectModule } from "../inspection/inspection.ts";
import { inspectionJson } from "../inspection/inspection_json.ts";
import { judgeModule } from "../inspection/verdict.ts";
import { readModule } from "../wasm/read_module.ts";
import { failureJson, failureLines, statusOf } from "./failure.ts";
import { INSPECT_PARTS } from "./flags/module_flags.ts";
import { inspectionText } from "./inspection_text.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";
import { styleFor } from "./style.ts";

/** Runs the command; the result is its exit status. A module that can be read is shown even when it is invalid. */
export async function inspect(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human", all = false, quiet = false } = parsed.flags;
  const operand = parsed.operand ?? STDIN;
  const { form, bytes } = await readModuleInput(operand, io);
  const module = readModule(bytes);
  const inspection = inspectModule(module, { form, ...judgeModule(module) });
  if (format === "human") {
    const parts = INSPECT_PARTS.filter((part) => all || parsed.flags[part]);
    io.out(inspectionText(inspection, quiet ? undefined : operand, parts));
  } else {
    io.out(jsonText(inspectionJson(inspection, { shown: operand, failureJson }), format));
  }
  const { invalid } = inspection;
  if (invalid === undefined) return 0;
  io.err(failureLines(invalid, styleFor(io.colour)));
  return statusOf(invalid);
}
