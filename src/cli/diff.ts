/** `aegis diff`: what differs between two modules. Runs nothing. */
import { AegisError } from "../core/errors.ts";
import { type ComparedModules, compareModules, matchModules } from "../comparison/comparison.ts";
import { comparisonJson } from "../comparison/comparison_json.ts";
import { comparisonText } from "../comparison/comparison_text.ts";
import { type FunctionLines, functionLines } from "../comparison/function_lines.ts";
import { hunks } from "../comparison/line_diff.ts";
import { readModule } from "../wasm/read_module.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { printPieces } from "./print_pieces.ts";
import { STDIN } from "./read_input.ts";

/** Entries of each list that are printed unless all are asked for. */
const MOST_ENTRIES = 40;

/** As of the program diff. */
const SAME = 0, DIFFERENT = 1;

/** Runs the command; the result is its exit status. */
export async function diff(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { function: wanted, format = "human", all = false, quiet = false } = parsed.flags;
  const { operand: before = STDIN, second: after = STDIN } = parsed;
  if (before === STDIN && after === STDIN) {
    throw new AegisError("InvalidOption", "Cannot read both modules from stdin: name one of them");
  }
  const one = readModule((await readModuleInput(before, io)).bytes);
  const other = readModule((await readModuleInput(after, io)).bytes);
  const modules = matchModules(one, other), comparison = compareModules(modules), shown = { before, after };
  const code = wanted === undefined ? undefined : codeOf(modules, wanted);
  const same = comparison.same || code !== undefined && isSame(code), status = same ? SAME : DIFFERENT;
  if (quiet) return status;
  if (format !== "human") io.out(jsonText(comparisonJson(comparison, { shown, code }), format));
  else if (code !== undefined) printPieces(codeText(code), io);
  else printPieces(comparisonText(comparison, { shown, printable, most: all ? Infinity : MOST_ENTRIES }), io);
  return status;
}

/** A function that neither has is a mistake on the command line: status 1 says that modules differ. */
function codeOf(modules: ComparedModules, wanted: string): FunctionLines {
  try {
    return functionLines(modules, wanted);
  } catch (error) {
    if (!(error instanceof AegisError) || error.code !== "FunctionNotFound") throw error;
    const { message, suggestion } = error;
    throw new AegisError("InvalidOption", message, suggestion === undefined ? {} : { suggestion });
  }
}

/** Whether the code of a function is the same: what was not compared may be anything. */
function isSame({ lines, cut }: FunctionLines): boolean {
  return !cut && lines.every(({ mark }) => mark === " ");
}

function* codeText({ lines, cut }: FunctionLines): Generator<string> {
  let differs = false;
  for (const line of hunks(lines)) {
    differs = true;
    yield `${printable(line)}\n`;
  }
  if (!differs) yield `The code of the function is the same${cut ? " as far as it was compared" : ""}\n`;
  if (cut) yield "Cut: the function is longer than what was compared\n";
}
