/** The engine that a run of tests is for, where it is not the default. */

/** Set by `on_interpreter.ts`, so that the processes that tests start know it, too. */
export const ENGINE_VARIABLE = "AEGIS_TEST_ENGINE";

/** Whether this run is for the interpreter, as `deno task test:interpreter` is. */
export function isForInterpreter(): boolean {
  return Deno.env.get(ENGINE_VARIABLE) === "interpreter";
}
