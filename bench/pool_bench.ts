/** Warm guests: `deno bench -A bench/pool_bench.ts`. */
import { Aegis } from "../mod.ts";

const TEXT = `(module (memory 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

const runtime = await Aegis.create({ fuelLimit: "unlimited" });
const module = await runtime.loadWat(TEXT);
const sandbox = await runtime.sandbox().build();
await sandbox.loadModule(module);
const pool = runtime.pool(module, { minimum: 2, maximum: 2 });
const keeping = runtime.pool(module, { minimum: 1, maximum: 1, recycle: "keep" });
await Promise.all([pool.ready(), keeping.ready()]);

Deno.bench("one sandbox: call", { group: "one use", baseline: true }, async () => {
  await sandbox.call("add", [1, 2]);
});

Deno.bench("one sandbox: call, reset", { group: "one use" }, async () => {
  await sandbox.call("add", [1, 2]);
  await sandbox.reset();
});

Deno.bench("pool: acquire, call, release", { group: "one use" }, async () => {
  await pool.call("add", [1, 2]);
});

Deno.bench("pool that keeps a tenant's state: acquire, call, release", { group: "one use" }, async () => {
  await keeping.call("add", [1, 2], { tenant: "one" });
});

Deno.bench("a new sandbox: start, load, call, close", { group: "one use" }, async () => {
  const fresh = await runtime.sandbox().build();
  await fresh.loadModule(module);
  await fresh.call("add", [1, 2]);
  await fresh.close();
});

Deno.bench("pool: 100 callers at once", { group: "many" }, async () => {
  await Promise.all(Array.from({ length: 100 }, (_, index) => pool.call("add", [index, 2])));
});
