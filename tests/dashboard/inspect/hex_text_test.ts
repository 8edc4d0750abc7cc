import { asciiText, findBytes, hexText, readPattern } from "../../../src/dashboard/inspect/hex_text.ts";
import { assertEquals, assertRejects } from "../../assert.ts";

const signal = new AbortController().signal;

Deno.test("hexText() and asciiText() show bytes, control characters as dots", () => {
  const bytes = new Uint8Array([0, 0x61, 0x7e, 0x7f, 0xff]);
  assertEquals(hexText(bytes), "00 61 7e 7f ff");
  assertEquals(asciiText(bytes), ".a~..");
});

Deno.test("readPattern() reads digits with and without spaces, and text as UTF-8", () => {
  assertEquals(readPattern("00 61,736D", "hex"), new Uint8Array([0, 0x61, 0x73, 0x6d]));
  assertEquals(readPattern("0x7f 0x0b", "hex"), new Uint8Array([0x7f, 0x0b]));
  assertEquals(readPattern("é", "text"), new Uint8Array([0xc3, 0xa9]));
  for (const text of ["", "0", "0g", "12 3"]) assertEquals(typeof readPattern(text, "hex"), "string");
  assertEquals(typeof readPattern("a".repeat(1001), "text"), "string");
});

Deno.test("findBytes() finds what stands across its steps, and what is at the very end", async () => {
  const step = 4 * 1024 * 1024, bytes = new Uint8Array(step + 10);
  bytes.set([1, 1, 2], step - 2);
  bytes.set([1, 2], bytes.length - 2);
  const pattern = new Uint8Array([1, 2]);
  assertEquals(await findBytes(bytes, { pattern, from: 0, signal }), step - 1);
  assertEquals(await findBytes(bytes, { pattern, from: step, signal }), bytes.length - 2);
  assertEquals(await findBytes(bytes, { pattern, from: bytes.length - 1, signal }), undefined);
  assertEquals(await findBytes(pattern, { pattern: bytes, from: 0, signal }), undefined);
});

Deno.test("findBytes() ends with its signal", async () => {
  const bytes = new Uint8Array(10), pattern = new Uint8Array([9]);
  await assertRejects(
    () => findBytes(bytes, { pattern, from: 0, signal: AbortSignal.abort(new Error("gone")) }),
    Error,
    "gone",
  );
});
