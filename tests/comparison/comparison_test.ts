import { compareModules, type Comparison, matchModules } from "../../src/comparison/comparison.ts";
import { comparisonText } from "../../src/comparison/comparison_text.ts";
import { functionLines } from "../../src/comparison/function_lines.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { largeModule } from "../inspection/large_module.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { leb, name, rawModule, section } from "../wasm/module_builder.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const matched = (before: Bytes, after: Bytes) => matchModules(readModule(before), readModule(after));

function compared(before: Bytes, after: Bytes): Comparison {
  return compareModules(matched(before, after));
}

/** The changes of functions in a few letters: `-f +g ~h`. */
function functionsOf({ functions: { removed, added, changed, same } }: Comparison): string {
  const name = ({ name, index }: { name?: string; index: number }) => name ?? `#${index}`;
  return [
    ...removed.items.map((facts) => `-${name(facts)}`),
    ...added.items.map((facts) => `+${name(facts)}`),
    ...changed.items.map(({ before, after, matchedBy }) => `~${name(before)} ${name(after)} by ${matchedBy}`),
    `=${same}`,
  ].join(", ");
}

const wat = (text: string) => compileText(`(module ${text})`);

const SQUARE = '(func (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))';

Deno.test("compareModules() finds equal modules the same, and nothing else", () => {
  assert(compared(wat(SQUARE), wat(SQUARE)).same);
  const other = Uint8Array.from([...wat(SQUARE), ...rawModule(section(0, [...name("note"), 1])).subarray(8)]);
  const comparison = compared(wat(SQUARE), other);
  assertEquals([comparison.same, functionsOf(comparison)], [false, "=1"]);
  assertEquals(comparison.sections.items, [{ name: "note", custom: true, after: 6 }]);
});

Deno.test("compareModules() finds bytes of a section that changed and kept its size", () => {
  const comparison = compared(
    wat('(memory 1) (data (i32.const 0) "one")'),
    wat('(memory 1) (data (i32.const 0) "two")'),
  );
  assertEquals(comparison.sections.items.map(({ name, before, after }) => [name, before, after]), [[
    "data",
    9,
    9,
  ]]);
});

Deno.test("compareModules() lists what is asked for, offered and held otherwise", () => {
  const comparison = compared(
    wat('(import "env" "log" (func (param i32))) (import "env" "x" (global i32)) (memory (export "m") 1)'),
    wat(
      '(import "env" "log" (func (param i64))) (import "env" "y" (global i32)) (memory (export "m") 2)' +
        '(func (export "f") (result v128) (v128.const i32x4 0 0 0 0))',
    ),
  );
  assertEquals(comparison.imports.items, [
    { from: "env", name: "log", before: "function (i32) -> ()", after: "function (i64) -> ()" },
    { from: "env", name: "x", before: "global i32" },
    { from: "env", name: "y", after: "global i32" },
  ]);
  assertEquals(comparison.exports.items, [
    { name: "m", before: "memory 1 pages", after: "memory 2 pages" },
    { name: "f", after: "function () -> (v128)" },
  ]);
  assertEquals(comparison.features, { removed: [], added: ["simd"] });
  assert(comparison.findings.added.length > 0);
});

Deno.test("compareModules() sees a function in its export although an import moved every number", () => {
  const calls = (text: string) =>
    `${text} (func $a (export "a") (call $b)) (func $b (export "b")) (global $g (mut i32) (i32.const 0))
     (func (export "c") (global.set $g (i32.const 1)))`;
  const comparison = compared(wat(calls("")), wat(calls('(import "env" "log" (func (param i64)))')));
  assertEquals(functionsOf(comparison), "=3");
});

Deno.test("compareModules() sees that a function calls another one, at the same number", () => {
  const module = (callee: string) =>
    wat(
      `(func $one (export "one") (nop)) (func $two (export "two") (unreachable)) (func (export "f") (call ${callee}))`,
    );
  assertEquals(functionsOf(compared(module("$one"), module("$two"))), "~f f by export, =2");
});

Deno.test("compareModules() matches by name, by code and by place", () => {
  const named = (body: string) => {
    const bytes = wat(`(func ${body})`), entry = [...leb(0), ...name("helper")];
    const names = rawModule(section(0, [...name("name"), 1, ...leb(entry.length + 1), 1, ...entry]));
    return Uint8Array.from([...bytes, ...names.subarray(8)]);
  };
  assertEquals(
    functionsOf(compared(named("nop"), named("nop nop nop nop nop nop nop nop"))),
    "~helper helper by name, =0",
  );
  const bodies = [
    "(func (drop (i32.const 1234)))",
    "(func (drop (f32.const 2)))",
    "(func (drop (f64.const 3)))",
  ];
  const [one = "", two = "", three = ""] = bodies;
  assertEquals(functionsOf(compared(wat(one + two + three), wat(three + one + two))), "=3");
  const other = "(func (drop (i32.const 1235)))";
  assertEquals(
    functionsOf(compared(wat(two + one + three), wat(two + other + three))),
    "~#1 #1 by place, =2",
  );
  assertEquals(functionsOf(compared(wat(two + three), wat(two + one + three))), "+#1, =2");
  const long = `(func ${"(drop (i64.const 123456))".repeat(40)})`;
  assertEquals(functionsOf(compared(wat(two + one), wat(two + long))), "-#1, +#1, =1");
});

/** Immediates of each kind that differ, in bodies that are otherwise the same. */
const DIFFERENT: readonly (readonly [string, string])[] = [
  ["i32.const 1 drop", "i32.const 2 drop"],
  ["i64.const 1 drop", "i64.const 4294967297 drop"],
  ["f32.const 1 drop", "f32.const -1 drop"],
  ["f64.const 1 drop", "f64.const 2 drop"],
  ["v128.const i32x4 0 0 0 1 drop", "v128.const i32x4 0 0 0 2 drop"],
  ["i32.const 0 i32.load drop", "i32.const 0 i32.load offset=4 drop"],
  ["i32.const 0 i32.load drop", "i32.const 0 i32.load align=1 drop"],
  ["i32.const 0 i32.load drop", "i32.const 0 i32.load 1 drop"],
  ["block block br 0 end end", "block block br 1 end end"],
  ["block block i32.const 0 br_table 0 1 end end", "block block i32.const 0 br_table 1 1 end end"],
  ["block nop end", "block (result i32) i32.const 0 end drop"],
  ["ref.null func drop", "ref.null extern drop"],
  ["block block (try_table (catch_all 0)) end end", "block block (try_table (catch_all 1)) end end"],
  ["local.get 0 drop", "local.get 1 drop"],
  ["global.get 0 drop", "global.get 1 drop"],
  ["call 1", "call 2"],
  ["i32.const 0 call_indirect (type 0)", "i32.const 0 call_indirect (type 1)"],
  [
    "v128.const i32x4 0 0 0 0 i8x16.extract_lane_s 0 drop",
    "v128.const i32x4 0 0 0 0 i8x16.extract_lane_s 1 drop",
  ],
];

Deno.test("compareModules() sees every kind of immediate, with and without numbers that moved", () => {
  const module = (code: string, before = "") =>
    wat(
      `(type (func)) (type (func (result i32))) ${before} (memory 1) (memory 1) (table 1 funcref) (global i32 (i32.const 1))
      (global i64 (i64.const 2)) (func (export "f") (local i32 i32) ${code}) (func (export "g")) (func (export "h"))`,
    );
  const isMissed = (one: string, after: Uint8Array<ArrayBuffer>) =>
    !functionsOf(compared(module(one), after)).includes("~f f by export");
  const missed = DIFFERENT.filter(([one, other]) =>
    isMissed(one, module(other)) ||
    // With a global in front, the second one is the first one of before.
    !one.startsWith("global") && isMissed(one, module(other, '(global (import "a" "b") i32)'))
  );
  assertEquals(missed, []);
});

Deno.test("functionLines() compares code by what it names", () => {
  const before = wat(`(func $log (export "log")) (func (export "f") (call $log) (drop (i32.const 1)))`);
  const after = wat(
    `(import "env" "new" (func)) (func $log (export "log")) (func (export "f") (call $log) (drop (i32.const 2)))`,
  );
  assertEquals(functionLines(matched(before, after), "f").lines.map(({ mark, text }) => mark + text), [
    " type () -> ()",
    ' call "log"',
    "-i32.const 1",
    "+i32.const 2",
    " drop",
    " end",
  ]);
});

Deno.test("comparisonText() prints no character of a name that acts on a terminal, and cuts long lists", () => {
  const exports = Array.from({ length: 60 }, (_, at) => `(func (export "\\1b[2J\\e2\\80\\ae${at}"))`).join(
    "",
  );
  const text = [...comparisonText(compared(wat(""), wat(exports)), {
    shown: { before: "a", after: "b" },
    printable: (line) => line,
    most: 40,
  })].join("");
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  assert(!/[\x00-\x09\x0b-\x1f\u202e]/.test(text));
  assertStringIncludes(text, "… and 20 more");
});

Deno.test("matchModules() takes 100,000 functions that are all alike, in either number", () => {
  const many = largeModule({ functions: 100_000 }), fewer = largeModule({ functions: 90_000 });
  const start = performance.now();
  const { functions } = compared(many, fewer);
  assertEquals([functions.same, functions.removed.items.length + functions.removed.further], [
    90_000,
    10_000,
  ]);
  assert(performance.now() - start < 10_000);
});

Deno.test("compareModules() compares a name of 100,000 letters once, however often code names its global", () => {
  const module = (last: string) => {
    const code = wat(
      `(global i32 (i32.const 0)) (func ${"global.get 0 drop ".repeat(20_000)} (drop (i32.const ${last})))`,
    );
    const entry = [...leb(0), ...name("g".repeat(100_000))];
    const names = rawModule(section(0, [...name("name"), 7, ...leb(entry.length + 1), 1, ...entry]));
    const bytes = new Uint8Array(code.length + names.length - 8);
    bytes.set(code);
    bytes.set(names.subarray(8), code.length);
    return bytes;
  };
  const one = module("1"), other = module("2"), modules = matched(one, other), start = performance.now();
  assertEquals(functionsOf(compareModules(modules)), "~#0 #0 by place, =0");
  assert(performance.now() - start < 500);
});
