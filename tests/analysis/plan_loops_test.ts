import { assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { exitKinds, loopKinds } from "./loop_kinds.ts";
import { listPlan } from "./plan_listing.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** A body with loops, what is expected of it, and what else the module has. */
type LoopRow = readonly [note: string, code: string, expected: string, fields?: string];

/** Checks rows; the body takes an i32 and has three more locals of that type. */
function check(
  rows: readonly LoopRow[],
  how: { list: typeof listPlan; compile?: TextCompiler },
): void {
  for (const [note, code, expected, fields = ""] of rows) {
    const text = `${fields} (func (export "f") (param i32) (local i32 i32 i32) ${code})`;
    const { module } = textModule(text, how.compile);
    assertEquals(how.list(module, module.bodies.length - 1), expected, note);
  }
}

const AGAIN = "local.get 0 br_if 0";
const LIGHT = "(func $g)", NOT_LIGHT = '(func $g (export "g"))';
const NOT_PASSED = '(func $g (export "g") (result i32 i32) i32.const 0 i32.const 0)';
const MEMORY = "(memory 1)", TABLE = "(table 1 funcref)", ARRAY = "(type $a (array (mut i32)))";
const ZEROS = "i32.const 0 i32.const 0 i32.const 0";

const HELD: readonly LoopRow[] = [
  ["nothing", `loop ${AGAIN} end`, "wrapped"],
  ["endless", "loop br 0 end", "wrapped"],
  ["a load and a store", `loop i32.const 0 i32.const 0 i32.load i32.store ${AGAIN} end`, "wrapped", MEMORY],
  ["no branch back", "loop nop end", "none"],
  ["a branch back in dead code", "loop return br 0 end", "none"],
  ["a call of a light function", `loop call $g ${AGAIN} end`, "tested", LIGHT],
  ["a call of another", `loop call $g ${AGAIN} end`, "tested", NOT_LIGHT],
  [
    "a call of one that does not take what is owed",
    `loop call $g drop drop ${AGAIN} end`,
    "settling",
    NOT_PASSED,
  ],
  ["a call where exceptions may pass", `loop call $g ${AGAIN} end`, "settling", `(tag $t) ${NOT_LIGHT}`],
  ["a call of a light function there", `loop call $g ${AGAIN} end`, "tested", `(tag $t) ${LIGHT}`],
  ["a call of an import", `loop call $g ${AGAIN} end`, "settling", '(import "m" "g" (func $g))'],
  ["a call through a table", `loop i32.const 0 call_indirect ${AGAIN} end`, "settling", TABLE],
  ["a call of a reference", `loop ref.null $t call_ref $t ${AGAIN} end`, "settling", "(type $t (func))"],
  ["a call of another, in dead code", `loop ${AGAIN} br 0 call $g end`, "tested", NOT_LIGHT],
  [
    "a call that does not come back",
    `loop local.get 0 if call $g unreachable end ${AGAIN} end`,
    "tested",
    NOT_PASSED,
  ],
  [
    "a call of an import that does not come back",
    `loop local.get 0 if call $g unreachable end ${AGAIN} end`,
    "tested",
    '(import "m" "g" (func $g))',
  ],
  [
    "a call through a table that does not come back",
    `loop local.get 0 if i32.const 0 call_indirect unreachable end ${AGAIN} end`,
    "tested",
    TABLE,
  ],
  [
    "a tail call",
    `loop local.get 0 if return_call $g end ${AGAIN} end`,
    "tested",
    '(func $g (export "g") (param) )',
  ],
  ["a return", `loop local.get 0 if return end ${AGAIN} end`, "wrapped"],
  ["an unreachable", `loop local.get 0 if unreachable end ${AGAIN} end`, "wrapped"],
  ["a throw", `loop local.get 0 if throw $t end ${AGAIN} end`, "wrapped", "(tag $t)"],
  ["a throw of a reference", `loop local.get 0 if ref.null exn throw_ref end ${AGAIN} end`, "tested"],
  ["a handler", `loop (block $b (try_table (catch_all $b))) ${AGAIN} end`, "settling"],
  ["a try without handlers", `loop (try_table nop) ${AGAIN} end`, "wrapped"],
  ["a growing memory", `loop i32.const 1 memory.grow drop ${AGAIN} end`, "tested", MEMORY],
  ["the size of a memory", `loop memory.size drop ${AGAIN} end`, "wrapped", MEMORY],
  ["a growing table", `loop ref.null func i32.const 1 table.grow 0 drop ${AGAIN} end`, "tested", TABLE],
  ["memory.fill", `loop ${ZEROS} memory.fill ${AGAIN} end`, "tested", MEMORY],
  ["memory.copy", `loop ${ZEROS} memory.copy ${AGAIN} end`, "tested", MEMORY],
  ["memory.init", `loop ${ZEROS} memory.init $d ${AGAIN} end`, "tested", `${MEMORY} (data $d "a")`],
  ["data.drop", `loop data.drop $d ${AGAIN} end`, "wrapped", '(data $d "a")'],
  [
    "table.fill",
    `loop i32.const 0 ref.null func i32.const 0 table.fill 0 ${AGAIN} end`,
    "tested",
    TABLE,
  ],
  ["table.copy", `loop ${ZEROS} table.copy ${AGAIN} end`, "tested", TABLE],
  ["table.init", `loop ${ZEROS} table.init $e ${AGAIN} end`, "tested", `${TABLE} (elem $e func)`],
  ["array.new", `loop i32.const 0 i32.const 9 array.new $a drop ${AGAIN} end`, "tested", ARRAY],
  ["array.new_default", `loop i32.const 9 array.new_default $a drop ${AGAIN} end`, "tested", ARRAY],
  ["array.new_fixed", `loop i32.const 9 array.new_fixed $a 1 drop ${AGAIN} end`, "wrapped", ARRAY],
  [
    "array.new_data",
    `loop i32.const 0 i32.const 1 array.new_data $a $d drop ${AGAIN} end`,
    "tested",
    `${ARRAY} (data $d "abcd")`,
  ],
  [
    "array.fill",
    `loop ref.null $a i32.const 0 i32.const 0 i32.const 0 array.fill $a ${AGAIN} end`,
    "tested",
    ARRAY,
  ],
  [
    "array.copy",
    `loop ref.null $a i32.const 0 ref.null $a i32.const 0 i32.const 0 array.copy $a $a ${AGAIN} end`,
    "tested",
    ARRAY,
  ],
  ["array.len and array.get", `loop ref.null $a array.len drop ${AGAIN} end`, "wrapped", ARRAY],
];

const NESTED: readonly LoopRow[] = [
  ["two", `loop loop ${AGAIN} end ${AGAIN} end`, "tested wrapped"],
  ["three", `loop loop loop ${AGAIN} end ${AGAIN} end ${AGAIN} end`, "tested tested wrapped"],
  [
    "two after each other in one",
    `loop loop ${AGAIN} end loop ${AGAIN} end ${AGAIN} end`,
    "tested wrapped wrapped",
  ],
  ["one with a call inside", `loop loop call $g ${AGAIN} end ${AGAIN} end`, "tested tested", NOT_LIGHT],
  [
    "one beside a call of one that does not take what is owed",
    `loop loop ${AGAIN} end call $g drop drop ${AGAIN} end`,
    "settling wrapped",
    NOT_PASSED,
  ],
  [
    "one with such a call inside",
    `loop loop call $g drop drop ${AGAIN} end ${AGAIN} end`,
    "settling settling",
    NOT_PASSED,
  ],
  ["one beside a call", `loop loop ${AGAIN} end call $g ${AGAIN} end`, "tested wrapped", NOT_LIGHT],
  [
    "one beside a call of a light function",
    `loop loop ${AGAIN} end call $g ${AGAIN} end`,
    "tested wrapped",
    LIGHT,
  ],
  ["the inner one is none", `loop loop nop end ${AGAIN} end`, "tested none"],
  ["the outer one is none", `loop loop ${AGAIN} end end`, "none wrapped"],
  [
    "the outer one is none, and holds a call",
    `loop loop ${AGAIN} end call $g end`,
    "none wrapped",
    NOT_LIGHT,
  ],
  ["only the outer one is branched back to", `loop loop local.get 0 br_if 1 end end`, "tested none"],
  ["the inner one cannot be reached", `loop ${AGAIN} return loop ${AGAIN} end end`, "tested"],
];

const FIXED: readonly LoopRow[] = [
  ["parameters", "i32.const 1 loop (param i32) local.get 0 br_if 0 drop end", "tested"],
  ["a result", `loop (result i32) ${AGAIN} i32.const 1 end drop`, "wrapped"],
  ["br_on_null", `block loop ref.null func br_on_null 1 drop ${AGAIN} end end`, "tested"],
  [
    "br_on_non_null",
    `block (result funcref) loop ref.null func br_on_non_null 1 ${AGAIN} end ref.null func end drop`,
    "tested",
  ],
  [
    "br_on_cast",
    `block (result i31ref) loop ref.null any br_on_cast 1 anyref i31ref drop ${AGAIN} end ref.null i31 end drop`,
    "tested",
  ],
  ["br_on_null that stays inside", `loop block ref.null func br_on_null 0 drop end ${AGAIN} end`, "tested"],
];

/** Instructions that leave loops for good, and the counter that says what is owed there. */
const COUNTS = (body: string) =>
  `loop ${body} local.get 1 i32.const 1 i32.add local.tee 1 local.get 2 i32.lt_s br_if 0 end`;
const STATIC = (body: string) =>
  `i32.const 0 local.set 3 loop ${body} local.get 3 i32.const 1 i32.add local.tee 3 i32.const 9 i32.lt_s br_if 0 end`;
const LEAVES = "local.get 0 if call $g unreachable end", THROWS = "local.get 0 if throw $t end";

const EXITS: readonly LoopRow[] = [
  ["out of no loop", LEAVES, "", NOT_LIGHT],
  ["out of a wrapped loop", `loop ${LEAVES} ${AGAIN} end`, "none", NOT_LIGHT],
  ["out of a tested loop", `loop ${LEAVES} loop ${AGAIN} end ${AGAIN} end`, "none", NOT_LIGHT],
  ["by a call out of a loop that counts", COUNTS(LEAVES), "counted0", NOT_LIGHT],
  ["by a throw", COUNTS(THROWS), "counted0", "(tag $t)"],
  ["by a call of an import", COUNTS(LEAVES), "counted0", '(import "m" "g" (func $g))'],
  [
    "by a call through a table",
    COUNTS("local.get 0 if i32.const 0 call_indirect unreachable end"),
    "counted0",
    TABLE,
  ],
  ["out of the second of two", `${COUNTS("nop")} ${COUNTS(THROWS)}`, "counted1", "(tag $t)"],
  ["behind one", `loop ${COUNTS("nop")} ${THROWS} ${AGAIN} end`, "none", "(tag $t)"],
  ["out of one in another loop", `loop ${COUNTS(THROWS)} ${AGAIN} end`, "counted0", "(tag $t)"],
  ["out of a loop in one, which would be static", COUNTS(STATIC(THROWS)), "counted0", "(tag $t)"],
  ["by a return", COUNTS("local.get 0 if return end"), ""],
  ["by a trap", COUNTS("local.get 0 if unreachable end"), ""],
  ["in dead code", `loop br 0 throw $t end`, "", "(tag $t)"],
  ["by a call in dead code", `loop br 0 call $g unreachable end`, "", NOT_LIGHT],
];

/** The branches that get their labels moved, since a loop of ours stands around the one that they leave. */
const MOVED: readonly LoopRow[] = [
  [
    "only those that leave the loop",
    `block loop block local.get 0 br_if 0 local.get 0 br_if 1 local.get 0 br_if 2 end local.get 0 br_if 0 end end`,
    "[test 1] block [loop+wrapped] loop [test+wrapped 2] block local.get br_if " +
    "[charge+wrapped 2] local.get br_if [charge+wrapped 2] local.get [branch+wrapped] br_if " +
    "end [charge+wrapped 2] local.get br_if end [loopEnd+wrapped] end end",
  ],
  [
    "in dead code, too",
    `block loop local.get 0 br_if 0 return br 1 br 0 end end`,
    "[test 1] block [loop+wrapped] loop [test+wrapped 2] local.get br_if " +
    "[leave+wrapped] return [branch+wrapped] br br end [loopEnd+wrapped] end end",
  ],
];

Deno.test("LoopPlanner wraps loops that call nothing and hold no instruction that must find the counter right", () => {
  check(HELD, { list: loopKinds });
});

Deno.test("LoopPlanner wraps the innermost ones of nested loops", () => {
  check(NESTED, { list: loopKinds });
});

Deno.test("LoopPlanner wraps no loop with parameters or branches that cannot be written anew", () => {
  check(FIXED, { list: loopKinds });
});

Deno.test("LoopPlanner wraps no loop with handlers of the old exceptions", async () => {
  const compile = await legacyTextCompiler();
  check([
    ["a handler", `loop try nop catch_all end ${AGAIN} end`, "settling"],
    ["a delegate", `loop try nop delegate 0 ${AGAIN} end`, "settling"],
    [
      "rethrow",
      `try nop catch_all loop local.get 0 if rethrow 2 end ${AGAIN} end end`,
      "tested",
    ],
  ], { list: loopKinds, compile });
});

Deno.test("LoopPlanner knows the counter that says what is owed where a loop is left for good", () => {
  check(EXITS, { list: exitKinds });
});

Deno.test("LoopPlanner marks the branches that leave a wrapped loop", () => check(MOVED, { list: listPlan }));

Deno.test("LoopPlanner wraps at most 100 loops of a function", () => {
  const { module } = textModule(`(func (param i32) ${repeat(103, `loop ${AGAIN} end`)})`);
  // From the last to the first.
  assertEquals(loopKinds(module, 0), `${repeat(3, "tested")} ${repeat(100, "wrapped")}`);
});
