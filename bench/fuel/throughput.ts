/** How fast a module gets through the pipeline, and how much memory that takes. */
import { fromFileUrl } from "@std/path/posix";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { repeatFunctions } from "./large_module.ts";
import { LIMITS } from "./metered.ts";
import { median } from "./statistics.ts";
import { packagedBytes } from "./workloads/packaged.ts";

/** SQLite's functions so many times make a module of more than 5 MB. */
const COPIES = 9;

/** Copies for which memory is measured, each twice the one before. */
const MEMORY_STEPS = [2, 4, 8] as const;

/** A stage and its speed; MB are millions of bytes of the original module. */
export interface Throughput {
  readonly stage: string;
  readonly milliseconds: number;
  readonly megabytesPerSecond: number;
}

export interface MemoryUse {
  /** Bytes of the module. */
  readonly size: number;
  /** Bytes by which the process grew at its peak. */
  readonly growth: number;
}

/** The module that is measured with so many copies of its functions. */
export async function largeModule(copies: number): Promise<Uint8Array<ArrayBuffer>> {
  return repeatFunctions(await packagedBytes("sql.js")(), copies);
}

/** Times the stages one by one and all together; the rest of the whole is planning and rewriting. */
export async function measureThroughput(rounds: number): Promise<{ size: number; stages: Throughput[] }> {
  const bytes = await largeModule(COPIES), module = readModule(bytes);
  const first = performance.now();
  instrument(bytes, { limits: LIMITS });
  const cold = performance.now() - first;
  const time = (work: () => void): number => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      work();
      times.push(performance.now() - started);
    }
    return median(times);
  };
  const row = (stage: string, milliseconds: number): Throughput => {
    return { stage, milliseconds, megabytesPerSecond: bytes.length / milliseconds / 1000 };
  };
  const read = time(() => readModule(bytes)), validate = time(() => validateModule(module));
  const all = time(() => instrument(bytes, { limits: LIMITS }));
  return {
    size: bytes.length,
    stages: [
      row("read", read),
      row("validate", validate),
      row("plan and rewrite", all - read - validate),
      row("all", all),
      row("all, first run", cold),
      row("V8 validates, to compare", time(() => WebAssembly.validate(bytes))),
    ],
  };
}

/** Measures each size in a process of its own, so that no earlier garbage counts. */
export async function measureMemory(): Promise<MemoryUse[]> {
  const probe = fromFileUrl(new URL("memory_probe.ts", import.meta.url)), uses: MemoryUse[] = [];
  for (const copies of MEMORY_STEPS) {
    const args = ["run", "-A", probe, `${copies}`];
    const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
    if (!success) throw new Error("The memory probe failed");
    uses.push(JSON.parse(new TextDecoder().decode(stdout)) as MemoryUse); // `as`: the probe is ours
  }
  return uses;
}
