import {
  countParts,
  findShortfalls,
  formatCoverage,
  LEAST,
  readCoverage,
  readLcov,
  testsPart,
} from "../../tools/coverage.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const REPORT = `SF:/home/me/aegis/src/wasm/reader.ts
FN:1,readModule
FNDA:3,readModule
DA:1,3
DA:2,0
LH:1
LF:2
end_of_record
SF:/home/me/aegis/src/wasm/names/cursor.ts
DA:1,3
LH:6
LF:6
end_of_record
SF:/home/me/aegis/src/policy/grant.ts
LH:0
LF:4
end_of_record
SF:/home/me/aegis/mod.ts
LH:1
LF:1
end_of_record
`;

Deno.test("readLcov() and countParts() sum up the lines of each folder of src", () => {
  const files = readLcov(REPORT);
  assertEquals(files.get("/home/me/aegis/src/wasm/reader.ts"), { lines: 2, run: 1 });
  assertEquals([...countParts(files)], [["wasm", { lines: 8, run: 7 }], ["policy", { lines: 4, run: 0 }]]);
  assertEquals([...readLcov("")], []);
  assertThrows(() => readLcov("SF:/a/src/b/c.ts\nLF:3\nend_of_record\n"), Error, "counts no lines");
});

Deno.test("findShortfalls() finds parts below what they must have, and those of which nothing was seen", () => {
  const parts = countParts(readLcov(REPORT));
  assertEquals(findShortfalls(parts, { wasm: 87.5 }), []);
  assertEquals(findShortfalls(parts, { wasm: 88, policy: 1, audit: 50 }), [
    { part: "wasm", seen: 87.5, least: 88 },
    { part: "policy", seen: 0, least: 1 },
    { part: "audit", seen: 0, least: 50 },
  ]);
});

Deno.test("formatCoverage() names each part, and says what is missing", () => {
  const text = formatCoverage(new Map([["policy", { lines: 200, run: 101 }]]), [
    { part: "policy", seen: 50.5, least: 90 },
  ]);
  assertEquals(text.split("\n"), [
    "Lines run by the tests of parts, in percent: policy 50.5",
    "error: the tests of parts run 50.5 % of the lines of src/policy, and must run 90 %",
  ]);
});

Deno.test("testsPart() takes files of tests of the parts that are counted", () => {
  assert(testsPart(`${ROOT}/tests/policy/secret_test.ts`));
  assert(!testsPart(`${ROOT}/tests/layers_test.ts`));
  assert(!testsPart(`${ROOT}/tests/wasm/validate_hostile_test.ts`), "it holds time against a bound");
  assert(!testsPart(`${ROOT}/tests/adversarial/policy/some_test.ts`));
});

Deno.test("each part that must have a share has a folder of sources and one of tests", async () => {
  for (const [part, percent] of Object.entries(LEAST)) {
    assert(
      (await Deno.stat(`${ROOT}/src/${part}`)).isDirectory &&
        (await Deno.stat(`${ROOT}/tests/${part}`)).isDirectory,
    );
    assert(percent > 0 && percent < 100, part);
  }
});

Deno.test("readCoverage() counts what a test ran and what it left", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/src/part`, { recursive: true });
    await Deno.writeTextFile(
      `${root}/src/part/sign.ts`,
      "export function sign(value: number): number {\n  if (value < 0) {\n    return -1;\n  }\n  return 1;\n}\n",
    );
    const test = `import { sign } from "./src/part/sign.ts";\nDeno.test("sign", () => void sign(2));\n`;
    await Deno.writeTextFile(`${root}/sign_test.ts`, test);
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--no-config",
        "--no-lock",
        "--coverage=profile",
        "--coverage-raw-data-only",
        "sign_test.ts",
      ],
      cwd: root,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    assert(success);
    const { lines, run } = (await readCoverage(`${root}/profile`, root)).get("part") ?? { lines: 0, run: 0 };
    assert(lines === 6 && run > 2 && run < 6, `${run} of ${lines} lines`);
    await Deno.mkdir(`${root}/empty`);
    await assertRejects(() => readCoverage(`${root}/empty`, root), Error, "deno coverage failed");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
