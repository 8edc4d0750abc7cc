/** What `docs/benchmarks.json` holds: the figures of each benchmark, with when and on what they were taken. */
import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";

export interface BenchResult {
  /** Of the table of benchmarks. */
  readonly name: string;
  /** `2026-01-31`, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

export const RESULTS_FILE = "docs/benchmarks.json", PAGE_FILE = "docs/benchmarks.md";

/** The results that there are, with those of a run in place of older ones, in the order of the names. */
export function mergeResults(
  old: readonly BenchResult[],
  now: readonly BenchResult[],
  order: readonly string[],
): BenchResult[] {
  const all = new Map([...old, ...now].map((result) => [result.name, result]));
  return order.flatMap((name) => all.get(name) ?? []);
}

const ROOT = new URL("../../", import.meta.url);

export async function readResults(): Promise<BenchResult[]> {
  try {
    return JSON.parse(await Deno.readTextFile(new URL(RESULTS_FILE, ROOT))); // `writeResults` writes it
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export async function writeResults(results: readonly BenchResult[]): Promise<void> {
  await Deno.writeTextFile(new URL(RESULTS_FILE, ROOT), `${JSON.stringify(results, undefined, 2)}\n`);
}
