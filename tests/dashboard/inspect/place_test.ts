import { placeText, readOffset, readPlace } from "../../../src/dashboard/inspect/place.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("placeText() and readPlace() are each other's reverse", () => {
  for (
    const [place, text] of [
      [{ tab: "overview" }, "#overview"],
      [{ tab: "contents", list: "imports" }, "#contents/imports"],
      [{ tab: "code", functionIndex: 12 }, "#code/12"],
      [{ tab: "code", functionIndex: 0, offset: 0x45 }, "#code/0/0x45"],
      [{ tab: "bytes", offset: 0 }, "#bytes/0x0"],
    ] as const
  ) {
    assertEquals(placeText(place), text);
    assertEquals(readPlace(text), place);
  }
});

Deno.test("readPlace() takes what is no place for none, and leaves out what it does not know", () => {
  assertEquals(readPlace(""), undefined);
  assertEquals(readPlace("#main"), undefined);
  assertEquals(readPlace("#toString"), undefined);
  assertEquals(readPlace("#contents/toString"), { tab: "contents" });
  assertEquals(readPlace("#code/-1"), { tab: "code" });
  assertEquals(readPlace("#code/12/x"), { tab: "code", functionIndex: 12 });
  assertEquals(readPlace("#bytes/16"), { tab: "bytes", offset: 16 });
});

Deno.test("readOffset() reads decimal and hexadecimal offsets, and nothing else", () => {
  assertEquals([" 500 ", "0x1F4"].map(readOffset), [500, 500]);
  assertEquals(["", "-1", "1f4", "0x", "1.5", "1e3"].map(readOffset), Array(6).fill(undefined));
});
