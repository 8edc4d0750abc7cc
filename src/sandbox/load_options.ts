import { checkOptionNames } from "../core/option_names.ts";
import { AegisError } from "../core/errors.ts";

/** What goes with a module that is loaded. */
export interface LoadOptions {
  /** A name for it; where a sandbox loads it, that under which later modules can import from it. @default none */
  readonly name?: string;
}

/** @throws {AegisError} `InvalidOption` */
export function readLoadOptions(options: LoadOptions): LoadOptions {
  checkOptionNames<LoadOptions>(options, { place: "to load a module", names: { name: true } });
  if (options.name === undefined || typeof options.name === "string") return options;
  throw new AegisError("InvalidOption", `Cannot name a module with a ${typeof options.name}: give a text`, {
    field: "name",
  });
}
