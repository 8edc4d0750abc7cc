import { EMPTY_NAMES, FILE_EXCEPTIONS, GENERATED_TEXT_READERS, type Layer, LAYERS } from "./layers.ts";

/** An import or a re-export. */
export interface SourceImport {
  readonly specifier: string;
  /** Whether nothing of it is left after types are erased. */
  readonly typeOnly: boolean;
}

/** What the rules look at in one source file. */
export interface SourceFacts {
  /** Path from the repository's root, with `/`. */
  readonly path: string;
  /** All imports and re-exports, types and `import()` included. */
  readonly imports: readonly SourceImport[];
  /** Whether an `import()` takes something else than a plain string. */
  readonly computedImport: boolean;
  /** Whether it says `export *`. */
  readonly barrel: boolean;
  /** Whether it has an asynchronous function or awaits. */
  readonly async: boolean;
  /** Identifiers and string literals. */
  readonly names: ReadonlySet<string>;
}

/** The folder of `src/` that a path lies in; undefined outside of `src/`. */
export function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** Resolves a relative specifier against the file that imports it; a leading `..` stays when it leaves the root. */
export function resolveImport(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "." || part === "") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function admits(packages: readonly string[], specifier: string): boolean {
  return packages.some((name) => name === specifier || (name.endsWith("/") && specifier.startsWith(name)));
}

function importViolation(
  path: string,
  row: Layer,
  { specifier, typeOnly }: SourceImport,
): string | undefined {
  if (!specifier.startsWith(".")) {
    const allowed = [...row.packages ?? [], ...FILE_EXCEPTIONS[path]?.packages ?? []];
    return admits(allowed, specifier) ? undefined : `imports the package "${specifier}"`;
  }
  const target = resolveImport(path, specifier);
  const folder = folderOf(target);
  if (folder === undefined) return `imports "${target}", which is outside of the folders of src/`;
  if (target.endsWith(".gen.ts") && !GENERATED_TEXT_READERS.includes(row.folder)) {
    return `imports the generated "${target}", which only ${GENERATED_TEXT_READERS.join(" and ")} may`;
  }
  if (folder === row.folder || row.imports.includes(folder)) return undefined;
  if (!row.importsTypes?.includes(folder)) return `imports "${target}" from ${row.folder}`;
  return typeOnly ? undefined : `imports more than types of "${target}" from ${row.folder}`;
}

/** Every rule that a file of `src/` breaks, one sentence each; empty when it keeps them all. */
export function layerViolations(facts: SourceFacts): string[] {
  const { path } = facts;
  const folder = folderOf(path);
  const row = LAYERS.find((layer) => layer.folder === folder);
  if (row === undefined) return [`${path}: is in no folder of the layer table`];

  const found: string[] = [];
  for (const entry of facts.imports) {
    const violation = importViolation(path, row, entry);
    if (violation !== undefined) found.push(violation);
  }
  if (facts.computedImport && FILE_EXCEPTIONS[path]?.computedImport !== true) {
    found.push("has an import() of something computed");
  }
  if (facts.barrel) found.push('has an "export *"');
  if (row.async === false && facts.async) found.push("is asynchronous");
  for (const name of row.never ?? []) {
    const excused = FILE_EXCEPTIONS[path]?.names?.includes(name) ?? false;
    if (facts.names.has(name) && !excused) found.push(`names "${name}"`);
  }
  return found.map((violation) => `${path}: ${violation}`);
}

/** Whether a file or one of its folders has a name that says nothing. */
export function hasEmptyName(path: string): boolean {
  return path.split("/").some((part) => EMPTY_NAMES.includes(part.replace(/(_test)?\.[a-z.]+$/, "")));
}
