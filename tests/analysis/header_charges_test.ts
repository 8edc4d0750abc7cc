/**
 * What is charged at the header of a loop is charged in front of the loop and where it is gone back to, if only one plain `br`
 * goes back: where that branch stands in an arm, the charges at the header and in the arm become one.
 */
import { assert, assertEquals } from "../assert.ts";
import { compareWithOracle } from "../instrument/oracle_run.ts";
import { listPlan } from "./plan_listing.ts";
import { textModule } from "./text_module.ts";

/** A note, a body, its plan, and what else the module has. Local 0 is the parameter. */
type HeaderRow = readonly [note: string, code: string, expected: string, fields?: string];

/** Takes 1 of the parameter. */
const LESS = "local.get 0 i32.const 1 i32.sub local.set 0",
  LESS_LISTED = "local.get i32.const i32.sub local.set";

const MOVED: readonly HeaderRow[] = [
  [
    "in an arm",
    `loop local.get 0 if ${LESS} br 1 end end`,
    `[test 3] [loop+wrapped] loop [test+wrapped 0] local.get if [charge+wrapped 7] ${LESS_LISTED} br end end [loopEnd+wrapped] end`,
  ],
  [
    "behind a branch out",
    `block loop local.get 0 i32.eqz br_if 1 ${LESS} br 0 end end`,
    `[test 4] block [loop+wrapped] loop [test+wrapped 0] local.get i32.eqz [branch+wrapped] br_if [charge+wrapped 8] ${LESS_LISTED} br end [loopEnd+wrapped] end end`,
  ],
  [
    "behind the way out of an arm",
    `loop local.get 0 i32.eqz if return end ${LESS} br 0 end`,
    `[test 4] [loop+wrapped] loop [test+wrapped 0] local.get i32.eqz if [leave+wrapped] return end [charge+wrapped 8] ${LESS_LISTED} br end [loopEnd+wrapped] end`,
  ],
  [
    "in an inner loop",
    `loop loop local.get 0 if ${LESS} local.get 0 i32.const 1 i32.and br_if 1 br 2 end end end`,
    `[test 1] loop [test 0] [loop+wrapped] loop [test+wrapped 2] local.get if [charge+wrapped 8] ${LESS_LISTED} local.get i32.const i32.and br_if [charge+wrapped 1] [branch+wrapped] br end end [loopEnd+wrapped] end end`,
  ],
  [
    "of the inner loop alone",
    `loop loop local.get 0 i32.const 3 i32.and if ${LESS} br 1 end end local.get 0 if ${LESS} local.get 0 br_if 1 end end`,
    `[test 1] loop [test 6] [loop+wrapped] loop [test+wrapped 0] local.get i32.const i32.and if [charge+wrapped 9] ${LESS_LISTED} br end end [loopEnd+wrapped] local.get if [charge 6] ${LESS_LISTED} local.get br_if end end end`,
  ],
  [
    "of both",
    `loop loop local.get 0 i32.const 3 i32.and if ${LESS} br 1 end end local.get 0 if ${LESS} br 1 end end`,
    `[test 7] loop [test 0] [loop+wrapped] loop [test+wrapped 0] local.get i32.const i32.and if [charge+wrapped 9] ${LESS_LISTED} br end end [loopEnd+wrapped] local.get if [charge 11] ${LESS_LISTED} br end end end`,
  ],
  [
    "of a loop with a call",
    `loop local.get 0 if call $g ${LESS} br 1 end end`,
    `[test 3] loop [test 0] local.get if [charge 9] call ${LESS_LISTED} br end end end`,
    '(func $g (export "g"))',
  ],
  [
    "of a loop with a call before which it is paid",
    `loop local.get 0 if call $g drop drop ${LESS} br 1 end end`,
    `[test 3] [loop+settles] loop [test+settles 0] local.get if [charge+settles 8] call drop drop ${LESS_LISTED} br end end [loopEnd+settles] end`,
    '(func $g (export "g") (result i32 i32) i32.const 1 i32.const 1)',
  ],
  [
    "beside one in dead code",
    `loop local.get 0 if ${LESS} br 1 br 1 end return br 0 end`,
    `[test 3] [loop+wrapped] loop [test+wrapped 0] local.get if [charge+wrapped 7] ${LESS_LISTED} br br end [leave+wrapped] return br end [loopEnd+wrapped] end`,
  ],
  [
    "behind one in dead code",
    `loop local.get 0 i32.eqz if return br 1 end ${LESS} br 0 end`,
    `[test 4] [loop+wrapped] loop [test+wrapped 0] local.get i32.eqz if [leave+wrapped] return br end [charge+wrapped 8] ${LESS_LISTED} br end [loopEnd+wrapped] end`,
  ],
  [
    "where exceptions may pass",
    `loop local.get 0 if call $g ${LESS} br 1 end end`,
    `[test 3] [loop+settles] loop [test+settles 0] local.get if [charge+settles 1] call [charge+settles 7] ${LESS_LISTED} br end end [loopEnd+settles] end`,
    '(tag $t) (func $g (export "g"))',
  ],
];

const KEPT: readonly HeaderRow[] = [
  [
    "in the region of the header",
    `loop local.get 0 i32.eqz if unreachable end ${LESS} br 0 end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 8] local.get i32.eqz if unreachable end ${LESS_LISTED} br end [loopEnd+wrapped] end`,
  ],
  [
    "a br_if",
    "loop local.get 0 i32.const 1 i32.shr_u local.tee 0 br_if 0 end",
    "[test 1] [loop+wrapped] loop [test+wrapped 5] local.get i32.const i32.shr_u local.tee br_if end [loopEnd+wrapped] end",
  ],
  [
    "two branches",
    `loop local.get 0 if ${LESS} local.get 0 i32.const 1 i32.and if br 2 end br 1 end end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 2] local.get if [charge+wrapped 9] ${LESS_LISTED} local.get i32.const i32.and if br end br end end [loopEnd+wrapped] end`,
  ],
  [
    "a br_if, too",
    `loop local.get 0 if ${LESS} local.get 0 i32.const 1 i32.and br_if 1 br 1 end end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 2] local.get if [charge+wrapped 8] ${LESS_LISTED} local.get i32.const i32.and br_if [charge+wrapped 1] br end end [loopEnd+wrapped] end`,
  ],
  [
    "a br_if behind it, too",
    `loop local.get 0 i32.const 1 i32.and if ${LESS} br 1 end local.get 0 if ${LESS} local.get 0 br_if 1 end end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 6] local.get i32.const i32.and if [charge+wrapped 3] ${LESS_LISTED} br end local.get if [charge+wrapped 6] ${LESS_LISTED} local.get br_if end end [loopEnd+wrapped] end`,
  ],
  [
    "a br_table",
    `loop local.get 0 if ${LESS} i32.const 0 br_table 1 1 end end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 2] local.get if [charge+wrapped 6] ${LESS_LISTED} i32.const br_table end end [loopEnd+wrapped] end`,
  ],
  [
    "a br_table, too",
    `loop local.get 0 if ${LESS} block local.get 0 i32.const 1 i32.and br_table 0 2 end br 1 end end`,
    `[test 1] [loop+wrapped] loop [test+wrapped 2] local.get if [charge+wrapped 8] ${LESS_LISTED} block local.get i32.const i32.and br_table end [charge+wrapped 1] br end end [loopEnd+wrapped] end`,
  ],
  [
    "a handler",
    `loop local.get 0 if ${LESS} (try_table (catch_all 1) local.get 0 br_if 0 throw $t) local.get 0 if br 2 end end end`,
    `[test 1] [loop+settles] loop [test+handler+settles 2] local.get if [charge+settles 10] ${LESS_LISTED} try_table local.get br_if [charge+settles 48] [exit+settles] [throw+settles] throw end local.get if [charge+settles 1] br end end end [loopEnd+settles] end`,
    "(tag $t)",
  ],
];

const functionOf = ([, code, , fields = ""]: HeaderRow): string =>
  `${fields} (func (export "f") (param i32) ${code})`;

for (const [what, rows] of [["moves", MOVED], ["keeps", KEPT]] as const) {
  Deno.test(`planModule() ${what} the charge of a loop's header where what goes back is`, () => {
    for (const row of rows) {
      const { module } = textModule(functionOf(row));
      assertEquals(listPlan(module, module.bodies.length - 1), row[2], row[0]);
    }
  });
}

Deno.test("planModule() charges what a loop executes wherever its header is charged", async () => {
  let compared = 0;
  const ending = [...MOVED, ...KEPT].filter(([, code]) => !code.includes("unreachable"));
  for (const row of ending) {
    const inputs = [[0], [1], [2], [3], [10], [700]];
    compared += await compareWithOracle({ note: row[0], fields: functionOf(row), inputs });
  }
  assert(compared > 90, `${compared} calls`);
});
