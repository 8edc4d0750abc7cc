/** What a granted sensor reads: pure for values of the grant, else by looking at the file or calling the function. */
import { readSensorFile } from "./sensor_file.ts";
import { AegisError } from "../core/errors.ts";
import { isI32 } from "../core/i32.ts";
import { quote } from "../core/quote.ts";
import { isThenable } from "../core/thenable.ts";
import type { SensorGrant } from "../policy/grants.ts";

/** A reading, or why there is none. */
export type Reading = { readonly value: number } | { readonly why: string };

/**
 * Reads a sensor.
 *
 * @param reading how many readings of it came before, in this life of the guest
 * @throws what a function of the embedder throws, and {AegisError} `HostFunctionFailed` for what it returns that is no i32
 */
export function readSensor({ id, source }: SensorGrant, reading: number): Reading | Promise<Reading> {
  switch (source.from) {
    case "constant":
      return { value: source.value };
    case "series": {
      const { values, end } = source, last = values.length - 1;
      return { value: values[end === "hold" ? Math.min(reading, last) : reading % values.length] ?? 0 };
    }
    case "file":
      return readSensorFile(source.path);
    case "function": {
      const returned: unknown = source.read();
      return isThenable(returned) ? settled(id, returned) : checked(id, returned);
    }
    case "runtime":
      return { why: "the runtime has no such sensor" };
  }
}

async function settled(id: number, pending: PromiseLike<unknown>): Promise<Reading> {
  return checked(id, await pending);
}

function checked(id: number, value: unknown): Reading {
  if (isI32(value)) return { value };
  const shown = typeof value === "number"
    ? String(value)
    : typeof value === "string"
    ? quote(value)
    : typeof value;
  throw new AegisError(
    "HostFunctionFailed",
    `The function of sensor ${id} returned ${shown}: expected a whole number of 32 bits`,
  );
}
