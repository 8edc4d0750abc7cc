import { readGuestArguments } from "../../src/cli/guest_arguments.ts";
import { AegisError } from "../../src/core/errors.ts";
import type { CallValue } from "../../src/core/value.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

function read(word: string, type: string): CallValue | undefined {
  return readGuestArguments([word], "f", { params: [type], results: [] })[0];
}

function refused(word: string, type: string): string {
  const error = assertThrows(() => read(word, type), AegisError);
  assertEquals(error.code, "TypeMismatch");
  return error.message;
}

Deno.test("readGuestArguments() reads i32 signed and unsigned, decimal and hexadecimal", () => {
  for (
    const [word, value] of [
      ["0", 0],
      ["-17", -17],
      ["+5", 5],
      ["0x10", 16],
      ["-0x10", -16],
      ["1_000", 1000],
      ["-2147483648", -2147483648],
      ["2147483647", 2147483647],
      ["2147483648", -2147483648],
      ["4294967295", -1],
      ["0xffffffff", -1],
    ] as const
  ) assertEquals(read(word, "i32"), value, word);
});

Deno.test("readGuestArguments() refuses what is no i32, with the range", () => {
  const range = "a whole number from -2147483648 to 4294967295, decimal or 0x…";
  const words = [
    "4294967296",
    "-2147483649",
    "",
    " 1",
    "1 ",
    "1.5",
    "1e3",
    "0x",
    "1__0",
    "_1",
    "--1",
    "0b1",
    "five",
  ];
  for (const word of words) {
    assertEquals(
      refused(word, "i32"),
      `Cannot read argument 1 of "f" as i32: expected ${range}, got ${JSON.stringify(word)}`,
    );
  }
});

Deno.test("readGuestArguments() reads i64 exactly to both ends of its range", () => {
  for (
    const [word, value] of [
      ["9007199254740993", 9007199254740993n],
      ["-9223372036854775808", -(2n ** 63n)],
      ["9223372036854775807", 2n ** 63n - 1n],
      ["18446744073709551615", -1n],
      ["0x8000000000000000", -(2n ** 63n)],
    ] as const
  ) assertEquals(read(word, "i64"), value, word);
  for (const word of ["18446744073709551616", "-9223372036854775809", "1n", "1.0"]) refused(word, "i64");
});

Deno.test("readGuestArguments() reads floats, infinities and nan", () => {
  for (
    const [word, value] of [
      ["3.141592653589793", Math.PI],
      ["1e3", 1000],
      ["-2.5E-3", -0.0025],
      [".5", 0.5],
      ["5.", 5],
      ["-0", -0],
      ["inf", Infinity],
      ["-Infinity", -Infinity],
      ["nan", NaN],
      ["5e-324", 5e-324],
      ["1.7976931348623157e308", Number.MAX_VALUE],
    ] as const
  ) assert(Object.is(read(word, "f64"), value), word);
  assertEquals(read("0.1", "f32"), Math.fround(0.1));
  assertEquals(read("3.4028235e38", "f32"), 3.4028234663852886e38);
});

Deno.test("readGuestArguments() refuses floats past the range instead of making them infinite", () => {
  for (const word of ["1e309", "-1e309", "", "0x10", "1e", "e5", ".", "1,5", "infinite"]) {
    refused(word, "f64");
  }
  for (const word of ["3.5e38", "1e39"]) refused(word, "f32");
});

Deno.test("readGuestArguments() refuses a word of a megabyte at once", () => {
  const start = performance.now();
  refused("1".repeat(1_000_000), "i64");
  refused("1".repeat(1_000_000), "f32");
  assert(performance.now() - start < 1000);
});

Deno.test("readGuestArguments() tells the signature when the number of arguments is wrong", () => {
  const type = { params: ["i32", "i64"], results: ["f32"] };
  for (const [words, got] of [[["1"], 1], [["1", "2", "3"], 3], [[], 0]] as const) {
    const error = assertThrows(() => readGuestArguments(words, "add", type), AegisError);
    assertEquals(error.code, "TypeMismatch");
    assertEquals(
      error.message,
      `Cannot call "add" of type (i32, i64) -> (f32): expected 2 arguments, got ${got}`,
    );
  }
});

Deno.test("readGuestArguments() refuses parameters that no word can give", () => {
  for (const [param, article] of [["v128", "a"], ["externref", "an"], ["(ref null 3)", "a"]] as const) {
    const error = assertThrows(
      () => readGuestArguments(["1", "2"], "f", { params: ["i32", param], results: [] }),
      AegisError,
    );
    assertEquals(error.code, "TypeMismatch");
    assertEquals(
      error.message,
      `Cannot call "f" of type (i32, ${param}) -> (): parameter 2 is ${article} ${param}, which no argument can give; ` +
        "functions of i32, i64, f32, f64 can be called",
    );
  }
});

Deno.test("readGuestArguments() reads text as it is, bytes in hexadecimal, structured values as JSON", () => {
  for (const text of ["", "World", "-1", "\u001b[31m", "x".repeat(5000)]) {
    assertEquals(read(text, "string"), text);
  }
  assertEquals(read("00fFa1", "bytes"), Uint8Array.of(0, 255, 161));
  assertEquals(read("", "bytes"), new Uint8Array());
  for (const kind of ["json", "msgpack"]) {
    assertEquals(read('{"a": [1, null, "é"]}', kind), { a: [1, null, "é"] });
    assertEquals(read("null", kind), null);
    assert(refused("[1, 2", kind).includes("expected JSON"));
  }
  for (const word of ["0", "0x00", "zz", "a b"]) {
    assert(refused(word, "bytes").includes("an even number of hexadecimal digits"), word);
  }
});
