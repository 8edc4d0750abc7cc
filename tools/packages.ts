/**
 * The two packages that are published, `@aegis/core` by `deno.jsr.json` and `@aegis/cli` by `deno.cli.json`, put together
 * in a folder of their own. The registry takes modules alone: what is imported as text becomes text in the module, and what
 * comes from packages so brings their licences with it.
 */
import { denoDirectory } from "../src/cli/tool/deno_directory.ts";

/** Their configurations, which `deno publish` reads. */
export const PACKAGE_CONFIGS = ["deno.jsr.json", "deno.cli.json"] as const;

/** One of {@linkcode PACKAGE_CONFIGS}. */
export type PackageConfigName = typeof PACKAGE_CONFIGS[number];

/** What of a configuration is looked at. */
export interface PackageConfig {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/** Where imports lead: to the registry that packages are published to, or to its mirror at npm, as in `deno.json`. */
export type ImportMapName = "jsr" | "npm";

/** @param root the repository's root, without a slash at its end */
export async function readPackageConfig(root: string, name: PackageConfigName): Promise<PackageConfig> {
  return JSON.parse(await Deno.readTextFile(`${root}/${name}`)) as PackageConfig; // a test looks at both
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesBelow(root, path));
    else files.push(path);
  }
  return files.sort();
}

/** Paths of the files that a package has, from the root: files by name, and the modules below a folder. */
export async function packageFiles(
  root: string,
  { publish }: Pick<PackageConfig, "publish">,
): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of publish.include) {
    const folder = /^([\w/]+)\/\*\*\/\*\.ts$/.exec(pattern)?.[1];
    if (folder === undefined) files.push(pattern);
    else files.push(...(await filesBelow(root, folder)).filter((path) => path.endsWith(".ts")));
  }
  return files.filter((path) => !publish.exclude.some((folder) => path.startsWith(`${folder}/`)));
}

const TEXT_IMPORT = /^import (\w+) from ("[^"]+") with \{ type: "text" \};$/gm;

/** A package's name in what is imported of it. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** A module whose imports of text are the text; whose packages they came from. @param path from the root */
async function withTexts(root: string, path: string): Promise<{ text: string; packages: string[] }> {
  let text = await Deno.readTextFile(`${root}/${path}`);
  const packages: string[] = [];
  for (const [line, name, literal = ""] of [...text.matchAll(TEXT_IMPORT)]) {
    const specifier = JSON.parse(literal) as string, own = specifier.startsWith(".");
    const imported = own
      ? await Deno.readTextFile(new URL(specifier, `file://${root}/${path}`))
      : (await import(specifier, { with: { type: "text" } })).default as string; // by the map that this runs under
    if (!own) packages.push(packageOf(specifier));
    text = text.replace(line, () => `const ${name}: string = ${JSON.stringify(imported)};`);
  }
  return { text, packages };
}

/** The licence of a package of npm, as Deno keeps it. */
async function licenceOf(specifier: string): Promise<string> {
  const [, name = "", version = ""] = /^npm:(@?[^@]+)@(.+)$/.exec(specifier) ?? [];
  const kept = `${await denoDirectory({ deno: Deno.execPath(), compiled: false })}/npm`;
  for await (const registry of Deno.readDir(kept)) {
    const folder = `${kept}/${registry.name}/${name}/${version}`;
    try {
      for await (const { name: file } of Deno.readDir(folder)) {
        if (/^licen[cs]e/i.test(file)) return await Deno.readTextFile(`${folder}/${file}`);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`Cannot publish text of "${specifier}": its licence is not among what Deno keeps`);
}

/**
 * Puts a package together, so that `deno publish` there takes all of it.
 *
 * @param root the repository's root @param folder an empty one; both without a slash at the end
 * @throws {Error} for text of a package without a licence
 */
export async function stagePackage(
  { root, config: name, imports }: {
    readonly root: string;
    readonly config: PackageConfigName;
    readonly imports: ImportMapName;
  },
  folder: string,
): Promise<PackageConfig> {
  const config = await readPackageConfig(root, name), { publish: _, ...rest } = config;
  const mirror =
    (JSON.parse(await Deno.readTextFile(`${root}/deno.json`)) as Pick<PackageConfig, "imports">).imports;
  const licences = new Set<string>();
  for (const path of await packageFiles(root, config)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    if (!path.endsWith(".ts")) await Deno.copyFile(`${root}/${path}`, `${folder}/${path}`);
    else {
      const { text, packages } = await withTexts(root, path);
      await Deno.writeTextFile(`${folder}/${path}`, text);
      for (const one of packages) licences.add(one);
    }
  }
  for (const one of licences) {
    await Deno.mkdir(`${folder}/licences`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/licences/${one.replace("/", "_")}.txt`,
      await licenceOf(mirror[one] ?? one),
    );
  }
  const staged = imports === "jsr" ? rest : { ...rest, imports: mirror };
  await Deno.writeTextFile(`${folder}/deno.json`, `${JSON.stringify(staged, null, 2)}\n`);
  return config;
}
