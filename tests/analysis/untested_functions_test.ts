import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { LIGHT } from "../../src/analysis/light_functions.ts";
import { FUNCTION_FLAGS, SITE, SITE_FLAGS } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { assertEquals } from "../assert.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** One word for each function: `light`, `tested` or `untested` at its entry, with `+end` where it is tested there, too. */
function testsOf(fields: string): string {
  const { module } = textModule(fields), plan = planModule(module, DEFAULT_COSTS);
  return module.bodies.map((_, body) => {
    if (plan.light[body] !== LIGHT.no) return "light";
    const kind = (plan.siteKind[plan.entrySite[body] ?? -1] ?? 0) & SITE_FLAGS.kind;
    const end = ((plan.flags[body] ?? 0) & FUNCTION_FLAGS.testsEnd) === 0 ? "" : "+end";
    return `${kind === SITE.test ? "tested" : "untested"}${end}`;
  }).join(" ");
}

/** A note, a module, and how its functions are tested. */
type TestRow = readonly [note: string, fields: string, expected: string];

function check(rows: readonly TestRow[]): void {
  for (const [note, fields, expected] of rows) assertEquals(testsOf(fields), expected, note);
}

/** Code of this many units. */
const cost = (units: number): string => repeat(units, "i32.const 0 drop");
const arm = (units: number): string => `local.get 0 if ${cost(units)} end`;
const AGAIN = "loop local.get 0 br_if 0 end", LESS = "local.get 0 i32.const 1 i32.sub";
/** Calls `$g`, from outside alone. */
const main = (times = 1) => `(func (export "f") ${repeat(times, "i32.const 1 call $g")})`;
const TABLE = "(table 1 funcref)", TAG = "(tag $t)";

const DROPPED: readonly TestRow[] = [
  ["called directly", `(func $g (param i32) ${AGAIN}) ${main()}`, "untested tested"],
  ["called by nothing", `(func $g (param i32) ${AGAIN})`, "tested"],
  ["called from outside alone", `(func $g (export "g") (param i32) ${AGAIN})`, "tested"],
  ["called from outside, too", `(func $g (export "g") (param i32) ${AGAIN}) ${main()}`, "untested tested"],
  ["in a table, too", `${TABLE} (elem func $g) (func $g (param i32) ${AGAIN}) ${main()}`, "untested tested"],
  [
    "with a bulk operation",
    `(memory 1) (func $g (param i32) ${repeat(3, "i32.const 0")} memory.fill) ${main()}`,
    "untested tested",
  ],
  ["where exceptions may pass", `${TAG} (func $g (param i32) ${AGAIN}) ${main()}`, "tested tested"],
  [
    "with two results",
    `(func $g (param i32) (result i32 i32) ${AGAIN} i32.const 1 i32.const 1)
    (func (export "f") i32.const 1 call $g drop drop)`,
    "tested tested",
  ],
  [
    "that calls itself",
    `(func $g (param i32) local.get 0 if ${LESS} call $g end) ${main()}`,
    "tested tested",
  ],
  [
    "that call each other",
    `(func $g (param i32) local.get 0 call $h) (func $h (param i32) local.get 0 call $g) ${main()}`,
    "tested tested tested",
  ],
  [
    "that is called by what recurs",
    `(func $g (param i32) ${AGAIN}) (func $h (param i32) local.get 0 call $g local.get 0 call $h)`,
    "untested tested",
  ],
  [
    "that calls what recurs",
    `(func $g (param i32) local.get 0 call $h) (func $h (param i32) local.get 0 if ${LESS} call $h end) ${main()}`,
    "untested tested tested",
  ],
  [
    "that calls through a table",
    `${TABLE} (func $g (param i32) i32.const 0 call_indirect) ${main()}`,
    "tested tested",
  ],
  [
    "that calls an import",
    `(import "m" "i" (func $i)) (func $g (param i32) call $i) ${main()}`,
    "tested tested",
  ],
  [
    "on a cycle through a table, where another is tested",
    `${TABLE} (elem func $g)
    (func $g (param i32) ${AGAIN} call $h) (func $h i32.const 1 i32.const 0 call_indirect (param i32)) ${main()}`,
    "untested tested tested",
  ],
  [
    "that makes a tail call",
    `(func $g (param i32) ${AGAIN} return_call $h) (func $h) ${main()}`,
    "tested light tested",
  ],
  [
    "that is tail-called",
    `(func $g (param i32) ${AGAIN}) (func (export "f") i32.const 1 return_call $g)`,
    "tested tested",
  ],
  [
    "that pays what it is passed",
    `(func $two (result i32 i32) i32.const 1 i32.const 1 ${
      cost(90)
    }) (func $g (param i32) call $two drop drop) ${main()}`,
    "tested tested tested",
  ],
  [
    "that calls what is light, and has two results",
    `(func $two (result i32 i32) i32.const 1 i32.const 1) (func $g (param i32) call $two drop drop ${AGAIN}) ${main()}`,
    "light untested tested",
  ],
];

/**
 * What is charged at the entry is charged by the callers, up to 1024 units, so that of the callee of an untested function
 * counts: 3 units. Each function takes 1 unit besides.
 */
const BOUNDS: readonly TestRow[] = [
  ["an entry of 4,095", `(func $g (param i32) ${cost(4094)}) ${main()}`, "untested tested"],
  ["an entry of 4,096", `(func $g (param i32) ${cost(4095)}) ${main()}`, "tested tested"],
  ["an arm of 4,095", `(func $g (param i32) ${arm(4095)}) ${main()}`, "untested tested"],
  ["an arm of 4,096", `(func $g (param i32) ${arm(4096)}) ${main()}`, "tested tested"],
  ["arms of 4,095 in all", `(func $g (param i32) ${arm(2000)} ${arm(2095)}) ${main()}`, "untested tested"],
  ["arms of 4,096 in all", `(func $g (param i32) ${arm(2000)} ${arm(2096)}) ${main()}`, "tested tested"],
  [
    "with an untested callee, 4,096",
    `(func $h (param i32) ${arm(2000)}) (func $g (param i32) ${arm(2091)} local.get 0 call $h) ${main()}`,
    "untested untested tested",
  ],
  [
    "with an untested callee, 4,097",
    `(func $h (param i32) ${arm(2000)}) (func $g (param i32) ${arm(2092)} local.get 0 call $h) ${main()}`,
    "untested tested tested",
  ],
  [
    "with a tested callee",
    `(func $h (param i32) ${arm(5000)}) (func $g (param i32) ${arm(4092)} local.get 0 call $h) ${main()}`,
    "tested untested tested",
  ],
  [
    "calls of a function that charges itself, 63 times 64",
    `${TABLE} (elem func $h) (func $h ${cost(63)}) (func $g (param i32) ${repeat(63, "call $h")}) ${main()}`,
    "light untested tested",
  ],
  [
    "calls of a function that charges itself, 64 times 64",
    `${TABLE} (elem func $h) (func $h ${cost(63)}) (func $g (param i32) ${repeat(64, "call $h")}) ${main()}`,
    "light tested tested",
  ],
];

const countingTo = (times: number, body: string) =>
  `i32.const 0 local.set 1 loop ${body} local.get 1 i32.const 1 i32.add local.tee 1 i32.const ${times}
    i32.lt_s br_if 0 end`;

/** Static loops are charged at the entry, 9 units an iteration; arms in them count as often as they may run, and once more. */
const WEIGHTED: readonly TestRow[] = [
  [
    "1 + 10 × 9 + 11 × 364 = 4,095",
    `(func $g (param i32) (local i32) ${countingTo(10, arm(364))}) ${main()}`,
    "untested tested",
  ],
  [
    "1 + 10 × 9 + 11 × 365 = 4,106",
    `(func $g (param i32) (local i32) ${countingTo(10, arm(365))}) ${main()}`,
    "tested tested",
  ],
  [
    "1 + 100 × 9 + 101 × 31 = 4,032",
    `(func $g (param i32) (local i32) ${countingTo(100, arm(31))}) ${main()}`,
    "untested tested",
  ],
  [
    "1 + 100 × 9 + 101 × 32 = 4,133",
    `(func $g (param i32) (local i32) ${countingTo(100, arm(32))}) ${main()}`,
    "tested tested",
  ],
  [
    "a loop that has tests",
    `(func $g (param i32) loop ${arm(400)} local.get 0 br_if 0 end) ${main()}`,
    "untested tested",
  ],
];

const G = `(func $g (param i32) ${arm(4095)})`;

const IN_BODY: readonly TestRow[] = [
  ["16 × 4,096 = 65,536", `${G} ${main(16)}`, "untested tested"],
  ["17 × 4,096", `${G} ${main(17)}`, "tested tested"],
  [
    "17 × 4,096, in two functions",
    `${G} ${main(16)} (func (export "h") i32.const 1 call $g)`,
    "untested tested tested",
  ],
  [
    "17 × 4,096, and a function that calls it once",
    `${G} ${main(17)} (func (export "h") i32.const 1 call $g)`,
    "tested tested tested",
  ],
  [
    "others, and one call of it too many",
    `${G} (func $h (param i32) ${arm(4095)}) (func (export "f") ${
      repeat(16, "i32.const 1 call $g")
    } i32.const 1 call $h)`,
    "tested tested tested",
  ],
];

Deno.test("dropEntryTests() leaves out the tests of functions that need none of their own", () =>
  check(DROPPED));

Deno.test("dropEntryTests() keeps the tests of functions that cost more than 4,096 units", () =>
  check(BOUNDS));

Deno.test("dropEntryTests() weighs what static loops charge", () => check(WEIGHTED));

Deno.test("dropEntryTests() keeps the tests of functions whose calls in one body cost more than 65,536 units", () => {
  check(IN_BODY);
});

/** `$g` calls itself and then does what is given. */
const recursive = (behind: string, { call = `${LESS} call $g`, locals = "" } = {}): string =>
  `(func $g (param i32) ${locals} local.get 0 if ${call} end ${behind})`;

const BEHIND: readonly TestRow[] = [
  ["nothing", recursive(""), "tested"],
  ["straight code, which is charged before", recursive(cost(100)), "tested"],
  ["an arm of 64", recursive(arm(64)), "tested"],
  ["an arm of 65", recursive(arm(65)), "tested+end"],
  ["arms of 64 in all", recursive(`${arm(30)} ${arm(34)}`), "tested"],
  ["arms of 65 in all", recursive(`${arm(30)} ${arm(35)}`), "tested+end"],
  [
    "an arm before the call",
    `(func $g (param i32) ${arm(100)} local.get 0 if ${LESS} call $g end)`,
    "tested",
  ],
  ["an arm behind the call in its arm", recursive("", { call: `${LESS} call $g ${arm(65)}` }), "tested+end"],
  [
    "an arm behind a call of another function",
    `(func $h) (func $g (param i32) call $h ${arm(65)} local.get 0 if ${LESS} call $g end)`,
    "light tested",
  ],
  ["an arm behind the first of two calls", recursive(`${arm(65)} ${LESS} call $g`), "tested+end"],
  [
    "an arm in a function that does not recur",
    `(func $h (param i32) ${arm(65)}) ${main().replace("$g", "$h")}`,
    "untested tested",
  ],
  [
    "an arm in one function of a cycle",
    `(func $g (param i32) local.get 0 call $h ${arm(65)}) (func $h (param i32) local.get 0 call $g)`,
    "tested+end tested",
  ],
  [
    "an arm behind a call through a table",
    `${TABLE} (elem func $g) ${
      recursive(arm(65), { call: `${LESS} i32.const 0 call_indirect (param i32)` })
    }`,
    "tested+end",
  ],
  [
    "an arm behind a call through a table that does not lead back",
    `${TABLE} (func $g (param i32) i32.const 0 call_indirect ${arm(65)} local.get 0 if ${LESS} call $g end)`,
    "tested",
  ],
  [
    "an arm behind a call of an import that may lead back",
    `(import "m" "i" (func $i)) (func (export "f") (param i32) call $i ${arm(65)})`,
    "tested+end",
  ],
  ["a tail call", `(func $g (param i32) local.get 0 if ${LESS} return_call $g end ${arm(65)})`, "tested+end"],
  [
    "straight code of 64, where exceptions may pass",
    `${TAG} (func $g (param i32) ${LESS} call $g ${cost(64)})`,
    "tested",
  ],
  [
    "straight code of 65, where exceptions may pass",
    `${TAG} (func $g (param i32) ${LESS} call $g ${cost(65)})`,
    "tested+end",
  ],
  [
    "a static loop that charges 10 × 5 and 5 in arms",
    recursive(countingTo(10, arm(5)), { locals: "(local i32)" }),
    "tested",
  ],
  [
    "a static loop that charges 10 × 6 and 6 in arms",
    recursive(countingTo(10, arm(6)), { locals: "(local i32)" }),
    "tested+end",
  ],
];

Deno.test("markEndTests() flags functions that charge more than 64 units behind a call that leads back", () => {
  check(BEHIND);
});
