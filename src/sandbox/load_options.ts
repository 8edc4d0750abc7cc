import { checkOptionNames } from "../core/option_names.ts";
import { AegisError } from "../core/errors.ts";

/** What goes with a module that is loaded. */
export interface LoadOptions {
  /** A name for it; where a sandbox loads it, that under which later modules can import from it. @default none */
  readonly name?: string;
  /**
   * Stops the start function of a module that a sandbox loads, and ends the wait for one that is prepared: for others, it is
   * prepared all the same.
   */
  readonly signal?: AbortSignal;
}

/** @throws {AegisError} `InvalidOption` */
export function readLoadOptions(options: LoadOptions): LoadOptions {
  checkOptionNames<LoadOptions>(options, { place: "to load a module", names: { name: true, signal: true } });
  const { name, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new AegisError("InvalidOption", "Cannot use that signal to load a module: it is no AbortSignal", {
      field: "signal",
    });
  }
  if (name === undefined || typeof name === "string") return options;
  throw new AegisError("InvalidOption", `Cannot name a module with a ${typeof name}: give a text`, {
    field: "name",
  });
}
