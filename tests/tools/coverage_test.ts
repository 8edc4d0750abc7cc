import { byFolder, LEAST, readLcov, shortfalls } from "../../tools/coverage.ts";
import { LAYERS } from "../../tools/layers.ts";
import { assertEquals } from "../assert.ts";

const LCOV = `SF:/root/src/core/units.ts
FN:3,parse
DA:3,1
LH:8
LF:10
end_of_record
SF:/root/src/core/errors.ts
LH:1
LF:10
end_of_record
SF:/root/src/guest/guest.gen.ts
LH:0
LF:5000
end_of_record
SF:/root/tests/core/units_test.ts
LH:5
LF:5
end_of_record
`;

Deno.test("byFolder() sums up the lines of sources, generated ones and tests left out", () => {
  assertEquals([...byFolder(readLcov(LCOV), "/root")], [["core", { lines: 20, hit: 9 }]]);
});

Deno.test("shortfalls() names folders that were reached too little, and those that nothing reached", () => {
  const folders = byFolder(readLcov(LCOV), "/root");
  assertEquals(shortfalls(folders, { core: 45 }), []);
  assertEquals(shortfalls(folders, { core: 46, wasm: 1 }), [
    "src/core: 45.0 % of its lines were reached, 46 % have to be",
    "src/wasm: 0.0 % of its lines were reached, 1 % have to be",
  ]);
});

Deno.test("every folder of src/ has a least part that tests reach", () => {
  assertEquals(Object.keys(LEAST).toSorted(), LAYERS.map(({ folder }) => folder).toSorted());
});
