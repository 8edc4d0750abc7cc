import { EventBatches } from "../../src/broker/event_batches.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { assert, assertEquals } from "../assert.ts";

function denied(target: string, sandbox = "s1"): AuditEvent {
  return { time: 1, sandbox, capability: "network", action: "connect", target, allowed: false, reason: "no" };
}

Deno.test("EventBatches tells the first event at once, and equal ones that follow as one", async () => {
  const told: AuditEvent[][] = [], audit = new EventBatches((events) => told.push([...events]));
  audit.add(denied("a"));
  assertEquals(told, [[denied("a")]]);
  for (let i = 0; i < 5; i++) audit.add({ ...denied("b"), time: i });
  audit.add(denied("c"));
  assertEquals(told.length, 1);
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(told[1], [{ ...denied("b"), time: 4, count: 5 }, denied("c")]);
  audit.close();
});

Deno.test("EventBatches keeps a bounded number of events, and loses no count", () => {
  const told: AuditEvent[] = [], audit = new EventBatches((events) => told.push(...events));
  for (let i = 0; i < 10_001; i++) audit.add(denied(`t${i}`, `s${i % 2}`));
  audit.close();
  assert(told.length <= 403, `${told.length} events`);
  assertEquals(told.filter(({ target }) => target === "…").map(({ sandbox }) => sandbox).sort(), [
    "s0",
    "s1",
  ]);
  assertEquals(told.reduce((sum, { count = 1 }) => sum + count, 0), 10_001);
});

Deno.test("EventBatches counts what is too much apart for each action", () => {
  const told: AuditEvent[] = [], events = new EventBatches((batch) => told.push(...batch));
  for (let i = 0; i < 500; i++) {
    events.add({ ...denied(`t${i}`), action: i % 2 === 0 ? "connect" : "secret" });
  }
  events.close();
  const untold = told.filter(({ target }) => target === "…");
  assertEquals(untold.map(({ action }) => action).sort(), ["connect", "secret"]);
  assertEquals(told.reduce((sum, { count = 1 }) => sum + count, 0), 500);
});
