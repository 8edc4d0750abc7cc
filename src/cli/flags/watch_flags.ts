/** Flags that say how a run is watched. */
import type { FlagRow } from "./flag_row.ts";

/** What a trace has a line for, as in the library. */
const TRACES = ["functions", "instructions"] as const;

export const WATCH_FLAGS = {
  trace: {
    long: "trace",
    kind: "choice",
    choices: TRACES,
    alone: "functions",
    metavar: "LEVEL",
    doc: `Write what it does: ${TRACES.join(", ")} (default: functions)`,
  },
  traceFilter: {
    long: "trace-filter",
    kind: "text",
    metavar: "NAMES",
    doc: "Trace these functions alone: main,parse*,17",
  },
  traceLines: {
    long: "trace-lines",
    kind: "number",
    metavar: "NUMBER",
    doc: "Most lines of a trace (default: 10000)",
  },
  traceFile: {
    long: "trace-file",
    kind: "text",
    metavar: "FILE",
    doc: "Write the trace there (default: stderr)",
  },
  profile: {
    long: "profile",
    kind: "text",
    metavar: "FILE",
    doc: "Count fuel by function; write stacks for flame graphs",
  },
} as const satisfies Record<string, FlagRow>;
