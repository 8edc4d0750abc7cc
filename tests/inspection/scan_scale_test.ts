/** What there may be a million of, in modules of one and of two sizes: what is quadratic would take four times as long. */
import { scanModule } from "../../src/inspection/scan.ts";
import { assert, assertEquals } from "../assert.ts";
import { functionChain, largeModule, manySegments } from "./large_module.ts";

/** Twice as much may take so many times as long: 2, and what a busy machine adds. */
const MOST_GROWTH = 3;

const MAKERS: Readonly<Record<string, (count: number) => Uint8Array<ArrayBuffer>>> = {
  "functions": (count) => largeModule({ functions: 2 * count }),
  "functions that call the next one": (count) => functionChain({ functions: count, calls: 1 }),
  "calls": (count) => functionChain({ functions: 200, calls: count / 50 }),
  "exports": (count) => largeModule({ functions: count, exported: true }),
  "data segments": (count) => manySegments(count),
};

/** The least of some runs in milliseconds: what a machine does beside only makes it longer. */
function least(bytes: Uint8Array<ArrayBuffer>): number {
  return Math.min(...Array.from({ length: 3 }, () => {
    const started = performance.now(), { scan } = scanModule(bytes);
    const took = performance.now() - started;
    assertEquals(scan.invalid, undefined);
    return took;
  }));
}

for (const [what, make] of Object.entries(MAKERS)) {
  Deno.test(`a scan of twice as many ${what} takes about twice as long`, () => {
    const one = make(20_000), two = make(40_000);
    let growth = Infinity;
    for (let attempt = 0; attempt < 4 && growth > MOST_GROWTH; attempt++) growth = least(two) / least(one);
    assert(growth <= MOST_GROWTH, `${growth.toFixed(1)} times as long`);
  });
}
