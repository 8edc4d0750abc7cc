import { isI32, LARGEST_I32, SMALLEST_I32 } from "../../core/i32.ts";

/** What a sensor reads, as it was typed: one number, or several, over and over. */
export type SensorReading = number | readonly number[];

/** Readings of one sensor, as the server takes them. */
const MOST_READINGS = 10_000;

/** Reads `21` or `21, 22, 23`. @returns words about what is wrong, where something is */
export function readSensorValues(text: string): SensorReading | string {
  const values = text.split(",").map((word) => /^\s*[-+]?\d{1,10}\s*$/.test(word) ? Number(word) + 0 : NaN);
  const [only] = values;
  if (!values.every(isI32)) {
    return `Whole numbers from ${SMALLEST_I32} to ${LARGEST_I32}, with commas between them`;
  }
  if (values.length > MOST_READINGS) return `At most ${MOST_READINGS} readings`;
  return values.length === 1 && only !== undefined ? only : values;
}
