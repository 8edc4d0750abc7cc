import {
  fitsType,
  formatSignature,
  importKey,
  loweredType,
  parseImportSignatures,
  parseSignatures,
  type Signature,
} from "../../src/core/signature.ts";
import { assert, assertEquals } from "../assert.ts";

const GREET: Signature = { params: ["string"], results: ["string"] };

Deno.test("loweredType() makes two i32 of what lies in memory, and an i64 of such a result", () => {
  assertEquals(loweredType(GREET), { params: ["i32", "i32"], results: ["i64"] });
  assertEquals(loweredType({ params: ["f64", "json", "i64", "bytes"], results: ["f32", "i32"] }), {
    params: ["f64", "i32", "i32", "i64", "i32", "i32"],
    results: ["f32", "i32"],
  });
  assertEquals(loweredType({ params: [], results: [] }), { params: [], results: [] });
});

Deno.test("parseSignatures() reads what formatSignature() writes", () => {
  const all: [string, Signature][] = [
    ["greet", GREET],
    ["nothing", { params: [], results: [] }],
    ["two", { params: ["i32", "msgpack"], results: ["i64", "f32"] }],
    ["a.b-c/d", { params: [], results: ["bytes"] }],
  ];
  const text = all.map(([name, signature]) => `${formatSignature(name, signature)}\n`).join("");
  assertEquals([...parseSignatures(text)], all);
});

Deno.test("parseSignatures() takes what compilers leave around lines, and no line that is none", () => {
  assertEquals([...parseSignatures("\0greet(string)->string\0\0\r\n  f ( i32 ,f64 )  \n").keys()], [
    "greet",
    "f",
  ]);
  for (
    const line of [
      "greet",
      "greet(string",
      "greet(text)",
      "greet() -> string, string",
      "greet() -> i32 -> i32",
      "(i32)",
      "greet(,)",
      "greet(i32,)",
      "a b()",
      "__proto__",
    ]
  ) assertEquals([...parseSignatures(line)], [], line);
  assertEquals(parseSignatures("f(i32)\nf(i64)").get("f"), { params: ["i32"], results: [] });
});

Deno.test("parseImportSignatures() reads lines of imports, and parseSignatures() none of them", () => {
  const text =
    "import env lookup(string) -> json\nimport(i32)\n  import  a  b.c ( i32 )\0import x y(i32)->i32\n";
  assertEquals([...parseImportSignatures(text)], [
    [importKey("env", "lookup"), { params: ["string"], results: ["json"] }],
    [importKey("a", "b.c"), { params: ["i32"], results: [] }],
    [importKey("x", "y"), { params: ["i32"], results: ["i32"] }],
  ]);
  assertEquals([...parseSignatures(text).keys()], ["import"]);
  for (
    const line of ["import env", "import env f", "import env f g(i32)", "import (i32) f()", "importenv f()"]
  ) {
    assertEquals([...parseImportSignatures(line)], [], line);
  }
  assertEquals(parseImportSignatures("import a f(i32)\nimport a f(i64)").get("a f"), {
    params: ["i32"],
    results: [],
  });
});

Deno.test("fitsType() compares a signature with the type that it is lowered to", () => {
  assertEquals(fitsType(GREET, { params: ["i32", "i32"], results: ["i64"] }), true);
  for (
    const type of [
      { params: ["i32"], results: ["i64"] },
      { params: ["i32", "i32", "i32"], results: ["i64"] },
      { params: ["i32", "i64"], results: ["i64"] },
      { params: ["i32", "i32"], results: [] },
      { params: ["i32", "i32"], results: ["i32"] },
    ]
  ) assertEquals(fitsType(GREET, type), false, JSON.stringify(type));
});

Deno.test("parseSignatures() reads a hostile line in the time of its length", () => {
  const started = performance.now();
  for (
    const line of [
      `f() ->${" ".repeat(1 << 20)}\rX`,
      `f()${" ".repeat(1 << 20)}X`,
      `f(${" ".repeat(1 << 20)}`,
    ]
  ) {
    assertEquals([...parseSignatures(line)], []);
  }
  assert(performance.now() - started < 1000, `${performance.now() - started} ms`);
});
