import type { GuestValue } from "./instance.ts";

/** Tasks that use the guest ABI: what the sensors read, and what the task must then do. */
export interface GuestAbiRow {
  /** Path below `examples/`. */
  readonly file: string;
  readonly function: string;
  /** Readings by sensor number. */
  readonly sensors: readonly number[];
  readonly results: readonly GuestValue[];
  readonly logs: readonly string[];
  readonly alerts: readonly { readonly message: string; readonly level: number }[];
}

const SENSOR = {
  function: "main",
  sensors: [21, 48, 1013],
  results: [1082],
  logs: ["three sensors read"],
  alerts: [],
};

const CALM = {
  function: "main",
  sensors: [80],
  results: [80],
  logs: ["temperature is normal"],
  alerts: [],
};

const HOT = {
  function: "main",
  sensors: [81],
  results: [81],
  logs: [],
  alerts: [{ message: "temperature is too high", level: 2 }],
};

/** The text and the bytes of each task do the same. */
export const guestAbiRows: readonly GuestAbiRow[] = ["wat", "wasm"].flatMap((form) => [
  { file: `sensor.${form}`, ...SENSOR },
  { file: `alert.${form}`, ...CALM },
  { file: `alert.${form}`, ...HOT },
]);
