import * as library from "../../mod.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { TRAPS } from "../../src/core/trap.ts";
import { SERVER_CODES } from "../../src/server/server_error.ts";
import { LAYERS } from "../../tools/layers.ts";
import { REFERENCES, refreshReference } from "../../tools/reference.ts";
import { withKinds } from "../../tools/reference/capabilities.ts";
import { renderCommands } from "../../tools/reference/commands.ts";
import { renderErrors, SAMPLES } from "../../tools/reference/errors.ts";
import { directImports, layerGraph, renderLayers } from "../../tools/reference/layer_picture.ts";
import { renderLimits } from "../../tools/reference/limits.ts";
import { anchor, prose, table } from "../../tools/reference/markdown_text.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { readFragments } from "../markdown.ts";

const ROOT = new URL("../../", import.meta.url);

for (const reference of REFERENCES) {
  Deno.test(`${reference.target} is what its tables give: run deno task reference where it is not`, async () => {
    assertEquals(await refreshReference(reference, { root: ROOT, check: true }), false);
  });
}

Deno.test("refreshReference() writes what is missing or was edited, and with check nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_reference_" });
  try {
    const root = new URL(`file://${folder}/`), path = `${folder}/a.md`;
    const reference = { target: "a.md", render: (text: string) => `${text.slice(0, 4)}made\n` };
    assertEquals(await refreshReference(reference, { root, check: true }), true);
    assertEquals([...Deno.readDirSync(folder)], []);
    assertEquals(await refreshReference(reference, { root, check: false }), true);
    assertEquals(await Deno.readTextFile(path), "made\n");
    await Deno.writeTextFile(path, "own made\n");
    assertEquals(await refreshReference(reference, { root, check: true }), false);
    await Deno.writeTextFile(path, "own old\n");
    assertEquals(await refreshReference(reference, { root, check: true }), true);
    assertEquals(await Deno.readTextFile(path), "own old\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("renderCommands() has a section for every command, with all its options", () => {
  const text = renderCommands(), fragments = readFragments(text);
  for (const [name, { flags }] of Object.entries(COMMANDS)) {
    assert(fragments.has(anchor(`aegis ${name}`).slice(1)), name);
    const own = text.split("\n##").find((part) => part.replace(/^#? /, "").startsWith(`aegis ${name}\n`)) ??
      "";
    for (const flag of flags) {
      const row: FlagRow = FLAGS[flag];
      assertStringIncludes(own, `\`--${row.long}`, name);
    }
  }
  assertStringIncludes(text, "| `$AEGIS_TOKEN` | `--token-file` of ");
});

Deno.test("renderLimits() has a row for every limit, with its name in a manifest and its flag", () => {
  const text = renderLimits();
  for (const name of Object.keys(LIMITS)) {
    assertStringIncludes(text, `\n| \`${name}\` | ${LIMITS[name as "memories"].doc}`);
  }
  assertStringIncludes(text, "\n| `stackLimit` | `stack_limit` | `--stack-limit` |\n");
  assertStringIncludes(text, "\n| `memories` | `memories` |  |\n");
  assertStringIncludes(
    text,
    "\n| `fuelLimit` | 10,000,000 | 1,000,000,000 | 100,000,000,000 | 1,000,000 |\n",
  );
});

Deno.test("renderErrors() has every code, status and trap", () => {
  const text = renderErrors(), fragments = readFragments(text);
  for (const code of Object.keys(ERROR_CODES)) {
    assert(fragments.has(code.toLowerCase()), code);
    assertStringIncludes(text, `\n| [\`${code}\`](#${code.toLowerCase()}) | `);
  }
  for (const code of Object.keys(SERVER_CODES)) assertStringIncludes(text, `\n| \`${code}\` | `);
  for (const trap of Object.keys(TRAPS)) assertStringIncludes(text, `\n| \`${trap}\` | `);
  assertStringIncludes(
    text,
    "\n| 152 | the guest ran out of fuel or host calls | [`OutOfFuel`](#outoffuel), ",
  );
  assertStringIncludes(
    text,
    "`OutOfFuelError` with `consumed` and `limit`: `Out of fuel: consumed 1003771 of ",
  );
});

Deno.test("SAMPLES has an error of each class that the library exports, and of each code one at most", () => {
  const classes = Object.entries(library).flatMap(([name, value]) =>
    typeof value === "function" && value.prototype instanceof library.AegisError ? [name] : []
  );
  assert(classes.length > 10);
  assertEquals(SAMPLES.map(({ name }) => name).toSorted(), classes.toSorted());
  assertEquals(new Set(SAMPLES.map(({ code }) => code)).size, SAMPLES.length);
});

Deno.test("withKinds() writes the table between its marks, and wants the marks", () => {
  const [begin, end] = [
    "<!-- The table of kinds is written by deno task reference. -->",
    "<!-- The table of kinds ends here. -->",
  ];
  const text = withKinds(`# A\n\n${begin}\n\nold\n\n${end}\n\nb\n`);
  assert(
    text.startsWith(`# A\n\n${begin}\n\n| kind | builders |`) && text.endsWith(`|\n\n${end}\n\nb\n`),
    text,
  );
  assertStringIncludes(
    text,
    "| [random](#random) | `RandomCapability` `secure` `seeded` | `--allow-random`, `--seed` |",
  );
  assertEquals(withKinds(text), text);
  assertThrows(() => withKinds(`${end}${begin}`), Error, "does not say where");
});

Deno.test("layerGraph() draws each folder once, and an import unless another one has it", () => {
  const rows = [
    { folder: "a", layer: 0, imports: [] },
    { folder: "b", layer: 1, imports: ["a"] },
    { folder: "c", layer: 2, imports: ["a", "b"], importsTypes: ["a"] },
  ];
  assertEquals(directImports({ imports: ["a", "b"] }, rows), ["b"]);
  const { nodes, edges } = layerGraph(rows);
  assertEquals(nodes.map(({ title }) => title), ["c 2", "b 1", "a 0"]);
  assertEquals(edges.map(({ from, to }) => `${from}-${to}`), ["0-1", "0-2", "1-2"]);
  const picture = renderLayers();
  for (const { folder, layer } of LAYERS) assertStringIncludes(picture, `>${folder} ${layer}</text>`);
});

Deno.test("prose() makes code of flags and variables, links of documents, and shows signs as they are", () => {
  assertEquals(
    prose(
      "docs/mcp.md: --http, or $AEGIS_TOKEN; --aegis-help, -vv <a|b> '*/5 * *' --isolation process, _start",
    ),
    "[docs/mcp.md](mcp.md): `--http`, or `$AEGIS_TOKEN`; `--aegis-help`, -vv \\<a|b\\> '\\*/5 \\* \\*' " +
      "`--isolation process`, `_start`",
  );
  assertEquals(table(["a"], [["`x|y`"]]), "| a |\n| --- |\n| `x\\|y` |");
});
