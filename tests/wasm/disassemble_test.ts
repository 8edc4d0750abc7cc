import { compile } from "watr";
import { disassemble } from "../../src/wasm/disassemble.ts";
import type { OpcodeRow } from "../../src/wasm/opcode.ts";
import { OPCODES } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { sampleOf } from "./instruction_samples.ts";
import { body, type Bytes, funcType, leb, rawModule, section, sleb, vec } from "./module_builder.ts";

/** A body with this code, in a module that need not be valid. */
function moduleWith(code: Bytes): Uint8Array<ArrayBuffer> {
  return rawModule(
    section(1, [1, ...funcType([], [])]),
    section(3, [1, 0]),
    section(10, vec([body([], code)])),
  );
}

function lines(code: Bytes): string[] {
  const module = readModule(moduleWith(code));
  return module.bodies.flatMap((range) => [...disassemble(module, { start: range.code, end: range.end })])
    .map(({ depth, text }) => "  ".repeat(depth) + text);
}

const BLOCKS = [0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40];

/** Items that the indices can name. */
const SURROUNDINGS = [
  "(type (struct (field i32 i32 i32 i32 i32)))",
  '(import "" "" (func))',
  "(table 1 funcref)",
  "(memory 1)",
  "(tag)",
  "(global i32 (i32.const 0))",
  "(elem func 0)",
  '(data "")',
].map((item) => `${item} `.repeat(5)).join("");

/** What must stand behind an instruction to make it a whole. */
function completion(row: OpcodeRow): Bytes {
  return row.immediates.includes("blocktype") ? [0x0b] : [];
}

Deno.test("disassemble() prints every instruction so that it can be parsed again", () => {
  const wrong: string[] = [];
  for (const row of OPCODES) {
    if (row.feature === "legacy-exceptions" || row.mnemonic === "else" || row.mnemonic === "end") continue;
    // In blocks, so that labels exist.
    const code = [...BLOCKS, ...sampleOf(row), ...completion(row), ...BLOCKS.map(() => 0x0b).slice(0, 5)];
    const text = lines(code).slice(0, -1).join("\n");
    const compiled = Uint8Array.from(
      compile(`(module ${SURROUNDINGS} (func (local i32 i32 i32 i32 i32)\n${text}))`),
    );
    const [range] = readModule(compiled).bodies;
    const found = compiled.subarray(range?.code, range?.end).join(" ");
    const expected = [...code, 0x0b].join(" ");
    if (found !== expected) wrong.push(`${text.replaceAll(/ *\n */g, " ")}: ${found} is not ${expected}`);
  }
  assertEquals(wrong, []);
});

Deno.test("disassemble() indents blocks, and their marks less", () => {
  const code = [0x02, 0x40, 0x41, 1, 0x04, 0x40, 0x01, 0x05, 0x00, 0x0b, 0x0b];
  assertEquals(lines(code), [
    "block",
    "  i32.const 1",
    "  if",
    "    nop",
    "  else",
    "    unreachable",
    "  end",
    "end",
    "end",
  ]);
});

Deno.test("disassemble() prints the old exception instructions", () => {
  const code = [0x06, 0x40, 0x08, 3, 0x07, 3, 0x09, 0, 0x19, 0x0b, 0x06, 0x7f, 0x18, 1];
  assertEquals(lines(code), [
    "try",
    "  throw 3",
    "catch 3",
    "  rethrow 0",
    "catch_all",
    "end",
    "try (result i32)",
    "delegate 1",
    "end",
  ]);
});

const FLOATS: readonly (readonly [string, Bytes])[] = [
  ["f32.const 0", [0x43, 0, 0, 0, 0]],
  ["f32.const -0", [0x43, 0, 0, 0, 0x80]],
  ["f32.const 0.1", [0x43, 0xcd, 0xcc, 0xcc, 0x3d]],
  ["f32.const 3.4028235e+38", [0x43, 0xff, 0xff, 0x7f, 0x7f]],
  ["f32.const -inf", [0x43, 0, 0, 0x80, 0xff]],
  ["f32.const nan", [0x43, 0, 0, 0xc0, 0x7f]],
  ["f32.const -nan:0x200001", [0x43, 1, 0, 0xa0, 0xff]],
  ["f64.const 0", [0x44, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["f64.const -0", [0x44, 0, 0, 0, 0, 0, 0, 0, 0x80]],
  ["f64.const 5e-324", [0x44, 1, 0, 0, 0, 0, 0, 0, 0]],
  ["f64.const inf", [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]],
  ["f64.const -nan", [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0xff]],
  ["f64.const nan:0x4000000000001", [0x44, 1, 0, 0, 0, 0, 0, 0xf4, 0x7f]],
];

for (const [text, code] of FLOATS) {
  Deno.test(`disassemble() prints ${text}`, () => assertEquals(lines(code)[0], text));
}

Deno.test("disassemble() prints offsets of memory above 2^53, alignments and memories that are not the usual", () => {
  assertEquals(
    lines([0x28, 0x41, 2, ...leb(2n ** 64n - 1n)])[0],
    "i32.load 2 offset=18446744073709551615 align=2",
  );
});

Deno.test("disassemble() gives the offset of every instruction", () => {
  const module = readModule(moduleWith([0x41, ...sleb(1000), 0x1a]));
  const [range] = module.bodies;
  const offsets = [...disassemble(module, { start: range?.code ?? 0, end: range?.end ?? 0 })].map((line) =>
    line.offset
  );
  const code = range?.code ?? 0;
  assertEquals(offsets, [code, code + 3, code + 4]);
});
