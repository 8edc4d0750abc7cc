import { type CallResult, resultOf } from "./sandbox.ts";
import { callOnce, type ModuleSource, type RunOptions, type RunReport } from "./single_use.ts";
import { copyArguments } from "./arguments.ts";

import type { CallValue } from "../core/value.ts";

/**
 * Calls one exported function of a module and closes everything again. Where there is more than one call to make, a
 * runtime and a sandbox, or a pool, save most of the time.
 *
 * @example
 * ```ts
 * import { run } from "jsr:@aegis/core";
 *
 * const sum = await run("examples/add.wat", "add", [2, 3], { timeout: "1s", memoryLimit: "1MiB" });
 * console.log(sum); // 5
 * ```
 * @param file a path, a `file:` URL, or bytes
 * @param args numbers for i32, f32, f64, bigints for i64
 * @returns the result; an array of several; undefined for none
 * @throws {AegisError} for every end that is no value, and as {@linkcode tryRun}
 */
export async function run<R = CallResult>(
  file: ModuleSource,
  name: string,
  args: readonly CallValue[] = [],
  options: RunOptions = {},
): Promise<R> {
  const { outcome } = await tryRun(file, name, args, options);
  return resultOf(outcome, options.signal) as R; // the caller says what the function returns, as with Sandbox.call
}

/**
 * As {@linkcode run}, but how the call ended is the result, with what it used and printed.
 *
 * @example
 * ```ts
 * import { tryRun } from "jsr:@aegis/core";
 *
 * const { outcome, metrics } = await tryRun("examples/endless_loop.wat", "spin", [], { fuelLimit: "1M" });
 * console.log(outcome.kind, metrics.fuelConsumed > 1_000_000n); // limit true
 * ```
 * @throws {AegisError} `ModuleInvalid`, `ModuleRefused`, `MissingImport`, `FunctionNotFound`, `TypeMismatch`,
 * `InvalidOption`, `LimitTooLow`, `UnsupportedPlatform`, what a start function ended with, and `Cancelled` when the
 * signal comes before the call; and what Deno throws for the file
 */
export async function tryRun(
  file: ModuleSource,
  name: string,
  args: readonly CallValue[] = [],
  options: RunOptions = {},
): Promise<RunReport> {
  return await callOnce({ source: file, name, args: copyArguments(name, args) }, options);
}
