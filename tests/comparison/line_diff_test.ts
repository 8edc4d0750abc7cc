import { type DiffLine, diffLines, hunks } from "../../src/comparison/line_diff.ts";
import { assert, assertEquals } from "../assert.ts";
import { Random } from "../wasm/random.ts";

const shown = (lines: readonly DiffLine[]) => lines.map(({ mark, text }) => mark + text);

/** What one text becomes by a comparison, and what it came from. */
function sides(lines: readonly DiffLine[]): [string[], string[]] {
  const of = (mark: string) =>
    lines.filter((line) => line.mark === " " || line.mark === mark).map(({ text }) => text);
  return [of("-"), of("+")];
}

Deno.test("diffLines() finds the fewest edits", () => {
  assertEquals(
    shown(diffLines([..."abcabba"], [..."cbabac"])).filter((line) => !line.startsWith(" ")).length,
    5,
  );
  assertEquals(shown(diffLines(["a", "b", "c"], ["a", "x", "c"])), [" a", "-b", "+x", " c"]);
  assertEquals(diffLines([], []), []);
  assertEquals(shown(diffLines([], ["a"])), ["+a"]);
  assertEquals(shown(diffLines(["a"], [])), ["-a"]);
});

Deno.test("diffLines() of random texts has both of them whole", () => {
  const random = new Random(7);
  for (let round = 0; round < 300; round++) {
    const text = () => Array.from({ length: random.below(30) }, () => String(random.below(4)));
    const one = text(), other = text();
    assertEquals(sides(diffLines(one, other)), [one, other]);
  }
});

Deno.test("diffLines() gives up on texts that have nothing in common, in bounded time", () => {
  const one = Array.from({ length: 20_000 }, (_, at) => `a${at}`), other = one.map((line) => `b${line}`);
  const start = performance.now(), lines = diffLines(["same", ...one], ["same", ...other]);
  assert(performance.now() - start < 3000);
  assertEquals(lines.length, 40_001);
  assertEquals(lines[0]?.mark, " ");
});

Deno.test("hunks() shows changes with the lines around them", () => {
  const text = Array.from({ length: 30 }, (_, at) => String(at)),
    other = text.with(5, "five").with(25, "more");
  assertEquals([...hunks(diffLines(text, other))], [
    "@@ line 3 @@",
    " 2",
    " 3",
    " 4",
    "-5",
    "+five",
    " 6",
    " 7",
    " 8",
    "@@ line 24 @@",
    " 22",
    " 23",
    " 24",
    "-25",
    "+more",
    " 26",
    " 27",
    " 28",
  ]);
  assertEquals([...hunks(diffLines(text, text))], []);
});
