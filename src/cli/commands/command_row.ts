/** The form of the rows of commands, and the operand that many of them have. */
import type { FlagName } from "../flags.ts";

/** What there is to say of a command. */
export interface CommandRow {
  readonly summary: string;
  /** Positional arguments; `undefined` when there is none. */
  readonly operand?: {
    readonly metavar: string;
    readonly doc: string;
    readonly optional?: true;
    /** All that it can be. */
    readonly choices?: readonly string[];
  };
  /** A second one, which may be left out unless it is required. */
  readonly second?: { readonly metavar: string; readonly doc: string; readonly required?: true };
  /** Whether arguments for the guest may follow a `--`. */
  readonly passesArguments?: true;
  /** What they are. @default arguments of the function */
  readonly argumentsDoc?: string;
  readonly flags: readonly FlagName[];
  /** What a flag does here, where that is not what it does elsewhere. */
  readonly flagDocs?: { readonly [Flag in FlagName]?: string };
  /** Whether a manifest may set every limit here, those included that have no flag. */
  readonly limits?: true;
  /** Exit statuses beside 0, 1 and 2. */
  readonly statuses?: readonly (readonly [status: string, meaning: string])[];
  /** What else help says, a line each. */
  readonly notes?: readonly string[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
}

/** The operand of commands that take a module: a manifest may name it. */
export const MODULE = { metavar: "MODULE", doc: "A .wasm or .wat file, or - for stdin" } as const;
