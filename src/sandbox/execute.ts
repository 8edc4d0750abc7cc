import { callOnce, type ModuleSource, type RunOptions, type RunReport } from "./single_use.ts";
import { AegisError, ERROR_CODES } from "../core/errors.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";

/** How a program ended, and what it left behind. */
export interface ExecuteReport extends RunReport {
  /** Its own status when it exits, 0 when it returns; for other ends that of `aegis run`, 124 after a timeout for instance. */
  readonly status: number;
}

/**
 * Runs a program, which is a module for WASI preview 1 with a function `_start`, to its end, and closes everything again.
 *
 * @example
 * ```ts
 * import { execute } from "jsr:@aegis/core";
 *
 * const { status, stdout } = await execute("tests/programs/wasm/cat.wasm", [], { stdin: "hello\n", timeout: "5s" });
 * console.log(status, stdout.trim()); // 0 hello
 * ```
 * @param file a path, a `file:` URL, or bytes
 * @param args arguments of the program; its name is put before them
 * @throws {AegisError} as `tryRun`
 */
export async function execute(
  file: ModuleSource,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<ExecuteReport> {
  if (!Array.isArray(args) || args.some((one) => typeof one !== "string")) {
    throw new AegisError("InvalidOption", "Cannot use that as arguments of a program: give a list of texts", {
      field: "args",
    });
  }
  const report = await callOnce({ source: file, name: "_start", args: [], program: [...args] }, options);
  return { status: statusOf(report.outcome), ...report };
}

function statusOf(outcome: Outcome): number {
  if (outcome.kind === "value") return 0;
  if (outcome.kind === "exit") return outcome.status;
  const error = outcomeError(outcome);
  return error instanceof AegisError ? ERROR_CODES[error.code].status : 1;
}
