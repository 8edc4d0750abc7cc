/** What the list of defences has to be, without running anything of it: `deno task test:defences` does. */
import { type Defence, digestOf, editsOf, switchOff } from "./defence.ts";
import { DEFENCES } from "./defences.ts";
import { REPORT, rowOf } from "./report.ts";
import { readSeen } from "./seen.ts";
import { readTestRun } from "./test_output.ts";
import { LINES } from "../../tools/threats/lines.ts";
import { NOTES } from "../../tools/threats/notes.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);
const ROWS = Object.values(DEFENCES).flat();

function read(file: string): Promise<string> {
  return Deno.readTextFile(new URL(file, ROOT));
}

/** The sources that a row changes, without its defence. */
async function withoutDefence(defence: Defence): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const edit of editsOf(defence)) {
    texts.set(edit.file, switchOff(texts.get(edit.file) ?? await read(edit.file), edit));
  }
  return texts;
}

Deno.test("each row of a defence finds its place once in a source, and changes it", async () => {
  for (const defence of ROWS) {
    for (const [file, text] of await withoutDefence(defence)) {
      assert(file.startsWith("src/"), `${defence.id}: ${file}`);
      assert(text !== await read(file), `${defence.id} changes nothing`);
    }
  }
});

Deno.test("each row of a defence has an id of its own, lines that there are, and tests that there are", async () => {
  assertEquals(new Set(ROWS.map(({ id }) => id)).size, ROWS.length);
  const labels = new Set(LINES.map(({ label }) => label)), seen = await readSeen();
  for (const { id, lines, tests, only = [] } of ROWS) {
    assert(lines.length > 0 && lines.every((line) => labels.has(line)), `${id}: ${lines}`);
    const texts = await Promise.all(tests.map(read));
    assert(texts.length > 0, id);
    // Names may be made by loops, so that a piece of one stands in no text; it does in what was seen.
    const failed = Object.values(seen.rows[id]?.failed ?? {}).flat();
    const fits = only.length === 0 || failed.some((name) => only.some((piece) => name.includes(piece)));
    assert(fits, `${id}: no test that was seen failing has one of ${only.join(", ")}`);
  }
});

Deno.test("every line of attacks has a defence that can be switched off, or a reason why not", () => {
  const answered = new Set(ROWS.flatMap(({ lines }) => lines));
  const missing = LINES.filter(({ label }) => !answered.has(label) && NOTES[label] === undefined);
  assertEquals(missing.map(({ label }) => label).filter((label) => !(label in WITHOUT)), []);
});

/** Lines whose tests stand for no single defence. */
const WITHOUT: Readonly<Record<string, string>> = {
  A10: "names that mean something on Windows are names like others: nothing treats them otherwise",
};

Deno.test("each row was seen failing as it stands, and the document tells of it: run deno task test:defences --new", async () => {
  const seen = await readSeen(), text = await read(REPORT);
  const cells = (line: string) => line.split("|").map((cell) => cell.trim()).join("|");
  const lines = new Set(text.split("\n").map(cells));
  for (const row of ROWS) {
    assertEquals(seen.rows[row.id]?.digest, await digestOf(row), row.id);
    assert(lines.has(cells(rowOf(row, seen))), `docs has another row of ${row.id}`);
  }
  assertEquals(Object.keys(seen.rows).length, ROWS.length);
});

Deno.test("switchOff() wants its place once", () => {
  const edit = { file: "a", find: "one", replace: "" };
  assertEquals(switchOff("one two", edit), " two");
  for (const text of ["two", "one one"]) assertThrows(() => switchOff(text, edit), Error);
});

Deno.test("readTestRun() reads which tests failed, and which had begun when the run was ended", () => {
  const run = readTestRun(
    [
      "running 3 tests from ./tests/one_test.ts",
      "A1 a ... b ... ok (2ms)",
      "A2 prints ...",
      "------- output -------",
      "text ... that is no result",
      "----- output end -----",
      "A2 prints ... FAILED (1s)",
      "A4 has steps ...",
      "  step ... FAILED (1ms)",
      "A4 has steps ... FAILED (due to 1 failed step) (2s)",
      "A3 hangs ...",
    ].join("\n"),
  );
  const file = "tests/one_test.ts";
  assertEquals(run.passed, [{ file, name: "A1 a ... b" }]);
  assertEquals(run.failed, [{ file, name: "A2 prints" }, { file, name: "A4 has steps" }]);
  assertEquals([run.open, run.whole], [{ file, name: "A3 hangs" }, false]);
});
