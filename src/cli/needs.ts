/** What the imports of a module tell of the capabilities that it will ask for. */
import type { Module } from "../wasm/module.ts";

/** Import modules that stand for WASI. */
export const WASI_MODULES: readonly string[] = ["wasi_snapshot_preview1", "wasi_unstable"];

/** A row of {@linkcode NEEDS}: what the functions of WASI that match it let a guest reach. */
interface NeedRow {
  readonly pattern: RegExp;
  readonly doc: string;
}

const NEEDS = {
  filesystem: {
    pattern: /^path_|^fd_(?!write$|read$|close$|seek$|fdstat_get$)/,
    doc: "files and directories",
  },
  streams: { pattern: /^fd_/, doc: "standard input and output" },
  network: { pattern: /^sock_/, doc: "sockets" },
  clock: { pattern: /^clock_|^poll_oneoff$/, doc: "the time, and waiting" },
  random: { pattern: /^random_get$/, doc: "random bytes" },
  env: { pattern: /^environ_/, doc: "environment variables" },
  args: { pattern: /^args_/, doc: "command-line arguments" },
} as const satisfies Record<string, NeedRow>;

/** A key of the table of needs. */
export type NeedName = keyof typeof NEEDS;

/** One capability that a module asks for, and the imports that say so. */
export interface Need {
  readonly capability: NeedName | "host functions";
  readonly doc: string;
  readonly imports: readonly string[];
}

function needOf(functionName: string): NeedName | undefined {
  const rows = Object.entries(NEEDS) as [NeedName, NeedRow][]; // a literal's keys are those of its type
  return rows.find(([, row]) => row.pattern.test(functionName))?.[0];
}

/** The capabilities that a module asks for by its imports, in the order in which it imports them. */
export function needsOf(module: Module): Need[] {
  const needs = new Map<Need["capability"], { doc: string; imports: string[] }>();
  for (const { module: from, name } of module.imports) {
    const wasi = WASI_MODULES.includes(from);
    const capability = wasi ? needOf(name) : "host functions";
    if (capability === undefined) continue; // proc_exit and sched_yield need nothing
    const doc = capability === "host functions"
      ? "functions that the embedder registers"
      : NEEDS[capability].doc;
    const need = needs.get(capability) ?? { doc, imports: [] };
    need.imports.push(wasi ? name : `${from}.${name}`);
    needs.set(capability, need);
  }
  return [...needs].map(([capability, { doc, imports }]) => ({ capability, doc, imports }));
}
