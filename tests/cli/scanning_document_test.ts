/** docs/scanning.md is true: its table is that of the findings, and its check file is one. */
import { type FindingRow, FINDINGS } from "../../src/inspection/finding_kinds.ts";
import { GRADES } from "../../src/inspection/score.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { readCodeBlocks } from "../markdown.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { runCommand } from "./fake_io.ts";

const DOCUMENT = Deno.readTextFileSync(new URL("../../docs/scanning.md", import.meta.url));

Deno.test("docs/scanning.md lists every finding with its severity and weight, in the order in which they are told", () => {
  const rows = [...DOCUMENT.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\| +(\d+) \| (.*?) +\|$/gm)].map((row) =>
    row.slice(1)
  );
  const expected = Object.entries(FINDINGS as Readonly<Record<string, FindingRow>>).map((
    [id, { severity, weight, title, heuristic }],
  ) => [id, severity, String(weight), heuristic ? `${title} (a guess)` : title]);
  assertEquals(rows, expected);
});

Deno.test("docs/scanning.md says where grades begin", () => {
  const { A, B, C, D } = GRADES;
  assertStringIncludes(
    DOCUMENT.replace(/\s+/g, " "),
    `A is ${A} and more, B ${B}, C ${C}, D ${D}, F all below.`,
  );
});

Deno.test("docs/scanning.md shows a check file that can be read", async () => {
  const file = readCodeBlocks(DOCUMENT).find(({ language }) => language === "toml")?.text;
  assert(file !== undefined);
  const { status, out, err } = await runCommand(["scan", "m.wasm", "--policy", "check.toml", "--json"], {
    files: {
      "check.toml": file,
      "m.wasm": compileText(
        '(module (memory (export "memory") 1 2) (func (export "handle") (param i32 i32) (result i64) (i64.const 0)))',
      ),
    },
  });
  assertEquals([status, err, JSON.parse(out).violations], [0, "", []]);
});
