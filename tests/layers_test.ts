import { hasEmptyName, layerViolations, type SourceFacts } from "../tools/layer_rules.ts";
import { FILE_EXCEPTIONS, LAYERS } from "../tools/layers.ts";
import { assert, assertEquals } from "./assert.ts";
import { readSourceFacts } from "./source_facts.ts";

const ROOT = new URL("../", import.meta.url);

/** Paths from the root of all TypeScript files below a folder. */
function* typescriptFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* typescriptFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

/** Facts of the handwritten files below a folder; a generated file is one string constant, which another test holds. */
function readFolder(folder: string): SourceFacts[] {
  return [...typescriptFiles(folder)]
    .filter((path) => !path.endsWith(".gen.ts"))
    .map((path) => readSourceFacts(path, Deno.readTextFileSync(new URL(path, ROOT))));
}

Deno.test("src/ keeps the layers: imports go down, packages and globals stay where they belong", () => {
  const files = readFolder("src");
  assert(files.length > 10, "found the sources");
  assertEquals(files.flatMap(layerViolations), []);
});

Deno.test("the layer table imports only strictly lower layers", () => {
  const height = new Map(LAYERS.map((row) => [row.folder, row.layer]));
  assertEquals(height.size, LAYERS.length, "each folder once");
  for (const row of LAYERS) {
    for (const folder of [...row.imports, ...row.importsTypes ?? []]) {
      const below = height.get(folder);
      assert(below !== undefined && below < row.layer, `${row.folder} imports ${folder}`);
    }
  }
});

Deno.test("every exception of the layer table is needed", () => {
  for (const [path, exception] of Object.entries(FILE_EXCEPTIONS)) {
    const facts = readSourceFacts(path, Deno.readTextFileSync(new URL(path, ROOT)));
    for (const name of exception.packages ?? []) {
      assert(facts.imports.some(({ specifier }) => specifier === name), `${path}: ${name}`);
    }
    for (const name of exception.names ?? []) assert(facts.names.has(name), `${path}: ${name}`);
    if (exception.computedImport) assert(facts.computedImport, `${path}: a computed import`);
  }
});

Deno.test("each module of @std is imported by one file of src/, tests/ and tools/ each", () => {
  for (const folder of ["src", "tests", "tools"]) {
    const owners = new Map<string, string>();
    for (const { path, imports } of readFolder(folder)) {
      for (const { specifier } of imports) {
        if (!specifier.startsWith("@std/")) continue;
        assertEquals(owners.get(specifier) ?? path, path, `${specifier} has two owners`);
        owners.set(specifier, path);
      }
    }
  }
});

Deno.test("no file or folder has a name that says nothing", () => {
  const paths = ["src", "tests", "tools", "bench"].flatMap((folder) => [...typescriptFiles(folder)]);
  assertEquals(paths.filter(hasEmptyName), []);
});
