/** What the two packages contain, and that their configurations say the same as `deno.json`. */
import { VERSION } from "../../src/cli/version.ts";
import { LAYERS } from "../../tools/layers.ts";
import { resolveImport } from "../../tools/layer_rules.ts";
import {
  PACKAGE_CONFIGS,
  type PackageConfig,
  packageFiles,
  readPackageConfig,
  stagePackage,
} from "../../tools/packages.ts";
import { publishArguments, readOptions } from "../../tools/publish.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const OWN = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`)) as PackageConfig & Record<string, unknown>;
const CONFIGS: readonly PackageConfig[] = await Promise.all(
  PACKAGE_CONFIGS.map((name) => readPackageConfig(ROOT, name)),
);

Deno.test("the import maps of the packages have the keys of deno.json, and lead to the registry for @std alone", () => {
  for (const { name, imports } of CONFIGS) {
    assertEquals(Object.keys(imports), Object.keys(OWN.imports), name);
    for (const [specifier, target] of Object.entries(imports)) {
      if (!specifier.startsWith("@std/")) assertEquals(target, OWN.imports[specifier], name);
      else assertEquals(target, `jsr:${specifier.replace(/^@std\/\w+/, "$&@1")}`, name);
    }
  }
});

Deno.test("the packages have the version of the command, and are checked like everything else", () => {
  for (const config of CONFIGS) {
    assertEquals(config.version, VERSION, config.name);
    const { unstable, compilerOptions, lock } = config as PackageConfig & Record<string, unknown>;
    assertEquals({ unstable, compilerOptions, lock }, {
      unstable: OWN["unstable"],
      compilerOptions: OWN["compilerOptions"],
      lock: OWN["lock"],
    }, config.name);
  }
  assertEquals(CONFIGS.map(({ name }) => name), ["@aegis/core", "@aegis/cli"]);
});

Deno.test("@aegis/core exports what programs of the documents import", () => {
  const [core] = CONFIGS, imported = new Set<string>();
  const documents = [...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`);
  for (const path of ["README.md", ...documents].filter((path) => path.endsWith(".md"))) {
    const text = Deno.readTextFileSync(`${ROOT}/${path}`);
    for (const [, below = ""] of text.matchAll(/"jsr:@aegis\/core(\/\w+)?"/g)) imported.add(`.${below}`);
  }
  assertEquals([...imported].sort(), Object.keys(core?.exports ?? {}).sort());
});

/** Folders of `src/` that an entry reaches, by the table of layers. */
function foldersOf(folders: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const add = (folder: string) => {
    if (reached.has(folder)) return;
    reached.add(folder);
    const row = LAYERS.find((one) => one.folder === folder);
    for (const other of [...row?.imports ?? [], ...row?.importsTypes ?? []]) add(other);
  };
  folders.forEach(add);
  return reached;
}

Deno.test("each package has the folders that its exports reach, and no others", async () => {
  const wanted = [foldersOf(["sandbox", "tasks", "wrappers", "manifest"]), foldersOf(["cli"])];
  for (const [index, config] of CONFIGS.entries()) {
    const files = await packageFiles(ROOT, config);
    const folders = new Set(files.flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []));
    // What the interpreter's core, the graphs and the scans are made by comes along, as sources of what is bundled.
    for (const folder of wanted[index] ?? []) {
      assert(folders.has(folder), `${config.name} has no src/${folder}`);
    }
    for (const folder of folders) assert(wanted[index]?.has(folder), `${config.name} has src/${folder}`);
    for (const path of Object.values(config.exports)) assert(files.includes(path.replace("./", "")), path);
  }
});

/** What a module imports of its own package, by lines: the syntax tree of every module would take long. */
const OWN_IMPORT = /^(?! \*).*(?:from |import |import\(|resolve\()"(\.{1,2}\/[^"]+\.ts)"/gm;

Deno.test("what a module of a package imports is in it", async () => {
  for (const config of CONFIGS) {
    const files = await packageFiles(ROOT, config), there = new Set(files);
    let count = 0;
    for (const path of files.filter((file) => file.endsWith(".ts") && !file.endsWith(".gen.ts"))) {
      for (const [, specifier = ""] of Deno.readTextFileSync(`${ROOT}/${path}`).matchAll(OWN_IMPORT)) {
        count++;
        assert(there.has(resolveImport(path, specifier)), `${config.name}: ${path} imports ${specifier}`);
      }
    }
    assert(count > 1000);
  }
});

Deno.test("stagePackage() leaves no import that the registry refuses, and no text of others without their licence", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_staged_" });
  try {
    await stagePackage({ root: ROOT, config: "deno.cli.json", imports: "jsr" }, folder);
    const assets = await Deno.readTextFile(`${folder}/src/server/pages/assets.ts`);
    assert(!/with \{ type: "text" \}/.test(assets));
    const from = await Deno.readTextFile(`${ROOT}/src/server/pages/assets.ts`);
    const packages = [...from.matchAll(/from "(\w[^"/]*)\/[^"]*" with/g)].map(([, name = ""]) => name);
    assertEquals(
      [...Deno.readDirSync(`${folder}/licences`)].map(({ name }) => name).sort(),
      [...new Set(packages)].map((name) => `${name}.txt`).sort(),
    );
    for (const name of packages) {
      assert(
        (await Deno.readTextFile(`${folder}/licences/${name}.txt`)).includes("Permission is hereby granted"),
      );
    }
    const { imports } = JSON.parse(await Deno.readTextFile(`${folder}/deno.json`)) as PackageConfig;
    assertEquals(imports, CONFIGS[1]?.imports);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("no module of a package imports text but those that stagePackage() knows", async () => {
  for (const config of CONFIGS) {
    for (const path of await packageFiles(ROOT, config)) {
      if (!path.endsWith(".ts") || path.endsWith(".gen.ts")) continue;
      const text = Deno.readTextFileSync(`${ROOT}/${path}`);
      const all = text.match(/ with \{ type: /g)?.length ?? 0;
      assertEquals(
        text.match(/^import \w+ from "[^"]+" with \{ type: "text" \};$/gm)?.length ?? 0,
        all,
        path,
      );
    }
  }
});

Deno.test("readOptions() uploads nothing unless it is told, and nothing of the mirror", () => {
  assertEquals(readOptions([]), { upload: false, imports: "npm", out: undefined });
  assertEquals(readOptions(["--upload"]), { upload: true, imports: "jsr", out: undefined });
  assertEquals(readOptions(["--imports=jsr", "--out=x"]), { upload: false, imports: "jsr", out: "x" });
  for (const words of [["--upload", "--imports=npm"], ["--upload=1"], ["--imports=other"], ["x"]]) {
    assertThrows(() => readOptions(words), Error, "Cannot ");
  }
  assert(publishArguments({ upload: false }).includes("--dry-run"));
  assert(
    !publishArguments({ upload: true }).some((word) => word === "--dry-run" || word === "--allow-slow-types"),
  );
});
