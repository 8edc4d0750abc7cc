/** A place in a file that tells where the project was written rather than what it is. */
export interface Trace {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/**
 * Hosts of package registries, by the words of their names, so that this file names none either: a lock or a document
 * that does ties every clone to it.
 */
const REGISTRY_HOSTS: readonly (readonly string[])[] = [
  ["registry", "npmjs", ""],
  ["registry", "yarnpkg", ""],
  ["registry", "npmmirror", ""],
  ["npm", "pkg", "github", ""],
  ["npm", "jsr", "io"],
  ["jsr", "io/"],
];

const REGISTRY_HOST = new RegExp(`\\b(?:${REGISTRY_HOSTS.map((words) => words.join("\\.")).join("|")})`);

/** Any address at all, for files that have no business naming one. */
const ADDRESS = /\b[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Finds paths of the machine that the text was written on, and registry hosts.
 *
 * @param machinePaths absolute paths; ones of a single segment, such as `/app`, are no evidence and are left out
 */
export function findTraces(path: string, text: string, machinePaths: readonly string[]): Trace[] {
  const telling = machinePaths.filter((place) => /^(?:[A-Za-z]:)?[\\/][^\\/]+[\\/][^\\/]+/.test(place));
  const found: Trace[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const add = (what: string) => found.push({ path, line: index + 1, what });
    const place = telling.find((place) => content.includes(place));
    if (place !== undefined) add(`the path "${place}"`);
    const host = REGISTRY_HOST.exec(content);
    if (host) add(`the registry host "${host[0]}"`);
    else if (/(?:^|\/)(?:deno|mcp)\.lock$/.test(path) && ADDRESS.test(content)) add("an address");
  }
  return found;
}

/** Folders that hold nothing of the project's own; all but the first are in `.gitignore`. */
const NOT_OURS: readonly string[] = [".git", "node_modules", "coverage", "dist", ".fuzz"];

/** Finds the traces in every file below a root. */
export async function findTracesBelow(root: string, machinePaths: readonly string[]): Promise<Trace[]> {
  const found: Trace[] = [];
  async function visit(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(`${root}/${folder}`)) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory && !NOT_OURS.includes(entry.name)) await visit(`${path}/`);
      if (!entry.isFile) continue;
      const text = new TextDecoder().decode(await Deno.readFile(`${root}/${path}`));
      found.push(...findTraces(path, text, machinePaths));
    }
  }
  await visit("");
  return found.sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
}
