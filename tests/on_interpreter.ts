/**
 * Loaded before tests, it makes the interpreter the engine of every runtime that names none: so the suites of the library
 * run on it as they are. `deno task test:interpreter` does that.
 */
import { Aegis, type AegisOptions } from "../mod.ts";
import { ENGINE_VARIABLE } from "./engine_of_tests.ts";

// What starts the command or is slow asks for it, see `engine_of_tests.ts`.
Deno.env.set(ENGINE_VARIABLE, "interpreter");

const create = Aegis.create.bind(Aegis);

Aegis.create = (options: AegisOptions = {}) => {
  // What is no object of options is to be refused as such.
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  return create(isObject ? { engine: "interpreter", ...options } : options);
};
