import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { op } from "../../src/wasm/opcodes.ts";
import { assert, assertEquals } from "../assert.ts";
import { legacyTextCompiler } from "../testsuite/module_bytes.ts";
import { COMPARISONS, type CountingLoop, countingLoop, fits, FORMS, LOOP_UNITS } from "./counted_text.ts";
import { loopKinds } from "./loop_kinds.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** A function whose first two locals, the counter and a limit, have values that are not known; two more are 0. */
function inFunction(code: string, fields = ""): string {
  return `${fields} (func (export "f") (param i32 i32) (local i32 i32) ${code})`;
}

function kindsOf(code: string, fields = ""): string {
  const { module } = textModule(inFunction(code, fields));
  return loopKinds(module, module.bodies.length - 1);
}

const isUpward = (compare: string): boolean => /^[ln]/.test(compare);
const isDownward = (compare: string): boolean => /^[gn]/.test(compare);

Deno.test("CountedLoopFinder finds every form with every comparison, step and limit", () => {
  for (const form of FORMS) {
    for (const compare of COMPARISONS.filter((compare) => fits(form, compare))) {
      for (const size of [1, 2, 3, 4, 7, 8, 12, 4096, 65_535, 65_536]) {
        for (const step of [size, -size]) {
          for (const limit of ["i32.const 1000", "local.get 1"]) {
            const code = countingLoop({ form, compare, step, limit, subtracts: size % 3 === 0 }, 0),
              { module } = textModule(inFunction(code));
            const counts = (step > 0 ? isUpward(compare) : isDownward(compare)) &&
              (compare !== "ne" || Number.isInteger(Math.log2(size)));
            const [found] = planModule(module, DEFAULT_COSTS).counted.values();
            assertEquals(found !== undefined, counts, code);
            if (found === undefined) continue;
            assertEquals([found.tested, found.counter, found.step, found.swapped], [
              form === "before" || form === "swapped" ? "before" : "after",
              0,
              step,
              form === "swapped",
            ], code);
            assertEquals(found.compare, op(`i32.${compare}`), code);
            const value = form === "bare" ? 0 : limit.startsWith("local") ? 1 : 1000;
            assertEquals(
              found.limit,
              { kind: form !== "bare" && value === 1 ? "local" : "constant", value },
              code,
            );
            assertEquals([found.units, found.lastUnits], [LOOP_UNITS[form].each, 0], code);
          }
        }
      }
    }
  }
});

/** What else may stand in a loop that is charged by its counter. */
const ALSO: readonly (readonly [note: string, body: string, fields?: string])[] = [
  ["nothing", ""],
  ["code", "i32.const 1 drop"],
  ["a block", "block local.get 1 br_if 0 i32.const 1 drop end"],
  ["blocks", "block block local.get 1 br_if 1 local.get 1 br_if 0 end nop end"],
  ["an if", "local.get 1 if nop else nop end"],
  ["br_table", "block block block local.get 1 br_table 0 1 end end end"],
  ["reads of the counter", "local.get 0 drop"],
  ["writes of other locals", "i32.const 1 local.set 2 i32.const 1 local.tee 3 drop"],
  ["a trap", "local.get 1 i32.eqz if unreachable end"],
  ["a call of a light function", "call $g", "(func $g)"],
  [
    "a call that does not come back",
    "local.get 1 i32.eqz if call $g unreachable end",
    '(func $g (export "g"))',
  ],
  ["a throw", "local.get 1 i32.eqz if throw $t end", "(tag $t)"],
  ["a try without handlers", "(try_table nop)"],
];

Deno.test("CountedLoopFinder looks past what leaves the counter and the branches alone", () => {
  for (const form of FORMS) {
    for (const [note, body, fields] of ALSO) {
      const compare = fits(form, "ne") ? "ne" : "gt_u";
      const loop = { form, compare, step: -1, limit: "i32.const 7" } as const;
      assertEquals(kindsOf(countingLoop(loop, 0, body), fields), "counted", `${form}: ${note}`);
    }
  }
});

const BEFORE: CountingLoop = { form: "before", compare: "lt_s", step: 1, limit: "local.get 1" };
const AFTER: CountingLoop = { ...BEFORE, form: "after" };
const STEP = "local.get 0 i32.const 1 i32.add", TEST = "local.get 0 local.get 1 i32.lt_s";

/** Loops that are nearly those that count. */
const NEARLY: readonly (readonly [note: string, code: string, fields?: string])[] = [
  ["the counter is written twice", countingLoop(BEFORE, 0, "i32.const 1 local.set 0")],
  ["the counter is written twice", countingLoop(AFTER, 0, "i32.const 1 local.tee 0 drop")],
  ["the limit is written", countingLoop(BEFORE, 0, "i32.const 1 local.set 1")],
  ["the limit is written", countingLoop(AFTER, 0, "i32.const 1 local.tee 1 drop")],
  ["the limit is written in an arm", countingLoop(AFTER, 0, "local.get 2 if i32.const 1 local.set 1 end")],
  ["the limit is the counter", countingLoop({ ...BEFORE, limit: "local.get 0" }, 0)],
  ["the limit is the counter", countingLoop({ ...AFTER, compare: "ne", limit: "local.get 0" }, 0)],
  ["the limit is loaded", countingLoop({ ...BEFORE, limit: "i32.const 0 i32.load" }, 0), "(memory 1)"],
  [
    "the limit is a global",
    countingLoop({ ...AFTER, limit: "global.get 0" }, 0),
    "(global i32 (i32.const 9))",
  ],
  ["a second branch back", countingLoop(BEFORE, 0, "local.get 2 br_if 1")],
  ["a second branch back", countingLoop(AFTER, 0, "local.get 2 br_if 0")],
  ["a second branch back, from a block", countingLoop(AFTER, 0, "block local.get 2 br_if 1 end")],
  ["a second branch back, by br_table", countingLoop(AFTER, 0, "block local.get 2 br_table 0 1 end")],
  ["a branch back in the default of br_table", countingLoop(BEFORE, 0, "block local.get 2 br_table 0 2 end")],
  ["a branch out", `block ${countingLoop(BEFORE, 0, "local.get 2 br_if 2")} end`],
  ["a branch out", `block ${countingLoop(AFTER, 0, "local.get 2 br_if 1")} end`],
  ["a branch to the function's label", countingLoop(AFTER, 0, "local.get 2 br_if 1")],
  ["br_table out", `block ${countingLoop(AFTER, 0, "block local.get 2 br_table 0 2 end")} end`],
  ["br_on_null", countingLoop(AFTER, 0, "block ref.null func br_on_null 0 drop end")],
  ["a branch out through the if", countingLoop(BEFORE, 0, "local.get 2 br_if 0")],
  ["a branch out through the if, from a block", countingLoop(BEFORE, 0, "block local.get 2 br_if 1 end")],
  ["a branch out through the if, by br_table", countingLoop(BEFORE, 0, "block local.get 2 br_table 0 1 end")],
  ["a branch out through the if, by br", countingLoop(BEFORE, 0, "local.get 2 if br 1 end")],
  ["a return", countingLoop(AFTER, 0, "local.get 2 if return end")],
  ["a return", countingLoop(BEFORE, 0, "local.get 2 if return end")],
  ["a tail call", countingLoop(AFTER, 0, "local.get 2 if return_call $g end"), "(func $g)"],
  ["another loop", countingLoop(AFTER, 0, "loop local.get 2 br_if 0 end")],
  ["a loop that is none", countingLoop(AFTER, 0, "loop nop end")],
  ["an else", `loop ${TEST} if ${STEP} local.set 0 br 1 else nop end end`],
  ["the branch back is in the else", `loop ${TEST} if nop else ${STEP} local.set 0 br 1 end end`],
  ["code behind the if", `loop ${TEST} if ${STEP} local.set 0 br 1 end nop end`],
  ["the if is closed early", `loop ${TEST} if nop end block ${STEP} local.set 0 br 1 end end`],
  [
    "the if is closed early, before an if",
    `loop ${TEST} if nop end local.get 2 if ${STEP} local.set 0 br 1 end end`,
  ],
  [
    "the if has a result",
    `loop ${TEST} if (result i32) ${STEP} local.set 0 br 1 else i32.const 7 end drop end`,
  ],
  [
    "the if has a parameter",
    `i32.const 5 loop (param i32) ${TEST} if (param i32) drop ${STEP} local.set 0 i32.const 5 br 1 else drop end end`,
  ],
  ["a block in the place of the loop's end", `loop ${TEST} if ${STEP} local.set 0 br 1 end block end end`],
  ["code before the comparison", `loop i32.const 1 drop ${TEST} if ${STEP} local.set 0 br 1 end end`],
  ["step 0", countingLoop({ ...BEFORE, step: 0 }, 0)],
  ["step 0", countingLoop({ ...AFTER, compare: "ne", step: 0 }, 0)],
  ["a huge step", countingLoop({ ...BEFORE, step: 65_537 }, 0)],
  ["a huge step", countingLoop({ ...AFTER, compare: "ne", step: -131_072 }, 0)],
  ["the least step", countingLoop({ ...AFTER, compare: "ne", step: -(2 ** 31) }, 0)],
  [
    "the least step, subtracted",
    countingLoop({ ...AFTER, compare: "ne", step: 2 ** 31, subtracts: true }, 0),
  ],
  ["step 0, subtracted", `loop ${TEST} if local.get 0 i32.const 0 i32.sub local.set 0 br 1 end end`],
  ["a huge step, subtracted", countingLoop({ ...BEFORE, step: 65_537, subtracts: true }, 0)],
  ["the wrong direction", countingLoop({ ...BEFORE, step: -1 }, 0)],
  ["the wrong direction", countingLoop({ ...AFTER, compare: "ge_u" }, 0)],
  ["ne with step 3", countingLoop({ ...AFTER, compare: "ne", step: 3 }, 0)],
  ["ne with step -6", countingLoop({ ...BEFORE, compare: "ne", step: -6 }, 0)],
  ["eq", `loop local.get 0 local.get 1 i32.eq if ${STEP} local.set 0 br 1 end end`],
  [
    "a comparison of 64 bits",
    `loop local.get 0 i64.extend_i32_u i64.const 9 i64.lt_s if ${STEP} local.set 0 br 1 end end`,
  ],
  [
    "the step is added to another",
    `loop ${TEST} if local.get 2 i32.const 1 i32.add local.set 0 br 1 end end`,
  ],
  [
    "the step is added to another",
    `loop local.get 2 i32.const 1 i32.add local.tee 0 local.get 1 i32.lt_s br_if 0 end`,
  ],
  ["the step is set in another", `loop ${TEST} if ${STEP} local.set 2 br 1 end end`],
  ["the step is set in another", `loop ${STEP} local.tee 2 local.get 1 i32.lt_s br_if 0 end`],
  ["the step is set in another", `loop ${STEP} local.tee 2 br_if 0 end`],
  ["another is compared", `loop local.get 2 local.get 1 i32.lt_s if ${STEP} local.set 0 br 1 end end`],
  ["the step is a local", `loop ${TEST} if local.get 0 local.get 2 i32.add local.set 0 br 1 end end`],
  [
    "the step is subtracted, in the wrong direction",
    countingLoop({ ...BEFORE, step: -1, subtracts: true }, 0),
  ],
  ["the counter is subtracted", `loop ${TEST} if i32.const 1 local.get 0 i32.sub local.set 0 br 1 end end`],
  ["the step comes in an arm", `loop ${TEST} if local.get 2 if ${STEP} local.set 0 end br 1 end end`],
  ["the step comes before other code", `loop ${TEST} if ${STEP} local.set 0 i32.const 1 drop br 1 end end`],
  ["the branch back has a condition", `loop ${TEST} if ${STEP} local.set 0 local.get 2 br_if 1 end end`],
  ["the branch back has none", `loop ${STEP} local.tee 0 drop br 0 end`],
  ["the limit comes first, with lt_s", `loop local.get 1 ${STEP} local.tee 0 i32.lt_s br_if 0 end`],
  [
    "the limit comes first, with lt_s",
    `loop local.get 1 local.get 0 i32.lt_s if ${STEP} local.set 0 br 1 end end`,
  ],
  [
    "the limit comes first, with ne",
    `loop local.get 1 local.get 0 i32.ne if ${STEP} local.set 0 br 1 end end`,
  ],
  [
    "the limit comes first, and is the counter",
    `loop local.get 0 local.get 0 i32.gt_s if ${STEP} local.set 0 br 1 end end`,
  ],
  [
    "the limit comes first, and is loaded",
    `loop i32.const 0 i32.load local.get 0 i32.gt_s if ${STEP} local.set 0 br 1 end end`,
    "(memory 1)",
  ],
  [
    "the limit comes first, and is written",
    countingLoop({ ...BEFORE, form: "swapped" }, 0, "i32.const 1 local.set 1"),
  ],
  [
    "another is compared with the limit, which comes first",
    `loop local.get 1 local.get 2 i32.gt_s if ${STEP} local.set 0 br 1 end end`,
  ],
  ["code behind the branch", `loop ${STEP} local.tee 0 local.get 1 i32.lt_s br_if 0 i32.const 1 drop end`],
  ["the comparison is turned round", `loop ${STEP} local.tee 0 local.get 1 i32.ge_s i32.eqz br_if 0 end`],
  [
    "parameters",
    `i32.const 1 loop (param i32) drop ${STEP} local.set 0 i32.const 1 ${TEST} br_if 0 drop end`,
  ],
  [
    "a handler",
    `loop (block $c (try_table (catch_all $c))) ${STEP} local.tee 0 local.get 1 i32.lt_s br_if 0 end`,
  ],
  ["a call", countingLoop(AFTER, 0, "call $g"), '(func $g (export "g"))'],
];

Deno.test("CountedLoopFinder leaves alone what only looks like a loop that counts", () => {
  for (const [note, code, fields] of NEARLY) {
    const kinds = kindsOf(code, fields);
    assert(!/counted|static/.test(kinds) && kinds !== "", `${note}: ${kinds}, ${code}`);
  }
});

Deno.test("CountedLoopFinder leaves loops with handlers of the old exceptions alone", async () => {
  const compile = await legacyTextCompiler();
  for (const body of ["try nop catch_all end", "try nop delegate 0"]) {
    const { module } = textModule(inFunction(countingLoop(AFTER, 0, body)), compile);
    assertEquals(loopKinds(module, 0), "settling", body);
  }
});

Deno.test("CountedLoopFinder looks at no more than 4096 bytes", () => {
  // All but the nops takes 20 bytes.
  const ofBytes = (bytes: number) =>
    countingLoop(AFTER, 0, `local.get 2 if ${repeat(bytes - 20, "nop")} end`);
  assertEquals(kindsOf(ofBytes(4096)), "counted");
  assertEquals(kindsOf(ofBytes(4097)), "wrapped");
});

Deno.test("LoopPlanner charges loops by their counters where an iteration costs at most 150 units", () => {
  for (const [loop, units] of [[BEFORE, 9], [{ ...BEFORE, form: "swapped" }, 9], [AFTER, 7]] as const) {
    const most = repeat(150 - units, "i32.const 0 drop");
    assertEquals(kindsOf(countingLoop(loop, 0, most)), "counted", loop.form);
    assertEquals(kindsOf(countingLoop(loop, 0, `${most} i32.const 0 drop`)), "wrapped", loop.form);
    assertEquals(
      kindsOf(countingLoop(loop, 0, `${most} i32.const 0 drop call $g`), "(func $g)"),
      "tested",
      loop.form,
    );
  }
});

Deno.test("LoopPlanner makes no more than some 4096 units' worth of iterations between two tests", () => {
  for (const units of [7, 8, 149, 150]) {
    const { module } = textModule(inFunction(countingLoop(AFTER, 0, repeat(units - 7, "i32.const 0 drop"))));
    const [found] = planModule(module, DEFAULT_COSTS).counted.values();
    assertEquals([found?.units, found?.most], [units, Math.floor(4096 / units)]);
  }
  const arm = `local.get 2 if ${repeat(5000, "i32.const 0 drop")} end`;
  const { module } = textModule(inFunction(countingLoop(AFTER, 0, arm)));
  const [found] = planModule(module, DEFAULT_COSTS).counted.values();
  assertEquals(found, undefined, "too long");
});

Deno.test("LoopPlanner wraps at most 100 loops of a function, those that count included", () => {
  const loops = `${countingLoop(AFTER, 0)} loop local.get 2 br_if 0 end`;
  assertEquals(kindsOf(repeat(51, loops)), `tested tested ${repeat(50, "counted wrapped")}`);
});
