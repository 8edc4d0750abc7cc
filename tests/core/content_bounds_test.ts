import { jsonExcess } from "../../src/core/content_bounds.ts";
import { messagePackProblem } from "../../src/sandbox/message_pack_shape.ts";
import { assertEquals } from "../assert.ts";

const excess = (text: string) => jsonExcess(new TextEncoder().encode(text));

const DEEP = "of lists and objects more than 1000 levels deep";
const MANY = "of more than 500000 lists, objects and keys, or 4000000 elements";

Deno.test("jsonExcess() takes what is at the bounds, and nothing beyond", () => {
  const lists = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  assertEquals([excess(lists(1000)), excess(lists(1001))], [undefined, DEEP]);
  assertEquals([excess('{"a":'.repeat(1000)), excess('{"a":'.repeat(1001))], [undefined, DEEP]);
  assertEquals(
    excess(`[${`${lists(1000)},`.repeat(5)}0]`.slice(1)),
    undefined,
    "levels that end do not count",
  );
  assertEquals([excess("[]".repeat(500_000)), excess("[]".repeat(500_001))], [undefined, MANY]);
  assertEquals([excess(",".repeat(4_000_000)), excess(",".repeat(4_000_001))], [undefined, MANY]);
});

Deno.test("jsonExcess() counts nothing that stands in texts", () => {
  for (const inside of ["[", "{", ",", ":", '\\"[', '\\\\\\"{', "\\u005b"]) {
    assertEquals(excess(`"${inside.repeat(600_000)}"`), undefined, inside);
  }
  assertEquals(excess(`"\\\\"${"[".repeat(1001)}`), DEEP, "a text that ends behind a backslash has ended");
  assertEquals(excess(`"${"[".repeat(2000)}`), undefined, "one that does not end is none of its business");
});

Deno.test("messagePackProblem() takes what is at the bounds, and nothing beyond", () => {
  const nested = (byte: number, levels: number) => new Uint8Array(levels + 1).fill(byte, 0, levels);
  assertEquals([messagePackProblem(nested(0x91, 1000)), messagePackProblem(nested(0x91, 1001))], [
    undefined,
    DEEP,
  ]);
  // A map's key comes before its value: the innermost of these wants one more for each map around it.
  const maps = (levels: number) =>
    Uint8Array.of(...Array.from({ length: levels }, () => [0x81, 0]).flat(), 0);
  assertEquals([messagePackProblem(maps(1000)), messagePackProblem(maps(1001))], [undefined, DEEP]);
  const list = (count: number, byte: number) => {
    const bytes = new Uint8Array(count + 5).fill(byte);
    bytes[0] = 0xdd;
    new DataView(bytes.buffer).setUint32(1, count);
    return bytes;
  };
  assertEquals(messagePackProblem(list(400_000, 0x90)), undefined);
  assertEquals(messagePackProblem(list(500_000, 0x90)), MANY);
  assertEquals([messagePackProblem(list(3_999_992, 0)), messagePackProblem(list(3_999_993, 0))], [
    undefined,
    MANY,
  ]);
  assertEquals(messagePackProblem(Uint8Array.of(0x92, 0)), "that are none");
  // Lists beside each other are not in each other.
  assertEquals(
    messagePackProblem(Uint8Array.of(0xdc, 0x07, 0xd0, ...Array(2000).fill([0x91, 0]).flat())),
    undefined,
  );
});
