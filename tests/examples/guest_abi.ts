import type { HostFunctions } from "./instance.ts";

/** The guest ABI, as far as these tasks use it; texts are kept as addresses until the call is over. */
export function guestAbi(sensors: readonly number[], logs: number[][], alerts: number[][]): HostFunctions {
  return {
    env: {
      read_sensor: { params: ["i32"], results: ["i32"], fn: (id) => sensors[Number(id)] ?? -1 },
      log: { params: ["i32", "i32"], results: [], fn: (...args) => void logs.push(args.map(Number)) },
      send_alert: {
        params: ["i32", "i32", "i32"],
        results: [],
        fn: (...args) => void alerts.push(args.map(Number)),
      },
    },
  };
}
