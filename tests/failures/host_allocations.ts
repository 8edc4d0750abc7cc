/** The k-th request of the host's own thread for memory fails with a RangeError. */
import { assert, assertEquals } from "../assert.ts";
import { failingAllocations } from "./allocations.ts";
import { live } from "./life.ts";
import { sweep } from "./sweep.ts";

/** Declares the test for an engine. */
export function testHost(engine: "v8" | "interpreter"): void {
  Deno.test(`whichever request for memory fails on the host's thread on ${engine}, its step says so, and it works when asked again`, async () => {
    const places = await sweep(async (fault) => {
      const failures = await live({
        runtime: { isolation: "worker", engine },
        codes: ["GuestFault", "SnapshotInvalid"],
        snapshots: engine === "interpreter",
        within: () => failingAllocations(fault),
      });
      assertEquals(failures.length, fault.reached ? 1 : 0);
    });
    assert(places > 0);
  });
}
