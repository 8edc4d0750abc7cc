import { type CallOptions, resolveCallOptions } from "./call_options.ts";
import { AegisError } from "../core/errors.ts";
import { type Limits, resolveLimits } from "../core/limits.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";

/** How a sandbox works on a stream of calls; time, fuel and type hold for each call. */
export interface CallStreamOptions extends Omit<CallOptions, "program"> {
  /**
   * Inputs that are taken from the source before the result of the first of them was read. The sandbox works on one
   * at a time. @default 1
   */
  readonly concurrency?: number;
}

/** How a pool works on a stream of calls. */
export interface PoolStreamOptions extends CallStreamOptions {
  /**
   * Inputs that are taken from the source before their results were read. As many are worked on at once as the pool may
   * have guests. @default the pool's maximum
   */
  readonly concurrency?: number;
  /**
   * Whether results come in the order of the inputs. A slow call then holds up those behind it once `concurrency` inputs
   * are taken. @default true
   */
  readonly ordered?: boolean;
  /** Who the guests will serve. @default nobody in particular */
  readonly tenant?: string;
}

/** The options of a stream after they were read; those of each call as they were given. */
export interface StreamPlan {
  /** Inputs whose results are not read yet. */
  readonly concurrency: number;
  readonly ordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly call: Omit<CallOptions, "signal" | "program"> & { readonly tenant?: string };
}

const PLACE = "of a stream of calls";

const SANDBOX_STREAM: OptionNames<CallStreamOptions> = {
  place: PLACE,
  names: { concurrency: true, signal: true, timeout: true, fuel: true, type: true },
};

const POOL_STREAM: OptionNames<PoolStreamOptions> = {
  place: PLACE,
  names: { ...SANDBOX_STREAM.names, ordered: true, tenant: true },
};

/** What holds where a stream says nothing. */
export interface StreamDefaults {
  readonly concurrency: number;
  /** Whose calls they are. */
  readonly of: "sandbox" | "pool";
  /** Limits of the sandbox, if it is known. */
  readonly limits?: Limits;
}

/** @throws {AegisError} `InvalidOption` */
export function readStreamOptions(options: PoolStreamOptions, defaults: StreamDefaults): StreamPlan {
  checkOptionNames(options, defaults.of === "pool" ? POOL_STREAM : SANDBOX_STREAM);
  const { concurrency = defaults.concurrency, ordered = true, signal, ...call } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw invalid(
      "concurrency",
      `Cannot take ${quote(String(concurrency))} inputs ahead: use a whole number from 1`,
    );
  }
  if (typeof ordered !== "boolean") {
    throw invalid(
      "ordered",
      `Cannot set ordered of a stream to ${quote(String(ordered))}: use true or false`,
    );
  }
  const { tenant: _, ...bounds } = call;
  resolveCallOptions(
    signal === undefined ? bounds : { ...bounds, signal },
    defaults.limits ?? resolveLimits(),
  );
  return Object.freeze({ concurrency, ordered, signal, call });
}

function invalid(field: string, message: string): AegisError {
  return new AegisError("InvalidOption", message, { field });
}
