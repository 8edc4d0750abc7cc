import { parseArgs } from "node:util";

/** What of the benchmark runs, and how long. */
export interface Options {
  /** Less of everything: figures of the right size within a minute. */
  readonly quick: boolean;
  /** Names of the rows that are measured; without any, all are, and everything else beside them. */
  readonly only: readonly string[];
  /** File that the figures are written to. */
  readonly json: string | undefined;
  readonly kills: boolean;
  /** Everything but kills. */
  readonly costs: boolean;
  readonly peers: boolean;
}

/** Flags as a person reads them. */
export const USAGE = `Usage: deno task bench:fuel [--quick] [--only NAME,…] [--json FILE] [--peers]
                            [--skip-kill | --kill-only]`;

/** @throws {TypeError} for what cannot be read, a name that is not there included */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      json: { type: "string" },
      peers: { type: "boolean", default: false },
      "skip-kill": { type: "boolean", default: false },
      "kill-only": { type: "boolean", default: false },
    },
  });
  const only = values.only.split(",").map((name) => name.trim()).filter((name) => name !== "");
  for (const name of only) {
    if (!names.includes(name)) {
      throw new TypeError(`Cannot measure only "${name}": use ${names.join(", ")}`);
    }
  }
  if (values["skip-kill"] && values["kill-only"]) {
    throw new TypeError("Cannot skip kills and do them alone: use one of --skip-kill, --kill-only");
  }
  return {
    quick: values.quick,
    only,
    json: values.json,
    kills: !values["skip-kill"] && only.length === 0,
    costs: !values["kill-only"],
    peers: values.peers,
  };
}
