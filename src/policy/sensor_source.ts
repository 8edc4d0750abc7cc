import type { SensorSource } from "./grants.ts";

/** Whether two sources read the same: one and the same function, or equal data. */
export function sameSource(one: SensorSource, other: SensorSource): boolean {
  if (one.from === "function" && other.from === "function") return one.read === other.read;
  return JSON.stringify(one) === JSON.stringify(other);
}
