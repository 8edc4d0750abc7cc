/** `aegis validate`: whether a module is valid, and what is doubtful about it. Runs nothing, starts no process. */
import { AegisError } from "../core/errors.ts";
import { checkModule } from "./check_module.ts";
import { failureJson, failureLines, messageOf, statusOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { STDIN } from "./read_input.ts";
import { styleFor } from "./style.ts";
import { type Warning, warningsOf } from "./warnings.ts";

/** What is known after the check: an error, or warnings. */
interface Verdict {
  readonly error?: AegisError;
  readonly warnings: readonly Warning[];
}

async function judge(operand: string, io: CommandIo, wanted: { warnings: boolean }): Promise<Verdict> {
  try {
    const { bytes } = await readModuleInput(operand, io);
    const { module, validation } = await checkModule(bytes);
    return { warnings: wanted.warnings ? warningsOf(module, validation) : [] };
  } catch (error) {
    const ours = error instanceof AegisError &&
      (error.code === "ModuleInvalid" || error.code === "ModuleRefused");
    if (!ours) throw error;
    return { error, warnings: [] };
  }
}

/** Runs the command; the result is its exit status. */
export async function validate(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { strict = false, format = "human", quiet = false } = parsed.flags;
  const operand = parsed.operand ?? STDIN;
  const { error, warnings } = await judge(operand, io, { warnings: strict || format !== "human" });
  const status = error !== undefined ? statusOf(error) : strict && warnings.length > 0 ? 1 : 0;

  if (format !== "human") {
    io.out(jsonText({
      module: operand,
      valid: error?.code !== "ModuleInvalid",
      status,
      ...(error === undefined ? {} : { error: failureJson(error) }),
      warnings: warnings.map(({ code, message }) => ({ code, message })),
    }, format));
    return status;
  }
  const style = styleFor(io.colour);
  if (error?.code === "ModuleInvalid") io.out(`${printable(messageOf(error))}\n`);
  else if (error !== undefined) io.err(failureLines(error, style));
  else if (!quiet) io.out("Module is valid\n");
  if (strict) {
    for (const { message } of warnings) io.err(`${style.warn("warning:")} ${printable(message)}\n`);
  }
  return status;
}
