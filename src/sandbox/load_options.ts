import { type Engine, ENGINES } from "../core/engine.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

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

/** What goes with a module that a runtime prepares. */
export interface PrepareModuleOptions extends LoadOptions {
  /** What shall run it. All modules of a sandbox are for the same. @default that of the runtime */
  readonly engine?: Engine;
  /**
   * Makes code that can be watched, for `Sandbox.trace`, `profile` and `debug`: where functions begin and end, or before
   * each instruction. It runs as other code does, and consumes the same fuel, but is slower. For the interpreter alone.
   *
   * @default none
   */
  readonly watch?: WatchLevel;
}

/** How closely code can be watched. */
export type WatchLevel = "functions" | "instructions";

const WATCH_LEVELS: readonly WatchLevel[] = ["functions", "instructions"];

/** @throws {AegisError} `InvalidOption` for what is none, and for code of V8's */
export function readWatch(watch: WatchLevel | undefined, engine: Engine): WatchLevel | undefined {
  if (watch === undefined) return undefined;
  if (!WATCH_LEVELS.includes(watch)) {
    throw new AegisError(
      "InvalidOption",
      `Cannot set watch to ${quote(String(watch))}: use ${WATCH_LEVELS.map(quote).join(" or ")}`,
      { field: "watch" },
    );
  }
  if (engine === "interpreter") return watch;
  throw new AegisError("InvalidOption", `Cannot watch a module for engine ${quote(engine)}`, {
    field: "watch",
    suggestion: 'Load it with engine "interpreter".',
  });
}

/** @throws {AegisError} `InvalidOption` for what is none */
export function readEngine(engine: Engine): Engine {
  if (ENGINES.includes(engine)) return engine;
  throw new AegisError(
    "InvalidOption",
    `Cannot set engine to ${quote(String(engine))}: use ${ENGINES.map(quote).join(" or ")}`,
    { field: "engine" },
  );
}

/** @throws {AegisError} `InvalidOption` */
export function readPrepareOptions(options: PrepareModuleOptions): PrepareModuleOptions {
  checkOptionNames<PrepareModuleOptions>(options, {
    place: "to load a module",
    names: { name: true, signal: true, engine: true, watch: true },
  });
  if (options.engine !== undefined) readEngine(options.engine);
  checkValues(options);
  return options;
}

/** @throws {AegisError} `InvalidOption` */
export function readLoadOptions(options: LoadOptions): LoadOptions {
  checkOptionNames<LoadOptions>(options, { place: "to load a module", names: { name: true, signal: true } });
  checkValues(options);
  return options;
}

/** How a sandbox starts over. */
export interface ResetOptions {
  /** `"drop"` forgets the modules, so that none of their start functions runs again. @default "keep" */
  readonly modules?: "keep" | "drop";
  /**
   * `"renew"` for a sandbox that serves somebody else from now on: what it may read, write and make over its life (`readBytes`,
   * `writeBytes`, `createdFiles`, and what its grants allow in all) counts from zero. Otherwise it is used up for good.
   *
   * @default "keep"
   */
  readonly quotas?: "keep" | "renew";
}

/** @throws {AegisError} `InvalidOption` */
export function readResetOptions(options: ResetOptions): Required<ResetOptions> {
  const names = { modules: true, quotas: true } as const;
  checkOptionNames<ResetOptions>(options, { place: "of a reset", names });
  const { modules = "keep", quotas = "keep" } = options;
  return {
    modules: readWord("modules", modules, ["keep", "drop"]),
    quotas: readWord("quotas", quotas, ["keep", "renew"]),
  };
}

function readWord<Word extends string>(
  field: keyof ResetOptions,
  given: Word,
  words: readonly [Word, Word],
): Word {
  if (words.includes(given)) return given;
  const [first, second] = words;
  throw new AegisError(
    "InvalidOption",
    `Cannot reset with ${field} ${quote(String(given))}: use "${first}" or "${second}"`,
    { field },
  );
}

function checkValues({ name, signal }: LoadOptions): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new AegisError("InvalidOption", "Cannot use that signal to load a module: it is no AbortSignal", {
      field: "signal",
    });
  }
  if (name === undefined || typeof name === "string") return;
  throw new AegisError("InvalidOption", `Cannot name a module with a ${typeof name}: give a text`, {
    field: "name",
  });
}
