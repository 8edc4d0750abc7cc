/** The k-th request for memory of a guest's own thread fails with a RangeError: for its frames, its memories, its code. */
import { assert } from "../assert.ts";
import { FAILING_ALLOCATIONS } from "./allocations.ts";
import { fronted } from "./faulty_workers.ts";
import { testHost } from "./host_allocations.ts";
import { live } from "./life.ts";
import { sweep } from "./sweep.ts";

for (const engine of ["v8", "interpreter"] as const) {
  Deno.test(`whichever request for memory fails in a guest on ${engine}, its step says so, and it works when asked again`, async () => {
    const words = new SharedArrayBuffer(8), shared = new Int32Array(words);
    using _workers = fronted(words, (name) => name === "aegis-guest" ? FAILING_ALLOCATIONS : undefined);
    const places = await sweep(async (fault) => {
      shared[0] = 0;
      shared[1] = fault.at;
      const failures = await live({
        runtime: { isolation: "worker", engine },
        codes: ["GuestFault", "MemoryExceeded", "NotSaved", "SnapshotInvalid"],
        snapshots: engine === "interpreter",
      });
      while (fault.count < (shared[0] ?? 0)) fault.hit();
      assert(failures.length <= 1);
    });
    assert(places > 5, `${places} requests`);
  });
}

testHost("interpreter");
