/** The k-th Worker cannot be started, or ends before it serves. */
import { assert, assertEquals } from "../assert.ts";
import { descriptorCount, HAS_PROC, sleep, threadCount } from "../adversarial/process_facts.ts";
import { faultyStarts } from "./faulty_workers.ts";
import { live } from "./life.ts";
import { sweep } from "./sweep.ts";

const LIFE = { runtime: { isolation: "worker", engine: "interpreter" }, snapshots: true } as const;

/** Threads, and descriptors; threads that are ending are waited for. */
async function facts(most = 0): Promise<{ readonly threads: number; readonly descriptors: number }> {
  for (let waited = 0; waited < 3000 && threadCount() > most; waited += 20) await sleep(20);
  return { threads: threadCount(), descriptors: descriptorCount() };
}

for (const how of ["throws", "errors"] as const) {
  Deno.test({
    name: `whichever Worker ${how} at its start, the step that wanted it says so, and the next one works`,
    ignore: !HAS_PROC,
    fn: async () => {
      assertEquals(await live({ ...LIFE, codes: [] }), []);
      await sleep(100);
      const before = { threads: threadCount(), descriptors: descriptorCount() };
      const places = await sweep(async (fault) => {
        using _workers = faultyStarts(fault, how);
        const failures = await live({ ...LIFE, codes: ["GuestFault"] });
        assertEquals(failures.length, fault.reached ? 1 : 0);
      });
      assert(places >= 5, `${places} Workers`);
      assertEquals(await facts(before.threads), before);
    },
  });
}
