import { type SlicedRun, TimeSlices } from "../../src/tasks/time_slices.ts";
import { assert, assertEquals } from "../assert.ts";
import fc from "../fast_check.ts";
import { FakeTimers } from "../sandbox/pool_rig.ts";

/** A guest that notes for how long it has run. */
class FakeRun implements SlicedRun {
  running = false;
  used = 0;
  #since = 0;

  constructor(readonly timers: FakeTimers, readonly weight = 2) {}

  pause(): void {
    if (this.running) this.used += this.timers.now() - this.#since;
    this.running = false;
  }

  resume(): void {
    assert(!this.running, "it runs already");
    this.running = true;
    this.#since = this.timers.now();
  }
}

function slicesOf(slots: number, timers = new FakeTimers()) {
  const counts = { slices: 0 }, state = { crowded: false };
  const slices = new TimeSlices({
    slots,
    slice: 20,
    timers,
    isCrowded: () => state.crowded,
    onSlice: () => counts.slices++,
  });
  return { slices, timers, counts, state };
}

Deno.test("TimeSlices.add() lets as many run as there are slots", () => {
  const { slices, timers } = slicesOf(2), runs = [1, 2, 3].map(() => new FakeRun(timers));
  for (const run of runs) slices.add(run);
  assertEquals([runs.map(({ running }) => running), slices.free], [[true, true, false], 0]);
});

Deno.test("TimeSlices.remove() gives the slot to who has had least", async () => {
  const { slices, timers } = slicesOf(1), [a, b, c] = [1, 2, 3].map(() => new FakeRun(timers));
  assert(a !== undefined && b !== undefined && c !== undefined);
  for (const run of [a, b]) slices.add(run);
  await timers.pass(30);
  slices.add(c);
  slices.remove(b);
  assertEquals([a.running, c.running], [false, true]);
  slices.remove(c);
  slices.remove(c);
  assertEquals([a.running, slices.free], [true, 0]);
});

Deno.test("TimeSlices sets no timer while nobody waits, and none after the last", async () => {
  const { slices, timers, state, counts } = slicesOf(2), runs = [1, 2, 3].map(() => new FakeRun(timers));
  for (const run of runs.slice(0, 2)) slices.add(run);
  assertEquals(timers.pending, 0);
  state.crowded = true;
  slices.watch();
  await timers.pass(50);
  assertEquals([timers.pending, counts.slices], [1, 2]);
  for (const run of runs.slice(0, 2)) slices.remove(run);
  await timers.pass(20);
  assertEquals(timers.pending, 0);
});

Deno.test("TimeSlices.close() takes its timer back", () => {
  const { slices, timers } = slicesOf(1), runs = [1, 2].map(() => new FakeRun(timers));
  for (const run of runs) slices.add(run);
  slices.close();
  assertEquals(timers.pending, 0);
});

Deno.test("TimeSlices shares by weight within a tenth, and starves nobody", async () => {
  const weights = fc.array(fc.constantFrom(1, 2, 4), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(weights, fc.integer({ min: 1, max: 3 }), async (given, slots) => {
      const { slices, timers } = slicesOf(slots), runs = given.map((weight) => new FakeRun(timers, weight));
      const sum = given.reduce((total, weight) => total + weight, 0);
      fc.pre(given.every((weight) => weight * slots <= sum)); // no one can have more than a whole slot
      for (const run of runs) slices.add(run);
      for (let second = 0; second < 20; second++) {
        await timers.pass(1000);
        assert(
          runs.filter(({ running }) => running).length === Math.min(slots, runs.length),
          "all slots are used",
        );
      }
      for (const run of runs) {
        run.pause();
        const share = 20_000 * slots * run.weight / sum;
        assert(Math.abs(run.used - share) <= share / 10, `${run.used} of ${share}, ${given} on ${slots}`);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("TimeSlices never runs more than it has slots, whoever comes and goes", async () => {
  const steps = fc.array(fc.record({ id: fc.nat(9), pass: fc.nat(45) }), { maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (given, slots) => {
      const { slices, timers } = slicesOf(slots), present = new Map<number, FakeRun>();
      for (const { id, pass } of given) {
        const run = present.get(id);
        if (run === undefined) {
          const added = new FakeRun(timers);
          present.set(id, added);
          slices.add(added);
        } else {
          present.delete(id);
          slices.remove(run);
        }
        await timers.pass(pass);
        const running = [...present.values()].filter((one) => one.running).length;
        assertEquals(running, Math.min(slots, present.size));
        assertEquals(slices.free, slots - running);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("TimeSlices counts who comes later as one that has had no less than the others", async () => {
  const { slices, timers } = slicesOf(1), first = new FakeRun(timers), second = new FakeRun(timers);
  slices.add(first);
  await timers.pass(10_000);
  slices.add(second);
  await timers.pass(1000);
  second.pause();
  assert(second.used < 600, `it has had ${second.used} of 1000`);
});
