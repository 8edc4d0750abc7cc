import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { PASS, passedCount } from "../../src/analysis/passed_counters.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import type { Module } from "../../src/wasm/module.ts";
import { assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { EXTERNREF, funcType, I32, I64, wasmModule } from "../wasm/module_builder.ts";
import { textModule, validModule } from "./text_module.ts";

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** What each function is passed: names of bits joined by `+`, or `nothing`. */
function passedOf(module: Module): string {
  const nameOf = (bits: number) =>
    Object.entries(PASS).filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name).join("+") || "nothing";
  return [...planModule(module, DEFAULT_COSTS).passed].map(nameOf).join(" ");
}

/** A note, a module, and what its functions are passed, in their order. */
type PassRow = readonly [note: string, fields: string, expected: string];

function check(rows: readonly PassRow[], compile?: TextCompiler): void {
  for (const [note, fields, expected] of rows) {
    assertEquals(passedOf(textModule(fields, compile).module), expected, note);
  }
}

const LOOP = "loop br 0 end", MAIN = '(func (export "f") call $g)', TABLE = "(table 1 funcref)";

/** How a function is reached that is not light: by `f`, and as the note says. */
const REACHED: readonly PassRow[] = [
  ["by nothing", `(func $g ${LOOP})`, "nothing"],
  ["by a direct call", `(func $g ${LOOP}) ${MAIN}`, "owed nothing"],
  ["by a direct call in dead code", `(func $g ${LOOP}) (func (export "f") return call $g)`, "owed nothing"],
  [
    "by a call that does not come back",
    `(func $g ${LOOP}) (func (export "f") call $g unreachable)`,
    "owed nothing",
  ],
  ["by its name", `(func $g (export "g") ${LOOP})`, "nothing"],
  ["by both", `(func $g (export "g") ${LOOP}) ${MAIN}`, "owed+entry nothing"],
  ["at the start", `(func $g ${LOOP}) (start $g) ${MAIN}`, "owed+entry nothing"],
  ["through a table", `${TABLE} (elem (i32.const 0) $g) (func $g ${LOOP}) ${MAIN}`, "owed+entry nothing"],
  ["through a passive segment", `(elem func $g) (func $g ${LOOP}) ${MAIN}`, "owed+entry nothing"],
  ["by a reference", `(elem declare func $g) (func $g ${LOOP}) ${MAIN}`, "owed+entry nothing"],
  ["through a global", `(global funcref (ref.func $g)) (func $g ${LOOP}) ${MAIN}`, "owed+entry nothing"],
  [
    "through a table alone",
    `${TABLE} (elem (i32.const 0) $g) (func $g ${LOOP}) (func (export "f") i32.const 0 call_indirect)`,
    "nothing nothing",
  ],
  ["by a direct call, and it is light", `(func $g) ${MAIN}`, "nothing nothing"],
  [
    "by others, too, and it is light",
    `${TABLE} (elem (i32.const 0) $g) (func $g) ${MAIN}`,
    "nothing nothing",
  ],
];

const CYCLES: readonly PassRow[] = [
  ["of one", "(func $g call $g)", "depth+owed"],
  ["of one that is exported", '(func $g (export "g") call $g)', "depth+owed+entry"],
  ["of two", "(func $g call $h) (func $h call $g)", "depth+owed depth+owed"],
  [
    "of two, one of which is exported",
    '(func $g (export "g") call $h) (func $h call $g)',
    "depth+owed+entry depth+owed",
  ],
  ["called from outside", `(func $g call $g) ${MAIN}`, "depth+owed nothing"],
  ["and what is called out of it", `(func $g call $g call $h) (func $h ${LOOP})`, "depth+owed owed"],
  [
    "through a table",
    `${TABLE} (elem (i32.const 0) $g) (func $g i32.const 0 call_indirect) (func $f call $g)`,
    "owed+entry nothing",
  ],
  [
    "through a table and a direct call",
    `${TABLE} (elem (i32.const 0) $f) (func $g i32.const 0 call_indirect) (func $f call $g)`,
    "depth+owed nothing",
  ],
  [
    "through an import, which may call what is exported",
    `(import "m" "i" (func $i)) (func $g call $i) ${MAIN}`,
    "depth+owed nothing",
  ],
  [
    "through an import, which may call nothing",
    '(import "m" "i" (func $i)) (func $g call $i) (func $f call $g)',
    "owed nothing",
  ],
];

const TAILS: readonly PassRow[] = [
  [
    "a function that makes one",
    `(func $g return_call $h) (func $h ${LOOP}) ${MAIN}`,
    "nothing nothing nothing",
  ],
  [
    "one that makes one through a table",
    `${TABLE} (func $g i32.const 0 return_call_indirect) ${MAIN}`,
    "nothing nothing",
  ],
  ["one that makes one in dead code", `(func $g ${LOOP} return_call $g) ${MAIN}`, "nothing nothing"],
  ["one that is called by one", `(func $g ${LOOP}) (func (export "f") return_call $g)`, "nothing nothing"],
  [
    "one that is called by one and otherwise",
    `(func $g ${LOOP}) ${MAIN} (func (export "h") return_call $g)`,
    "nothing nothing nothing",
  ],
  ["one that calls itself so", "(func $g return_call $g)", "nothing"],
  [
    "one on a cycle that is called by one",
    "(func $g return_call $h) (func $h call $g)",
    "nothing depth",
  ],
  [
    "one on a cycle of its own that is called by one",
    '(func $g call $g) (func (export "f") return_call $g)',
    "depth nothing",
  ],
];

const TYPES: readonly PassRow[] = [
  ["a result", `(func $g (result i64) ${LOOP} unreachable) (func (export "f") call $g drop)`, "owed nothing"],
  [
    "two results",
    `(func $g (result i32 i64) ${LOOP} unreachable) (func (export "f") call $g drop drop)`,
    "nothing nothing",
  ],
  ["two results, on a cycle", "(func $g (result i32 i64) call $g)", "depth"],
  ["the first local of another type", `(func $g (local i64) ${LOOP}) ${MAIN}`, "nothing nothing"],
  ["the second local of another type", `(func $g (local i32 i64) ${LOOP}) ${MAIN}`, "owed nothing"],
  ["one local, on a cycle", "(func $g (local i32) call $g)", "depth+owed"],
  ["the first local of another type, on a cycle", "(func $g (local f32 i32) call $g)", "nothing"],
  ["the second local of another type, on a cycle", "(func $g (local i32 f64 i32) call $g)", "depth"],
  ["the third local of another type, on a cycle", "(func $g (local i32 i32 v128) call $g)", "depth+owed"],
  ["a parameter of another type", `(func $g (param f64) ${LOOP}) (func f64.const 0 call $g)`, "owed nothing"],
  ["all but one of V8's parameters", `(func $g (param ${repeat(999, "i64")}) unreachable call $g)`, "depth"],
  ["all but two of them", `(func $g (param ${repeat(998, "i64")}) unreachable call $g)`, "depth+owed"],
  ["all of them", `(func $g (param ${repeat(1000, "i64")}) unreachable call $g)`, "nothing"],
];

const THROWING: readonly PassRow[] = [
  ["a tag", `(tag $t) (func $g ${LOOP}) ${MAIN}`, "nothing nothing"],
  ["an imported tag", `(import "m" "t" (tag)) (func $g ${LOOP}) ${MAIN}`, "nothing nothing"],
  ["a tag, and a cycle", "(tag $t) (func $g call $g)", "depth"],
  [
    "a handler without a tag",
    `(func $g ${LOOP}) ${MAIN} (func (block $b (try_table (catch_all $b))))`,
    "nothing nothing nothing",
  ],
  ["a try that catches nothing", `(func $g ${LOOP}) ${MAIN} (func (try_table))`, "owed nothing nothing"],
];

Deno.test("findPassedCounters() passes what is owed by direct calls", () => check(REACHED));

Deno.test("findPassedCounters() passes the depth on cycles of direct calls", () => check(CYCLES));

Deno.test("findPassedCounters() passes nothing by functions that make tail calls, and lets them pass no debt", () => {
  check(TAILS);
});

Deno.test("findPassedCounters() passes what the type and the first locals have a place for", () =>
  check(TYPES));

Deno.test("findPassedCounters() passes no debt where exceptions may pass", () => check(THROWING));

Deno.test("findPassedCounters() passes no debt in modules with the old exceptions", async () => {
  check([
    ["a handler", `(func $g ${LOOP}) ${MAIN} (func try catch_all end)`, "nothing nothing nothing"],
    ["a delegate", `(func $g ${LOOP}) ${MAIN} (func try delegate 0)`, "nothing nothing nothing"],
  ], await legacyTextCompiler());
});

Deno.test("findPassedCounters() looks past groups of no locals", () => {
  const recursion = (locals: readonly (readonly [number, number])[]) =>
    passedOf(
      validModule(
        wasmModule({ types: [funcType([], [])], functions: [{ type: 0, locals, code: [0x10, 0] }] }),
      ).module,
    );
  assertEquals(recursion([[0, I64], [1, I32], [0, EXTERNREF], [1, I32], [1, I64]]), "depth+owed");
  assertEquals(recursion([[0, I32], [1, I64]]), "nothing");
});

Deno.test("passedCount() counts the parameters, and no entry", () => {
  const { depth, owed, entry } = PASS;
  assertEquals([0, depth, owed, depth | owed, owed | entry, depth | owed | entry].map(passedCount), [
    0,
    1,
    1,
    2,
    1,
    2,
  ]);
});
