import { ModuleInvalidError } from "../../src/core/errors.ts";
import { CATCH_KIND } from "../../src/wasm/catch_kind.ts";
import { BLOCK_KIND, InstructionReader } from "../../src/wasm/instructions.ts";
import { op, OPCODES } from "../../src/wasm/opcodes.ts";
import { abstractRef, concreteRef, FUNCREF, HEAP, I64 } from "../../src/wasm/types.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { sampleOf } from "./instruction_samples.ts";
import { type Bytes, leb, sleb } from "./module_builder.ts";

/** Bytes before the instructions, so that absolute positions differ from relative ones. */
const BEFORE = 5;

function readerOf(code: Bytes): InstructionReader {
  const reader = new InstructionReader(
    Uint8Array.from([...new Array(BEFORE).fill(0xff), ...code, 0x55, 0x55]),
  );
  reader.reset(BEFORE, BEFORE + code.length);
  return reader;
}

/** The reader after one instruction, which must be the only one. */
function decoded(code: Bytes): InstructionReader {
  const reader = readerOf(code);
  assert(reader.next());
  assertEquals([reader.offset, reader.end], [BEFORE, BEFORE + code.length]);
  return reader;
}

function refused(code: Bytes, message: string): ModuleInvalidError {
  const reader = readerOf(code);
  return assertThrows(() => reader.next(), ModuleInvalidError, message);
}

Deno.test("InstructionReader decodes every instruction of the table to its end", () => {
  for (const row of OPCODES) {
    const reader = decoded(sampleOf(row));
    assertEquals(reader.key, op(row.mnemonic));
    assertEquals(reader.immediate, BEFORE + (row.prefix < 0xfb ? 1 : 1 + leb(row.sub).length));
    assertEquals(reader.next(), false);
  }
});

Deno.test("InstructionReader rejects every instruction that is cut off, wherever", () => {
  for (const row of OPCODES) {
    const code = sampleOf(row);
    for (let length = 1; length < code.length; length++) {
      const error = refused(code.slice(0, length), "Cannot read");
      assertEquals(error.code, "ModuleInvalid");
      assert(
        error.offset > BEFORE && error.offset <= BEFORE + length,
        `${row.mnemonic}, ${length} bytes: ${error.message}`,
      );
    }
  }
});

Deno.test("InstructionReader walks several instructions, and starts again when reset", () => {
  const reader = readerOf([0x20, 1, 0x41, ...sleb(300), 0x6a]);
  const offsets: number[] = [];
  while (reader.next()) offsets.push(reader.offset - BEFORE);
  assertEquals(offsets, [0, 2, 5]);
  reader.reset(BEFORE + 2, BEFORE + 5);
  assert(reader.next());
  assertEquals([reader.i32, reader.next()], [300, false]);
});

Deno.test("InstructionReader gives two indices in the order of the bytes", () => {
  for (const row of OPCODES) {
    if (
      row.immediates.length !== 2 ||
      row.immediates.some((kind) => ["memarg", "lane", "blocktype", "catches"].includes(kind))
    ) continue;
    const { index, index2 } = decoded(sampleOf(row));
    assertEquals([index, index2], [3, 4], row.mnemonic);
  }
});

Deno.test("InstructionReader decodes indices of every length", () => {
  for (const index of [0, 127, 128, 2 ** 14, 2 ** 21, 2 ** 28, 2 ** 32 - 1]) {
    assertEquals(decoded([0x20, ...leb(index)]).index, index);
  }
  assertEquals(refused([0x20, ...leb(2n ** 32n)], "more than 32 bits").offset, BEFORE + 5);
});

Deno.test("InstructionReader decodes i32 constants of every length", () => {
  for (const value of [0, -1, 63, -64, 64, 8192, -(2 ** 20) - 1, 2 ** 27, 2 ** 31 - 1, -(2 ** 31)]) {
    assertEquals(decoded([0x41, ...sleb(value)]).i32, value);
  }
});

Deno.test("InstructionReader gives i64 constants when asked", () => {
  for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
    assertEquals(decoded([0x42, ...sleb(value)]).i64, value);
  }
});

Deno.test("InstructionReader decodes memory arguments with and without memory index", () => {
  const plain = decoded([0x28, 2, 8]);
  assertEquals([plain.align, plain.index, plain.memoryOffset, plain.exactMemoryOffset], [2, 0, 8, 8n]);
  const padded = decoded([0x28, 0x81, 0, ...leb(300)]);
  assertEquals([padded.align, padded.index, padded.memoryOffset, padded.exactMemoryOffset], [
    1,
    0,
    300,
    300n,
  ]);
  const indexed = decoded([0x28, 0x42, ...leb(200), 8]);
  assertEquals([indexed.align, indexed.index, indexed.memoryOffset], [2, 200, 8]);
});

Deno.test("InstructionReader clamps memory offsets above 2^53, and still knows them", () => {
  for (const offset of [2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n]) {
    const reader = decoded([0x28, 2, ...leb(offset)]);
    assertEquals(reader.memoryOffset, Number(offset < 2n ** 53n ? offset : 2n ** 53n));
    assertEquals(reader.exactMemoryOffset, offset);
  }
});

Deno.test("E44 InstructionReader rejects alignment flags from 0x80 on", () => {
  assertEquals(
    refused([0x28, 0x80, 1, 0], "Cannot read alignment: byte 0x80 must be below 0x80").offset,
    BEFORE + 1,
  );
});

Deno.test("InstructionReader decodes block types of all three kinds", () => {
  assertEquals(decoded([0x02, 0x40]).blockKind, BLOCK_KIND.empty);
  const value = decoded([0x03, 0x7e]);
  assertEquals([value.blockKind, value.blockType], [BLOCK_KIND.value, I64]);
  const reference = decoded([0x04, 0x63, 5]);
  assertEquals([reference.blockKind, reference.blockType], [BLOCK_KIND.value, concreteRef(5, true)]);
  for (const index of [0, 63, 64, 1000, 2 ** 32 - 1]) {
    const typed = decoded([0x02, ...sleb(index)]);
    assertEquals([typed.blockKind, typed.blockType], [BLOCK_KIND.index, index]);
  }
});

Deno.test("E44 InstructionReader rejects block types that are no types", () => {
  assertEquals(refused([0x02, 0x41], "value type: byte 0x41").offset, BEFORE + 1);
  assertEquals(refused([0x02, 0x78], "value type: byte 0x78").offset, BEFORE + 1);
  // A code of a type, or of the empty type, in two bytes.
  assertEquals(refused([0x02, 0xff, 0x7f], "block type: byte 0xff").offset, BEFORE + 1);
  assertEquals(refused([0x02, 0xc0, 0x7f], "block type: byte 0xc0").offset, BEFORE + 1);
});

Deno.test("InstructionReader decodes br_table, the default label last", () => {
  const { labels, labelCount } = decoded([0x0e, 3, 5, ...leb(200), 7, 9]);
  assertEquals([...labels.subarray(0, labelCount)], [5, 200, 7, 9]);
});

Deno.test("InstructionReader decodes the longest br_table, and none longer", () => {
  const longest = decoded([0x0e, ...leb(65_520), ...new Array(65_520).fill(1), 2]);
  assertEquals([longest.labelCount, longest.labels[65_519], longest.labels[65_520]], [65_521, 1, 2]);
  for (const count of [65_521, 2 ** 32 - 1]) {
    assertEquals(
      refused([0x0e, ...leb(count), 0, 0], `Cannot read br_table: count ${count} exceeds 65520`).offset,
      BEFORE + 1,
    );
  }
});

Deno.test("InstructionReader decodes the clauses of try_table", () => {
  const reader = decoded([0x1f, 0x7e, 4, 0, 6, 1, 1, 7, 2, 2, 3, 3, 4]);
  assertEquals([reader.blockKind, reader.blockType, reader.catchCount], [BLOCK_KIND.value, I64, 4]);
  assertEquals(reader.catchKinds, [
    CATCH_KIND.catch,
    CATCH_KIND.catch_ref,
    CATCH_KIND.catch_all,
    CATCH_KIND.catch_all_ref,
  ]);
  assertEquals(reader.catchTags, [6, 7, 0, 0]);
  assertEquals(reader.catchLabels, [1, 2, 3, 4]);
});

Deno.test("E44 InstructionReader rejects clauses of unknown kind, and too many", () => {
  assertEquals(refused([0x1f, 0x40, 1, 4, 0], "kind of a catch clause: byte 0x04").offset, BEFORE + 3);
  assertEquals(
    refused([0x1f, 0x40, ...leb(65_521)], "Cannot read try_table: count 65521 exceeds 65520").offset,
    BEFORE + 2,
  );
});

Deno.test("InstructionReader decodes heap types as references, nullable as the instruction says", () => {
  assertEquals(decoded([0xd0, 0x70]).heapType, FUNCREF);
  assertEquals(decoded([0xd0, ...sleb(200)]).heapType, concreteRef(200, true));
  assertEquals(decoded([0xfb, 0x14, 0x6d]).heapType, abstractRef(HEAP.eq, false));
  assertEquals(decoded([0xfb, 0x15, 0x6d]).heapType, abstractRef(HEAP.eq, true));
  assertEquals(decoded([0xfb, 0x16, 3]).heapType, concreteRef(3, false));
  assertEquals(decoded([0xfb, 0x17, 3]).heapType, concreteRef(3, true));
});

Deno.test("E44 InstructionReader rejects heap types that are none", () => {
  assertEquals(refused([0xd0, 0x7f], "heap type: byte 0x7f").offset, BEFORE + 1);
  assertEquals(refused([0xd0, 0xf0, 0x7f], "heap type: byte 0xf0").offset, BEFORE + 1);
  // No module has so many types, and an index must not reach the bits that tell references apart.
  assertEquals(refused([0xd0, ...sleb(1_000_000)], "index 1000000 is out of range").offset, BEFORE + 1);
});

Deno.test("InstructionReader decodes branches on casts", () => {
  for (const flags of [0, 1, 2, 3]) {
    const { index, heapType, heapType2 } = decoded([0xfb, 0x18, flags, 9, 0x6e, 4]);
    assertEquals(index, 9);
    assertEquals(heapType, abstractRef(HEAP.any, (flags & 1) !== 0));
    assertEquals(heapType2, concreteRef(4, (flags & 2) !== 0));
  }
  assertEquals(refused([0xfb, 0x18, 4, 0, 0x6e, 0x6e], "flags of a cast: byte 0x04").offset, BEFORE + 2);
});

Deno.test("InstructionReader decodes the types of select, however many", () => {
  assertEquals(decoded([0x1c, 0]).types, []);
  assertEquals(decoded([0x1c, 2, 0x7e, 0x70]).types, [I64, FUNCREF]);
});

Deno.test("InstructionReader decodes lanes", () => {
  assertEquals(decoded([0xfd, 0x15, 200]).lane, 200);
  const access = decoded([0xfd, 0x54, 0, ...leb(300), 7]);
  assertEquals([access.memoryOffset, access.lane], [300, 7]);
});

Deno.test("InstructionReader decodes opcodes whose second part is padded", () => {
  const reader = decoded([0xfd, 0x8e, 0x80, 0x80, 0]);
  assertEquals(reader.key, op("i8x16.swizzle"));
});

const UNKNOWN: readonly (readonly [string, Bytes])[] = [
  ["0x16", [0x16]],
  ["0xff 0x00", [0xff, 0]],
  ["0xfb 0x1f", [0xfb, 0x1f]],
  ["0xfc 0x12", [0xfc, 0x12]],
  ["0xfd 0x9a", [0xfd, ...leb(0x9a)]],
  ["0xfd 0x1ff", [0xfd, ...leb(0x1ff)]],
  ["0xfe 0x04", [0xfe, 4]],
  ["0xfe 0xffffffff", [0xfe, ...leb(2 ** 32 - 1)]],
];

for (const [opcode, code] of UNKNOWN) {
  Deno.test(`E44 InstructionReader rejects the unknown opcode ${opcode}`, () => {
    assertEquals(refused(code, `no instruction has the opcode ${opcode} at`).offset, BEFORE);
  });
}

Deno.test("E44 InstructionReader rejects a reserved byte that is not 0", () => {
  assertEquals(refused([0xfe, 3, 1], "reserved byte: byte 0x01").offset, BEFORE + 2);
});
