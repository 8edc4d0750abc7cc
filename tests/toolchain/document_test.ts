/** The tables of docs/building.md are those of the code, and its manifest is one. */
import { decodeDocument } from "../../src/manifest/document.ts";
import { commandTables } from "../../src/cli/command_tables.ts";
import { BUILD_KEYS, readBuildTable } from "../../src/toolchain/build_table.ts";
import { LANGUAGE_NAMES, type LanguageRow, LANGUAGES } from "../../src/toolchain/languages.ts";
import { TEMPLATE_KINDS } from "../../src/toolchain/template_kinds.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { readCodeBlocks } from "../markdown.ts";

const TEXT = Deno.readTextFileSync(new URL("../../docs/building.md", import.meta.url));

const ROWS = TEXT.split("\n").filter((line) => line.startsWith("|")).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim())
);

Deno.test("docs/building.md has every language, with its endings, its project file and its tools", () => {
  for (const name of LANGUAGE_NAMES) {
    const row: LanguageRow = LANGUAGES[name], cells = ROWS.find(([, lang]) => lang === `\`${name}\``);
    assert(cells !== undefined, name);
    assertEquals(cells.slice(0, 4), [
      row.title,
      `\`${name}\``,
      row.extensions.map((ending) => `\`.${ending}\``).join(", "),
      row.project === undefined ? "" : `\`${row.project}\``,
    ]);
    for (const tool of row.tools) {
      assertStringIncludes(cells[4] ?? "", tool.name === "ziglang" ? "-m ziglang" : tool.name);
    }
    const gets = row.get.match(/apt install [^.]*/)?.[0] ?? "";
    assertStringIncludes(TEXT, gets);
  }
});

Deno.test("docs/building.md has every key of [build], and a manifest that can be read", async () => {
  const keys = ROWS.map(([key]) => key).filter((key) => BUILD_KEYS.some((known) => key === `\`${known}\``));
  assertEquals(keys, BUILD_KEYS.map((key) => `\`${key}\``));
  const manifest = readCodeBlocks(TEXT).find(({ language }) => language === "toml");
  assert(manifest !== undefined);
  const { table: { build } } = await decodeDocument(manifest.text, "building.md");
  const table = readBuildTable(build, "building.md");
  assertEquals(Object.keys(commandTables()["build"] ?? {}), [...BUILD_KEYS]);
  assertEquals(Object.keys(table).sort(), [...BUILD_KEYS].sort());
});

Deno.test("docs/building.md says what each language makes of each kind of project", () => {
  const shown: Readonly<Record<string, string>> = {
    wat: "text",
    assemblyscript: "AssemblyScript",
    c: "C",
    rust: "Rust",
    go: "Go",
    zig: "Zig",
  };
  for (const [kind, { types }] of Object.entries(TEMPLATE_KINDS)) {
    const of = (type: string) =>
      LANGUAGE_NAMES.filter((name) => types[name] === type).map((name) => shown[name]);
    const cell = (names: readonly (string | undefined)[]) =>
      names.length === LANGUAGE_NAMES.length ? "all" : names.join(", ");
    const row = ROWS.find(([first]) => first === `\`${kind}\``);
    assertEquals(row?.slice(2), [cell(of("program")), cell(of("library"))], kind);
  }
});
