import { AegisError } from "../core/errors.ts";
import { isI32, LARGEST_I32, SMALLEST_I32 } from "../core/i32.ts";
import { quote } from "../core/quote.ts";
import { Capability, checkKeys, checkList, checkText } from "./capability.ts";
import type { SensorSource } from "./grants.ts";

/** How a series goes on. */
export interface SeriesOptions {
  /** What is read after the last value: the first one and all others again, or the last one for ever. @default "repeat" */
  readonly end?: "repeat" | "hold";
}

function refuse(field: string, value: unknown, suggestion: string): AegisError {
  return new AegisError("InvalidOption", `Cannot set ${field} to ${quote(String(value))}. ${suggestion}`, {
    field,
    suggestion,
  });
}

function checkId(id: number): number {
  if (Number.isInteger(id) && id >= 0 && id <= LARGEST_I32) return id;
  throw refuse("sensor.id", id, `Use a whole number from 0 to ${LARGEST_I32}.`);
}

function checkValue(value: number): number {
  if (isI32(value)) return value;
  throw refuse("sensor.value", value, `Use a whole number from ${SMALLEST_I32} to ${LARGEST_I32}.`);
}

/**
 * What the import `env.read_sensor` reads: numbers of 32 bits with a sign, one source for each id, which is a whole number
 * from 0 to 2^31-1. All methods throw `InvalidOption`.
 */
export class SensorCapability extends Capability<"sensor"> {
  private constructor(ids: readonly number[], source: SensorSource) {
    Object.freeze(source);
    super("sensor", ids.map((id) => ({ kind: "sensor", id: checkId(id), source })));
  }

  /** The same number at every reading. */
  static constant(id: number, value: number): SensorCapability {
    return new SensorCapability([id], { from: "constant", value: checkValue(value) });
  }

  /** One number after the other; every sandbox begins at the first. @param values at least one */
  static series(id: number, values: readonly number[], options: SeriesOptions = {}): SensorCapability {
    checkKeys(options, { field: "sensor", allowed: ["end"] });
    const { end = "repeat" } = options;
    if (end !== "repeat" && end !== "hold") throw refuse("sensor.end", end, 'Use "repeat" or "hold".');
    const checked = checkList(values, { field: "sensor.values" }).map(checkValue);
    return new SensorCapability([id], { from: "series", values: Object.freeze(checked), end });
  }

  /**
   * The last whole number in a file, of which the last 64 KiB are read anew at every reading. It stands alone: 7 in `t=7`,
   * none in `7.5`. A file that is missing, is no regular file or has no number reads as 0, and the embedder is told why.
   *
   * @param path on this machine; made absolute when the runtime is made, links in it are followed at every reading
   */
  static file(id: number, path: string): SensorCapability {
    return new SensorCapability([id], { from: "file", path: checkText(path, { field: "sensor.path" }) });
  }

  /**
   * What a function of the host returns. What it throws ends the call of the guest, as does a value that is no whole number
   * of 32 bits. A promise is waited for, but not by `callSync`.
   */
  static read(id: number, read: () => number | Promise<number>): SensorCapability {
    if (typeof read !== "function") {
      throw refuse("sensor.read", read, "Give a function that returns a number.");
    }
    return new SensorCapability([id], { from: "function", read });
  }

  /** Sensors of the runtime with what they read there: for a sandbox that is to have some of them alone. */
  static ids(ids: readonly number[]): SensorCapability {
    return new SensorCapability(checkList(ids, { field: "sensor.ids" }), { from: "runtime" });
  }
}
