/**
 * Chooses the sequences of the interpreter's core: `deno task bench:sequences`. The kernels of `bench:fuel` are run by a core
 * that counts how often it executes each instruction; then, as in byte pair encoding, the two that come one after the other
 * and whose joining saves most are joined, again and again. Every kernel counts the same.
 *
 *     deno task bench:sequences [--count 600] [--longest 8] [--write]
 */
import { parseArgs } from "node:util";
import { kernelArgument } from "../fuel/kernel_workloads.ts";
import { type Kernel, kernelBytes, kernels } from "../kernels/kernels.ts";
import { LIMITS } from "../fuel/metered.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import type { FunctionCode } from "../../src/interp/compile/join_sequences.ts";
import { linkBetween } from "../../src/interp/compile/links.ts";
import { buildCore } from "../../src/interp/core/build_core.ts";
import { lengthAt } from "../../src/interp/core/lengths.ts";
import { MEMORY_OPERATIONS } from "../../src/interp/core/memory_operations.ts";
import { FIRST_MEMORY_OPERATION, OPERATIONS } from "../../src/interp/core/operations.ts";
import { Store } from "../../src/interp/run/store.ts";
import { HOOKS } from "../../src/instrument/layout.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { I32, I64 } from "../../src/wasm/types.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "600" },
    longest: { type: "string", default: "8" },
    write: { type: "boolean", default: false },
  },
});

/** Share of a kernel's work that is counted. */
const SHARE = 0.03;

/** Where in the machine it is counted how often an instruction was executed: so many bytes in front of it. */
const COUNTS = 32 << 20;

/** Operations behind which no other can be executed in the same case. */
const ENDS = /^(jump|br_table|call|return|unreachable|returned|service|step|probe)/;

/** What a part saves that takes an operand from the one before it, as shares of a dispatch. */
const SAVED = { dropped: 0.8, kept: 0.4 };

/** The instructions of a function, in order: joined ones are one. */
interface Run {
  readonly names: string[];
  /** How each is linked to the one before it, as in the table of sequences: `""`, `" @2"`. */
  readonly links: string[];
  /** How often each is executed, as a share of all that its kernel executes. */
  readonly counts: number[];
}

function nameOf(number: number): string {
  return (OPERATIONS[number] ?? MEMORY_OPERATIONS[number - FIRST_MEMORY_OPERATION])?.name ?? "";
}

const counting = new WebAssembly.Module(buildCore(["i32"], (core) => {
  const place = () => core.get("pc").i32(COUNTS).plain("i32.sub");
  place();
  place().access("i32.load").i32(1).plain("i32.add").access("i32.store");
}));

/** Runs a kernel. @returns executions by position in its code */
async function countKernel(kernel: Kernel): Promise<Run[]> {
  const { bytes, layout: { added } } = instrument(await kernelBytes(kernel), { limits: LIMITS });
  const index = (name: string) =>
    readModule(bytes).exports.find((exported) => exported.name === name)?.index ?? 0;
  const hints = { fuel: index(added.fuel), hookTable: index(added.hooks), refuel: HOOKS.refuel };
  const functions: FunctionCode[] = [];
  const code = compileModule(bytes, { hints, join: (_, range) => void functions.push(range) });
  const store = new Store({ core: () => counting, stackBytes: 1 << 22 });
  store.machine.allocate(COUNTS); // code lies behind it
  const exports = store.instantiate(code, []) as Record<string, unknown>;
  const call = (name: string | undefined, ...args: number[]) =>
    name === undefined ? undefined : (exports[name] as (...args: number[]) => unknown)(...args); // a function, as `added` says
  const fuel = exports[added.fuel] as WebAssembly.Global, hooks = exports[added.hooks] as WebAssembly.Table;
  hooks.set(
    HOOKS.refuel,
    store.hostFunction({ params: [], results: [] }, () => void (fuel.value += 100_000n)),
  );
  hooks.set(HOOKS.growMemory, store.hostFunction({ params: [I32, I64], results: [I32] }, () => 1));
  (exports[added.stackCap] as WebAssembly.Global).value = LIMITS.stackLimit;
  call(added.initialise);
  call(added.start);
  call("run", kernelArgument(kernel, SHARE));
  const base = store.instances[0]?.code ?? 0;
  const counts = new Int32Array(store.machine.memory.buffer, base - COUNTS, code.code.length);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return functions.map((range) => runOf(code.code, range, (position) => (counts[position] ?? 0) / all));
}

function runOf(words: Int32Array, range: FunctionCode, countOf: (position: number) => number): Run {
  const run: Run = { names: [], links: [], counts: [] };
  for (let position = range.start, before = -1; position < range.end;) {
    const link = before < 0 ? undefined : linkBetween(words, { before, position }, range.operands);
    run.names.push(nameOf(words[position] ?? 0));
    run.links.push(link === undefined ? "" : ` ${link.kept ? "=" : "@"}${link.word}`);
    run.counts.push(countOf(position));
    before = position;
    position += lengthAt(words, position, ["i32"]);
  }
  return run;
}

/** What joining two saves, and the sequence that they become; undefined where they cannot be joined. */
function joined(run: Run, at: number, longest: number): { name: string; saved: number } | undefined {
  const { names, links, counts } = run, first = names[at] ?? "", second = names[at + 1] ?? "";
  const link = links[at + 1] ?? "", count = Math.min(counts[at] ?? 0, counts[at + 1] ?? 0);
  if (count === 0 || ENDS.test(first.split(" ; ").at(-1) ?? "")) return undefined;
  const [head = "", ...rest] = second.split(" ; "), name = [first, head + link, ...rest].join(" ; ");
  if (name.split(" ; ").length > longest) return undefined;
  const bonus = link === "" ? 0 : link.startsWith(" @") ? SAVED.dropped : SAVED.kept;
  return { name, saved: count * (1 + bonus) };
}

/** Joins what becomes one sequence, everywhere. */
function joinAll(run: Run, sequence: string, longest: number): Run {
  const made: Run = { names: [], links: [], counts: [] };
  for (let at = 0; at < run.names.length; at++) {
    const isJoined = joined(run, at, longest)?.name === sequence;
    made.names.push(isJoined ? sequence : run.names[at] ?? "");
    made.links.push(run.links[at] ?? "");
    made.counts.push(run.counts[at] ?? 0);
    if (isJoined) at++;
  }
  return made;
}

/** The sequence whose joining saves most; undefined when none saves anything. */
function best(runs: readonly Run[], longest: number): string | undefined {
  const saved = new Map<string, number>();
  for (const run of runs) {
    for (let at = 0; at + 1 < run.names.length; at++) {
      const pair = joined(run, at, longest);
      if (pair !== undefined) saved.set(pair.name, (saved.get(pair.name) ?? 0) + pair.saved);
    }
  }
  let found: string | undefined, most = 0;
  for (const [name, value] of saved) if (value > most) [found, most] = [name, value];
  return found;
}

const counted: Run[] = [];
for (const kernel of kernels) counted.push(...await countKernel(kernel));
let runs = counted.filter(({ counts }) => counts.some((count) => count > 0));
const longest = Number(values.longest), chosen: string[] = [];
const dispatches = () =>
  runs.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0) / kernels.length;
while (chosen.length < Number(values.count)) {
  const sequence = best(runs, longest);
  if (sequence === undefined) break;
  chosen.push(sequence);
  runs = runs.map((run) => joinAll(run, sequence, longest));
  if (chosen.length % 50 === 0) {
    console.error(`${chosen.length}: ${(100 * dispatches()).toFixed(1)} % of all dispatches`);
  }
}
if (values.write) {
  const url = new URL("../../src/interp/core/sequences.ts", import.meta.url),
    text = await Deno.readTextFile(url);
  const list = chosen.map((sequence) => `  ${JSON.stringify(sequence)},\n`).join("");
  await Deno.writeTextFile(url, text.replace(/(const SEQUENCES.*= \[\n)[^]*(\]\.map)/, `$1${list}$2`));
} else console.log(chosen.join("\n"));
