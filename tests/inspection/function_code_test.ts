import { type CodePosition, functionCode, type FunctionLine } from "../../src/inspection/function_code.ts";
import { disassemble } from "../../src/wasm/disassemble.ts";
import { ModuleInvalidError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { exampleBytes } from "../examples/example_file.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { rawModule, section, vec } from "../wasm/module_builder.ts";
import { namedModule, readWithNames } from "./code_module.ts";

const NAMED = namedModule(
  `
  (import "env" "log" (func (param i32 i32 i32)))
  (type $t (func (param i32) (result i64)))
  (table (export "jumps") 1 funcref) (memory 1) (global (mut i32) (i32.const 0))
  (func (param i32) (local f64 i32)
    (call 0 (local.get 0) (local.get 2) (global.get 0))
    (drop (call_indirect 0 (type $t) (i32.const 7) (i32.const 0)))
    (call 2 (i32.const 1)))
  (func (export "other") (param i32) (drop (ref.func 1)))
  (elem declare func 1)`,
  { functions: { 1: "first" }, locals: { 1: { 0: "argument" } }, globals: { 0: "depth" } },
);

function notesOf(lines: readonly FunctionLine[]): Record<string, unknown> {
  return Object.fromEntries(
    lines.flatMap(({ text, note, callee }) =>
      note === undefined ? [] : [[text, callee === undefined ? note : [note, callee]]]
    ),
  );
}

Deno.test("functionCode() says what the items are called that an instruction names", () => {
  const { lines, locals } = functionCode(readWithNames(NAMED), { index: 1, most: 100 });
  assertEquals(locals, "1 f64, 1 i32");
  assertEquals(notesOf(lines), {
    "local.get 0": "argument",
    "global.get 0": "depth",
    "call 0": ["env.log", 0],
    "call_indirect (type 0)": "(i32) -> (i64), jumps",
    "call 2": ["other", 2],
  });
  const other = functionCode(readWithNames(NAMED), { index: 2, most: 100 });
  assertEquals(notesOf(other.lines), { "ref.func 1": ["first", 1] });
});

Deno.test("functionCode() gives the lines of the disassembler, in whatever parts they are asked for", async () => {
  const source = readWithNames(await exampleBytes("guest/greet_rust.wasm"));
  let longest = 0;
  for (const [place, body] of source.module.bodies.entries()) {
    const index = source.module.imported.function + place;
    const whole = [...disassemble(source.module, { start: body.code, end: body.end })];
    if (whole.length < longest) continue;
    longest = whole.length;
    for (const most of [1, 7, 10_000]) {
      const parts: FunctionLine[] = [];
      let from: CodePosition | undefined;
      do {
        const part = functionCode(source, { index, from, most });
        assert(part.lines.length <= most);
        parts.push(...part.lines);
        from = part.next;
      } while (from !== undefined);
      assertEquals(parts.map(({ offset, depth, text }) => ({ offset, depth, text })), whole);
    }
  }
  assert(longest > 100);
});

Deno.test("functionCode() has no lines of a function that is imported", () => {
  assertEquals(functionCode(readWithNames(NAMED), { index: 0, most: 100 }), { locals: "", lines: [] });
});

Deno.test("functionCode() cuts lines and notes that are long", () => {
  const labels = "0 ".repeat(1_000);
  const bytes = namedModule(`(func (br_table ${labels} (i32.const 0))) (func (call 0))`, {
    functions: { 0: "x".repeat(50_000) },
  });
  const [, branch] = functionCode(readWithNames(bytes), { index: 0, most: 5 }).lines;
  assertEquals(branch?.text.length, 501);
  const [call] = functionCode(readWithNames(bytes), { index: 1, most: 5 }).lines;
  assertEquals(call?.note?.length, 121);
});

Deno.test("functionCode() lists a hundred groups of locals", () => {
  const bytes = compileText(`(module (func ${"(local i32) (local i64) ".repeat(60)}))`);
  const { locals } = functionCode(readWithNames(bytes), { index: 0, most: 5 });
  assertEquals([locals.split(", ").length, locals.endsWith("1 i64, …")], [101, true]);
});

Deno.test("functionCode() refuses what is not there", () => {
  const source = readWithNames(NAMED);
  for (const index of [3, -1, NaN]) assertThrows(() => functionCode(source, { index, most: 1 }), RangeError);
  for (const offset of [0, NAMED.length, NaN]) {
    assertThrows(() => functionCode(source, { index: 1, from: { offset, depth: 0 }, most: 1 }), RangeError);
  }
  const garbled = rawModule(
    section(1, [1, 0x60, 0, 0]),
    section(3, [1, 0]),
    section(10, vec([[3, 0, 0xff, 0x0b]])),
  );
  assertThrows(() => functionCode(readWithNames(garbled), { index: 0, most: 9 }), ModuleInvalidError, "0xff");
});
