import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { planStack, type StackPlan } from "../../src/analysis/stack_plan.ts";
import { assert, assertEquals } from "../assert.ts";
import { legacyTextCompiler, type TextCompiler } from "../testsuite/module_bytes.ts";
import { textModule } from "./text_module.ts";

function stackOf(fields: string, compile?: TextCompiler): StackPlan {
  const { module, maxOperandBytes } = textModule(fields, compile);
  return planStack(module, { plan: planModule(module, DEFAULT_COSTS), maxOperandBytes });
}

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

/** Bytes of any frame. */
const BASE = 48;

const frameOf = (fields: string): number => stackOf(fields).frame[0] ?? -1;

Deno.test("planStack() adds up parameters, locals, operands and calls", () => {
  assertEquals(frameOf("(func)"), BASE);
  assertEquals(frameOf("(func (param i32 i64 f32 f64))"), BASE + 4 * 8);
  assertEquals(frameOf("(func (local i32 i64 v128 funcref))"), BASE + 8 + 8 + 16 + 8);
  assertEquals(
    frameOf("(func i32.const 1 i64.const 2 v128.const i64x2 0 0 drop drop drop)"),
    BASE + 8 + 8 + 16,
  );
  assertEquals(
    frameOf("(func (local exnref))"),
    BASE + 352,
    "an exception reference keeps its payload alive",
  );
  const calls = `(func i32.const 1 i64.const 2 call $small call $large drop drop)
    (func $small (param i32 i64) (result i32 i64) i32.const 0 i64.const 0)
    (func $large (param i32 i64) (result i64 i64) i64.const 0 i64.const 0)`;
  assertEquals(frameOf(calls), BASE + 16 + 2 * (16 + 16), "the largest call counts, twice");
});

Deno.test("planStack() adds the open handlers of the old exceptions", async () => {
  const { frame } = stackOf("(func try nop catch_all nop end)", await legacyTextCompiler());
  assertEquals(frame[0], BASE + 352);
});

Deno.test("planStack() counts what recurs and what holds a handler", () => {
  const { counted } = stackOf(`
    (func $leaf) (func $caller call $leaf) (func $self call $self) (func $handler (block (try_table (catch_all 0))))
    (func $calls_handler call $handler)`);
  assertEquals([...counted], [0, 0, 1, 1, 0]);
});

Deno.test("planStack() counts functions that a host function may lead back to", () => {
  const { counted } = stackOf('(import "m" "h" (func $h)) (func (export "f") call $h) (func $free call $h)');
  assertEquals([...counted], [1, 0]);
});

Deno.test("planStack() cuts chains of calls before more than 16 KiB go uncounted", () => {
  const length = 400, locals = 20;
  const names = Array.from({ length }, (_, index) => index);
  const fields = names.map((index) =>
    `(func $f${index} (local ${repeat(locals, "i64")}) ${index + 1 < length ? `call $f${index + 1}` : ""})`
  );
  const { frame, counted } = stackOf(fields.join("\n"));
  let uncounted = 0, cuts = 0, total = 0;
  for (const index of names) {
    if (counted[index] === 1) {
      uncounted = 0;
      cuts++;
      total += frame[index] ?? 0;
    } else uncounted += frame[index] ?? 0;
    assert(uncounted <= 16 * 1024, `function ${index}`);
  }
  assertEquals(
    total,
    (length - counted.indexOf(1)) * (BASE + locals * 8),
    "each cut counts what is below it, too",
  );
  const perChain = Math.floor(16 * 1024 / (BASE + locals * 8)) + 1;
  assertEquals(cuts, Math.floor(length / perChain), "no more cuts than needed");
});

Deno.test("planStack() counts a single frame beyond 16 KiB", () => {
  const MOST = (16 * 1024 - BASE) / 8;
  assertEquals([...stackOf(`(func (local ${repeat(MOST, "i64")}))`).counted], [0]);
  assertEquals([...stackOf(`(func (local ${repeat(MOST + 1, "i64")}))`).counted], [1]);
});

const MAIN = '(func (export "f") call $g)';

/** A note, a module, and bytes of its first function: of its frame, and of the frame that one for calls from outside has. */
type EntryRow = readonly [note: string, fields: string, frame: number, entry: number];

const ENTRIES: readonly EntryRow[] = [
  ["no direct calls", '(func $g (export "g") (param i64))', BASE + 2 * 8, 0],
  ["in a table", "(func $g (param i64)) (table funcref (elem $g))", BASE + 2 * 8, 0],
  [
    "a tail call leads to it",
    `(func $g (param i64)) (func (export "f") (return_call $g (i64.const 1)))`,
    BASE + 2 * 8,
    0,
  ],
  [
    "a tail call leads to it, and calls from outside",
    `(func $g (param i64) (call $g (i64.const 1)) (return_call $g (i64.const 1))) (table funcref (elem $g))`,
    BASE + 2 * 8 + 8 + 2 * 8,
    0,
  ],
  ["no calls from outside", `(func $g call $g) ${MAIN}`, BASE, 0],
  ["what is owed is passed", `(func $g (export "g")) ${MAIN}`, BASE + BASE, 0],
  ["the depth is passed", '(func $g (export "g") call $g)', BASE, BASE],
  [
    "parameters and results are passed on",
    '(func $g (export "g") (param i64 i32) (result i32) local.get 0 local.get 1 call $g)',
    BASE + 2 * 8 + 2 * 8 + 2 * (2 * 8 + 8),
    BASE + 3 * 2 * 8 + 2 * 8,
  ],
];

Deno.test("planStack() adds the frame that calls from outside pass through, or gives it apart", () => {
  for (const [note, fields, bytes, own] of ENTRIES) {
    const { frame, entry } = stackOf(fields);
    assertEquals([frame[0], entry[0]], [bytes, own], note);
  }
});

Deno.test("planStack() counts functions late whose frames are at most 1024 bytes", () => {
  const lateOf = (locals: number) => stackOf(`(func (local ${repeat(locals, "i64")}))`).late[0];
  assertEquals(lateOf((1024 - BASE) / 8), 1);
  assertEquals(lateOf((1024 - BASE) / 8 + 1), 0);
});

Deno.test("planStack() says what may lead to a function that is counted", () => {
  const { counted, reaches } = stackOf(`(import "m" "i" (func $i))
    (func $leaf) (func $calls_leaf call $leaf) (func $self call $self) (func $calls_self call $self)
    (func $calls_that call $calls_self) (func $asks call $i) (func $calls_asks call $asks)`);
  assertEquals([...counted], [0, 0, 1, 0, 0, 0, 0]);
  assertEquals([...reaches], [0, 0, 1, 1, 1, 1, 1], "others may reach anything");
});
