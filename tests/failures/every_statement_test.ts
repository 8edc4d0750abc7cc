/** The k-th statement of the task store fails: with a full disk, a broken one, a lock that somebody else has. */
import { assert } from "../assert.ts";
import { STORE_FAULTS, type StoreFault } from "./failing_store.ts";
import { sweepStore } from "./store_rig.ts";

for (const how of Object.keys(STORE_FAULTS) as StoreFault[]) { // its own keys
  Deno.test(`whichever statement of the task store fails (${how}), nothing is lost that was told as done`, async () => {
    const places = await sweepStore(how);
    assert(places > 150, `${places} statements`);
  });
}
