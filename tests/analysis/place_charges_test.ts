import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { FUNCTION_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { assertEquals } from "../assert.ts";
import { listPlan } from "./plan_listing.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** The plans of all bodies of a module, one a line. */
function plansOf(fields: string): readonly string[] {
  const { module } = textModule(fields);
  return module.bodies.map((_, body) => listPlan(module, body));
}

/** A note, a module, and the plans of its bodies. */
type ChargeRow = readonly [note: string, fields: string, plans: readonly string[]];

const NOT_LIGHT = `(func $g (param i32) loop local.get 0 br_if 0 end)`;
const ITS_LOOP = "[loop+wrapped] loop [test+wrapped 2] local.get br_if end [loopEnd+wrapped]";

const ROWS: readonly ChargeRow[] = [
  [
    "a light function is charged whole in the region of the call",
    '(func $g i32.const 1 drop) (func (export "f") call $g call $g i32.const 1 drop)',
    ["i32.const drop end", "[test 8] call call i32.const drop end"],
  ],
  [
    "what is in its arms stays there",
    '(func $g (param i32) local.get 0 if i32.const 1 drop end) (func (export "f") i32.const 0 call $g)',
    ["local.get if [charge 1] i32.const drop end end", "[test 6] i32.const call end"],
  ],
  [
    "a chain of light functions is charged where the first is called",
    '(func $a call $b) (func $b call $c call $c) (func $c) (func (export "f") (param i32) local.get 0 if call $a end)',
    ["call end", "call call end", "end", "[test 3] local.get if [charge 8] call end end"],
  ],
  [
    "a function that only others reach is charged where it begins",
    '(func $g (export "g") i32.const 1 drop) (func (export "f"))',
    ["[test 2] i32.const drop end", "[test 1] end"],
  ],
  [
    "one that others reach by a function of its own is charged at its direct callers",
    '(func $g (export "g") i32.const 1 drop) (func (export "f") call $g)',
    ["i32.const drop end", "[test 4] call end"],
  ],
  [
    "one that others reach, and that is passed nothing, is charged where it begins",
    '(func $g (export "g") (result i32 i32) i32.const 1 i32.const 2) (func (export "f") call $g drop drop)',
    ["[test 3] i32.const i32.const end", "[test 2] call drop drop end"],
  ],
  [
    "one that is light and in a table, too",
    '(elem func $g) (func $g i32.const 1 drop) (func (export "f") call $g)',
    ["[charge 2] i32.const drop end", "[test 2] call end"],
  ],
  [
    "one that is not light is charged for its entry at its callers, too",
    `${NOT_LIGHT} (func (export "f") i32.const 0 call $g i32.const 0 call $g)`,
    [`${ITS_LOOP} end`, "[test 7] i32.const call i32.const call end"],
  ],
  [
    "the code behind a loop belongs to the entry",
    '(func $g (param i32) loop local.get 0 br_if 0 end nop i32.const 1 drop) (func (export "f") i32.const 0 call $g)',
    [`${ITS_LOOP} nop i32.const drop end`, "[test 5] i32.const call end"],
  ],
  [
    "tail calls charge as calls do",
    '(func $g i32.const 1 drop) (func (export "f") (param i32) local.get 0 if return_call $g end)',
    ["i32.const drop end", "[test 3] local.get if [charge 3] [leave] return_call end end"],
  ],
  [
    "tail calls of what is not light, too",
    `${NOT_LIGHT} (func (export "f") i32.const 0 return_call $g)`,
    [
      `[test 0] ${ITS_LOOP} end`,
      "[test 4] i32.const [leave] return_call end",
    ],
  ],
  [
    "where exceptions may pass, a call ends its region, and what it calls is charged before",
    '(tag $t) (func $g i32.const 1 drop) (func (export "f") call $g i32.const 1 drop call $g)',
    ["i32.const drop end", "[test 4] call [charge 4] i32.const drop call end"],
  ],
  [
    "a try is entered before what is called in it is charged",
    '(func $g) (func (export "f") (block $c (try_table (catch_all $c) call $g i32.const 1 drop)))',
    ["end", "[test 5] block try_table call [charge 1] i32.const drop end end [handler] end"],
  ],
  [
    "calls in dead code charge nothing",
    '(func $g i32.const 1 drop) (func (export "f") return call $g)',
    ["i32.const drop end", "[test 1] [leave] return call end"],
  ],
  [
    "what does not come back is charged as what does",
    `${NOT_LIGHT} (func (export "f") (param i32) local.get 0 if i32.const 1 call $g unreachable end)`,
    [`${ITS_LOOP} end`, "[test 3] local.get if [charge 3] i32.const call unreachable end end"],
  ],
  [
    "recursion is charged at every call",
    '(func $g (param i32) local.get 0 if i32.const 0 call $g end) (func (export "f") i32.const 1 call $g)',
    ["local.get if [test 5] i32.const call end end", "[test 6] i32.const call end"],
  ],
  [
    "recursion in the region of the entry, too",
    '(func $g call $h i32.const 1 drop) (func $h call $g) (func (export "f") call $g)',
    ["[test 2] call i32.const drop end", "[test 3] call end", "[test 5] call end"],
  ],
  [
    "calls in a loop are charged there",
    '(func $g i32.const 1 drop) (func (export "f") (param i32) loop call $g local.get 0 br_if 0 end)',
    [
      "i32.const drop end",
      "[test 1] loop [test 5] call local.get br_if end end",
    ],
  ],
];

Deno.test("chargeAtCallers() moves the entries of functions to their direct callers", () => {
  for (const [note, fields, plans] of ROWS) assertEquals(plansOf(fields), plans, note);
});

Deno.test("chargeAtCallers() moves the surcharge for locals along", () => {
  const locals = `(local ${repeat(192, "i32")})`;
  assertEquals(plansOf(`(func $g ${locals}) (func (export "f") call $g)`), ["end", "[test 5] call end"]);
});

Deno.test("chargeAtCallers() moves entries of at most 1024 units", () => {
  // Both functions have a loop, so that they are not light; each call takes 1 unit.
  const plansWith = (units: number) =>
    plansOf(
      `(func $g (param i32) loop local.get 0 br_if 0 end ${repeat(units - 1, "i32.const 0 drop")})
      (func (export "f") i32.const 0 call $g)`,
    ).map((plan) => plan.replace(/( i32\.const drop)+ end$/, " … end"));
  assertEquals(plansWith(1024), [`${ITS_LOOP} … end`, "[test 1027] i32.const call end"]);
  assertEquals(plansWith(1025), [`[charge 1025] ${ITS_LOOP} … end`, "[test 3] i32.const call end"]);
});

Deno.test("chargeAtCallers() charges entries where instructions are free", () => {
  const { module } = textModule('(func $g) (func (export "f") (param i32) local.get 0 if call $g end)');
  const plan = planModule(module, { ...DEFAULT_COSTS, instruction: 0, functionEntry: 3 });
  const costs = [...plan.siteCost.subarray(0, plan.siteCount)].filter((units) => units > 0);
  assertEquals(costs, [3, 3], "of the function, and of the one that its arm calls");
});

/** A note, a module, and 1 for each function that adds up what it owes. */
type OwingRow = readonly [note: string, fields: string, owing: string];

const AGAIN = "loop local.get 0 br_if 0 end",
  TWO_RESULTS = '(export "g") (result i32 i32) i32.const 1 i32.const 2';

const OWING: readonly OwingRow[] = [
  ["charges at its entry alone", '(func (export "f") i32.const 1 drop)', "0"],
  ["charges in an arm", '(func (export "f") (param i32) local.get 0 if i32.const 1 drop end)', "1"],
  ["has a loop", `(func (export "f") (param i32) ${AGAIN})`, "1"],
  ["has a loop that nothing branches back to", '(func (export "f") loop nop end)', "0"],
  [
    "has a loop that counts",
    `(func (export "f") (param i32) (local i32) loop local.get 1 i32.const 1 i32.add local.tee 1 local.get 0
      i32.lt_s br_if 0 end)`,
    "1",
  ],
  [
    "has a static loop",
    `(func (export "f") (local i32) i32.const 0 local.set 0 loop local.get 0 i32.const 1 i32.add local.tee 0 i32.const 9
      i32.lt_s br_if 0 end)`,
    "0",
  ],
  ["calls what is light", '(func $g) (func (export "f") call $g)', "00"],
  ["is light, and charges in an arm", "(func (param i32) local.get 0 if i32.const 1 drop end)", "0"],
  ["calls what takes what is owed", '(func $g (export "g")) (func (export "f") call $g)', "11"],
  ["calls what does not", `(func $g ${TWO_RESULTS}) (func (export "f") call $g drop drop)`, "00"],
  ["calls an import", '(import "m" "i" (func $i)) (func (export "f") call $i)', "0"],
  [
    "has its test, and no other charge, in an arm",
    '(import "m" "i" (func $i)) (func (param i32) local.get 0 if call $i end)',
    "0",
  ],
  [
    "has its test in an arm, and another charge",
    '(import "m" "i" (func $i)) (func (param i32) local.get 0 if call $i i32.const 0 br_if 0 i32.const 1 drop end)',
    "1",
  ],
];

Deno.test("markOwing() flags what charges more than once, and what passes on what is owed", () => {
  for (const [note, fields, owing] of OWING) {
    const { flags } = planModule(textModule(fields).module, DEFAULT_COSTS);
    assertEquals([...flags].map((bits) => (bits & FUNCTION_FLAGS.owes) === 0 ? 0 : 1).join(""), owing, note);
  }
});
