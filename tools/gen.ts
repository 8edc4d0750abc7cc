/**
 * `deno task gen`: writes the generated files. With `--check` it writes nothing and fails when one of them is not
 * what its sources give.
 */
import {
  bundleEntry,
  bundleProgram,
  DENO_VERSION,
  findDependencies,
  renderProgram,
  renderTextModule,
} from "./bundle.ts";
import { VERSION } from "../src/cli/version.ts";
import { type Bundle, BUNDLES, type Program, PROGRAMS } from "./bundles.ts";
import { PACKAGE_CONFIGS } from "./packages.ts";
import { renderTemplates, TEMPLATES_TARGET } from "./templates.ts";

/**
 * Makes the text of one generated file.
 *
 * @throws {Error} when the entry point cannot be bundled, or not into something self-contained
 */
export async function generate(root: string, bundle: Bundle): Promise<string> {
  const text = await bundleEntry(root, bundle), { loads = [] } = bundle;
  const alone = loads.reduce(
    (rest, path) => rest.replaceAll(`import(${JSON.stringify(path)})`, "null"),
    text,
  );
  const dependencies = findDependencies(alone, [root, Deno.env.get("HOME") ?? ""]);
  if (dependencies.length > 0) {
    throw new Error(`Cannot use the bundle of "${bundle.source}": ${dependencies.join("; ")}`);
  }
  return renderTextModule(bundle, text);
}

/** The same for a program. @throws {Error} when it cannot be bundled, or tells where it was made */
export async function generateProgram(root: string, program: Program): Promise<string> {
  const text = await bundleProgram(root, program);
  for (const path of [root, Deno.env.get("HOME") ?? ""]) {
    if (path.length > 1 && text.includes(path)) {
      throw new Error(`Cannot use the bundle of "${program.source}": it has a path of this machine: ${path}`);
    }
  }
  return renderProgram(program, text);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Makes every generated file and compares it with the one that is there.
 *
 * @param root the repository's root, without a slash at its end
 * @returns the paths of the files that differed or were missing; unless `check`, they are now written
 */
export async function generateAll(
  root: string,
  bundles: readonly Bundle[],
  options: { readonly check: boolean },
): Promise<string[]> {
  const stale: string[] = [];
  for (const bundle of bundles) {
    if (await refresh(root, bundle.target, await generate(root, bundle), options)) stale.push(bundle.target);
  }
  return stale;
}

/** Writes a generated file, unless it is what it should be; whether it was not. */
async function refresh(
  root: string,
  target: string,
  text: string,
  { check }: { readonly check: boolean },
): Promise<boolean> {
  const path = `${root}/${target}`;
  if (await readIfThere(path) === text) return false;
  if (!check) await Deno.writeTextFile(path, text);
  return true;
}

/** The same for the programs. */
export async function generatePrograms(
  root: string,
  programs: readonly Program[],
  options: { readonly check: boolean },
): Promise<string[]> {
  const stale: string[] = [];
  for (const program of programs) {
    const text = await generateProgram(root, program);
    if (await refresh(root, program.target, text, options)) stale.push(program.target);
  }
  return stale;
}

/** The same for the templates of `aegis new`. */
export async function generateTemplates(
  root: string,
  options: { readonly check: boolean },
): Promise<string[]> {
  return await refresh(root, TEMPLATES_TARGET, await renderTemplates(root), options)
    ? [TEMPLATES_TARGET]
    : [];
}

/** Writes the version of the command into the configurations of the packages: it stands in one place. */
export async function generateVersions(
  root: string,
  options: { readonly check: boolean },
): Promise<string[]> {
  const stale: string[] = [];
  for (const path of PACKAGE_CONFIGS) {
    const text = await Deno.readTextFile(`${root}/${path}`);
    const stamped = text.replace(/^( {2}"version": )"[^"]*"/m, `$1"${VERSION}"`);
    if (await refresh(root, path, stamped, options)) stale.push(path);
  }
  return stale;
}

async function main(args: readonly string[]): Promise<number> {
  const check = args[0] === "--check";
  if (args.length > (check ? 1 : 0)) {
    console.error(`Cannot read ${JSON.stringify(args)}: the only argument is --check`);
    return 2;
  }
  const root = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");
  const stale = [
    ...await generateAll(root, BUNDLES, { check }),
    ...await generatePrograms(root, PROGRAMS, { check }),
    ...await generateTemplates(root, { check }),
    ...await generateVersions(root, { check }),
  ];
  for (const path of stale) console.log(check ? `stale: ${path}` : `wrote ${path}`);
  if (!check || stale.length === 0) return 0;
  console.error('Generated files are not what their sources give: run "deno task gen" and commit them.');
  if (Deno.version.deno !== DENO_VERSION) {
    console.error(
      `They belong to Deno ${DENO_VERSION}; this is ${Deno.version.deno}, whose bundler may differ.`,
    );
  }
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
