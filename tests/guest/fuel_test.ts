import fc from "../fast_check.ts";
import { FuelLedger } from "../../src/guest/fuel.ts";
import { assert, assertEquals } from "../assert.ts";
import { fakeInstance } from "./fake_instance.ts";
import { seed } from "../wasm/verdict.ts";

function ledger(slice: bigint, allowance: bigint, count = 1) {
  const fuel = new FuelLedger(slice), instances = Array.from({ length: count }, () => fakeInstance());
  fuel.allowance = allowance;
  for (const instance of instances) fuel.add(instance);
  return { fuel, instances };
}

Deno.test("FuelLedger counts what instances burn and what is charged outside", () => {
  const { fuel, instances: [first] } = ledger(100n, 1000n);
  assert(first !== undefined);
  assertEquals([fuel.consumed, fuel.exhausted], [0n, false]);
  fuel.charge(7n);
  first.fuel.value -= 5n;
  assertEquals(fuel.consumed, 12n);
  fuel.grant(first);
  assertEquals([fuel.consumed, first.fuel.value], [12n, 100n]);
  fuel.clear();
  assertEquals(fuel.consumed, 0n);
});

Deno.test("FuelLedger cuts the last slice off at the allowance", () => {
  const { fuel, instances: [first] } = ledger(100n, 130n);
  assert(first !== undefined);
  first.fuel.value -= 50n;
  fuel.grant(first);
  assertEquals(first.fuel.value, 80n);
  first.fuel.value -= 80n;
  assertEquals([fuel.consumed, fuel.exhausted], [130n, false]);
  fuel.grant(first);
  assertEquals(first.fuel.value, 0n);
  first.fuel.value -= 1n;
  assertEquals([fuel.consumed, fuel.exhausted], [131n, true]);
});

Deno.test("FuelLedger moves what another instance holds before it grants anew", () => {
  const { fuel, instances: [first, second] } = ledger(100n, 1000n, 2);
  assert(first !== undefined && second !== undefined);
  first.fuel.value -= 1n;
  fuel.grant(first);
  second.fuel.value -= 30n;
  fuel.grant(second);
  assertEquals([first.fuel.value, second.fuel.value, fuel.consumed], [0n, 70n, 31n]);
});

Deno.test("FuelLedger.reclaim() takes the rest of a slice back, and forgets no unit", () => {
  const { fuel, instances: [first] } = ledger(100n, 1000n);
  assert(first !== undefined);
  first.fuel.value -= 10n;
  fuel.grant(first);
  first.fuel.value -= 25n;
  fuel.reclaim();
  assertEquals([fuel.consumed, first.fuel.value], [35n, 0n]);
});

const step = fc.record({
  instance: fc.integer({ min: 0, max: 2 }),
  units: fc.bigInt({ min: 0n, max: 300n }),
  reclaim: fc.integer({ min: 0, max: 19 }).map((value) => value === 0),
});

Deno.test("FuelLedger stops at the first test past the allowance, whatever the slice and whoever burns", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 200 }),
      fc.bigInt({ min: 0n, max: 20_000n }),
      fc.bigInt({ min: 1n, max: 1000n }),
      (steps, allowance, slice) => {
        const { fuel, instances } = ledger(slice, allowance, 3);
        let burnt = 0n;
        for (const { instance: which, units, reclaim } of steps) {
          const instance = instances[which];
          assert(instance !== undefined);
          if (reclaim) fuel.reclaim();
          // As instrumented code does: count down, and ask when it is below zero.
          instance.fuel.value -= units;
          burnt += units;
          assertEquals(fuel.consumed, burnt);
          const asks = instance.fuel.value < 0n;
          if (burnt > allowance) assert(asks && fuel.exhausted, "it is stopped here, and not later");
          if (burnt > allowance) return;
          if (asks) fuel.grant(instance);
          assertEquals(fuel.consumed, burnt);
          const left = instances.reduce((sum, each) => sum + each.fuel.value, 0n);
          assert(
            left <= slice && burnt + left <= allowance,
            "never more than a slice is out, nor than allowed",
          );
        }
      },
    ),
    { numRuns: 300, seed: seed() },
  );
});

Deno.test("FuelLedger.rest() keeps what is consumed, until anything begins that may consume more", () => {
  const begins: Readonly<Record<string, (fuel: FuelLedger, of: ReturnType<typeof fakeInstance>) => void>> = {
    open: (fuel, instance) => void fuel.open(instance),
    grant: (fuel, instance) => fuel.grant(instance),
    reclaim: (fuel) => fuel.reclaim(),
    charge: (fuel) => fuel.charge(0n),
    clear: (fuel, instance) => {
      fuel.clear();
      fuel.add(instance);
    },
  };
  for (const [name, begin] of Object.entries(begins)) {
    const { fuel, instances: [first] } = ledger(100n, 1000n);
    assert(first !== undefined);
    fuel.open(first);
    first.fuel.value -= 40n;
    assertEquals(fuel.rest(), 40n);
    assertEquals([fuel.consumed, fuel.exhausted], [40n, false], name);
    begin(fuel, first);
    const before = fuel.consumed;
    first.fuel.value -= 3n;
    assertEquals(fuel.consumed, before + 3n, name);
  }
});
