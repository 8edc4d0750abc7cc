import { compileWat } from "../../src/sandbox/wat.ts";
import { checkWatShape, WAT_BOUNDS } from "../../src/sandbox/wat_shape.ts";
import { ModuleInvalidError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";

/** Texts that keep the parser busy for ever, or until there is no memory. */
const ENDLESS = [
  '(module (data "\\u41"))',
  '(module (data "\\u{41"))',
  '(module (data "\\4\\\\u41"))',
  '(module (func $"\\u41"))',
  "(module (memory i64 -1))",
  "(module (memory i64 0 -1))",
  '(module (memory $m (export "m") i64 -1))',
  '(module (import "" "" (memory i64 -1)))',
  "(module (table i64 -1 funcref))",
  "(module (memory i64 (pagesize i32.const) -1))",
  "(module (memory i64 \u00a0-1))",
  "(module (a;b memory i64 -1))",
  "(module (;(;;);) (memory (;;)i64 ;; here\n -1))",
  "(module ((@a) memory i64 -1))",
  "(@a) module (memory i64 -1)",
  "memory i64 -1",
  "((memory) i64 -1)",
  '("memory" i64 -1)',
  "(module (type (array i32)) (func array.new_fixed 0 -1_0))",
  "(module (type (array i32)) (func array.new_fixed 0 (@a i32.const) -1_0))",
  "(module (type (array i32)) (func array.new_fixed 0 (@a (i32.const)) -1_0))",
  "(module (func v128.const ulebx9e9))",
  "(module (func (v128.const) uleb5x99999999999))",
  '(module quote "(memory i64 -1)")',
  'module quote "(memory i64 -1)"',
  '(module $m (;;) quote "(func (;" ";)" ")")',
];

Deno.test("compileWat() refuses texts with which the parser would never end", async () => {
  for (const text of ENDLESS) {
    const error = await assertRejects(() => compileWat(text), ModuleInvalidError);
    assertStringIncludes(error.message, "Cannot parse the text: ");
    assertThrows(() => checkWatShape(text), ModuleInvalidError); // before the parser sees it
  }
});

Deno.test("compileWat() says which bound a text exceeds, and takes what is just below it", async () => {
  const { characters, depth, items, depths, word, products } = WAT_BOUNDS;
  const blocks = (count: number) => `(func ${"(block ".repeat(count)}${")".repeat(count)})`;
  const nops = (count: number) => `(func ${"nop ".repeat(count)})`;
  const number = (length: number) => `(func i32.const 0x${"0".repeat(length - 2)} drop)`;
  const deep = (count: number) => `(func ${"(block ".repeat(99)}${"nop ".repeat(count)}${")".repeat(100)}`;
  // Each block and nop counts with the lists around it, and so does each "block" and "func".
  const below = Math.floor((depths - 1 - 2 * (99 * 100 / 2) - 99) / 100);
  const imports = (more: number) =>
    `(module ${'(import "" "" (func))'.repeat(2000)}${
      "(func)".repeat(Math.floor(products / 2000) - 2000 + more)
    })`;
  for (
    const [bound, fits, exceeds] of [
      [`${depth} lists within lists`, blocks(depth - 1), blocks(depth)],
      [`${items} words in one function`, nops(items - 1), nops(items)],
      [`${depths} as the sum of the depths`, deep(below), deep(below + 1)],
      [`${word} characters in a word`, number(word), number(word + 1)],
      [`${products} as the product`, imports(0), imports(1)],
    ] as const
  ) {
    assert(exceeds.length < characters);
    checkWatShape(fits);
    const error = await assertRejects(() => compileWat(exceeds), ModuleInvalidError, `more than ${bound}`);
    assertStringIncludes(error.message, "; load it as a binary module");
  }
  await compileWat(`(module)${" ".repeat(characters - 8)}`);
  await assertRejects(
    () => compileWat(`(module)${" ".repeat(characters - 7)}`),
    ModuleInvalidError,
    "exceed",
  );
  // Functions beside each other have that many words each.
  checkWatShape(nops(items - 1) + nops(items - 1));
});

Deno.test("checkWatShape() lets through what texts are made of", async () => {
  for (
    const text of [
      "",
      " ;; nothing",
      "(module ;; to the end)",
      '(module $a (func (export "-1 (memory i64 -1)")) (; (memory i64 -1) (; ;) ;) )',
      "(func (result i32) i32.const -1)(func (result i64) (i64.const (;;) -0x1_0))",
      "(func (result f32) f32.const -inf)(func (result f64) (f64.const -nan:0x8_0000_0000_0000))",
      "(func v128.const i32x4 -1 -2 -3 -4 drop v128.const f32x4 nan -1 inf -0x1p-3 drop)",
      "(func i32.const 0 i32.load offset=0x10 align=4 drop)",
      '(memory i64 1 2)(data (i64.const 0) "\\00\\t\\n\\r\\"\\\'\\\\\\u{1F600}")',
      "(module (memory 1) (data (i32.const 0) (i8 -1 2) (f32 -1.5)))",
      '(module (@custom "a" "b") (@name "values") (func $"a b" (@metadata.code.a "x") nop))',
      "( (@a (b 1)) module ( (@c) func ) )",
      "(func (local i32 i64)(if(i32.const 1)(then(br 0))(else(nop))))",
      "(type (func (param externref)))(func (type 0) (select (result externref) (local.get 0) (local.get 0) (i32.const 1)) drop)",
    ]
  ) {
    checkWatShape(text);
    await compileWat(text);
  }
});

Deno.test("checkWatShape() refuses words that stand for something else in the parser, with their places", () => {
  for (
    const [text, word] of [
      ["(module (func __proto__))", "__proto__"],
      ['(import "" "" (constructor))', "constructor"],
      ["(module (push $x))", "push"],
      ["(module (code $x))", "code"],
      ["(func x;y)", "x;y"],
      ["func", "func"],
    ] as const
  ) {
    const error = assertThrows(() => checkWatShape(text), ModuleInvalidError, `unexpected "${word}"`);
    assertEquals(error.offset, text.indexOf(word));
  }
  const text = '(module\n  (memory 1)\n  (data ";x"))',
    error = assertThrows(() => checkWatShape(text), ModuleInvalidError);
  assertStringIncludes(error.message, "line 3, column 9");
  assertThrows(() => checkWatShape("(module))"), ModuleInvalidError, "Unexpected closing parenthesis");
  assertThrows(() => checkWatShape("(0 $x)"), ModuleInvalidError, "a list starts with what is no word");
});

Deno.test("compileWat() says what is wrong with a string that is longer than the parser takes", async () => {
  const text = `(module (memory 4) (data (i32.const 0) "${"a".repeat(150_000)}"))`;
  const error = await assertRejects(() => compileWat(text), ModuleInvalidError);
  assertStringIncludes(error.message, "a string in it is longer than the parser takes");
});
