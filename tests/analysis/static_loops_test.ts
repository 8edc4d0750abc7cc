import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { SITE } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { assert, assertEquals } from "../assert.ts";
import {
  COMPARISONS,
  type CountingLoop,
  countingLoop,
  fits,
  FORMS,
  iterationsOf,
  LOOP_UNITS,
} from "./counted_text.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { loopKinds, plannedLoopKinds } from "./loop_kinds.ts";
import { textModule, validModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** A function whose first two locals, the counter and another, have values that are not known; two more are 0. */
function inFunction(code: string): string {
  return `(func (export "f") (param i32 i32) (local i32 i32) ${code})`;
}

function kindsOf(code: string): string {
  return loopKinds(textModule(inFunction(code)).module, 0);
}

Deno.test("planModule() is linear: a loop is read for a count at most as often as four loops are within it", () => {
  const nest = (depth: number): string =>
    depth === 0
      ? ""
      : `i32.const 0 local.set ${depth} loop ${nest(depth - 1)} local.get ${depth} i32.const 1 i32.add
      local.tee ${depth} i32.const 1 i32.lt_s br_if 0 end`;
  const flat = Array.from({ length: 150 }, () =>
    `i32.const 0 local.set 1 loop local.get 1 i32.const 1 i32.add
      local.tee 1 i32.const 1 i32.lt_s br_if 0 end`).join(" ");
  const timeOf = (body: string): number => {
    const { module } = textModule(`(func (local ${repeat(200, "i32")}) ${body})`.repeat(40));
    const times = Array.from({ length: 5 }, () => {
      const before = performance.now();
      planModule(module, DEFAULT_COSTS);
      return performance.now() - before;
    });
    return Math.min(...times);
  };
  timeOf(flat);
  const ratio = timeOf(nest(150)) / timeOf(flat);
  assert(
    ratio < 8,
    `nested loops take ${ratio.toFixed(1)} times as long as others; without the bound about 20`,
  );
});

/** Units that the entry of `i32.const start, local.set, loop` is charged, and how the loop is charged. */
function entryOf(loop: CountingLoop, start: number): { units: number; kind: string } {
  return entryIn(compileText(`(module ${entryText(loop, start)})`));
}

function entryText(loop: CountingLoop, start: number): string {
  return `(func (export "f") (local i32) i32.const ${start} local.set 0 ${countingLoop(loop, 0)})`;
}

function entryIn(bytes: Uint8Array): { units: number; kind: string } {
  const plan = planModule(validModule(bytes).module, DEFAULT_COSTS);
  return { units: plan.siteCost[0] ?? 0, kind: plannedLoopKinds(plan, 0) };
}

/** Constants that take five bytes in a module and stand nowhere else in it. */
const ANY_START = 0x7654_3210, ANY_LIMIT = 0x789a_bcde;

/**
 * Makes {@linkcode entryOf} a loop from any start to any limit out of one compiled text: thousands of texts would take
 * longer than what is tested.
 */
function entriesOf(loop: Omit<CountingLoop, "limit">): (start: number, limit: number) => {
  units: number;
  kind: string;
} {
  const bytes = compileText(`(module ${entryText({ ...loop, limit: `i32.const ${ANY_LIMIT}` }, ANY_START)})`);
  const startAt = placeOf(bytes, ANY_START),
    limitAt = loop.form === "bare" ? undefined : placeOf(bytes, ANY_LIMIT);
  return (start, limit) => {
    bytes.set(paddedI32(start), startAt);
    if (limitAt !== undefined) bytes.set(paddedI32(limit), limitAt);
    return entryIn(bytes);
  };
}

/** Where a constant of five bytes stands. */
function placeOf(bytes: Uint8Array, constant: number): number {
  const wanted = paddedI32(constant);
  const at = bytes.findIndex((_, from) => wanted.every((byte, index) => bytes[from + index] === byte));
  assert(at > 0, `${constant} stands in the module`);
  return at;
}

/** Signed LEB128 of an i32 in five bytes, whatever its size. */
function paddedI32(value: number): number[] {
  return [0, 7, 14, 21, 28].map((shift) => (value >> shift) & 0x7f | (shift < 28 ? 0x80 : 0));
}

/** A loop from a start to a limit, and how often it runs; or undefined if it is not to be static. */
type StaticRow = readonly [
  loop: Omit<CountingLoop, "limit">,
  ends: readonly [start: number, limit: number],
  count: number,
];

const row = (
  compare: CountingLoop["compare"],
  step: number,
  ends: readonly [number, number],
  counts: { before: number; after: number },
): readonly StaticRow[] => [
  [{ form: "before", compare, step }, ends, counts.before],
  [{ form: "before", compare, step, subtracts: true }, ends, counts.before],
  ...compare === "ne" ? [] : [[{ form: "swapped", compare, step }, ends, counts.before] as const],
  [{ form: "after", compare, step }, ends, counts.after],
  [{ form: "after", compare, step, subtracts: true }, ends, counts.after],
];

const STATIC: readonly StaticRow[] = [
  ...row("lt_s", 1, [0, 10], { before: 10, after: 10 }),
  ...row("lt_s", 1, [0, 0], { before: 0, after: 1 }),
  ...row("lt_s", 1, [0, 1], { before: 1, after: 1 }),
  ...row("lt_s", 1, [5, -5], { before: 0, after: 1 }),
  ...row("lt_s", 3, [-5, 5], { before: 4, after: 4 }),
  ...row("lt_s", 3, [-5, 4], { before: 3, after: 3 }),
  ...row("lt_u", 1, [0, 10], { before: 10, after: 10 }),
  ...row("lt_u", 4, [1, 10], { before: 3, after: 3 }),
  ...row("lt_u", 1, [10, 0], { before: 0, after: 1 }),
  ...row("le_s", 1, [0, 10], { before: 11, after: 11 }),
  ...row("le_s", 1, [0, 0], { before: 1, after: 1 }),
  ...row("le_s", 1, [0, -1], { before: 0, after: 1 }),
  ...row("le_s", 3, [0, 10], { before: 4, after: 4 }),
  ...row("le_u", 1, [0, 10], { before: 11, after: 11 }),
  ...row("le_u", 5, [0, 10], { before: 3, after: 3 }),
  ...row("gt_s", -1, [10, 0], { before: 10, after: 10 }),
  ...row("gt_s", -1, [0, 10], { before: 0, after: 1 }),
  ...row("gt_s", -3, [5, -5], { before: 4, after: 4 }),
  ...row("ge_s", -1, [10, 0], { before: 11, after: 11 }),
  ...row("ge_s", -4, [10, -10], { before: 6, after: 6 }),
  ...row("gt_u", -1, [10, 0], { before: 10, after: 10 }),
  ...row("ge_u", -1, [10, 1], { before: 10, after: 10 }),
  ...row("ne", 1, [0, 10], { before: 10, after: 10 }),
  ...row("ne", -1, [10, 0], { before: 10, after: 10 }),
  ...row("ne", 2, [-6, 6], { before: 6, after: 6 }),
  ...row("ne", -8, [80, -80], { before: 20, after: 20 }),
  [{ form: "before", compare: "ne", step: 1 }, [3, 3], 0],
  [{ form: "limitFirst", compare: "ne", step: 1 }, [0, 10], 10],
  [{ form: "limitFirst", compare: "ne", step: -2 }, [10, 0], 5],
  [{ form: "bare", compare: "ne", step: -1 }, [10, 0], 10],
  [{ form: "bare", compare: "ne", step: 4 }, [-400, 0], 100],
];

Deno.test("LoopPlanner charges loops from a constant to a constant where they are entered", () => {
  for (const [loop, [start, limit], count] of STATIC) {
    const { units, kind } = entryOf({ ...loop, limit: `i32.const ${limit}` }, start),
      { each, first } = LOOP_UNITS[loop.form];
    const what = `${JSON.stringify(loop)} from ${start} to ${limit}`;
    assertEquals([kind, units], ["static", 3 + count * each + first], what);
  }
});

Deno.test("LoopPlanner takes no loop for static that it counts wrongly", () => {
  const ends = [
    -(2 ** 31),
    1 - 2 ** 31,
    -(2 ** 29) - 1,
    -5,
    -1,
    0,
    1,
    2,
    5,
    100,
    4097,
    2 ** 29 + 1,
    2 ** 31 - 2,
    2 ** 31 - 1,
  ];
  let statics = 0;
  for (const form of FORMS) {
    for (const compare of COMPARISONS.filter((compare) => fits(form, compare))) {
      for (const step of [1, -1, 2, -2, 3, -3, 64, -64, 65_536]) {
        const loop = { form, compare, step, subtracts: Math.abs(step) === 2 }, entry = entriesOf(loop);
        for (const start of ends) {
          for (const limit of form === "bare" ? [0] : ends) {
            const { units, kind } = entry(start, limit);
            const what = `${JSON.stringify(loop)} from ${start} to ${limit}`;
            const { each, first } = LOOP_UNITS[form];
            if (kind !== "static") {
              assertEquals(units, 3 + first, what);
              continue;
            }
            statics++;
            const count = iterationsOf(loop, { start, limit, most: 100_000 });
            assertEquals(units, 3 + count * each + first, what);
          }
        }
      }
    }
  }
  assert(statics > 500, `${statics} static loops`);
});

/** Code whose first loop counts to a constant, and how its loops are charged. */
const SET: readonly (readonly [note: string, code: string, kinds: string])[] = [
  ["right before", "i32.const 0 local.set 0 LOOP", "static"],
  ["by a tee", "i32.const 0 local.tee 0 drop LOOP", "static"],
  [
    "earlier in straight code",
    "i32.const 0 local.set 0 local.get 1 local.set 2 i32.const 9 drop LOOP",
    "static",
  ],
  ["twice", "i32.const 5000 local.set 0 i32.const 0 local.set 0 LOOP", "static"],
  ["to what is not known, after that", "i32.const 0 local.set 0 local.get 1 local.set 0 LOOP", "counted"],
  ["not at all", "LOOP", "counted"],
  ["to a sum", "i32.const 0 i32.const 1 i32.add local.set 0 LOOP", "counted"],
  ["before a branch", "i32.const 0 local.set 0 local.get 1 br_if 0 LOOP", "counted"],
  ["before a block", "i32.const 0 local.set 0 block nop end LOOP", "counted"],
  ["before the block that the loop is in", "i32.const 0 local.set 0 block LOOP end", "static"],
  ["in a block before", "block i32.const 0 local.set 0 end LOOP", "counted"],
  ["in a branch before", "local.get 1 if i32.const 0 local.set 0 end LOOP", "counted"],
  [
    "in both arms before",
    "local.get 1 if i32.const 0 local.set 0 else i32.const 0 local.set 0 end LOOP",
    "counted",
  ],
  [
    "in the first arm, the loop is in the other",
    "local.get 1 if i32.const 0 local.set 0 else LOOP end",
    "counted",
  ],
  ["in the arm that the loop is in", "local.get 1 if i32.const 0 local.set 0 LOOP end", "static"],
  ["before the if that the loop is in", "i32.const 0 local.set 0 local.get 1 if LOOP end", "counted"],
  ["before another loop", "i32.const 0 local.set 0 loop local.get 1 br_if 0 end LOOP", "wrapped counted"],
  [
    "before another static loop",
    "i32.const 0 local.set 0 i32.const 0 local.set 2 OTHER LOOP",
    "static counted",
  ],
  [
    "before the loop that this one is in",
    "i32.const 0 local.set 0 loop LOOP local.get 1 br_if 0 end",
    "tested counted",
  ],
  [
    "in the loop that this one is in",
    "loop i32.const 0 local.set 0 LOOP local.get 1 br_if 0 end",
    "tested static",
  ],
  ["in dead code", "return i32.const 0 local.set 0 LOOP", ""],
];

Deno.test("LoopPlanner knows the start of a loop where the code before it is straight", () => {
  const loop = { form: "after", compare: "lt_s", step: 1, limit: "i32.const 10" } as const;
  for (const [note, code, kinds] of SET) {
    const text = code.replace("LOOP", countingLoop(loop, 0)).replace("OTHER", countingLoop(loop, 2));
    assertEquals(kindsOf(text), kinds, note);
  }
});

Deno.test("LoopPlanner takes loops for static that cost at most 50,000 units in all", () => {
  const kinds = (iterations: number, body = "") => {
    const loop = { form: "after", compare: "lt_s", step: 1, limit: `i32.const ${iterations}` } as const;
    return kindsOf(`i32.const 0 local.set 0 ${countingLoop(loop, 0, body)}`);
  };
  assertEquals(kinds(7142), "static");
  assertEquals(kinds(7143), "counted");
  assertEquals(kinds(1000, repeat(43, "i32.const 0 drop")), "static");
  assertEquals(kinds(1001, repeat(43, "i32.const 0 drop")), "counted");
  assertEquals(kinds(312, repeat(153, "i32.const 0 drop")), "static", "312 × 160 = 49,920");
  assertEquals(
    kinds(313, repeat(153, "i32.const 0 drop")),
    "wrapped",
    "too long to be charged by its counter",
  );
  assertEquals(
    kinds(1000, `local.get 1 if ${repeat(41, "i32.const 0 drop")} end`),
    "static",
    "arms included",
  );
  assertEquals(
    kinds(1000, `local.get 1 if ${repeat(42, "i32.const 0 drop")} end`),
    "counted",
    "arms included",
  );
});

Deno.test("LoopPlanner takes loops for static as long as those of a body cost at most 200,000 units", () => {
  const loop = { form: "after", compare: "lt_s", step: 1, limit: "i32.const 7142" } as const;
  const code = `i32.const 0 local.set 0 ${countingLoop(loop, 0)}`;
  // 7142 × 7 = 49,994 units; from the last to the first.
  assertEquals(kindsOf(repeat(6, code)), "counted counted static static static static");
  const small = `i32.const 0 local.set 2 ${countingLoop({ ...loop, limit: "i32.const 3" }, 2)}`;
  assertEquals(kindsOf(`${small} ${small} ${repeat(4, code)}`), `counted ${repeat(5, "static")}`);
});

Deno.test("LoopPlanner multiplies nested static loops", () => {
  const to = (
    limit: number,
  ) => ({ form: "after", compare: "lt_s", step: 1, limit: `i32.const ${limit}` } as const);
  const nested = (outer: number, inner: number) =>
    `i32.const 0 local.set 0 ${
      countingLoop(to(outer), 0, `i32.const 0 local.set 2 ${countingLoop(to(inner), 2)}`)
    }`;
  const { module } = textModule(inFunction(nested(10, 20)));
  assertEquals(loopKinds(module, 0), "static static");
  assertEquals(planModule(module, DEFAULT_COSTS).siteCost[0], 3 + 10 * (2 + 20 * 7 + 7));
  assertEquals(kindsOf(nested(335, 20)), "static static", "335 × 149 = 49,915");
  assertEquals(
    kindsOf(nested(336, 20)),
    "counted static",
    "336 × 149 = 50,064",
  );
  assertEquals(kindsOf(nested(310, 22)), "tested static", "310 × 163 = 50,530, and 163 are more than 150");
});

Deno.test("LoopPlanner charges what a static loop does besides where it is done", () => {
  const loop = { form: "before", compare: "lt_u", step: 1, limit: "i32.const 10" } as const;
  const { module } = textModule(
    inFunction(`i32.const 0 local.set 0 ${countingLoop(loop, 0, "local.get 1 if i32.const 1 drop end")}`),
  );
  const plan = planModule(module, DEFAULT_COSTS);
  assertEquals(plan.siteCost[0], 3 + 10 * (9 + 2) + 4);
  const rest = [...plan.siteCost.subarray(1, plan.siteCount)].filter((_, index) =>
    plan.siteKind[index + 1] === SITE.charge
  );
  assertEquals(rest, [0, 1], "of the body, which is paid for, and of the arm");
});
