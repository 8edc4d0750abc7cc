import { median } from "../fuel/statistics.ts";

/** A program for Node's own WASI. */
export interface NodeRun {
  readonly wasm: string;
  /** The guest finds it as `/data`. */
  readonly folder: string;
  readonly args: readonly string[];
  readonly rounds: number;
}

/** Milliseconds of a run in `node:wasi`, the median of some; undefined where there is no Node. */
export async function runInNode({ wasm, folder, args, rounds }: NodeRun): Promise<number | undefined> {
  const script = new URL("node_wasi.mjs", import.meta.url).pathname;
  try {
    const { success, stdout } = await new Deno.Command("node", {
      args: ["--no-warnings", script, wasm, folder, String(rounds), ...args],
      stderr: "inherit",
    }).output();
    if (!success) return undefined;
    const last = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "[]";
    return median(JSON.parse(last));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
