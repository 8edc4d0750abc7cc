/**
 * What isolation costs, in a Worker and in a process: the first call of a sandbox, a call, a host call, and the memory
 * of a guest. `deno run -A --unstable-worker-options bench/isolation_bench.ts`
 */
import { Aegis } from "../mod.ts";
import { type Figure, valueText } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { guestsOf, HAS_PROC, residentMemoryOf } from "../tests/isolation/child_processes.ts";
import { median } from "./fuel/statistics.ts";

const TEXT = `(module (import "env" "host" (func $host)) (func (export "nothing"))
  (func (export "host") (call $host)) (func (export "many") (param i32)
    (loop $l (call $host) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const figures: Figure[] = [];
for (const isolation of ["worker", "process"] as const) {
  await using runtime = await Aegis.create({ isolation, fuelLimit: "unlimited" });
  const module = await runtime.loadWat(TEXT), rested: number[] = [], atOnce: number[] = [];
  const cold = async () => {
    const sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("env", "host", { params: [], results: [] }, () => {});
    await sandbox.loadModule(module);
    await sandbox.call("nothing");
    return sandbox;
  };
  const warm = await cold();
  for (let round = 0; round < 11; round++) {
    await new Promise((resolve) => setTimeout(resolve, 150)); // the spare process has started
    for (const list of [rested, atOnce]) list.push(await milliseconds(async () => (await cold()).close()));
  }
  const calls: number[] = [], hostCalls: number[] = [];
  for (let round = 0; round < 11; round++) {
    calls.push(
      await milliseconds(async () => {
        for (let call = 0; call < 200; call++) await warm.call("nothing");
      }) / 200,
    );
    hostCalls.push(await milliseconds(() => warm.call("many", [200])) / 200);
  }
  const guests = HAS_PROC && isolation === "process" ? guestsOf(Deno.pid) : [];
  const rows: Figure[] = [
    { name: `${isolation}: first call, after a rest`, value: median(rested), unit: "ms" },
    { name: `${isolation}: first call, at once after another`, value: median(atOnce), unit: "ms" },
    { name: `${isolation}: call`, value: median(calls) * 1000, unit: "µs" },
    { name: `${isolation}: host call`, value: median(hostCalls) * 1000, unit: "µs" },
  ];
  const memory = guests.map(({ pid }) => residentMemoryOf(pid));
  if (memory.length > 0) {
    rows.push({ name: `${isolation}: resident memory of a guest`, value: median(memory), unit: "MiB" });
  }
  for (const figure of rows) console.log(figure.name.padEnd(48), valueText(figure));
  figures.push(...rows);
}
await writeFigures(figures);
