/**
 * Turns an entry point into one self-contained script, as Workers without permissions run it from a `data:` URL. The
 * bundler is the one that Deno brings, so its output is fixed by Deno's version; the generated files are made with
 * the version below.
 */
import type { Bundle, Program } from "./bundles.ts";

/** The version of Deno that generated files, checks and figures belong to. */
export const DENO_VERSION = "2.9.6";

/** Bundles `source` (a path from `root`) to minified JavaScript. @param loads what stays outside, and is loaded when it runs */
export async function bundleEntry(
  root: string,
  { source, loads = [] }: Pick<Bundle, "source" | "loads">,
): Promise<string> {
  return await bundle(root, source, ["--platform=browser", ...external(loads)]);
}

const external = (specifiers: readonly string[]) => specifiers.map((name) => `--external=${name}`);

async function bundle(root: string, source: string, options: readonly string[]): Promise<string> {
  await Deno.stat(`${root}/${source}`); // the bundler's own word for a missing file is longer
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--format=esm", "--minify", ...options, source],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`Cannot bundle "${source}": ${said}`);
  if (/\bwarning\b/i.test(said)) throw new Error(`Cannot bundle "${source}" without a warning: ${said}`);
  return new TextDecoder("utf-8", { fatal: true }).decode(stdout);
}

/**
 * Bundles a program to the text of one module.
 *
 * @throws {Error} when the program does not load what is said to stay beside it
 */
export async function bundleProgram(root: string, { source, beside }: Program): Promise<string> {
  const text = await bundle(root, source, external(Object.keys(beside)));
  return Object.entries(beside).reduce((rest, [name, target]) => {
    const places = [`from${JSON.stringify(name)}`, `import(${JSON.stringify(name)})`];
    const [found] = places.filter((place) => rest.includes(place));
    if (found === undefined) throw new Error(`Cannot bundle "${source}": it does not load "${name}"`);
    return rest.replaceAll(found, found.replace(name, target));
  }, text);
}

/** The module that holds a program. */
export function renderProgram({ source }: Program, text: string): string {
  return `// Generated from ${source}; do not edit: run "deno task gen".\n${text}`;
}

/** What a bundle must not contain: text that would load something, or that tells where it was made. */
const FORBIDDEN: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bimport\s*[.(]/, "a dynamic import"],
  [/\bfile:\//, "a file URL"],
  [/\b(?:npm|jsr|node):[@\w]/, "a package or built-in module"],
  [/\bhttps?:\/\//, "a web address"],
  [/\bsourceMappingURL\b/, "a source map"],
];

/** Compiles as a function's body, where import and export statements, and `import.meta`, are syntax errors. */
const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => {}).constructor;

/**
 * Why a bundle is not self-contained; empty when it is. A string that merely looks like an import counts too.
 *
 * @param machinePaths paths that must not show up in it, for instance the repository's root
 */
export function findDependencies(text: string, machinePaths: readonly string[]): string[] {
  const found: string[] = [];
  try {
    AsyncFunction(text);
  } catch (error) {
    found.push(`it is no plain script: ${error instanceof Error ? error.message : error}`);
  }
  for (const [pattern, what] of FORBIDDEN) {
    const at = text.search(pattern);
    if (at >= 0) found.push(`it has ${what}: ${JSON.stringify(text.slice(at, at + 60))}`);
  }
  for (const path of machinePaths) {
    if (path.length > 1 && text.includes(path)) found.push(`it has a path of this machine: ${path}`);
  }
  return found;
}

/** The TypeScript file that holds a bundle's text. */
export function renderTextModule(bundle: Bundle, text: string): string {
  return `// Generated from ${bundle.source}; do not edit: run "deno task gen".
/** ${bundle.doc} */
export const ${bundle.constant}: string =
  ${JSON.stringify(text)};
`;
}
