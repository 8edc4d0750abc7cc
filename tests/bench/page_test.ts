import { assert, assertEquals, assertThrows } from "../assert.ts";
import { BENCHES } from "../../bench/page/benches.ts";
import { aimOf, boundText, type Figure, isMet, valueText } from "../../bench/page/figure.ts";
import { BEGIN, CHOSEN, END, withTable } from "../../bench/page/readme_table.ts";
import { renderPage, renderTable } from "../../bench/page/render.ts";
import { type BenchResult, mergeResults, PAGE_FILE, readResults } from "../../bench/page/results.ts";

const ROOT = new URL("../../", import.meta.url);

const MACHINE = {
  processor: "One",
  cores: 2,
  memory: 4,
  system: "linux x86_64",
  deno: "2.9.6",
  v8: "15.0",
  aegis: "0.1.0",
};

function result(name: string, figures: readonly Figure[], date = "2026-01-31"): BenchResult {
  return { name, date, machine: MACHINE, figures };
}

/** Without what the formatter lines up. */
function plain(text: string): string {
  return text.replaceAll(/-{3,}/g, "---").replaceAll(/[ \n]+/g, " ").trim();
}

Deno.test("isMet() holds a value from both sides, and boundText() says which aim was missed", () => {
  const slow: Figure = { name: "slow", value: 3, unit: "ms", most: 2 };
  assertEquals([isMet(slow), aimOf(slow), boundText(slow)], [false, "≤ 2", "MISSED (≤ 2)"]);
  const fast: Figure = { name: "fast", value: 3, unit: "/s", least: 3 };
  assertEquals([isMet(fast), aimOf(fast), boundText(fast)], [true, "≥ 3", "met (≥ 3)"]);
  assertEquals(boundText({ name: "none", value: 3, unit: "" }), "");
});

Deno.test("valueText() gives digits that say something", () => {
  const text = (value: number) => valueText({ value, unit: "ms" });
  assertEquals([0, 0.0123, 1.234, 12.34, 123.4, 12345].map(text), [
    "0 ms",
    "0.012 ms",
    "1.23 ms",
    "12.3 ms",
    "123 ms",
    "12,345 ms",
  ]);
});

Deno.test("renderPage() says which aim was missed, and where all were taken if that is one place", () => {
  const figures: Figure[] = [
    { name: "reads", value: 41, unit: "ms", most: 10 },
    { name: "worst", value: 1.2, unit: "×", of: "fib" },
  ];
  const page = renderPage([result("tasks", figures)]);
  assert(page.includes("| reads | 41.0 ms | ≤ 10, **missed** |"), page);
  assert(page.includes("| worst (fib) | 1.20 × |  |"), page);
  assertEquals(page.split("2026-01-31, One, 2 cores").length, 2);
  const both = renderPage([result("tasks", figures), result("files", figures, "2026-02-01")]);
  assertEquals([both.split("2026-01-31, One").length, both.split("2026-02-01, One").length], [2, 2]);
});

Deno.test("mergeResults() replaces what was measured anew, and keeps the rest in the order of the table", () => {
  const one = result("one", []), two = result("two", []), newer = result("one", [], "2026-02-01");
  assertEquals(mergeResults([two, one], [newer], ["one", "two", "three"]), [newer, two]);
});

Deno.test("renderTable() refuses a figure that was not measured", () => {
  const rows = [{ what: "calls", bench: "calls", figure: "call" }];
  const found = result("calls", [{ name: "call", value: 30, unit: "µs", most: 60 }]);
  assert(renderTable([found], rows).includes("| calls | 30.0 µs | ≤ 60 |"));
  assertThrows(() => renderTable([result("calls", [])], rows), Error, 'Cannot find figure "call" of "calls"');
});

Deno.test("withTable() changes the place of the table alone, and wants it once", () => {
  const figures = CHOSEN.map(({ bench, figure }) => result(bench, [{ name: figure, value: 1, unit: "" }]));
  const merged = [...Map.groupBy(figures, ({ name }) => name)].map(([name, list]) =>
    result(name, list.flatMap((one) => one.figures))
  );
  const text = withTable(`before\n${BEGIN}\nold\n${END}\nafter`, merged);
  assert(text.startsWith("before\n") && text.endsWith("\nafter") && !text.includes("old"), text);
  for (const bad of ["", BEGIN, `${BEGIN}${END}${BEGIN}${END}`]) {
    assertThrows(() => withTable(bad, merged), Error, "Cannot find the place");
  }
});

Deno.test("every benchmark of the folder is in the table of those that deno task bench runs", async () => {
  const files = [];
  for await (const { name } of Deno.readDir(new URL("bench", ROOT))) {
    if (name.endsWith("_bench.ts")) files.push(`bench/${name}`);
  }
  assertEquals(BENCHES.map(({ file }) => file).toSorted(), files.toSorted());
  for (const { file } of BENCHES) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    assert(text.includes("await writeFigures("), `${file} hands no figures over`);
  }
});

const results = await readResults();

Deno.test({
  name: "the page and the README have the figures that were measured: run deno task bench --render",
  ignore: results.length === 0, // no run is kept yet
  async fn() {
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    assertEquals(plain(await Deno.readTextFile(new URL(PAGE_FILE, ROOT))), plain(renderPage(results)));
    assertEquals(plain(readme), plain(withTable(readme, results)));
    for (const { name, figures } of results) {
      assertEquals(new Set(figures.map((figure) => figure.name)).size, figures.length, name);
    }
  },
});
