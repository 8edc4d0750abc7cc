import { LAYERS } from "../tools/layers.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";
import { readCodeBlocks, readRelativeLinks, withLocalImports } from "./markdown.ts";

const ROOT = new URL("../", import.meta.url);

const DOCUMENTS = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"));

/** The fragment that a heading gets: lower case, without punctuation, hyphens for spaces. */
function fragments(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? "").toLowerCase().replace(/[^\p{L}\p{N} -]/gu, "").replaceAll(" ", "-")
  );
}

Deno.test("every link of a document leads to a file, and to a heading where it names one", () => {
  assert(DOCUMENTS.length > 4);
  for (const name of DOCUMENTS) {
    const text = Deno.readTextFileSync(new URL(name, ROOT));
    for (const target of readRelativeLinks(text)) {
      const stat = statOrUndefined(new URL(target, ROOT));
      assert(stat !== undefined, `${name} links to ${target}`);
    }
    for (const [, file, fragment] of text.matchAll(/\]\(([\w./-]*\.md)?#([^)]+)\)/g)) {
      const there = file === undefined ? text : Deno.readTextFileSync(new URL(file, ROOT));
      assert(fragments(there).includes(fragment ?? ""), `${name} links to ${file ?? ""}#${fragment}`);
    }
  }
});

function statOrUndefined(url: URL): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("README's list of documents has all of them, and it counts the packages right", () => {
  const text = Deno.readTextFileSync(new URL("README.md", ROOT)),
    list = text.split("\n## Documents\n")[1] ?? "";
  const docs = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`);
  for (const name of [...docs, ...DOCUMENTS].filter((name) => name.endsWith(".md") && name !== "README.md")) {
    assert(list.includes(`- [${name}](${name}): `), `README does not list ${name}`);
  }
  const { npm } = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", ROOT))) as { npm: object };
  const count = Object.keys(npm).length, words = new Map([[15, "fifteen"]]);
  assert(
    text.includes(`the command itself needs ${words.get(count) ?? count} small ones`),
    `it needs ${count}`,
  );
});

Deno.test("ARCHITECTURE has a bullet for every folder of src/, with its layer", () => {
  const text = Deno.readTextFileSync(new URL("ARCHITECTURE.md", ROOT));
  const folders = [...Deno.readDirSync(new URL("src/", ROOT))].filter((entry) => entry.isDirectory);
  for (const { name } of folders) {
    const layer = LAYERS.find((row) => row.folder === name)?.layer;
    assertMatch(text, new RegExp(`^- \\[src/${name}\\]\\(src/${name}\\) \\((layer )?${layer}\\): `, "m"));
  }
  const bullets = text.split("\n").filter((line) => /^- \[src\//.test(line));
  assertEquals(bullets.length, folders.length);
});

Deno.test("every program in docs/ has right types", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_docs_" }), docs = new URL("docs/", ROOT);
  try {
    const paths: string[] = [];
    for (const { name, isFile } of Deno.readDirSync(docs)) {
      if (!isFile) continue;
      const blocks = readCodeBlocks(Deno.readTextFileSync(new URL(name, docs)));
      for (const { language, text, line } of blocks) {
        if (language !== "ts") continue;
        const path = `${folder}/${name}_${line}.ts`;
        await Deno.writeTextFile(path, withLocalImports(text, ROOT));
        paths.push(path);
      }
    }
    assert(paths.length > 1);
    const config = `--config=${new URL("deno.json", ROOT).pathname}`;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", config, ...paths],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
