import { DataError, decodeData, encodeData } from "../../src/protocol/data.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const VALUES: Readonly<Record<string, unknown>> = {
  "nothing": undefined,
  "null": null,
  "truth": [true, false],
  "numbers": [0, -0, 1.5, Infinity, -Infinity, NaN, 2 ** 53],
  "integers of 64 bits": [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n],
  "text": ["", "\ufefföß\u{10ffff}\0"],
  "bytes": new Uint8Array([0, 255, 1]),
  "words": new Uint32Array([0, 2 ** 32 - 1]),
  "integers": new Int32Array([0, -1, 2 ** 31 - 1]),
  "integers of 16 bits": new Uint16Array([0, 2 ** 16 - 1]),
  "arrays of integers of 64 bits": new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]),
  "floats": new Float64Array([-0, 0.1, Infinity]),
  "records": { a: { "": undefined, b: [{}] }, constructor: 1, toString: 2 },
  "maps": new Map<unknown, unknown>([[1, "one"], ["two", new Map()]]),
};

for (const [what, value] of Object.entries(VALUES)) {
  Deno.test(`encodeData() and decodeData() carry ${what}`, () => {
    assertEquals(decodeData(encodeData(value)), value);
  });
}

Deno.test("decodeData() gives bytes of their own", () => {
  const encoded = encodeData(new Uint8Array([1, 2])), decoded = decodeData(encoded);
  encoded.fill(9);
  assertEquals(decoded, new Uint8Array([1, 2]));
});

Deno.test("encodeData() copies what lies in shared memory", () => {
  const words = new Int32Array(new SharedArrayBuffer(8)).fill(7);
  const decoded = decodeData(encodeData({ words: words.subarray(1) }));
  assertEquals(decoded, { words: new Int32Array([7]) });
});

Deno.test("encodeData() refuses what does not travel", () => {
  for (
    const value of [
      () => 1,
      Symbol(),
      new Date(),
      new SharedArrayBuffer(1),
      new Float32Array(1),
      2n ** 64n,
      -(2n ** 63n) - 1n,
    ]
  ) {
    assertThrows(() => encodeData({ value }), DataError);
  }
});

Deno.test("encodeData() and decodeData() refuse what nests too deep", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 64; depth++) value = [value];
  assertEquals(decodeData(encodeData(value)), value);
  assertThrows(() => encodeData([value]), DataError);
  // A list of one in a list of one … : each begins with its tag and its count.
  const deep = new Uint8Array(5 * 100_000 + 1);
  for (let at = 0; at < deep.length - 1; at += 5) deep.set([9, 1, 0, 0, 0], at);
  assertThrows(() => decodeData(deep), DataError);
});

Deno.test("decodeData() refuses data that is cut anywhere, or goes on", () => {
  const encoded = encodeData(VALUES);
  for (let length = 0; length < encoded.length; length++) {
    assertThrows(() => decodeData(encoded.subarray(0, length)), DataError, undefined, `${length} bytes`);
  }
  assertThrows(() => decodeData(new Uint8Array([...encoded, 0])), DataError);
});

Deno.test("decodeData() allocates nothing for counts and lengths that the data cannot fill", () => {
  for (const tag of [6, 7, 8, 9, 10, 11]) {
    const before = performance.now();
    assertThrows(() => decodeData(Uint8Array.of(tag, 255, 255, 255, 255, 0, 0)), DataError);
    assert(performance.now() - before < 50);
  }
});

Deno.test("decodeData() refuses unknown tags, a part of a number, and a field that is a prototype", () => {
  assertThrows(() => decodeData(Uint8Array.of(200)), DataError);
  assertThrows(() => decodeData(Uint8Array.of(8, 3, 0, 0, 0, 1, 2, 3)), DataError);
  const name = new TextEncoder().encode("__proto__");
  assertThrows(() => decodeData(Uint8Array.of(10, 1, 0, 0, 0, name.length, 0, 0, 0, ...name, 1)), DataError);
});
