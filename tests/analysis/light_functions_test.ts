import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { LIGHT } from "../../src/analysis/light_functions.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** How light the functions of a module are, in their order. */
function lightOf(fields: string, compile?: TextCompiler): string {
  const { module } = textModule(fields, compile), { light } = planModule(module, DEFAULT_COSTS);
  const nameOf = (value: number) => Object.entries(LIGHT).find(([, number]) => number === value)?.[0] ?? "?";
  return [...light].map(nameOf).join(" ");
}

/** A note, a module, and how light each of its functions is. */
type LightRow = readonly [note: string, fields: string, expected: string];

const MAIN = '(func (export "f") call $g)';

const REACHED: readonly LightRow[] = [
  ["a direct call is all that leads to it", `(func $g) ${MAIN}`, "chargedAtCallers no"],
  ["a tail call is a direct one", '(func $g) (func (export "f") return_call $g)', "chargedAtCallers no"],
  ["nothing leads to it", "(func $g)", "chargedAtCallers"],
  ["exported", `(func $g (export "g")) ${MAIN}`, "no no"],
  ["the start function", "(func $g) (start $g)", "chargesItself"],
  ["in an active element segment", "(table 1 funcref) (elem (i32.const 0) $g) (func $g)", "chargesItself"],
  ["in a passive element segment", "(elem func $g) (func $g)", "chargesItself"],
  ["in a declared element segment", "(elem declare func $g) (func $g)", "chargesItself"],
  ["in an expression of a segment", "(elem funcref (ref.func $g)) (func $g)", "chargesItself"],
  ["in a table's initial value", "(table 1 funcref (ref.func $g)) (func $g)", "chargesItself"],
];

/** How others may get at a function that the module gives to none of them by name. */
const PASSED: readonly LightRow[] = [
  ["in a global", "(global funcref (ref.func $g)) (func $g)", "no"],
  ["through a global", "(global (mut externref) (ref.null extern)) (elem func $g) (func $g)", "no"],
  ["through an exported table", '(table (export "t") 1 funcref) (elem func $g) (func $g)', "no"],
  ["through an imported table", '(import "m" "t" (table 1 funcref)) (elem func $g) (func $g)', "no"],
  ["through a result", "(elem func $g) (func $g) (type (func (result funcref)))", "no"],
  ["through a parameter", "(elem func $g) (func $g) (type (func (param i32 anyref)))", "no"],
  [
    "through an exception",
    "(type $x (func (param externref))) (tag (type $x)) (elem func $g) (func $g)",
    "no",
  ],
];

const HEAVY: readonly LightRow[] = [
  ["calls itself", "(func $g call $g)", "no"],
  ["on a cycle", "(func $g call $h) (func $h call $g)", "no no"],
  [
    "on a cycle through a table",
    `(table 1 funcref) (elem (i32.const 0) $g) (func $g i32.const 0 call_indirect unreachable)`,
    "no",
  ],
  ["has a loop", "(func $g (param i32) loop local.get 0 br_if 0 end)", "no"],
  ["has a loop that nothing branches back to", "(func $g loop nop end)", "chargedAtCallers"],
  ["branches back in dead code only", "(func $g loop return br 0 end)", "chargedAtCallers"],
  ["calls an import", '(import "m" "i" (func $i)) (func $g call $i)', "no"],
  [
    "calls an import, which may call what calls this",
    `(import "m" "i" (func $i)) (func $g call $i unreachable) ${MAIN}`,
    "no no",
  ],
  ["calls through a table", "(table 1 funcref) (func $g i32.const 0 call_indirect)", "no"],
  ["calls a reference", "(type $t (func)) (func $g ref.null $t call_ref $t)", "no"],
  [
    "calls through a table what does not come back",
    "(table 1 funcref) (func $g i32.const 0 call_indirect unreachable)",
    "chargedAtCallers",
  ],
  ["calls what is light", "(func $g call $h call $h) (func $h)", "chargedAtCallers chargedAtCallers"],
  [
    "calls what is light and charges itself",
    "(elem func $h) (func $g call $h call $h) (func $h)",
    "chargedAtCallers chargesItself",
  ],
  ["calls what is not light", "(func $g call $h) (func $h loop br 0 end)", "no no"],
  [
    "calls what is not light and does not come back",
    "(func $g call $h unreachable) (func $h loop br 0 end)",
    "chargedAtCallers no",
  ],
  ["ends in a tail call", "(func $g return_call $h) (func $h)", "no chargedAtCallers"],
  ["grows a memory", "(memory 1) (func $g i32.const 0 memory.grow drop)", "no"],
  ["grows a table", "(table 1 funcref) (func $g ref.null func i32.const 0 table.grow 0 drop)", "no"],
  ["fills", "(memory 1) (func $g i32.const 0 i32.const 0 i32.const 0 memory.fill)", "no"],
  ["copies", "(memory 1) (func $g i32.const 0 i32.const 0 i32.const 0 memory.copy)", "no"],
  [
    "copies elements",
    "(table 1 funcref) (func $g i32.const 0 i32.const 0 i32.const 0 table.copy)",
    "no",
  ],
  [
    "initialises",
    '(memory 1) (data $d "a") (func $g i32.const 0 i32.const 0 i32.const 0 memory.init $d)',
    "no",
  ],
  ["drops a segment", '(data $d "a") (func $g data.drop $d)', "chargedAtCallers"],
  [
    "makes an array",
    "(type $a (array (mut i32))) (func $g i32.const 9 array.new_default $a drop)",
    "no",
  ],
  [
    "makes an array of a fixed length",
    "(type $a (array (mut i32))) (func $g i32.const 9 array.new_fixed $a 1 drop)",
    "chargedAtCallers",
  ],
  ["throws", "(tag $t) (func $g throw $t)", "no"],
  ["throws a reference", "(func $g ref.null exn throw_ref)", "no"],
  ["catches", "(func $g (block $b (try_table (catch_all $b))))", "no"],
  ["has a try that catches nothing", "(func $g (try_table))", "chargedAtCallers"],
  [
    "is left for good by a call, where exceptions may pass",
    '(tag $t) (import "m" "i" (func $i)) (func $g call $i unreachable)',
    "no",
  ],
  [
    "calls what is light, where exceptions may pass",
    "(tag $t) (func $g call $h) (func $h)",
    repeat(2, "chargedAtCallers"),
  ],
];

Deno.test("findLightFunctions() leaves out what other modules may call", () => {
  for (const [note, fields, expected] of PASSED) assertEquals(lightOf(fields), expected, note);
});

Deno.test("findLightFunctions() tells those that are charged at their callers alone", () => {
  for (const [note, fields, expected] of REACHED) assertEquals(lightOf(fields), expected, note);
});

Deno.test("findLightFunctions() leaves out what holds a loop, a heavy instruction, or a call of such a function", () => {
  for (const [note, fields, expected] of HEAVY) assertEquals(lightOf(fields), expected, note);
});

Deno.test("findLightFunctions() leaves out what has handlers of the old exceptions", async () => {
  const compile = await legacyTextCompiler();
  assertEquals(lightOf("(func $g try catch_all end)", compile), "no");
  assertEquals(lightOf("(func $g try delegate 0)", compile), "no");
});

Deno.test("findLightFunctions() admits 64 units, those of what is called included", () => {
  const units = (count: number) => repeat(count - 1, "i32.const 0 drop");
  assertEquals(lightOf(`(func ${units(64)})`), "chargedAtCallers");
  assertEquals(lightOf(`(func ${units(65)})`), "no");
  assertEquals(lightOf(`(func call $h ${units(33)}) (func $h ${units(30)})`), repeat(2, "chargedAtCallers"));
  assertEquals(lightOf(`(func call $h ${units(34)}) (func $h ${units(30)})`), "no chargedAtCallers");
  const twoArms = `(func (param i32) local.get 0 if ${units(30)} end local.get 0 if ${units(31)} end`;
  assertEquals(lightOf(`${twoArms})`), "chargedAtCallers", "all arms count");
  assertEquals(lightOf(`${twoArms} i32.const 0 drop)`), "no");
  const either = `(func (param i32) local.get 0 if ${units(31)} else ${units(62)} end`;
  assertEquals(lightOf(`${either})`), "chargedAtCallers", "what both arms cost counts once");
  assertEquals(lightOf(`${either} i32.const 0 drop)`), "no");
  const doubling = Array.from(
    { length: 10 },
    (_, index) => `(func $f${index} call $f${index + 1} call $f${index + 1})`,
  );
  // 1, 1 + 2 × 2 = 5, 3 + 2 × 5 = 13, 29, 61: what has 3 units and calls two of them has 2n + 3.
  assertEquals(
    lightOf(`${doubling.join(" ")} (func $f10)`),
    [...repeat(6, "no").split(" "), ...repeat(5, "chargedAtCallers").split(" ")].join(" "),
  );
});

Deno.test("findLightFunctions() takes those out that one body calls too often", () => {
  const leaf = `(func $g ${repeat(63, "i32.const 0 drop")})`, other = "(func $h)";
  assertEquals(
    lightOf(`${leaf} ${other} (func ${repeat(1024, "call $g")})`),
    "chargedAtCallers chargedAtCallers no",
  );
  const many = `(func ${repeat(1025, "call $g")})`;
  assertEquals(lightOf(`${leaf} ${other} ${many}`), "no chargedAtCallers no");
  const caller = "(func $c call $h)";
  assertEquals(
    lightOf(`${leaf} (elem func $h) (func $h) ${caller} (func ${repeat(1024, "call $g")} call $h call $c)`),
    "no no no no",
    "all that such a body calls, and what calls those",
  );
});
