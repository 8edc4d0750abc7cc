import { type CallOptions } from "./call_options.ts";
import type { WatchLevel } from "./load_options.ts";
import { AegisError } from "../core/errors.ts";

/** How a call is traced. */
export interface TraceOptions extends CallOptions {
  /** What gets a line: calls and returns, or instructions. @default "functions" */
  readonly level?: WatchLevel;
  /** Which functions: names, in which `*` stands for anything, and indices, with commas between. @default all */
  readonly filter?: string;
  /** Lines at most, up to 100 million. @default 10000 */
  readonly lines?: number;
  /** Takes lines as they come, some at a time; the guest waits for its promise. @default they are kept */
  readonly onText?: (text: string) => void | Promise<void>;
}

/** How a call is stepped. */
export interface DebugOptions extends CallOptions {
  /** Stops where these functions begin, as {@linkcode TraceOptions.filter} names them. @default none */
  readonly breakAt?: string;
}

/** Lines of a trace at most, and where nothing is said; characters of a filter. */
const MOST_LINES = 100_000_000, DEFAULT_LINES = 10_000, LONGEST_FILTER = 4096;

/** What is left when what belongs to the call was taken out. */
export interface ResolvedTrace {
  readonly level: WatchLevel;
  readonly filter: string;
  readonly lines: number;
  readonly onText: TraceOptions["onText"];
  readonly call: CallOptions;
}

/** @throws {AegisError} `InvalidOption` */
export function resolveTrace(options: TraceOptions): ResolvedTrace {
  const { level = "functions", filter = "", lines = DEFAULT_LINES, onText, ...call } = options;
  if (level !== "functions" && level !== "instructions") {
    throw refused("level", 'use "functions" or "instructions"');
  }
  if (!Number.isSafeInteger(lines) || lines < 1 || lines > MOST_LINES) {
    throw refused("lines", `give a whole number from 1 to ${MOST_LINES}`);
  }
  if (onText !== undefined && typeof onText !== "function") {
    throw refused("onText", "give a function that takes text");
  }
  return { level, filter: readFilter(filter, "filter"), lines, onText, call };
}

/** @throws {AegisError} `InvalidOption` */
export function readFilter(filter: string, field: string): string {
  if (typeof filter === "string" && filter.length <= LONGEST_FILTER) return filter;
  throw refused(field, `give names and indices of functions, at most ${LONGEST_FILTER} characters`);
}

function refused(field: string, what: string): AegisError {
  return new AegisError("InvalidOption", `Cannot use that ${field} to watch a call: ${what}`, { field });
}
