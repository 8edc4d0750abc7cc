/** The k-th Worker starts and fails, or never says anything: whoever waits for it is told, after the time that a start may take. */
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { Aegis, AegisError } from "../../mod.ts";
import { STARTING_TIME } from "../../src/sandbox/worker.ts";
import { faultyStarts } from "./faulty_workers.ts";
import { live } from "./life.ts";
import { changedWaits, Fault, inTime, PLANTED, sweep } from "./sweep.ts";

/** In the place of {@linkcode STARTING_TIME}. */
const SHORTENED = 2000;

Deno.test("whichever Worker never says anything, the step that wanted it says so in time, and the next one works", async () => {
  using _waits = changedWaits((delay) => delay === STARTING_TIME ? SHORTENED : delay);
  const places = await sweep(async (fault) => {
    using _workers = faultyStarts(fault, "silent");
    const failures = await live({
      runtime: { isolation: "worker", engine: "interpreter" },
      codes: ["GuestFault"],
      snapshots: true,
    });
    assertEquals(failures.length, fault.reached ? 1 : 0);
    for (const { error } of failures) {
      assert(error.message.endsWith(`it did not start within ${STARTING_TIME} ms`), error.message);
    }
  });
  assert(places >= 5, `${places} Workers`);
});

Deno.test("a runtime can be closed while a Worker that never says anything is waited for", async () => {
  using _workers = faultyStarts(new Fault(1), "silent");
  const runtime = await Aegis.create({ isolation: "worker" });
  const loading = runtime.loadWat("(module)");
  const told = assertRejects(() => loading, AegisError);
  await inTime("close", runtime.close());
  assertEquals((await told).code, "Closed");
});

Deno.test("whichever Worker fails before it serves, the step that wanted it says so, and the next one works", async () => {
  const places = await sweep(async (fault) => {
    using _workers = faultyStarts(fault, "errors");
    const failures = await live({
      runtime: { isolation: "worker", engine: "interpreter" },
      codes: ["GuestFault"],
      snapshots: true,
    });
    assertEquals(failures.length, fault.reached ? 1 : 0);
    for (const { error } of failures) assert(error.message.includes(PLANTED), error.message);
  });
  assert(places >= 5, `${places} Workers`);
});
