import { resolve } from "./path.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { SensorGrant } from "../policy/grants.ts";

/**
 * The same grants with paths of files that are absolute; links stay, since they are followed at every reading.
 *
 * @throws {AegisError} `InvalidOption` where this process may not know its current directory
 */
export function resolveSensors(grants: readonly SensorGrant[]): readonly SensorGrant[] {
  return Object.freeze(grants.map((grant) => {
    const { source } = grant;
    if (source.from !== "file") return grant;
    return Object.freeze({
      ...grant,
      source: Object.freeze({ from: "file", path: absolute(source.path) } as const),
    });
  }));
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new AegisError(
      "InvalidOption",
      `Cannot grant the sensor file ${quote(path)}: this process may not look where it is`,
      {
        field: "sensor",
        suggestion: "Give an absolute path.",
        cause: error,
      },
    );
  }
}
