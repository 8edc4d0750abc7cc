import fc from "../fast_check.ts";
import type { Kind } from "../../src/core/signature.ts";
import type { Value, ValueKind } from "../../src/core/value.ts";
import {
  createSharedBuffer,
  FrameArea,
  FrameError,
  FrameReader,
  type FrameValue,
  FrameWriter,
} from "../../src/protocol/frame.ts";
import { FIRST_FRAME_SIZE, FRAME_START } from "../../src/protocol/layout.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { seed } from "../wasm/verdict.ts";

const LIMIT = 65536;

function writing(write: (writer: FrameWriter) => void, limit = LIMIT): FrameReader {
  const writer = new FrameWriter(new FrameArea(createSharedBuffer(limit)));
  write(writer);
  return new FrameReader(new FrameArea(writer.buffer), writer.length);
}

/** One item of a frame: how it is written and read, and arbitrary values of it. */
const ITEMS = {
  u8: fc.integer({ min: 0, max: 255 }),
  u32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  f64: fc.double(),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  bytes: fc.uint8Array({ maxLength: 300 }),
  string: fc.string({ unit: "grapheme", maxLength: 100 }),
};

const item = fc.oneof(
  ...Object.entries(ITEMS).map(([kind, values]) =>
    (values as fc.Arbitrary<unknown>).map((value) => ({ kind: kind as keyof typeof ITEMS, value })) // rows of the table
  ),
);

Deno.test("FrameReader reads what FrameWriter wrote, whatever the sequence", () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), (items) => {
      const reader = writing((writer) => {
        for (const { kind, value } of items) writer[kind](value as never); // the value was made for this kind
      });
      for (const { kind, value } of items) assertEquals<unknown>(reader[kind](), value);
      assertThrows(() => reader.u8(), FrameError, "past the end");
    }),
    { seed: seed() },
  );
});

const VALUES: readonly (readonly [ValueKind, Value, Value])[] = [
  ["i32", -(2 ** 31), -(2 ** 31)],
  ["i32", 2 ** 31 - 1, 2 ** 31 - 1],
  ["i64", -(2n ** 63n), -(2n ** 63n)],
  ["i64", 2n ** 63n - 1n, 2n ** 63n - 1n],
  ["i64", 2n ** 64n - 1n, -1n],
  ["f32", Math.fround(0.1), Math.fround(0.1)],
  ["f64", NaN, NaN],
  ["f64", -0, -0],
  ["f64", -Infinity, -Infinity],
  ["f64", Number.MIN_VALUE, Number.MIN_VALUE],
];

Deno.test("FrameReader.values() gives numbers, and bigints for i64, with all their bits", () => {
  const reader = writing((writer) =>
    writer.values(VALUES.map(([, value]) => value), VALUES.map(([kind]) => kind))
  );
  const read = reader.values(VALUES.map(([kind]) => kind));
  assertEquals(read.length, VALUES.length);
  for (const [index, [kind, , expected]] of VALUES.entries()) {
    assert(Object.is(read[index], expected), `${kind} ${expected}: ${read[index]}`);
  }
});

Deno.test("FrameWriter grows its buffer up to the limit, and keeps what was written before", () => {
  const writer = new FrameWriter(new FrameArea(createSharedBuffer(LIMIT))),
    bytes = new Uint8Array(FIRST_FRAME_SIZE).fill(7);
  writer.string("first");
  const before = writer.buffer.byteLength;
  while (writer.length < LIMIT - 2 * FIRST_FRAME_SIZE) writer.bytes(bytes);
  assert(writer.buffer.byteLength > before);
  const reader = new FrameReader(new FrameArea(writer.buffer), writer.length);
  assertEquals(reader.string(), "first");
  assertEquals(reader.bytes(), bytes);
});

Deno.test("FrameWriter fills a frame to its limit and not a byte more", () => {
  const filled = (count: number) => (writer: FrameWriter) => {
    writer.bytes(new Uint8Array(count - 4));
  };
  assertEquals(writing(filled(LIMIT)).bytes().length, LIMIT - 4);
  const message = `Cannot send ${
    LIMIT + 1
  } bytes in one frame: the limit is 64KiB; raise frameSize, or send less at once`;
  assertThrows(() => writing(filled(LIMIT + 1)), FrameError, message);
  const writer = new FrameWriter(new FrameArea(createSharedBuffer(LIMIT)));
  filled(LIMIT)(writer);
  for (const write of [() => writer.u8(1), () => writer.u32(1), () => writer.f64(1), () => writer.i64(1n)]) {
    assertThrows(write, FrameError, "the limit is");
  }
});

Deno.test("FrameWriter starts over when it is rewound, after a failure too", () => {
  const writer = new FrameWriter(new FrameArea(createSharedBuffer(LIMIT)));
  assertThrows(() => writer.bytes(new Uint8Array(2 * LIMIT)), FrameError);
  writer.rewind();
  assertEquals(writer.length, 0);
  writer.u32(5);
  assertEquals(new FrameReader(new FrameArea(writer.buffer), writer.length).u32(), 5);
});

Deno.test("FrameReader rejects a frame length that the buffer cannot have", () => {
  const buffer = createSharedBuffer(LIMIT), room = buffer.byteLength - FRAME_START;
  new FrameReader(new FrameArea(buffer), room);
  for (const length of [-1, room + 1, 2 ** 31 - 1, -(2 ** 31)]) {
    assertThrows(
      () => new FrameReader(new FrameArea(buffer), length),
      FrameError,
      `a frame of ${length} bytes`,
    );
  }
});

/** A frame of one item, cut off at every length. */
const TRUNCATED: Readonly<
  Record<string, readonly [(writer: FrameWriter) => void, (reader: FrameReader) => unknown]>
> = {
  u8: [(writer) => writer.u8(1), (reader) => reader.u8()],
  u32: [(writer) => writer.u32(1), (reader) => reader.u32()],
  f64: [(writer) => writer.f64(1), (reader) => reader.f64()],
  i64: [(writer) => writer.i64(1n), (reader) => reader.i64()],
  bytes: [(writer) => writer.bytes(new Uint8Array(3)), (reader) => reader.bytes()],
  string: [(writer) => writer.string("añb"), (reader) => reader.string()],
  values: [(writer) => writer.values([1, 2n], ["i32", "i64"]), (reader) => reader.values(["i32", "i64"])],
};

Deno.test("FrameReader rejects every item that is cut off, wherever", () => {
  for (const [kind, [write, read]] of Object.entries(TRUNCATED)) {
    const writer = new FrameWriter(new FrameArea(createSharedBuffer(LIMIT)));
    write(writer);
    for (let length = 0; length < writer.length; length++) {
      const reader = new FrameReader(new FrameArea(writer.buffer), length);
      assertThrows(() => read(reader), FrameError, "past the end", `${kind}, ${length} bytes`);
    }
    read(new FrameReader(new FrameArea(writer.buffer), writer.length));
  }
});

Deno.test("FrameReader allocates nothing for a length that lies", () => {
  for (const length of [5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    const frame = (writer: FrameWriter) => {
      writer.u32(length);
      writer.u32(0);
    };
    for (const read of ["bytes", "string", "valuesInPlace"] as const) {
      assertThrows(() => writing(frame)[read](), FrameError, "past the end", `${read} of ${length}`);
    }
  }
});

Deno.test("FrameReader rejects a value of a type that does not exist", () => {
  const frame = (writer: FrameWriter) => {
    writer.u32(1);
    writer.u8(8);
    writer.f64(0);
  };
  assertThrows(() => writing(frame).valuesInPlace(), FrameError, "unknown type");
});

Deno.test("FrameReader copies: what it returned does not change with the buffer", () => {
  const writer = new FrameWriter(new FrameArea(createSharedBuffer(LIMIT)));
  writer.bytes(Uint8Array.of(1, 2, 3));
  const bytes = new FrameReader(new FrameArea(writer.buffer), writer.length).bytes();
  new Uint8Array(writer.buffer).fill(9);
  assertEquals(bytes, Uint8Array.of(1, 2, 3));
  assert(bytes.buffer instanceof ArrayBuffer);
});

Deno.test("a value that does not fit into the buffer as it is makes it grow, whatever its kind", () => {
  const writes: readonly ((writer: FrameWriter) => void)[] = [
    (writer) => writer.u8(7),
    (writer) => writer.u32(7),
    (writer) => writer.f64(7),
    (writer) => writer.i64(7n),
    (writer) => writer.bytes(Uint8Array.of(7)),
    (writer) => writer.alignedBytes(Uint8Array.of(7)),
    (writer) => writer.values([7, 7n], ["i32", "i64"]),
  ];
  for (const [index, write] of writes.entries()) {
    const buffer = createSharedBuffer(LIMIT), area = new FrameArea(buffer), writer = new FrameWriter(area);
    writer.bytes(new Uint8Array(buffer.byteLength - FRAME_START - 4));
    write(writer);
    assert(buffer.byteLength > FRAME_START + FIRST_FRAME_SIZE, `write ${index} grew the buffer`);
  }
});

Deno.test("FrameReader.values() reads what was asked for, and nothing else", () => {
  const none = (writer: FrameWriter) => {
    writer.u32(2 ** 20);
    for (let index = 0; index < 1000; index++) writer.u32(0);
  };
  assertThrows(() => writing(none).values(["i32"]), FrameError, "Cannot read 1048576 values in place of 1");
  const one = (kind: Kind, value: FrameValue) => writing((writer) => writer.values([value], [kind]));
  assertThrows(() => one("f64", 1).values([]), FrameError, "1 values in place of 0");
  assertThrows(() => one("f64", 1).values(["i32"]), FrameError, "another type as i32");
  assertThrows(() => one("bytes", new Uint8Array()).values(["string"]), FrameError, "another type as string");
  for (const wrong of [1.5, 2 ** 31, NaN, -0.5]) {
    assertThrows(() => one("i32", wrong).values(["i32"]), FrameError, "as i32");
  }
  assertEquals(one("f32", 0.1).values(["f32"]), [Math.fround(0.1)]);
  assertEquals(one("bytes", Uint8Array.of(1)).values(["bytes"]), [Uint8Array.of(1)]);
});
