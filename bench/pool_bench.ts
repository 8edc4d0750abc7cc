/** Warm guests: `deno task bench:pool`. Kinds of use in turn, so that all see the same machine; medians. */
import { Aegis } from "../mod.ts";
import { median } from "./fuel/statistics.ts";
import { type Figure, valueText } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";

const TEXT = `(module (memory 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

const ROUNDS = 40, CALLERS = 100;

await using runtime = await Aegis.create({ fuelLimit: "unlimited" });
const module = await runtime.loadWat(TEXT);
await using sandbox = await runtime.sandbox().build();
await sandbox.loadModule(module);
await using pool = runtime.pool(module, { minimum: 2, maximum: 2 });
await using keeping = runtime.pool(module, { minimum: 1, maximum: 1, recycle: "keep" });
await Promise.all([pool.ready(), keeping.ready()]);

/** A way to call, how often in a round, and calls of one of it. */
interface Way {
  readonly name: string;
  readonly times: number;
  readonly calls?: number;
  readonly work: () => Promise<unknown>;
}

const WAYS: readonly Way[] = [
  { name: "one sandbox: call", times: 100, work: () => sandbox.call("add", [1, 2]) },
  {
    name: "one sandbox: call, reset",
    times: 20,
    work: async () => {
      await sandbox.call("add", [1, 2]);
      await sandbox.reset();
    },
  },
  { name: "pool: acquire, call, release", times: 20, work: () => pool.call("add", [1, 2]) },
  {
    name: "pool that keeps a tenant's state: acquire, call, release",
    times: 20,
    work: () => keeping.call("add", [1, 2], { tenant: "one" }),
  },
  {
    name: "a new sandbox: start, load, call, close",
    times: 1,
    work: async () => {
      await using fresh = await runtime.sandbox().build();
      await fresh.loadModule(module);
      await fresh.call("add", [1, 2]);
    },
  },
  {
    name: `pool: ${CALLERS} callers at once, each`,
    times: 1,
    calls: CALLERS,
    work: () => Promise.all(Array.from({ length: CALLERS }, (_, index) => pool.call("add", [index, 2]))),
  },
];

const times = WAYS.map((): number[] => []);
for (let round = -2; round < ROUNDS; round++) {
  for (const [index, { times: often, calls = 1, work }] of WAYS.entries()) {
    for (let time = 0; time < often; time++) {
      const began = performance.now();
      await work();
      if (round >= 0) times[index]?.push((performance.now() - began) / calls);
    }
  }
}
const figures = WAYS.map(({ name }, index): Figure => ({
  name,
  value: 1000 * median(times[index] ?? []),
  unit: "µs",
}));
for (const figure of figures) console.log(figure.name.padEnd(64), valueText(figure));
await writeFigures(figures);
