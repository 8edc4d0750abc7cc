import { Aegis } from "../../src/sandbox/aegis.ts";
import { assertEquals } from "../assert.ts";

Deno.test("a signal stops a call at whichever step of its beginning it comes", async () => {
  await using runtime = await Aegis.create({
    isolation: "worker",
    fuelLimit: "unlimited",
    timeout: "2s",
  });
  const module = await runtime.loadWat(`(module (func (export "spin") (loop br 0)))`);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  const outcomes = new Set<string>();
  for (let steps = 0; steps < 12; steps++) {
    const cancel = new AbortController(), ended = sandbox.tryCall("spin", [], { signal: cancel.signal });
    for (let step = 0; step < steps; step++) await null;
    cancel.abort();
    const outcome = await ended;
    await sandbox.reset(); // a call that was stopped ends its instance
    outcomes.add(outcome.kind === "aborted" ? outcome.reason : outcome.kind);
  }
  assertEquals([...outcomes], ["cancelled"]);
});
