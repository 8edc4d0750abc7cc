/** Planning takes time in proportion to the code, however deep loops stand in each other and wherever they are left. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert } from "../assert.ts";
import { type Bytes, EMPTY, END, funcType, I32, wasmModule } from "../wasm/module_builder.ts";

const LOOP: Bytes = [0x03, EMPTY],
  BLOCK: Bytes = [0x02, EMPTY],
  AGAIN: Bytes = [0x20, 0, 0x0d, 0],
  THROW: Bytes = [0x08, 0];
const NOT_AGAIN: Bytes = [0x20, 0, 0x04, EMPTY, ...[0x0c, 1], END];
/** Counts local 1 up to local 0. */
const COUNTS: Bytes = [0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x20, 0, 0x48, 0x0d, 0];

const times = (count: number, bytes: Bytes): Bytes => Array.from({ length: count }, () => bytes).flat();
const ends = (count: number): Bytes => times(count, [END]);

/** Bodies by a depth. Local 0 is the parameter. */
const SHAPES: Readonly<Record<string, (depth: number) => Bytes>> = {
  "loops behind each other in a nest": (depth) => [
    ...times(depth, LOOP),
    ...times(depth, [...LOOP, ...AGAIN, END]),
    ...ends(depth),
  ],
  "loops that count, behind each other in a nest": (depth) => [
    ...times(depth, LOOP),
    ...times(depth, [...LOOP, ...COUNTS, END]),
    ...ends(depth),
  ],
  "throws in arms in a nest": (depth) => [
    ...times(depth, LOOP),
    ...times(2 * depth, [0x20, 0, 0x04, EMPTY, ...THROW, END]),
    ...ends(depth),
  ],
  "throws in dead code in a nest": (
    depth,
  ) => [...times(depth, LOOP), ...times(2 * depth, THROW), ...ends(depth)],
  "throws in a nest of loops that are gone back to": (depth) => [
    ...times(depth, LOOP),
    ...times(2 * depth, [0x20, 0, 0x04, EMPTY, ...THROW, END]),
    ...times(depth, [...AGAIN, END]),
  ],
  "loops that are gone back to, in each other": (
    depth,
  ) => [...times(depth, LOOP), ...times(depth, [...AGAIN, END])],
  "loops that are gone back to by a branch in an arm, in each other": (depth) => [
    ...times(depth, LOOP),
    ...times(depth, [...NOT_AGAIN, END]),
  ],
  "blocks around loops that are left": (depth) => [
    ...times(depth, [...BLOCK, ...LOOP]),
    ...times(depth, [...[0x20, 0, 0x0d, 1], ...AGAIN, END, END]),
  ],
};

const DEPTH = 15_000;

/** Twice is linear, four times is quadratic. Milliseconds that are too few to say. */
const MOST_TIMES = 3, TOO_FEW = 100;

function timeOf(code: Bytes): number {
  const bytes = wasmModule({
    types: [funcType([I32], []), funcType([], [])],
    tags: [[0, 1]],
    functions: [{ type: 0, locals: [[1, I32]], code }],
  });
  const module = readModule(bytes, ENGINE_LIMITS);
  const taken = Array.from({ length: 3 }, () => {
    const before = performance.now();
    planModule(module, DEFAULT_COSTS);
    return performance.now() - before;
  });
  return Math.min(...taken);
}

for (const [name, shape] of Object.entries(SHAPES)) {
  Deno.test(`planModule() takes time in proportion to the code: ${name}`, () => {
    timeOf(shape(100));
    const once = timeOf(shape(DEPTH)), twice = timeOf(shape(2 * DEPTH));
    assert(
      twice <= MOST_TIMES * once || twice < TOO_FEW,
      `${once.toFixed()} ms, ${twice.toFixed()} ms at twice the depth`,
    );
  });
}
