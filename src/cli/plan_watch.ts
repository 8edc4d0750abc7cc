/** How a run is watched: what the flags say of it, as a part of the run plan. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import type { FlagValues } from "./flags.ts";
import { WATCH_FLAGS } from "./flags/watch_flags.ts";
import type { CommandIo } from "./io.ts";
import { malformed, record, text, textOrNull, whole } from "./plan_fields.ts";

/** How a call is watched; `file` is an absolute path. */
export type PlanWatch =
  | {
    readonly kind: "trace";
    readonly level: "functions" | "instructions";
    /** Empty for all functions. */
    readonly filter: string;
    readonly lines: number;
    /** `null` for stderr. */
    readonly file: string | null;
  }
  | { readonly kind: "profile"; readonly file: string };

/** Lines of a trace: where nothing is said, and at most. */
const DEFAULT_LINES = 10_000, MOST_LINES = 100_000_000;

type WatchFlag = keyof typeof WATCH_FLAGS;

/** Flags that say more of a trace. */
const OF_TRACE = ["traceFilter", "traceLines", "traceFile"] as const satisfies readonly WatchFlag[];

function flagText(name: WatchFlag): string {
  return `--${WATCH_FLAGS[name].long}`;
}

/** @throws {AegisError} `InvalidOption` */
export function planWatch(flags: FlagValues, { locate }: Pick<CommandIo, "locate">): PlanWatch | null {
  const { trace, profile } = flags;
  const lone = trace === undefined ? OF_TRACE.find((name) => flags[name] !== undefined) : undefined;
  if (lone !== undefined) {
    throw new AegisError("InvalidOption", `Cannot use ${flagText(lone)} without ${flagText("trace")}`);
  }
  if (trace === undefined && profile === undefined) return null;
  if (trace !== undefined && profile !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${flagText("trace")} together with ${flagText("profile")}`,
    );
  }
  if (flags.engine !== "interpreter") {
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${flagText(trace === undefined ? "profile" : "trace")} with engine "v8"`,
      { suggestion: "Add --engine interpreter: results and fuel are the same." },
    );
  }
  const fileOf = (path: string) => {
    const folder = locate(dirname(path));
    return join(folder, basename(path));
  };
  if (trace === undefined) return { kind: "profile", file: fileOf(profile ?? "") };
  const lines = flags.traceLines ?? BigInt(DEFAULT_LINES);
  if (lines < 1n || lines > MOST_LINES) {
    throw new AegisError(
      "InvalidOption",
      `Cannot set ${flagText("traceLines")} to ${
        quote(String(lines))
      }: use a whole number from 1 to ${MOST_LINES}`,
    );
  }
  const { traceFilter = "", traceFile } = flags;
  return {
    kind: "trace",
    level: trace,
    filter: traceFilter,
    lines: Number(lines),
    file: traceFile === undefined ? null : fileOf(traceFile),
  };
}

/** @throws {AegisError} `InvalidOption` */
export function decodeWatch(decoded: unknown): PlanWatch | null {
  if (decoded === null) return null;
  const watch = record(decoded, "watch");
  if (watch["kind"] === "profile") return { kind: "profile", file: text(watch["file"], "watch.file") };
  const level = WATCH_FLAGS.trace.choices.find((candidate) => candidate === watch["level"]);
  if (watch["kind"] !== "trace" || level === undefined) throw malformed("watch");
  return {
    kind: "trace",
    level,
    filter: text(watch["filter"], "watch.filter"),
    lines: whole(watch["lines"], "watch.lines"),
    file: textOrNull(watch["file"], "watch.file"),
  };
}
