import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { type Duration, parseDuration } from "../core/units.ts";
import { Capability, checkKeys } from "./capability.ts";
import type { ClockGrant } from "./grants.ts";

/** How finely time is told. */
export interface ClockOptions {
  /** Readings are rounded down to it: fine clocks let a guest watch its neighbours. At least a microsecond. @default "1ms" */
  readonly resolution?: Duration;
}

/** A microsecond, in milliseconds. */
const LEAST_RESOLUTION = 0.001;

/** Guests get nanoseconds in 64 bits, mostly signed: 11 April 2262. */
const LATEST = 9_223_372_036_854;

function readResolution(options: ClockOptions): number {
  checkKeys(options, { field: "clock", allowed: ["resolution"] });
  const resolution = parseDuration(options.resolution ?? 1, "clock.resolution");
  if (resolution >= LEAST_RESOLUTION) return resolution;
  const suggestion = `Use at least ${LEAST_RESOLUTION}ms, a microsecond.`;
  throw new AegisError("InvalidOption", `Cannot set clock.resolution to ${resolution}ms. ${suggestion}`, {
    field: "clock.resolution",
    suggestion,
  });
}

function readDate(date: Date | number | string): number {
  const time = new Date(date).getTime();
  if (time >= 0 && time <= LATEST) return time;
  const suggestion = 'Use a date from 1970 to 2262, for instance "2026-01-01T00:00:00Z".';
  throw new AegisError("InvalidOption", `Cannot fix the clock at ${quote(String(date))}. ${suggestion}`, {
    field: "clock.fixed",
    suggestion,
  });
}

/** What a guest's clocks read. All methods throw `InvalidOption`. */
export class ClockCapability extends Capability<"clock"> {
  private constructor(grants: readonly ClockGrant[]) {
    super("clock", grants);
  }

  static #grant(which: Pick<ClockGrant, "monotonic" | "realtime" | "fixed">, options: ClockOptions) {
    return new ClockCapability([{ kind: "clock", ...which, resolution: readResolution(options) }]);
  }

  /** Time that passes, from an unknown start. */
  static monotonic(options: ClockOptions = {}): ClockCapability {
    return ClockCapability.#grant({ monotonic: true, realtime: false, fixed: undefined }, options);
  }

  /** The time of day. */
  static realtime(options: ClockOptions = {}): ClockCapability {
    return ClockCapability.#grant({ monotonic: false, realtime: true, fixed: undefined }, options);
  }

  /** Both. */
  static all(options: ClockOptions = {}): ClockCapability {
    return ClockCapability.#grant({ monotonic: true, realtime: true, fixed: undefined }, options);
  }

  /** A time of day that stands still. @param date a date, its text, or milliseconds since 1970 */
  static fixed(date: Date | number | string, options: ClockOptions = {}): ClockCapability {
    return ClockCapability.#grant({ monotonic: false, realtime: false, fixed: readDate(date) }, options);
  }

  /** Nothing: time is fake, and the same in each run. It says the default out loud. */
  static none(): ClockCapability {
    return new ClockCapability([]);
  }
}
