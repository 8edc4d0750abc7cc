import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { LIGHT } from "../../src/analysis/light_functions.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { assertEquals } from "../assert.ts";
import { textModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** The mnemonics of the last body, with `|` where it is tested and counts its frame. */
function entryOf(fields: string): string {
  const { module } = textModule(fields), plan = planModule(module, DEFAULT_COSTS);
  const index = module.bodies.length - 1, body = module.bodies[index], words: string[] = [];
  if (body === undefined || plan.light[index] !== LIGHT.no) return "none";
  const offset = plan.siteOffset[plan.entrySite[index] ?? 0], reader = new InstructionReader(module.bytes);
  reader.reset(body.code, body.end);
  while (reader.next()) {
    if (reader.offset === offset) words.push("|");
    words.push(ROWS[reader.key]?.mnemonic ?? "?");
  }
  return words.join(" ");
}

/** A function with two parameters that calls and is called; `$h` is not light, `$i` is an import. */
function functionOf(code: string, fields = ""): string {
  return `(import "m" "i" (func $i)) (memory 1) ${fields} (func $h loop br 0 end)
    (func $g (param i32 i32) ${code})`;
}

/** A note, the code of a function, and where it is tested. */
type EntryRow = readonly [note: string, code: string, expected: string, fields?: string];

const WAYS: readonly EntryRow[] = [
  ["at the entry", "call $h", "| call end"],
  ["nowhere if it is light", "local.get 0 if nop end", "none"],
  ["in an arm", "local.get 0 if call $h end", "local.get if | call end end"],
  ["in the other arm", "local.get 0 if nop else call $h end", "local.get if nop else | call end end"],
  [
    "at the entry if both arms need it",
    "local.get 0 if call $h else call $h end",
    "| local.get if call else call end end",
  ],
  ["behind a return", "local.get 0 if return end call $h", "local.get if return end | call end"],
  ["behind a branch", "block local.get 0 br_if 0 call $h end", "block local.get br_if | call end end"],
  ["behind a branch to the function's label", "local.get 0 br_if 0 call $h", "local.get br_if | call end"],
  [
    "behind a block that some ways leave for the end",
    "block block local.get 0 br_if 0 local.get 1 br_if 1 end call $h end",
    "block block local.get br_if local.get br_if end | call end end",
  ],
  [
    "behind br_table",
    "block block local.get 0 br_table 0 1 end call $h end",
    "block block local.get br_table end | call end end",
  ],
  [
    "at the start of the region of what needs it",
    "local.get 0 if i32.const 1 drop call $h end",
    "local.get if | i32.const drop call end end",
  ],
  [
    "in the outer of two arms, where that needs it first",
    "local.get 0 if call $h local.get 1 if call $h end end",
    "local.get if | call local.get if call end end end",
  ],
  [
    "in the inner one, where only that needs it",
    "local.get 0 if local.get 1 if call $h end end",
    "local.get if local.get if | call end end end",
  ],
  [
    "at the entry where the inner needs it first, then the outer",
    "local.get 0 if local.get 1 if call $h end call $h end",
    "| local.get if local.get if call end call end end",
  ],
  [
    "at the entry where two arms need it",
    "local.get 0 if call $h end local.get 1 if call $h end",
    "| local.get if call end local.get if call end end",
  ],
  [
    "at the entry where what is behind needs it",
    "local.get 0 if call $h end call $h",
    "| local.get if call end call end",
  ],
  [
    "in one block with more blocks in it",
    "local.get 0 if call $h block local.get 1 br_if 0 call $h end call $h end",
    "local.get if | call block local.get br_if call end call end end",
  ],
  [
    "in an arm that begins with a block",
    "local.get 0 if block call $h end call $h end",
    "local.get if | block call end call end end",
  ],
  [
    "not for dead code",
    "local.get 0 if return call $h end local.get 1 if call $h end",
    "local.get if return call end local.get if | call end end",
  ],
];

/** What needs the test. */
const NEEDS: readonly EntryRow[] = [
  [
    "a call of what is light",
    "local.get 0 if call $l call $h end",
    "local.get if | call call end end",
    "(func $l)",
  ],
  ["a call of an import", "local.get 0 if call $i end", "local.get if | call end end"],
  [
    "a call through a table",
    "local.get 0 if i32.const 0 call_indirect end",
    "local.get if | i32.const call_indirect end end",
    "(table 1 funcref)",
  ],
  [
    "a tail call",
    "local.get 0 if local.get 0 local.get 1 return_call $g end",
    "local.get if | local.get local.get return_call end end",
  ],
  ["a loop", "local.get 0 if loop br 0 end end", "local.get if | loop br end end end"],
  ["a throw", "local.get 0 if throw $t end", "local.get if | throw end end", "(tag $t)"],
  [
    "a growing memory",
    "local.get 0 if i32.const 1 memory.grow drop end",
    "local.get if | i32.const memory.grow drop end end",
  ],
  [
    "a bulk operation",
    "local.get 0 if i32.const 0 i32.const 0 i32.const 0 memory.fill end",
    "local.get if | i32.const i32.const i32.const memory.fill end end",
  ],
  [
    "an array",
    "local.get 0 if i32.const 9 array.new_default $a drop end",
    "local.get if | i32.const array.new_default drop end end",
    "(type $a (array (mut i32)))",
  ],
  [
    "a handler, from the entry on",
    "local.get 0 if (block $b (try_table (catch_all $b) call $h)) end",
    "| local.get if block try_table call end end end end",
  ],
];

const REACHED = "local.get 0 if call $h end";

Deno.test("LateEntryFinder finds the one region behind which everything stands that needs the test", () => {
  for (const [note, code, expected, fields] of WAYS) {
    assertEquals(entryOf(functionOf(code, fields)), expected, note);
  }
});

Deno.test("LateEntryFinder knows what needs the test", () => {
  for (const [note, code, expected, fields] of NEEDS) {
    assertEquals(entryOf(functionOf(code, fields)), expected, note);
  }
});

Deno.test("findLightFunctions() tests functions at their entry that others reach, unless these call another", () => {
  const late = "local.get if | call end end", early = "| local.get if call end end";
  assertEquals(entryOf(functionOf(REACHED, '(export "g" (func $g))')), early, "exported");
  assertEquals(entryOf(functionOf(REACHED, "(elem declare func $g)")), early, "by a reference");
  const called = "(func (param i32) local.get 0 if i32.const 0 i32.const 0 call $g end)";
  assertEquals(entryOf(functionOf(REACHED, `${called} (elem declare func $g)`)), late, "and by direct calls");
  assertEquals(
    entryOf(functionOf(`(result i32 i32) ${REACHED} i32.const 0 i32.const 0`, '(export "g" (func $g))')),
    "| local.get if call end i32.const i32.const end",
    "exported, and passed nothing",
  );
});

Deno.test("findLightFunctions() tests late where the way out costs at most 64 units", () => {
  const units = (count: number) => repeat(count, "i32.const 0 drop");
  const isLate = (code: string) => !entryOf(functionOf(code)).startsWith("|");
  // The entry, local.get and if cost 3.
  assertEquals(isLate(`${REACHED} ${units(61)}`), true);
  assertEquals(isLate(`${REACHED} ${units(62)}`), false);
  assertEquals(isLate(`local.get 0 if ${units(1000)} call $h end ${units(61)}`), true, "not on the way out");
  assertEquals(isLate(`local.get 0 if call $h local.get 1 if ${units(99)} end end`), true, "nor is this");
  assertEquals(isLate(`${REACHED} local.get 0 if ${units(59)} end`), true, "arms count");
  assertEquals(isLate(`${REACHED} local.get 0 if ${units(60)} end`), false);
});

Deno.test("findLightFunctions() tests early what one body calls too often", () => {
  const isLate = (calls: number) =>
    entryOf(functionOf(
      `${REACHED} ${repeat(61, "i32.const 0 drop")}`,
      `(func ${repeat(calls, "i32.const 0 i32.const 0 call $g")})`,
    )).startsWith("local.get if | call");
  assertEquals(isLate(1024), true);
  assertEquals(isLate(1025), false);
});
