import { ModuleInvalidError } from "../../src/core/errors.ts";
import { Cursor, i64At, u64At } from "../../src/wasm/cursor.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { leb, sleb } from "./module_builder.ts";

/** Bytes before the number, so that absolute positions differ from relative ones. */
const BEFORE = 7;

function at(bytes: readonly number[]): Cursor {
  return new Cursor(
    Uint8Array.from([...new Array(BEFORE).fill(0xff), ...bytes, 0x55]),
    BEFORE,
    BEFORE + bytes.length,
  );
}

type Method = "u32" | "s32" | "s33" | "u64" | "s64" | "u64Clamped";

const BITS: Record<Method, number> = { u32: 32, s32: 32, s33: 33, u64: 64, s64: 64, u64Clamped: 64 };

function isSigned(method: Method): boolean {
  return method.startsWith("s");
}

/** Values at and around the ends of what the method reads. */
function samples(method: Method): bigint[] {
  const bits = BigInt(BITS[method]);
  const around = [
    0n,
    1n,
    63n,
    64n,
    127n,
    128n,
    8191n,
    8192n,
    2n ** 27n,
    2n ** 28n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 35n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 56n + 5n,
    2n ** 62n,
  ];
  const high = isSigned(method) ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  const low = isSigned(method) ? -(2n ** (bits - 1n)) : 0n;
  return [...around, ...around.map((value) => -value), high, low].filter((value) =>
    value >= low && value <= high
  );
}

for (const method of Object.keys(BITS) as Method[]) { // the keys of the record
  const bytes = Math.ceil(BITS[method] / 7);

  Deno.test(`Cursor.${method}() reads every size of number`, () => {
    for (const value of samples(method)) {
      const encoded = isSigned(method) ? sleb(value) : leb(value);
      const cursor = at(encoded);
      const expected = method === "u64Clamped" && value > 2n ** 53n ? 2n ** 53n : value;
      assertEquals(BigInt(cursor[method]("x")), expected, `${value}`);
      assertEquals(cursor.position, BEFORE + encoded.length);
    }
  });

  Deno.test(`Cursor.${method}() reads numbers padded to ${bytes} bytes`, () => {
    assertEquals(BigInt(at(leb(5, bytes))[method]("x")), 5n);
    if (!isSigned(method)) return;
    assertEquals(BigInt(at([0xfe, ...new Array(bytes - 2).fill(0xff), 0x7f])[method]("x")), -2n);
  });

  Deno.test(`E39 Cursor.${method}() rejects a number that is cut off, at the limit`, () => {
    for (let length = 0; length < bytes; length++) {
      const error = assertThrows(
        () => at(new Array(length).fill(0x80))[method]("size"),
        ModuleInvalidError,
        "Cannot read size: the bytes end",
      );
      assertEquals([error.code, error.offset], ["ModuleInvalid", BEFORE + length]);
    }
  });

  Deno.test(`E39 Cursor.${method}() rejects more than ${bytes} bytes`, () => {
    const error = assertThrows(
      () => at(leb(0, bytes + 1))[method]("size"),
      ModuleInvalidError,
      `takes more than ${bytes} bytes`,
    );
    assertEquals(error.offset, BEFORE + bytes - 1);
  });

  Deno.test(`E39 Cursor.${method}() rejects every last byte that has bits beyond ${BITS[method]}`, () => {
    const used = BITS[method] - 7 * (bytes - 1);
    for (let last = 0; last < 0x80; last++) {
      const cursor = at([...new Array(bytes - 1).fill(0x80), last]);
      // What is left of a signed number must be copies of its sign.
      const rest = last >> (isSigned(method) ? used - 1 : used);
      const fits = rest === 0 || (isSigned(method) && rest === 0x7f >> (used - 1));
      if (fits) cursor[method]("size");
      else {
        const error = assertThrows(
          () => cursor[method]("size"),
          ModuleInvalidError,
          `takes more than ${BITS[method]} bits`,
        );
        assertEquals(error.offset, BEFORE + bytes - 1);
      }
    }
  });
}

Deno.test("i64At() and u64At() read what a cursor skipped", () => {
  for (const value of samples("s64")) assertEquals(i64At(Uint8Array.from([9, ...sleb(value), 9]), 1), value);
  for (const value of samples("u64")) assertEquals(u64At(Uint8Array.from([9, ...leb(value), 9]), 1), value);
});

Deno.test("Cursor.u8() and peek() stop at the limit, not at the end of the bytes", () => {
  const cursor = at([1]);
  assertEquals([cursor.peek(), cursor.u8("x"), cursor.peek()], [1, 1, -1]);
  assertEquals(
    assertThrows(() => cursor.u8("flag"), ModuleInvalidError, "Cannot read flag").offset,
    BEFORE + 1,
  );
});

Deno.test("Cursor.skip() takes what is left and not a byte more, however large the length", () => {
  assertEquals(at([1, 2, 3]).skip(3, "x"), BEFORE);
  for (const length of [4, 2 ** 31, 2 ** 32 - 1]) {
    const error = assertThrows(
      () => at([1, 2, 3]).skip(length, "data"),
      ModuleInvalidError,
      `length ${length} exceeds the 3 bytes left`,
    );
    assertEquals(error.offset, BEFORE);
  }
});

Deno.test("Cursor.name() reads UTF-8 as it is, byte order mark and NUL included", () => {
  for (const text of ["", "a", "é€😀", "\ufeffx", "a\0b", "__proto__"]) {
    const encoded = [...new TextEncoder().encode(text)];
    assertEquals(at([encoded.length, ...encoded]).name("name"), text);
  }
});

const MALFORMED: Record<string, readonly number[]> = {
  "a lone continuation byte": [0x80],
  "a sequence that is cut off": [0xe2, 0x82],
  "an over-long form": [0xc0, 0x80],
  "a surrogate": [0xed, 0xa0, 0x80],
  "a code point above 0x10ffff": [0xf4, 0x90, 0x80, 0x80],
  "a byte that begins nothing": [0xff],
};

for (const [title, bytes] of Object.entries(MALFORMED)) {
  Deno.test(`E39 Cursor.name() rejects ${title}`, () => {
    const error = assertThrows(
      () => at([bytes.length + 1, 0x61, ...bytes]).name("name"),
      ModuleInvalidError,
      "not valid UTF-8",
    );
    assertEquals(error.offset, BEFORE + 1);
  });
}

Deno.test("E39 Cursor.name() rejects lengths past the limit", () => {
  for (const length of [3, 1000, 2 ** 32 - 1]) {
    const encoded = leb(length);
    const error = assertThrows(
      () => at([...encoded, 0x61, 0x62]).name("name"),
      ModuleInvalidError,
      `length ${length} exceeds the 2`,
    );
    assertEquals(error.offset, BEFORE + encoded.length);
  }
});
