/** What a benchmark ran on: figures of two machines cannot be compared. */
import { VERSION } from "../../src/cli/version.ts";

export interface Machine {
  /** As the system tells it: `Intel(R) Xeon(R) CPU @ 2.20GHz`. */
  readonly processor: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  /** `linux x86_64`. */
  readonly system: string;
  readonly deno: string;
  readonly v8: string;
  readonly aegis: string;
}

function processorName(): string {
  if (Deno.build.os !== "linux") return Deno.build.arch;
  const lines = Deno.readTextFileSync("/proc/cpuinfo").split("\n");
  const name = lines.find((line) => line.startsWith("model name"))?.split(":")[1]?.trim();
  return name ?? Deno.build.arch;
}

export function thisMachine(): Machine {
  const { deno, v8 } = Deno.version, { os, arch } = Deno.build;
  return {
    processor: processorName(),
    cores: navigator.hardwareConcurrency,
    memory: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${os} ${arch}`,
    deno,
    v8,
    aegis: VERSION,
  };
}

export function machineText({ processor, cores, memory, system, deno, v8, aegis }: Machine): string {
  return `${processor}, ${cores} cores, ${memory} GiB, ${system}; Deno ${deno}, V8 ${v8}, Aegis ${aegis}`;
}
