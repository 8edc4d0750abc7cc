import {
  ByteWriter,
  writeFunctionType,
  writeLimits,
  writeOpcode,
  writeValueType,
} from "../../src/wasm/encoder.ts";
import { op, OPCODES } from "../../src/wasm/opcodes.ts";
import {
  abstractRef,
  concreteRef,
  EXTERNREF,
  F32,
  F64,
  HEAP,
  I32,
  I64,
  V128,
  type ValueType,
} from "../../src/wasm/types.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { leb, name, sleb } from "./module_builder.ts";

function written(write: (writer: ByteWriter) => void): number[] {
  const writer = new ByteWriter(0);
  write(writer);
  return [...writer.written()];
}

const AROUND = [
  0,
  1,
  63,
  64,
  127,
  128,
  2 ** 13,
  2 ** 14 - 1,
  2 ** 14,
  2 ** 20,
  2 ** 21,
  2 ** 27,
  2 ** 28,
  2 ** 31 - 1,
];

Deno.test("ByteWriter.u32() writes the shortest form", () => {
  for (const value of [...AROUND, 2 ** 31, 2 ** 32 - 1]) {
    assertEquals(written((writer) => writer.u32(value)), leb(value));
  }
});

Deno.test("ByteWriter.s32() writes the shortest form", () => {
  for (const value of [...AROUND, ...AROUND.map((each) => -each), -(2 ** 31)]) {
    assertEquals(written((writer) => writer.s32(value)), sleb(value));
  }
});

Deno.test("ByteWriter.u64() and s64() write the shortest form", () => {
  const around = [...AROUND.map(BigInt), 2n ** 32n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n];
  for (const value of [...around, 2n ** 64n - 1n]) {
    assertEquals(written((writer) => writer.u64(value)), leb(value));
  }
  for (const value of [...around, ...around.map((each) => -each), -(2n ** 63n)]) {
    assertEquals(written((writer) => writer.s64(value)), sleb(value));
  }
});

Deno.test("ByteWriter.name() writes the length in bytes", () => {
  for (const text of ["", "a", "é€😀", "x".repeat(300)]) {
    assertEquals(written((writer) => writer.name(text)), name(text));
  }
});

Deno.test("ByteWriter.copy() copies a range, also when it must grow", () => {
  const source = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
  assertEquals(
    written((writer) => {
      writer.u8(9);
      writer.copy(source, 5, 1000);
      writer.copy(source, 7, 7);
      writer.u8(8);
    }),
    [9, ...source.subarray(5), 8],
  );
});

Deno.test("ByteWriter.sized() writes the shortest length, and says where the content went", () => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384]) {
    const content = new Uint8Array(length).fill(7);
    let start = 0;
    const bytes = written((writer) => {
      writer.u8(1);
      start = writer.sized(() => writer.bytes(content));
      writer.u8(2);
    });
    assertEquals(bytes, [1, ...leb(length), ...content, 2]);
    assertEquals(start, 1 + leb(length).length);
  }
});

Deno.test("ByteWriter.section() nests, and takes a name for an id", () => {
  assertEquals(
    written((writer) => {
      writer.header();
      writer.section("code", () => {
        writer.u32(1);
        writer.sized(() => writer.bytes(Uint8Array.of(0, 0x0b)));
      });
      writer.section(0, () => writer.name("x"));
      writer.section("tag", () => writer.u32(0));
      writer.section("data count", () => writer.u32(0));
    }),
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, 4, 1, 2, 0, 0x0b, 0, 2, 1, 0x78, 13, 1, 0, 12, 1, 0],
  );
});

const TYPES: readonly (readonly [ValueType, number[]])[] = [
  [I32, [0x7f]],
  [I64, [0x7e]],
  [F32, [0x7d]],
  [F64, [0x7c]],
  [V128, [0x7b]],
  [EXTERNREF, [0x6f]],
  [abstractRef(HEAP.exn, true), [0x69]],
  [abstractRef(HEAP.func, false), [0x64, 0x70]],
  [concreteRef(5, true), [0x63, 5]],
  [concreteRef(64, false), [0x64, 0xc0, 0]],
];

Deno.test("writeValueType() writes numbers, vectors and references of every form", () => {
  for (const [type, bytes] of TYPES) assertEquals(written((writer) => writeValueType(writer, type)), bytes);
});

Deno.test("writeFunctionType() writes parameters and results", () => {
  assertEquals(written((writer) => writeFunctionType(writer, { params: [I32, EXTERNREF], results: [F64] })), [
    0x60,
    2,
    0x7f,
    0x6f,
    1,
    0x7c,
  ]);
});

Deno.test("writeLimits() writes the flags that the limits need", () => {
  assertEquals(written((writer) => writeLimits(writer, { min: 1n, max: undefined, index64: false })), [0, 1]);
  assertEquals(
    written((writer) => writeLimits(writer, { min: 1n, max: 300n, index64: false, shared: true })),
    [3, 1, ...leb(300)],
  );
  assertEquals(written((writer) => writeLimits(writer, { min: 0n, max: 2n ** 40n, index64: true })), [
    5,
    0,
    ...leb(2n ** 40n),
  ]);
});

Deno.test("writeOpcode() writes both parts of every opcode", () => {
  for (const { mnemonic, prefix, sub } of OPCODES) {
    const expected = prefix >= 0xfb ? [prefix, ...leb(sub)] : [prefix];
    assertEquals(written((writer) => writeOpcode(writer, op(mnemonic))), expected);
  }
  assertThrows(() => written((writer) => writeOpcode(writer, 0x27)), RangeError, "Cannot write opcode 39");
});

Deno.test("ByteWriter.written() is a view of nothing but what was written", () => {
  const writer = new ByteWriter(4096);
  writer.u8(1);
  assertEquals(writer.written().length, 1);
  assert(writer.position === 1);
});
