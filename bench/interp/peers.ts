/**
 * The same kernels in interpreters of others, where they are installed: `wasmi` (cargo install wasmi_cli) and `wasm3` on
 * the path, or where `WASMI` and `WASM3` say. What their commands take to start and to load is measured with next to no
 * work, and left out; where that leaves less than a millisecond, there is no figure.
 */
import { fromFileUrl } from "@std/path/posix";
import { kernelArgument } from "../fuel/kernel_workloads.ts";
import { type Kernel, kernelUrl } from "../kernels/kernels.ts";

export interface Peer {
  readonly name: string;
  /** Milliseconds for a kernel's share of work; undefined when it cannot run it, or its commands take as long without. */
  time(kernel: Kernel, share: number): Promise<number | undefined>;
}

type Command = (file: string, n: number) => readonly string[];

const COMMANDS: Readonly<Record<string, Command>> = {
  wasmi: (file, n) => ["run", "--invoke", "run", file, String(n)],
  wasm3: (file, n) => ["--func", "run", file, String(n)],
};

/** Runs of which the fastest counts. */
const RUNS = 5;

async function run(program: string, args: readonly string[]): Promise<number | undefined> {
  try {
    const started = performance.now();
    const { success } = await new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" })
      .output();
    return success ? performance.now() - started : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function fastest(program: string, args: readonly string[]): Promise<number | undefined> {
  let best: number | undefined;
  for (let count = 0; count < RUNS; count++) {
    const took = await run(program, args);
    if (took === undefined) return undefined;
    best = Math.min(best ?? took, took);
  }
  return best;
}

/** Those that are installed. */
export async function installedPeers(): Promise<Peer[]> {
  const found: Peer[] = [];
  for (const [name, command] of Object.entries(COMMANDS)) {
    const program = Deno.env.get(name.toUpperCase()) ?? name;
    if (await run(program, ["--version"]) === undefined) continue;
    found.push({
      name,
      async time(kernel, share) {
        const file = fromFileUrl(kernelUrl(kernel));
        const idle = await fastest(program, command(file, 0));
        const busy = await fastest(program, command(file, kernelArgument(kernel, share)));
        return idle === undefined || busy === undefined || busy - idle < 1 ? undefined : busy - idle;
      },
    });
  }
  return found;
}
