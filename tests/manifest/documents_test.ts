import { KEY_NAMES, type KeyRow, KEYS, SECTIONS, snakeCase } from "../../src/manifest/keys.ts";
import { HTTP_KEYS, MODULE_KEYS, TOOL_KEYS } from "../../src/manifest/tables.ts";
import { assert, assertEquals } from "../assert.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/manifest.md", import.meta.url));

/** The tables of the page whose first column is of keys, row by row and cell by cell. */
const TABLES = PAGE.split(/\n\n/).filter((block) => block.startsWith("| key")).map((block) =>
  block.split("\n").slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
);

Deno.test("docs/manifest.md has the keys of the table, section by section, in the same words", () => {
  const sections = [...Object.keys(SECTIONS), undefined];
  const expected = sections.map((section) =>
    KEY_NAMES.flatMap((name) => {
      const { section: own, form, doc, standard }: KeyRow<unknown> = KEYS[name];
      return own === section ? [[`\`${snakeCase(name)}\``, form.words, doc, standard]] : [];
    })
  );
  assertEquals(TABLES, expected);
});

Deno.test("docs/manifest.md has the keys of modules, tools and services, in the same words", () => {
  const rows = PAGE.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim()).join(" | ")
  );
  for (const table of [MODULE_KEYS, TOOL_KEYS, HTTP_KEYS]) {
    for (const [key, { form, doc }] of Object.entries(table)) {
      assert(rows.includes(`\`${key}\` | ${form.words} | ${doc}`), key);
    }
  }
});

Deno.test("the keys that the library has no use for are the last ones of the page", () => {
  const idle = KEY_NAMES.filter((name) => (KEYS[name] as KeyRow<unknown>).commandOnly).map(snakeCase);
  assertEquals(TABLES.at(-1)?.slice(-4).map(([key]) => key), idle.map((key) => `\`${key}\``));
});
