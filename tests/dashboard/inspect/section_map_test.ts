import { MOST_PARTS, pictureParts } from "../../../src/dashboard/inspect/picture_parts.ts";
import { partAt, partsFrom, sectionParts } from "../../../src/dashboard/inspect/section_map.ts";
import { assert, assertEquals } from "../../assert.ts";

const PARTS = sectionParts([
  { index: 0, kind: "section", name: "type", offset: 8, size: 4 },
  { index: 1, kind: "custom", name: "name", offset: 14, size: 84 },
], 100);

Deno.test("sectionParts() covers the module with its head, each section up to the next", () => {
  assertEquals(PARTS.map(({ kind, offset, size }) => [kind, offset, size]), [
    ["head", 0, 8],
    ["section", 8, 6],
    ["custom", 14, 86],
  ]);
});

Deno.test("partAt() tells in which part an offset lies", () => {
  const names = [0, 7, 8, 13, 14, 99, 100].map((offset) => partAt(PARTS, offset)?.name);
  assertEquals(names, [
    "magic and version",
    "magic and version",
    "type",
    "type",
    "name",
    "name",
    undefined,
  ]);
  assertEquals(partAt([], 0), undefined);
});

Deno.test("partsFrom() gives the parts that begin in a row, however many", () => {
  const offsetsOf = (begin: number, end: number) => partsFrom(PARTS, begin, end).map(({ offset }) => offset);
  assertEquals([offsetsOf(0, 16), offsetsOf(8, 14), offsetsOf(9, 14), offsetsOf(16, 32)], [
    [0, 8, 14],
    [8],
    [],
    [],
  ]);
});

Deno.test("pictureParts() draws few sections each, and of many the largest, the others between them as one", () => {
  assertEquals(pictureParts(PARTS).map(({ count }) => count), [1, 1, 1]);
  const entries = Array.from({ length: 1000 }, (_, index) => ({
    index,
    kind: "custom" as const,
    name: `s${index}`,
    offset: 8 + index * 10 + (index > 500 ? 5000 : 0),
  }));
  const many = sectionParts(entries, 20_000), parts = pictureParts(many);
  assert(parts.length <= MOST_PARTS);
  assertEquals(parts.reduce((count, part) => count + part.count, 0), many.length);
  assertEquals(parts.reduce((size, part) => size + part.size, 0), 20_000);
  assert(parts.some(({ name, count }) => name === "s500" && count === 1));
});
