import { formatOffset, toHex } from "../../src/core/bytes.ts";
import { assertEquals } from "../assert.ts";

Deno.test("formatOffset() prints lower-case hexadecimal", () => {
  assertEquals(formatOffset(0), "0x0");
  assertEquals(formatOffset(31), "0x1f");
  assertEquals(formatOffset(2 ** 32), "0x100000000");
});

Deno.test("toHex() prints two digits a byte", () => {
  assertEquals(toHex(new Uint8Array()), "");
  assertEquals(toHex(new Uint8Array([0x00, 0x0a, 0xff])), "000aff");
});
