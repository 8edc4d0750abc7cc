/** A sandbox's life, and a call: `deno task bench`. */
import { Aegis } from "../mod.ts";

const TEXT = `(module
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

const runtime = await Aegis.create({ fuelLimit: "unlimited" });
const module = await runtime.loadWat(TEXT);
const sandbox = await runtime.sandbox().build();
await sandbox.loadModule(module);

Deno.bench("sandbox: start, load, one call, close", { group: "life" }, async () => {
  const fresh = await runtime.sandbox().build();
  await fresh.loadModule(module);
  await fresh.call("add", [1, 2]);
  await fresh.close();
});

Deno.bench("bare Worker: start, one message, terminate", { group: "life", baseline: true }, async () => {
  const worker = new Worker("data:text/javascript,onmessage=(event)=>postMessage(event.data)", {
    type: "module",
  });
  await new Promise((resolve) => {
    worker.onmessage = resolve;
    worker.postMessage(0);
  });
  worker.terminate();
});

Deno.bench("reset", { group: "reset" }, async () => {
  await sandbox.reset();
});

Deno.bench("call: add", { group: "call" }, async () => {
  await sandbox.call("add", [1, 2]);
});

Deno.bench("call: fib(20)", { group: "call" }, async () => {
  await sandbox.call("fib", [20]);
});
