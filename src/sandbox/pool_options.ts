import { SANDBOX_OPTIONS, type SandboxOptions } from "./aegis_options.ts";
import { AegisModule } from "./module.ts";
import type { Sandbox } from "./sandbox.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { type Duration, parseDuration } from "../core/units.ts";

/** What a pool does with a guest between two uses; see {@linkcode PoolOptions.recycle}. */
export type RecycleMode = "reset" | "keep" | "replace";

const RECYCLE_MODES: Readonly<Record<RecycleMode, true>> = { reset: true, keep: true, replace: true };

/** A module that every guest of a pool loads; later ones can import from it under its name. */
export interface NamedPoolModule {
  /** The module, as a runtime has loaded it. */
  readonly module: AegisModule;
  /** The name under which later ones can import from it. @default none can */
  readonly name?: string;
}

/** The use that a guest is lent for at this moment. */
export interface CurrentUse {
  /**
   * Who it is lent to: undefined between two uses, and when no tenant was named. A host function should read it first
   * thing: after it has waited, the guest may already serve somebody else.
   */
  readonly tenant: string | undefined;
}

/** How a pool keeps its guests. Unknown keys are refused. */
export interface PoolOptions {
  /** Guests that are kept warm, used or not. @default 0 */
  readonly minimum?: number;
  /** Guests at once; at most the runtime's `maxSandboxes`. @default 8, or what the runtime allows */
  readonly maximum?: number;
  /** Guests above the minimum that nobody used for so long are closed. @default "1m" */
  readonly idleTime?: Duration;
  /** Options of each guest. Its stdin cannot be a stream, which only one guest could read. @default none */
  readonly sandbox?: SandboxOptions;
  /** Called with each new guest before it loads its modules: the place to register host functions. */
  readonly setup?: (sandbox: Sandbox, use: CurrentUse) => void | Promise<void>;
  /**
   * Between two uses `"reset"` gives a guest fresh memory, globals and tables and a full budget; `"replace"` takes a new
   * guest each time; `"keep"` leaves a tenant's guest as it is, for the next use of the same tenant alone. It is reset all
   * the same for anybody else, for callers that name no tenant, after a call that did not end with a value, and when
   * nobody came back for `idleTime`. @default "reset"
   */
  readonly recycle?: RecycleMode;
  /** A guest is replaced after so many uses. @default Infinity */
  readonly uses?: number;
  /**
   * Callers that may wait for a guest, not counting those for whom one is being made ready, and not the calls of streams.
   * @default 1024
   */
  readonly waiting?: number;
  /** How long a caller waits for a guest; the calls of a stream wait as long as it takes. @default "30s" */
  readonly waitTimeout?: Duration;
}

/** The options of a pool after they were read: total, frozen; times in milliseconds. */
export interface PoolPlan {
  readonly minimum: number;
  readonly maximum: number;
  readonly idleTime: number;
  readonly recycle: RecycleMode;
  readonly uses: number;
  readonly waiting: number;
  readonly waitTimeout: number;
}

/** The names of the options of a pool. */
export const POOL_OPTIONS: OptionNames<PoolOptions> = {
  place: "of a pool",
  names: {
    minimum: true,
    maximum: true,
    idleTime: true,
    sandbox: true,
    setup: true,
    recycle: true,
    uses: true,
    waiting: true,
    waitTimeout: true,
  },
};

const NAMED_MODULE: OptionNames<NamedPoolModule> = {
  place: "of a module of a pool",
  names: { module: true, name: true },
};

const STANDARD_MAXIMUM = 8;

/**
 * Reads how a pool keeps its guests.
 *
 * @param most sandboxes that the runtime can have
 * @throws {AegisError} `InvalidOption`
 */
export function readPoolOptions(options: PoolOptions, most: number): PoolPlan {
  checkOptionNames(options, POOL_OPTIONS);
  const { minimum = 0, idleTime = "1m", recycle = "reset", setup, sandbox = {} } = options;
  const { maximum = Math.min(most, Math.max(minimum, STANDARD_MAXIMUM)) } = options;
  const { uses = Infinity, waiting = 1024, waitTimeout = "30s" } = options;
  checkCount("minimum", minimum, 0);
  checkCount("maximum", maximum, 1);
  if (uses !== Infinity) checkCount("uses", uses, 1);
  checkCount("waiting", waiting, 0);
  if (maximum > most) {
    throw invalid(
      "maximum",
      `Cannot set maximum of a pool to ${maximum}: its runtime has at most ${most} sandboxes`,
      "Raise maxSandboxes of the runtime.",
    );
  }
  if (minimum > maximum) {
    throw invalid("minimum", `Cannot set minimum of a pool to ${minimum}: its maximum is ${maximum}`);
  }
  if (!Object.hasOwn(RECYCLE_MODES, recycle)) {
    const allowed = Object.keys(RECYCLE_MODES).join(", ");
    throw invalid("recycle", `Cannot set recycle to ${quote(String(recycle))}: use one of ${allowed}`);
  }
  if (setup !== undefined && typeof setup !== "function") {
    throw invalid("setup", "Cannot use that as setup: give a function that takes a sandbox");
  }
  checkOptionNames(sandbox, SANDBOX_OPTIONS);
  if (sandbox.stdin instanceof ReadableStream) {
    throw invalid("stdin", "Cannot give the guests of a pool a stream as stdin: give bytes or text");
  }
  return Object.freeze({
    minimum,
    maximum,
    idleTime: parseDuration(idleTime, "idleTime"),
    recycle,
    uses,
    waiting,
    waitTimeout: parseDuration(waitTimeout, "waitTimeout"),
  });
}

/**
 * The modules of a pool, in the order in which its guests load them.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function readPoolModules(
  given: AegisModule | readonly (AegisModule | NamedPoolModule)[],
): readonly NamedPoolModule[] {
  const list = Array.isArray(given) ? given : [given];
  const modules = list.map((one) => one instanceof AegisModule ? { module: one } : { ...one });
  if (modules.length === 0 || modules.some(({ module }) => !(module instanceof AegisModule))) {
    throw invalid(
      "modules",
      "Cannot make a pool of that: give a module that a runtime has loaded, or a list",
    );
  }
  for (const named of modules) checkOptionNames(named, NAMED_MODULE);
  return modules;
}

function checkCount(field: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalid(
    field,
    `Cannot set ${field} of a pool to ${quote(String(value))}: use a whole number from ${least}`,
  );
}

function invalid(field: string, message: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", message, {
    field,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
