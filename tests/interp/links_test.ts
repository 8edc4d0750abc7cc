/** Which instruction takes what the one before it gives, told of a few of which it is plain. */
import { linkBetween } from "../../src/interp/compile/links.ts";
import { operation } from "../../src/interp/core/operations.ts";
import type { Link } from "../../src/interp/core/core_writer.ts";
import { assertEquals } from "../assert.ts";

/** Locals of these frames end here, and operands begin. */
const OPERANDS = 64;

/** Registers: two locals, two operands. */
const A = 16, B = 24, X = 64, Y = 72;

type Instruction = readonly [name: string, ...words: number[]];

function link(first: Instruction, second: Instruction): Link | undefined {
  const words = [first, second].map(([name, ...rest]) => [operation(name), ...rest]);
  const at = { before: 0, position: words[0]?.length ?? 0 };
  return linkBetween(Int32Array.from(words.flat()), at, OPERANDS);
}

Deno.test("an operand is taken by the one that reads it, and written nowhere", () => {
  assertEquals(link(["i32.xor", X, A, B], ["i32.add", A, X, B]), { word: 2, kept: false });
  assertEquals(link(["i32.xor", X, A, B], ["i32.add", A, B, X]), { word: 3, kept: false });
  assertEquals(link(["i32.xor", X, A, B], ["if", 40, X]), { word: 2, kept: false });
});

Deno.test("a local is written, too; and so is an operand that is read twice", () => {
  assertEquals(link(["i32.xor", A, A, B], ["i32.add", X, A, B]), { word: 2, kept: true });
  assertEquals(link(["i32.xor", X, A, B], ["i32.mul", Y, X, X]), { word: 2, kept: true });
});

Deno.test("what reads an operand and leaves it in use lets it be written", () => {
  for (const name of ["if set", "if null"]) {
    assertEquals(link(["owned.get", X, 8], [name, 40, X]), { word: 2, kept: true }, name);
  }
  assertEquals(link(["i32.xor", X, A, B], ["copy", A, X]), { word: 2, kept: true });
});

Deno.test("nothing is taken by one that reads other registers, or other kinds of value", () => {
  assertEquals(link(["i32.xor", X, A, B], ["i32.add", Y, A, B]), undefined);
  assertEquals(link(["i32.xor", X, A, B], ["i32.add", X, A, B]), undefined);
  assertEquals(link(["f64.add", X, A, B], ["f32.sqrt", X, X]), undefined);
});

Deno.test("nothing is taken from one that gives nothing", () => {
  assertEquals(link(["owned.set", 8, X], ["i32.add", A, X, B]), undefined);
  assertEquals(link(["if", 40, X], ["i32.add", A, X, B]), undefined);
});
