import { PRIORITIES, type Priority, RunQueue } from "../../src/tasks/run_queue.ts";
import { assert, assertEquals } from "../assert.ts";
import fc from "../fast_check.ts";

const PRIORITY = fc.constantFrom(...Object.keys(PRIORITIES) as Priority[]); // its own keys

function drain(queue: RunQueue): string[] {
  const taken: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next.id);
  return taken;
}

Deno.test("RunQueue.take() gives who came first, of one priority", () => {
  const queue = new RunQueue();
  for (const id of ["a", "b", "c"]) queue.add({ id, priority: "normal", since: 5 });
  assertEquals([queue.size, drain(queue), queue.size], [3, ["a", "b", "c"], 0]);
});

Deno.test("RunQueue.take() gives high priority before what came up to ten seconds earlier, and not before older", () => {
  const queue = new RunQueue();
  queue.add({ id: "old", priority: "normal", since: 0 });
  queue.add({ id: "young", priority: "normal", since: 5_000 });
  queue.add({ id: "high", priority: "high", since: 12_000 });
  queue.add({ id: "low", priority: "low", since: 0 });
  assertEquals(drain(queue), ["old", "high", "young", "low"]);
});

Deno.test("RunQueue.remove() takes out wherever it stands, and what is added again stands at its new place", () => {
  const queue = new RunQueue();
  for (const id of ["a", "b", "c"]) queue.add({ id, priority: "normal", since: 0 });
  queue.remove("a");
  queue.remove("b");
  queue.add({ id: "a", priority: "normal", since: 1 });
  assertEquals([queue.has("b"), queue.size, drain(queue)], [false, 2, ["c", "a"]]);
});

Deno.test("RunQueue does as a sorted list does, whatever is added, removed and taken", () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant("add" as const),
      id: fc.nat(30),
      priority: PRIORITY,
      pause: fc.nat(9_000),
    }),
    fc.record({ does: fc.constant("remove" as const), id: fc.nat(30) }),
    fc.record({ does: fc.constant("take" as const) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const queue = new RunQueue(), model: { id: string; rank: number; order: number }[] = [];
    let now = 0, order = 0;
    const drop = (id: string) => {
      const at = model.findIndex((entry) => entry.id === id);
      if (at >= 0) model.splice(at, 1);
    };
    for (const one of steps) {
      if (one.does === "take") {
        model.sort((a, b) => a.rank - b.rank || a.order - b.order);
        assertEquals(queue.take()?.id, model.shift()?.id);
        continue;
      }
      const id = String(one.id);
      drop(id);
      if (one.does === "remove") queue.remove(id);
      else {
        now += one.pause;
        queue.add({ id, priority: one.priority, since: now });
        model.push({ id, rank: now - PRIORITIES[one.priority].headStart, order: order++ });
      }
      assertEquals(queue.size, model.length);
    }
  }));
});

Deno.test("RunQueue starves nobody: who is low waits for no more than twenty seconds of others that come", () => {
  fc.assert(fc.property(fc.array(PRIORITY, { minLength: 50, maxLength: 200 }), (others) => {
    const queue = new RunQueue();
    queue.add({ id: "low", priority: "low", since: 0 });
    for (const [index, priority] of others.entries()) {
      const now = 500 * index;
      queue.add({ id: String(index), priority, since: now });
      if (queue.take()?.id === "low") return assert(now <= 20_000);
      if (!queue.has("low")) return;
    }
    assert(500 * others.length <= 20_500, "it still waits");
  }));
});

Deno.test("RunQueue holds more than a call can have arguments", () => {
  const queue = new RunQueue(), count = 200_000;
  for (let id = 0; id < 2 * count + 2; id++) queue.add({ id: String(id), priority: "normal", since: id });
  for (let id = 0; id <= count + 1; id++) queue.remove(String(id));
  assertEquals([queue.size, queue.take()?.id], [count, String(count + 2)]);
});
