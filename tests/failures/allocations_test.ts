/** The k-th request for memory fails with a RangeError, in the guest, in what prepares modules, and on the host's thread. */
import { Aegis } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { FAILING_ALLOCATIONS } from "./allocations.ts";
import { fronted } from "./faulty_workers.ts";
import { testHost } from "./host_allocations.ts";
import { checkError, sweep } from "./sweep.ts";

const MODULE = compileText(`(module (memory 1) (table 1 funcref) (global (mut i32) (i32.const 7))
  (func $f (export "f") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (call $f (i32.const 0)))
  (elem (i32.const 0) $f) (data (i32.const 0) "data"))`);

for (const engine of ["v8", "interpreter"] as const) {
  Deno.test(`whichever request for memory fails where modules are prepared for ${engine}, the load says so, and the next one works`, async () => {
    const words = new SharedArrayBuffer(8), shared = new Int32Array(words);
    using _workers = fronted(words, (name) => name === "aegis-prepare" ? FAILING_ALLOCATIONS : undefined);
    await using runtime = await Aegis.create({ isolation: "worker", engine });
    const load = async () => {
      const { hash } = await runtime.loadBytes(MODULE);
      assert(runtime.modules.remove(hash));
    };
    await load(); // its program reserves some memory once
    const places = await sweep(async (fault) => {
      Atomics.store(shared, 0, 0);
      Atomics.store(shared, 1, fault.at);
      const failed = await load().then(() => undefined, (error: unknown) => error);
      while (fault.count < (shared[0] ?? 0)) fault.hit();
      assertEquals(failed !== undefined, fault.reached);
      if (failed !== undefined) checkError(failed, ["GuestFault"]);
    });
    Atomics.store(shared, 1, 0);
    await load();
    assert(places > 5, `${places} requests`);
  });
}

testHost("v8");
