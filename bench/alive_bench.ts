/**
 * 256 sandboxes alive at once: `deno task bench:alive`. Start time, memory and descriptors of each, and what the 257th gets.
 */
import { Aegis, AegisError, type Sandbox } from "../mod.ts";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { compileText } from "../tests/testsuite/module_bytes.ts";
import {
  descriptorCount,
  HAS_PROC,
  residentMemory,
  threadCount,
} from "../tests/adversarial/process_facts.ts";

const COUNT = 256;

const TEXT = `(module (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

/** What this process has at a moment. */
function facts() {
  return {
    memory: residentMemory(),
    descriptors: HAS_PROC ? descriptorCount() : NaN,
    threads: HAS_PROC ? threadCount() : NaN,
  };
}

const quantile = (sorted: readonly number[], part: number) =>
  sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;

await using runtime = await Aegis.create({ maxSandboxes: COUNT });
const module = await runtime.loadBytes(compileText(TEXT));
const before = facts(), sandboxes: Sandbox[] = [], times: number[] = [], began = performance.now();
while (sandboxes.length < COUNT) {
  const started = performance.now(), sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  times.push(performance.now() - started);
  sandboxes.push(sandbox);
}
const all = performance.now() - began, after = facts();
const sums = await Promise.all(sandboxes.map((sandbox, index) => sandbox.call<number>("add", [index, 1])));
if (!sums.every((sum, index) => sum === index + 1)) throw new Error("A sandbox gave the result of another");
times.sort((one, other) => one - other);

const each = (what: keyof ReturnType<typeof facts>) => (after[what] - before[what]) / COUNT;
console.log(`${COUNT} sandboxes alive, all called, in ${(all / 1000).toFixed(2)} s`);
console.log(
  `start       ${quantile(times, 0.5).toFixed(1)} ms at the median, ${
    quantile(times, 0.99).toFixed(1)
  } ms p99`,
);
console.log(
  `memory      ${
    each("memory").toFixed(2)
  } MiB each, ${after.memory} MiB in all (${before.memory} MiB before)`,
);
console.log(
  `descriptors ${
    each("descriptors").toFixed(2)
  } each, ${after.descriptors} in all (${before.descriptors} before)`,
);
console.log(
  `threads     ${each("threads").toFixed(2)} each, ${after.threads} in all (${before.threads} before)`,
);

try {
  await runtime.sandbox().build();
  throw new Error("One more sandbox than may be has started");
} catch (error) {
  if (!(error instanceof AegisError) || error.code !== "TooManySandboxes") throw error;
  console.log(`one more    ${error.code}: ${error.message}. ${error.suggestion ?? ""}`);
}

const closing = performance.now();
await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
console.log(`closed      in ${((performance.now() - closing) / 1000).toFixed(2)} s`);
// Threads end on their own time.
await new Promise((resolve) => setTimeout(resolve, 1000));
const left = facts();
console.log(`left        ${left.memory} MiB, ${left.descriptors} descriptors, ${left.threads} threads`);
const figures: Figure[] = [
  { name: `${COUNT} sandboxes started and called`, value: all / 1000, unit: "s" },
  { name: "start of one", value: quantile(times, 0.5), unit: "ms" },
  { name: "start of one, p99", value: quantile(times, 0.99), unit: "ms" },
  { name: "resident memory of one", value: each("memory"), unit: "MiB" },
  { name: "descriptors of one", value: each("descriptors"), unit: "" },
  { name: "threads of one", value: each("threads"), unit: "" },
];
await writeFigures(figures);
