import { assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { loopKinds, settlements } from "./loop_kinds.ts";
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
const MEMORY = "(memory 1)", TABLE = "(table 1 funcref)", ARRAY = "(type $a (array (mut i32)))";
const ZEROS = "i32.const 0 i32.const 0 i32.const 0";

const HELD: readonly LoopRow[] = [
  ["nothing", `loop ${AGAIN} end`, "wrapped"],
  ["endless", "loop br 0 end", "wrapped"],
  ["a load and a store", `loop i32.const 0 i32.const 0 i32.load i32.store ${AGAIN} end`, "wrapped", MEMORY],
  ["no branch back", "loop nop end", "none"],
  ["a branch back in dead code", "loop return br 0 end", "none"],
  ["a call of a light function", `loop call $g ${AGAIN} end`, "deferred", LIGHT],
  ["a call of another", `loop call $g ${AGAIN} end`, "tested", NOT_LIGHT],
  ["a call of an import", `loop call $g ${AGAIN} end`, "tested", '(import "m" "g" (func $g))'],
  ["a call through a table", `loop i32.const 0 call_indirect ${AGAIN} end`, "tested", TABLE],
  ["a call of a reference", `loop ref.null $t call_ref $t ${AGAIN} end`, "tested", "(type $t (func))"],
  ["a call of another, in dead code", `loop ${AGAIN} br 0 call $g end`, "tested", NOT_LIGHT],
  [
    "a call that does not come back",
    `loop local.get 0 if call $g unreachable end ${AGAIN} end`,
    "deferred",
    NOT_LIGHT,
  ],
  [
    "a call of an import that does not come back",
    `loop local.get 0 if call $g unreachable end ${AGAIN} end`,
    "deferred",
    '(import "m" "g" (func $g))',
  ],
  [
    "a call through a table that does not come back",
    `loop local.get 0 if i32.const 0 call_indirect unreachable end ${AGAIN} end`,
    "deferred",
    TABLE,
  ],
  [
    "a tail call",
    `loop local.get 0 if return_call $g end ${AGAIN} end`,
    "deferred",
    '(func $g (export "g") (param) )',
  ],
  ["a return", `loop local.get 0 if return end ${AGAIN} end`, "wrapped"],
  ["an unreachable", `loop local.get 0 if unreachable end ${AGAIN} end`, "wrapped"],
  ["a throw", `loop local.get 0 if throw $t end ${AGAIN} end`, "wrapped", "(tag $t)"],
  ["a throw of a reference", `loop local.get 0 if ref.null exn throw_ref end ${AGAIN} end`, "deferred"],
  ["a handler", `loop (block $b (try_table (catch_all $b))) ${AGAIN} end`, "tested"],
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
  ["two", `loop loop ${AGAIN} end ${AGAIN} end`, "deferred wrapped"],
  ["three", `loop loop loop ${AGAIN} end ${AGAIN} end ${AGAIN} end`, "deferred deferred wrapped"],
  [
    "two after each other in one",
    `loop loop ${AGAIN} end loop ${AGAIN} end ${AGAIN} end`,
    "deferred wrapped wrapped",
  ],
  ["one with a call inside", `loop loop call $g ${AGAIN} end ${AGAIN} end`, "tested tested", NOT_LIGHT],
  ["one beside a call", `loop loop ${AGAIN} end call $g ${AGAIN} end`, "tested wrapped", NOT_LIGHT],
  [
    "one beside a call of a light function",
    `loop loop ${AGAIN} end call $g ${AGAIN} end`,
    "deferred wrapped",
    LIGHT,
  ],
  ["the inner one is none", `loop loop nop end ${AGAIN} end`, "deferred none"],
  ["the outer one is none", `loop loop ${AGAIN} end end`, "none wrapped"],
  [
    "the outer one is none, and holds a call",
    `loop loop ${AGAIN} end call $g end`,
    "none wrapped",
    NOT_LIGHT,
  ],
  ["only the outer one is branched back to", `loop loop local.get 0 br_if 1 end end`, "deferred none"],
  ["the inner one cannot be reached", `loop ${AGAIN} return loop ${AGAIN} end end`, "deferred"],
];

const FIXED: readonly LoopRow[] = [
  ["parameters", "i32.const 1 loop (param i32) local.get 0 br_if 0 drop end", "deferred"],
  ["a result", `loop (result i32) ${AGAIN} i32.const 1 end drop`, "wrapped"],
  ["br_on_null", `block loop ref.null func br_on_null 1 drop ${AGAIN} end end`, "deferred"],
  [
    "br_on_non_null",
    `block (result funcref) loop ref.null func br_on_non_null 1 ${AGAIN} end ref.null func end drop`,
    "deferred",
  ],
  [
    "br_on_cast",
    `block (result i31ref) loop ref.null any br_on_cast 1 anyref i31ref drop ${AGAIN} end ref.null i31 end drop`,
    "deferred",
  ],
  ["br_on_null that stays inside", `loop block ref.null func br_on_null 0 drop end ${AGAIN} end`, "deferred"],
];

/** Where what is owed is paid. */
const LEFT: readonly LoopRow[] = [
  ["by its end", `loop ${AGAIN} end`, "loopEnd"],
  ["by a branch to a block around", `block loop local.get 0 br_if 1 br 0 end end`, "loopEnd landing"],
  [
    "by a branch to the second block around",
    `block block loop local.get 0 br_if 2 br 0 end end end`,
    "loopEnd landing",
  ],
  [
    "by branches to both",
    `block block loop local.get 0 br_if 1 local.get 0 br_if 2 br 0 end end end`,
    "loopEnd landing landing",
  ],
  [
    "by two branches to one",
    `block loop local.get 0 br_if 1 local.get 0 br_if 1 br 0 end end`,
    "loopEnd landing",
  ],
  ["by a branch to an if around", `local.get 0 if loop local.get 0 br_if 1 br 0 end end`, "loopEnd landing"],
  [
    "by a branch to the else of an if",
    `local.get 0 if else loop local.get 0 br_if 1 br 0 end end`,
    "loopEnd landing",
  ],
  ["by br_table", `block block loop local.get 0 br_table 0 1 2 end end end`, "loopEnd landing landing"],
  [
    "by br_table to the function's label",
    `block loop local.get 0 br_table 0 1 2 end end`,
    "loopEnd landing end",
  ],
  ["by a branch to the function's label", `loop local.get 0 br_if 1 br 0 end`, "loopEnd end"],
  ["by a return", `loop local.get 0 if return end br 0 end`, "leave loopEnd"],
  ["by a tail call", `loop local.get 0 if return_call $g end br 0 end`, "leave loopEnd", NOT_LIGHT],
  ["by a throw", `loop local.get 0 if throw $t end ${AGAIN} end`, "exit loopEnd", "(tag $t)"],
  [
    "by a throw of a reference",
    `loop local.get 0 if ref.null exn throw_ref end ${AGAIN} end`,
    "exit loopEnd",
  ],
  ["by a call", `loop local.get 0 if call $g unreachable end ${AGAIN} end`, "exit loopEnd", NOT_LIGHT],
  ["by a trap", `loop local.get 0 if unreachable end ${AGAIN} end`, "loopEnd"],
  [
    "to the header of a loop that is tested",
    `loop loop local.get 0 br_if 1 br 0 end call $g end`,
    "header loopEnd",
    NOT_LIGHT,
  ],
  [
    "to the end of a loop that is tested",
    `loop block loop local.get 0 br_if 1 br 0 end end call $g ${AGAIN} end`,
    "loopEnd landing",
    NOT_LIGHT,
  ],
  ["to the header of a deferred loop", `loop loop local.get 0 br_if 1 ${AGAIN} end ${AGAIN} end`, "loopEnd"],
  [
    "to a block in a deferred loop",
    `loop block loop local.get 0 br_if 1 ${AGAIN} end end ${AGAIN} end`,
    "loopEnd",
  ],
  [
    "through a deferred loop",
    `block loop loop local.get 0 br_if 2 ${AGAIN} end ${AGAIN} end end`,
    "loopEnd landing",
  ],
  [
    "through a tested loop",
    `block loop loop local.get 0 br_if 2 ${AGAIN} end call $g ${AGAIN} end end`,
    "loopEnd landing",
    NOT_LIGHT,
  ],
  ["from a block inside", `block loop block local.get 0 br_if 2 end ${AGAIN} end end`, "loopEnd landing"],
  [
    "from a loop inside that is none",
    `block loop loop local.get 0 br_if 2 end ${AGAIN} end end`,
    "loopEnd landing",
  ],
  ["a tested loop pays nothing", `block loop call $g local.get 0 br_if 1 ${AGAIN} end end`, "", NOT_LIGHT],
  ["nor does none", `block loop local.get 0 br_if 1 end end`, ""],
  ["in dead code", `return block loop local.get 0 br_if 1 br 0 end end`, ""],
  [
    "two loops after each other",
    `block loop local.get 0 br_if 1 br 0 end end block loop local.get 0 br_if 1 br 0 end end`,
    "loopEnd landing loopEnd landing",
  ],
];

/** The branches that get their labels moved, since a loop of ours stands around the one that they leave. */
const MOVED: readonly LoopRow[] = [
  [
    "only those that leave the loop",
    `block loop block local.get 0 br_if 0 local.get 0 br_if 1 local.get 0 br_if 2 end local.get 0 br_if 0 end end`,
    "[test 1] block [loop+deferred+wrapped+edge] loop [test+deferred+wrapped 2] block local.get br_if " +
    "[charge+deferred+wrapped 2] local.get br_if [charge+deferred+wrapped 2] local.get [branch+deferred+wrapped] br_if " +
    "end [charge+deferred+wrapped 2] local.get br_if end [loopEnd+deferred+wrapped+edge] end [landing+edge] end",
  ],
  [
    "in dead code, too",
    `block loop local.get 0 br_if 0 return br 1 br 0 end end`,
    "[test 1] block [loop+deferred+wrapped+edge] loop [test+deferred+wrapped 2] local.get br_if " +
    "[leave+deferred+wrapped] return [branch+deferred+wrapped] br br end [loopEnd+deferred+wrapped+edge] end end",
  ],
];

Deno.test("LoopPlanner defers loops without instructions that must find the counter right", () => {
  check(HELD, { list: loopKinds });
});

Deno.test("LoopPlanner defers nested loops, and wraps the innermost ones", () => {
  check(NESTED, { list: loopKinds });
});

Deno.test("LoopPlanner wraps no loop with parameters or branches that cannot be written anew", () => {
  check(FIXED, { list: loopKinds });
});

Deno.test("LoopPlanner keeps the old exceptions out of what it defers", async () => {
  const compile = await legacyTextCompiler();
  check([
    ["a handler", `loop try nop catch_all end ${AGAIN} end`, "tested"],
    ["a delegate", `loop try nop delegate 0 ${AGAIN} end`, "tested"],
    [
      "rethrow",
      `try nop catch_all loop local.get 0 if rethrow 2 end ${AGAIN} end end`,
      "deferred",
    ],
  ], { list: loopKinds, compile });
});

Deno.test("LoopPlanner pays what a loop owes wherever it is left", () => check(LEFT, { list: settlements }));

Deno.test("LoopPlanner marks the branches that leave a wrapped loop", () => check(MOVED, { list: listPlan }));

Deno.test("LoopPlanner wraps at most 100 loops of a function", () => {
  const { module } = textModule(`(func (param i32) ${repeat(103, `loop ${AGAIN} end`)})`);
  // From the last to the first.
  assertEquals(loopKinds(module, 0), `${repeat(3, "deferred")} ${repeat(100, "wrapped")}`);
});
