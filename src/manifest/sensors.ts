/** Sensors as words: `ID=VALUE`, `ID=1,2,3` for a series, `ID=@FILE` for the last number in a file. */
import { AegisError } from "../core/errors.ts";
import { isI32, LARGEST_I32, SMALLEST_I32 } from "../core/i32.ts";
import { quote } from "../core/quote.ts";
import type { Capability } from "../policy/capability.ts";
import { SensorCapability } from "../policy/sensor_capability.ts";

/** A sensor as data. */
export type PlanSensor =
  /** One value stands for itself, several are read one after the other, over and over unless the last one holds. */
  | { readonly id: number; readonly values: readonly number[]; readonly end?: "hold" }
  /** An absolute path. */
  | { readonly id: number; readonly file: string };

function refuse(value: string, reason: string): AegisError {
  return new AegisError("InvalidOption", `Cannot use --sensor ${quote(value)}: ${reason}`, {
    suggestion: "Write --sensor 0=21, --sensor 0=21,22,23 or --sensor 0=@FILE.",
  });
}

/**
 * Reads the words of one sensor.
 *
 * @param locate the absolute path of a file that need not be there yet @throws {AegisError} `InvalidOption`
 */
export function readSensor(value: string, locate: (path: string) => string): PlanSensor {
  const [, digits = "", given = ""] = /^([0-9]{1,10})=(.+)$/s.exec(value) ?? [], id = Number(digits);
  if (digits === "") throw refuse(value, "give a number and what it reads");
  if (id > LARGEST_I32) throw refuse(value, `numbers of sensors go from 0 to ${LARGEST_I32}`);
  if (given.startsWith("@")) {
    if (given === "@") throw refuse(value, "a file has a name");
    return { id, file: locate(given.slice(1)) };
  }
  const values = given.split(",").map((word) => /^[-+]?[0-9]{1,10}$/.test(word) ? Number(word) + 0 : NaN);
  if (!values.every(isI32)) {
    throw refuse(value, `a reading is a whole number from ${SMALLEST_I32} to ${LARGEST_I32}`);
  }
  return { id, values };
}

/** The capability that a sensor of the plan stands for. @throws {AegisError} `InvalidOption` */
export function sensorCapability(sensor: PlanSensor): Capability {
  if ("file" in sensor) return SensorCapability.file(sensor.id, sensor.file);
  const [only, ...more] = sensor.values;
  return only === undefined || more.length > 0
    ? SensorCapability.series(sensor.id, sensor.values, { end: sensor.end ?? "repeat" })
    : SensorCapability.constant(sensor.id, only);
}

/** The files that sensors of a plan read. */
export function sensorFiles(sensors: readonly PlanSensor[]): string[] {
  return sensors.flatMap((sensor) => "file" in sensor ? [sensor.file] : []);
}
