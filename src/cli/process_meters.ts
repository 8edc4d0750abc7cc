/** What this process uses, as the system counts it: no permission is asked for. */
import { cpuUsage } from "node:process";
import type { ProcessMeters } from "../server/meter_sampler.ts";

/** Of this process. */
export const PROCESS_METERS: ProcessMeters = {
  cpuTime() {
    const { user, system } = cpuUsage(); // microseconds
    return (user + system) / 1000;
  },
  memory() {
    const { rss, heapUsed } = Deno.memoryUsage();
    return { rss, heap: heapUsed };
  },
};
