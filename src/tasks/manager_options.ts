/** How tasks are run, and how much is kept of them: read once, where the store is opened. */
import { AegisError } from "../core/errors.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, type Duration, parseByteSize, parseDuration } from "../core/units.ts";

/** How tasks are run, and how much is kept. Unknown keys are refused. */
export interface TaskManagerOptions {
  /** The database's file; it is made where there is none. @default nothing outlives the process */
  readonly store?: string;
  /** Guests that have the processor at once. @default one for each logical processor */
  readonly slots?: number;
  /** Guests at once, and as many again of paused tasks; the runtime needs `maxSandboxes` for all. @default 32 */
  readonly guests?: number;
  /** How long a guest has the processor while others wait for it. @default "20ms" */
  readonly slice?: Duration;
  /** Tasks that there may be. @default 100,000 */
  readonly tasks?: number;
  /** All modules together. @default "1GiB" */
  readonly moduleBytes?: ByteSize;
  /** Executions older than that are forgotten. @default "30 days", as 720h */
  readonly keepFor?: Duration;
  /** Lines that are kept of what an execution says. @default 1000 */
  readonly logLines?: number;
}

/** The same, total. Sizes are bytes, times milliseconds. */
export interface ManagerSettings {
  readonly slots: number;
  readonly guests: number;
  readonly slice: number;
  readonly tasks: number;
  readonly moduleBytes: number;
  readonly keepFor: number;
  readonly logLines: number;
}

/** @throws {AegisError} `InvalidOption` */
export function readManagerOptions(options: TaskManagerOptions): ManagerSettings {
  checkOptionNames<TaskManagerOptions>(options, {
    place: "of tasks",
    names: {
      store: true,
      slots: true,
      guests: true,
      slice: true,
      tasks: true,
      moduleBytes: true,
      keepFor: true,
      logLines: true,
    },
  });
  const { slots = navigator.hardwareConcurrency, guests = 32, slice = "20ms", tasks = 100_000 } = options;
  const { moduleBytes = "1GiB", keepFor = "720h", logLines = 1000 } = options;
  for (const [field, value] of Object.entries({ slots, guests, tasks, logLines })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot set ${field} to ${quote(String(value))}: use a whole number from 1`,
      {
        field,
      },
    );
  }
  return {
    slots,
    guests: Math.max(guests, slots),
    slice: Math.max(1, parseDuration(slice, "slice")),
    tasks,
    moduleBytes: parseByteSize(moduleBytes, "moduleBytes"),
    keepFor: parseDuration(keepFor, "keepFor"),
    logLines,
  };
}
