import type { ProgramInput } from "./program_input.ts";
import { AegisError } from "../core/errors.ts";
import { type Limits, UNLIMITED_FUEL } from "../core/limits.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import type { Signature } from "../core/signature.ts";
import { type Count, type Duration, least, parseCount, parseDuration } from "../core/units.ts";

/** Bounds for one call, within those of the sandbox. */
export interface CallOptions {
  /** Wall time, milliseconds when a bare number. Default: the sandbox's timeout. */
  readonly timeout?: Duration;
  /** Fuel for this call alone; the sandbox's budget holds as well. */
  readonly fuel?: Count;
  /** Stops the call; its outcome is then `aborted`. */
  readonly signal?: AbortSignal;
  /**
   * How the function is meant, where text, bytes or structured values cross.
   * @default what the module says in its section `aegis:signatures`, else what the arguments say by themselves
   */
  readonly type?: Signature;
  /** What the program finds for the time of this call: arguments, variables, input; where its output goes. @default as the sandbox was made */
  readonly program?: ProgramInput;
}

/** Bounds for all rows of a batch together. */
export type BatchOptions = Omit<CallOptions, "type" | "program">;

/** Names of the options of a batch: one with a type would be one that nobody reads. */
export const BATCH_OPTIONS: OptionNames<BatchOptions> = {
  place: "of a batch",
  names: { timeout: true, fuel: true, signal: true },
};

/** Names of the options of one call. */
export const CALL_OPTIONS: OptionNames<CallOptions> = {
  place: "of a call",
  names: { ...BATCH_OPTIONS.names, type: true, program: true },
};

/**
 * Reads the options of a call.
 *
 * @returns milliseconds, no more than the sandbox allows; fuel units, -1 for what is left of the sandbox's budget
 * @throws {AegisError} `InvalidOption`
 */
export function resolveCallOptions(options: CallOptions, limits: Limits): { timeout: number; fuel: bigint } {
  checkOptionNames(options, CALL_OPTIONS);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new AegisError("InvalidOption", "Cannot use that signal of a call: it is no AbortSignal", {
      field: "signal",
    });
  }
  return {
    timeout: options.timeout === undefined
      ? limits.timeout
      : Math.min(parseDuration(options.timeout, "timeout"), limits.timeout),
    fuel: options.fuel === undefined ? -1n : least(parseCount(options.fuel, "fuel"), UNLIMITED_FUEL),
  };
}
