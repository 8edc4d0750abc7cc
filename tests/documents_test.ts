import { LAYERS } from "../tools/layers.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";
import { readCodeBlocks, readFragments, readLinks, withLocalImports } from "./markdown.ts";

const ROOT = new URL("../", import.meta.url);

const DOCUMENTS = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"));

/** Folders that hold nothing of ours, and projects that are to be made: what these link to is there when they are. */
const NOT_SEARCHED: readonly string[] = [".git", "node_modules", "coverage", ".fuzz", "templates"];

/** Paths of all documents of the repository. */
function* allDocuments(folder = ""): Generator<string> {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isFile && name.endsWith(".md")) yield folder + name;
    if (isDirectory && !NOT_SEARCHED.includes(name)) yield* allDocuments(`${folder}${name}/`);
  }
}

/** What is wrong with a link of a document; undefined when it leads somewhere. */
function linkProblem(document: URL, link: string, fragmentsOf: (document: URL) => ReadonlySet<string>) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) {
    return URL.canParse(link) && /^https:/.test(link) ? undefined : "no address";
  }
  const target = new URL(link, document), file = new URL(target);
  file.hash = "";
  if (!file.href.startsWith(ROOT.href)) return "it leads out of the repository";
  const stat = statOrUndefined(file);
  if (stat === undefined) return "there is no such file";
  if (target.hash === "") return undefined;
  if (!stat.isFile || !file.pathname.endsWith(".md")) return "only a document has headings";
  return fragmentsOf(file).has(decodeURIComponent(target.hash.slice(1)))
    ? undefined
    : "there is no such heading";
}

Deno.test("every link of every document leads to a file, and to a heading where it names one", () => {
  const documents = [...allDocuments()], read = new Map<string, ReadonlySet<string>>();
  const fragmentsOf = (document: URL) => {
    const known = read.get(document.href) ?? readFragments(Deno.readTextFileSync(document));
    read.set(document.href, known);
    return known;
  };
  const problems: string[] = [];
  let links = 0;
  for (const path of documents) {
    const document = new URL(path, ROOT);
    for (const link of readLinks(Deno.readTextFileSync(document))) {
      links++;
      const problem = linkProblem(document, link, fragmentsOf);
      if (problem !== undefined) problems.push(`${path} links to ${link}: ${problem}`);
    }
  }
  assertEquals(problems, []);
  assert(documents.length > 30 && links > 1000, `${links} links in ${documents.length} documents`);
});

/** A path below the root, as text; a word in capitals stands for any name. */
const OWN_PATH = /(?<![\w./-])(?:bench|docs|examples|src|templates|tests|tools)\/[\w./-]*\w/g;

Deno.test("every path that a document of the root names is there, in its pictures of ways, too", () => {
  let paths = 0;
  for (const name of DOCUMENTS) {
    for (const [path] of Deno.readTextFileSync(new URL(name, ROOT)).matchAll(OWN_PATH)) {
      if (/\b[A-Z]+\b(?!\.md)/.test(path)) continue;
      paths++;
      assert(statOrUndefined(new URL(path, ROOT)) !== undefined, `${name} names ${path}`);
    }
  }
  assert(paths > 200, `${paths} paths`);
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
