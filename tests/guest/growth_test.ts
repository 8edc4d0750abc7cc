import { resolveLimits } from "../../src/core/limits.ts";
import { GrowthLedger } from "../../src/guest/growth.ts";
import { assertEquals } from "../assert.ts";
import { fakeInstance } from "./fake_instance.ts";

const PAGE = 65536;
const memory = (initial: number) => new WebAssembly.Memory({ initial, maximum: 100 });
const table = (initial: number) => new WebAssembly.Table({ element: "anyfunc", initial, maximum: 1000 });

function ledger(pages: number, tableLimit = 10): GrowthLedger {
  return new GrowthLedger(resolveLimits({ memoryLimit: pages * PAGE, tableLimit }));
}

Deno.test("GrowthLedger counts all memories together, each object once", () => {
  const shared = memory(2), growth = ledger(10);
  const first = fakeInstance({ memories: [shared, memory(3)] }),
    second = fakeInstance({ memories: [shared] });
  growth.add(first);
  growth.add(second);
  assertEquals(growth.memoryBytes, 5 * PAGE);
  assertEquals([growth.fits(5), growth.fits(6)], [true, false]);
  assertEquals(growth.mayGrowMemory(second, 0, 5n), true);
  assertEquals(growth.mayGrowMemory(second, 0, 6n), false);
  shared.grow(4);
  assertEquals(growth.memoryBytes, 9 * PAGE, "measured, not tracked");
  assertEquals(growth.mayGrowMemory(first, 1, 2n), false);
});

Deno.test("GrowthLedger leaves what the memory's own maximum forbids to the instruction", () => {
  const growth = ledger(10), instance = fakeInstance({ memories: [memory(1)], memoryMaxima: [4n] });
  growth.add(instance);
  assertEquals(growth.mayGrowMemory(instance, 0, 4n), true, "5 pages exceed its maximum");
  assertEquals(growth.mayGrowMemory(instance, 0, 2n ** 64n - 1n), true);
  assertEquals(growth.refusals, 0);
});

Deno.test("GrowthLedger refuses amounts of any size, and notes each refusal", () => {
  const growth = ledger(10), instance = fakeInstance({ memories: [memory(1)] });
  growth.add(instance);
  for (const pages of [10n, 2n ** 32n - 1n, 2n ** 48n, 2n ** 63n, 2n ** 64n - 1n]) {
    assertEquals(growth.mayGrowMemory(instance, 0, pages), false, String(pages));
  }
  assertEquals(growth.refusals, 5);
  assertEquals(growth.refused, { used: PAGE, allowed: 10 * PAGE });
  assertEquals(growth.mayGrowMemory(instance, 0, 9n), true);
  assertEquals(growth.mayGrowMemory(instance, 0, 0n), true);
});

Deno.test("GrowthLedger holds a limit that is no whole number of pages down to pages", () => {
  const growth = new GrowthLedger(resolveLimits({ memoryLimit: 2 * PAGE - 1 }));
  const instance = fakeInstance({ memories: [memory(1)] });
  growth.add(instance);
  assertEquals(growth.mayGrowMemory(instance, 0, 1n), false);
});

Deno.test("GrowthLedger limits each table by its elements", () => {
  const growth = ledger(1, 10),
    instance = fakeInstance({ tables: [table(4), table(4)], tableMaxima: [undefined, 7n] });
  growth.add(instance);
  assertEquals([6n, 7n].map((count) => growth.mayGrowTable(instance, 0, count)), [true, false]);
  assertEquals(growth.mayGrowTable(instance, 1, 9n), true, "its own maximum forbids that");
  assertEquals(growth.refusals, 1);
});

Deno.test("GrowthLedger lets a table that is larger than the limit grow by nothing", () => {
  const growth = ledger(1, 10), instance = fakeInstance({ tables: [table(20)] });
  growth.add(instance);
  assertEquals([0n, 1n].map((count) => growth.mayGrowTable(instance, 0, count)), [true, false]);
});

Deno.test("GrowthLedger refuses an index that does not exist", () => {
  const growth = ledger(1), instance = fakeInstance();
  assertEquals([growth.mayGrowMemory(instance, 0, 1n), growth.mayGrowTable(instance, 3, 1n)], [false, false]);
});

Deno.test("GrowthLedger.clear() starts over", () => {
  const growth = ledger(1), instance = fakeInstance({ memories: [memory(1)] });
  growth.add(instance);
  growth.mayGrowMemory(instance, 0, 1n);
  growth.clear();
  assertEquals([growth.memoryBytes, growth.refusals, growth.refused], [0, 0, undefined]);
});
