/** The k-th Worker cannot be started; silent_workers_test.ts has those that start, and do not serve. */
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

Deno.test({
  name: "whichever Worker cannot be started, the step that wanted it says so, and the next one works",
  ignore: !HAS_PROC,
  fn: async () => {
    assertEquals(await live({ ...LIFE, codes: [] }), []);
    await sleep(100);
    const before = { threads: threadCount(), descriptors: descriptorCount() };
    const places = await sweep(async (fault) => {
      using _workers = faultyStarts(fault, "throws");
      const failures = await live({ ...LIFE, codes: ["GuestFault"] });
      assertEquals(failures.length, fault.reached ? 1 : 0);
    });
    assert(places >= 5, `${places} Workers`);
    assertEquals(await facts(before.threads), before);
  },
});
