import { type EventSubscriber, readEventTypes } from "./event_subscriber.ts";
import type { AlertLevel } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { type AegisEvent, EVENT_TYPES, type EventType } from "../core/events.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { formatDuration } from "../core/unit_text.ts";

/** What a {@linkcode LoggingSubscriber} writes, and where. */
export interface LoggingSubscriberOptions {
  /** Takes a line, without its end. @default `console.error` */
  readonly write?: (line: string) => void;
  /**
   * The least important events that are written: `error`; `warn`, with what was denied, and alerts at their own levels; `info`, with modules and the ends of
   * calls; `debug`; `trace`, with fuel. @default "info"
   */
  readonly level?: LogLevel;
  /** The types that are written, as far as their level is. @default all */
  readonly types?: readonly EventType[];
}

const OPTIONS: OptionNames<LoggingSubscriberOptions> = {
  place: "of a subscriber that logs",
  names: { write: true, level: true, types: true },
};

type Writers = { readonly [Type in EventType]: (event: Extract<AegisEvent, { type: Type }>) => string };

/** What stands behind the type. Whatever a guest or a module may have chosen is quoted. */
const WRITERS: Writers = {
  module_loaded: ({ module, name, duration }) =>
    `module=${module.slice(0, 12)}${name === undefined ? "" : ` name=${quote(name)}`} duration=${
      formatDuration(duration)
    }`,
  execution_started: ({ execution, function: name, rows }) =>
    `execution=${execution} function=${quote(name)}${rows === undefined ? "" : ` rows=${rows}`}`,
  host_function_called: ({ execution, module, name, duration, failed }) =>
    `execution=${execution} function=${quote(module)}.${quote(name)} duration=${formatDuration(duration)}${
      failed ? " failed" : ""
    }`,
  capability_checked: ({ capability, action, target, allowed, reason, count = 1 }) =>
    `${allowed ? "allowed" : "denied"} capability=${quote(capability)} action=${quote(action)} target=${
      quote(target)
    }${reason === undefined ? "" : ` reason=${quote(reason)}`}${count === 1 ? "" : ` count=${count}`}`,
  alert_sent: ({ execution, level, message }) =>
    `execution=${execution} level=${level} message=${quote(message)}`,
  memory_grew: ({ execution, from, to }) => `execution=${execution} from=${from} to=${to}`,
  fuel_consumed: ({ execution, units, total }) => `execution=${execution} units=${units} total=${total}`,
  execution_completed: ({ execution, function: name, outcome, usage }) =>
    `execution=${execution} function=${quote(name)} outcome=${outcome} fuel=${usage.fuelConsumed} duration=${
      formatDuration(usage.duration)
    } memory=${usage.peakMemory} hostCalls=${usage.hostCalls}`,
  error: ({ execution, code, message }) =>
    `${execution === undefined ? "" : `execution=${execution} `}code=${code} message=${quote(message)}`,
};

const LEVEL_OF_ALERT: Readonly<Record<AlertLevel, LogLevel>> = {
  critical: "error",
  error: "error",
  warning: "warn",
  info: "info",
};

/** The level of one event. */
function levelOf(event: AegisEvent): LogLevel {
  if (event.type === "alert_sent") return LEVEL_OF_ALERT[event.level];
  return event.type === "capability_checked" && !event.allowed && !event.standIn
    ? "warn"
    : EVENT_TYPES[event.type].level;
}

/** The line of one event: its time, the beginning of the sandbox's id, its type, and what it says, as `name=value`. */
export function eventLine(event: AegisEvent): string {
  // `as`: the writer of an event's own type takes it, which the compiler cannot follow through the table.
  const write = WRITERS[event.type] as (event: AegisEvent) => string;
  return `${new Date(event.time).toISOString()} ${event.sandbox.slice(0, 8)} ${event.type} ${write(event)}`;
}

/**
 * Writes one line for each event. Names, targets and messages of a guest's choosing are quoted and escaped: they can neither
 * begin a line of their own nor do anything to a terminal.
 *
 * @example
 * ```ts
 * import { Aegis, LoggingSubscriber } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.builder()
 *   .withEventSubscriber(new LoggingSubscriber({ level: "warn" }))
 *   .build();
 * console.log(runtime.events.wants("error"), runtime.events.wants("fuel_consumed")); // true false
 * ```
 */
export class LoggingSubscriber implements EventSubscriber {
  /** The types that it writes at some time. */
  readonly types: readonly EventType[];
  readonly #write: (line: string) => void;
  readonly #least: number;

  /** Writes nothing until it is subscribed. @throws {AegisError} `InvalidOption` */
  constructor(options: LoggingSubscriberOptions = {}) {
    checkOptionNames(options, OPTIONS);
    const { write = (line: string) => console.error(line), level = "info", types } = options;
    if (typeof write !== "function") {
      throw new AegisError(
        "InvalidOption",
        "Cannot write lines with that: give a function that takes a line",
        {
          field: "write",
        },
      );
    }
    if (!Object.hasOwn(LOG_LEVELS, level)) {
      throw new AegisError(
        "InvalidOption",
        `Cannot log at level ${quote(String(level))}: use one of ${Object.keys(LOG_LEVELS).join(", ")}`,
        { field: "level" },
      );
    }
    this.#write = write;
    this.#least = LOG_LEVELS[level];
    this.types = [...readEventTypes(types)].filter((type) => LOG_LEVELS[highestLevel(type)] <= this.#least);
  }

  /** Writes the line of an event that is important enough. */
  onEvent(event: AegisEvent): void {
    if (LOG_LEVELS[levelOf(event)] <= this.#least) this.#write(eventLine(event));
  }
}

/** The level of the most important event that a type can have. */
function highestLevel(type: EventType): LogLevel {
  if (type === "alert_sent") return "error";
  return type === "capability_checked" ? "warn" : EVENT_TYPES[type].level;
}
