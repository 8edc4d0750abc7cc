import { DOCUMENT, labelledTests } from "../../tools/threats.ts";
import { listLines, readList, writeDocument } from "../../tools/threats/document.ts";
import { labelsOf, LINES } from "../../tools/threats/lines.ts";
import { NOTES } from "../../tools/threats/notes.ts";
import { placeOf } from "../../tools/threats/places.ts";
import { readReport } from "../../tools/threats/test_runs.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const tests = await labelledTests();

Deno.test("every line of attacks has a test that is named after it, or a reason why not", () => {
  assertEquals([LINES.length, LINES.at(0)?.label, LINES.at(-1)?.label], [63, "A1", "H63"]);
  const answered = new Set(tests.flatMap(({ name }) => labelsOf(name)));
  for (const { label, tried } of LINES) {
    assert(answered.has(label) || NOTES[label] !== undefined, `no test is named after ${label}: ${tried}`);
  }
  for (const { file } of tests) placeOf(file);
});

Deno.test("docs/threats.md lists the tests that the sources have: run deno task threats where it does not", async () => {
  assertEquals(readList(await Deno.readTextFile(DOCUMENT)), listLines(tests));
});

Deno.test("docs/threats.md tells of no test that failed, and has all lines", async () => {
  const text = await Deno.readTextFile(DOCUMENT);
  assert(!text.includes("**failed**"));
  for (const { label, tried } of LINES) {
    const line = text.split("\n").find((line) => line.startsWith(`| ${label} `)) ?? "";
    assertStringIncludes(line, tried);
    if (NOTES[label] === undefined) assert(line.includes("](../tests/"), `${label} has no test there`);
  }
});

Deno.test("labelsOf() finds labels of lines, and nothing that only looks like one", () => {
  assertEquals(labelsOf("A5 a race"), ["A5"]);
  assertEquals(labelsOf("on v8 in a process, G54 a reset, and G55 neighbours"), ["G54", "G55"]);
  assertEquals(labelsOf("A13 is of class B, B13 is not, D0 and H64 are none, nor is XA5 or A5."), ["B13"]);
});

Deno.test("readReport() reads how tests ended, with names of every kind", () => {
  const xml = `<testsuite><testcase name="A1 &lt;a&gt; &amp; &quot;b&quot; &#39;" line="1">\n</testcase>
    <testcase name="A2 b" time="0"><skipped/></testcase>
    <testcase name="A3 c"><failure message="x">no</failure></testcase></testsuite>`;
  assertEquals([...readReport(xml)], [['A1 <a> & "b" \'', "passed"], ["A2 b", "ignored"], [
    "A3 c",
    "failed",
  ]]);
});

Deno.test("writeDocument() says what tests go through, on what, and how they ended, and readList() reads its list", () => {
  const file = "tests/isolation/hostile_test.ts";
  const ran = (["v8", "interpreter"] as const).map((engine) => ({
    file,
    name: `on ${engine} in a process, C22 a <loop> in | a_b`,
    results: { v8: "passed" as const },
  }));
  const text = writeDocument(ran, { deno: "1.2.3" });
  assertStringIncludes(text, "| library | v8, interpreter | process | passed |");
  assertEquals(readList(text), [`### ${file}`, "- C22 a \\<loop\\> in \\| a\\_b"]);
  const [one] = ran;
  assert(one !== undefined);
  assertStringIncludes(writeDocument([{ ...one, results: { v8: "failed" } }], { deno: "1" }), "**failed**");
});
