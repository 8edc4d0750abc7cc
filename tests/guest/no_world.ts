import type { StartMessage } from "../../src/guest/messages.ts";

/** What a guest's start message says of a world in which nothing is granted, for machines without a host. */
export function noWorld(): Pick<StartMessage, "wasi" | "brokers" | "changes" | "spin"> {
  return {
    wasi: {
      args: ["main"],
      env: [],
      preopens: [],
      clock: undefined,
      seed: 0n,
      terminals: [false, false, false],
    },
    brokers: {},
    changes: new SharedArrayBuffer(0),
    spin: false,
  };
}
