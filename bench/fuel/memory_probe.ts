/** A process that instruments one module and prints how much it grew: see `measureMemory`. */
import { instrument } from "../../src/guest/prepare.ts";
import { LIMITS } from "./metered.ts";
import { largeModule, type MemoryUse } from "./throughput.ts";

/** Most memory that this process ever had, where the system tells; else what it has now. */
function peakMemory(): number {
  try {
    const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
    return Number(kibibytes) * 1024;
  } catch {
    return Deno.memoryUsage().rss;
  }
}

// A small module first: what the code itself takes is no part of the growth.
instrument(await largeModule(1), { limits: LIMITS });
const bytes = await largeModule(Number(Deno.args[0])), before = Deno.memoryUsage().rss;
const made = instrument(bytes, { limits: LIMITS });
const use: MemoryUse = { size: bytes.length, growth: peakMemory() - before };
if (made.bytes.length < bytes.length) throw new Error("The instrumented module is too small");
console.log(JSON.stringify(use));
