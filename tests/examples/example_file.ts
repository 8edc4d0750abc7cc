import { compile } from "watr";

const FOLDER = new URL("../../examples/", import.meta.url);

/** The bytes of an example by its path below `examples/`; text is compiled. */
export async function exampleBytes(file: string): Promise<Uint8Array> {
  const url = new URL(file, FOLDER);
  return file.endsWith(".wat") ? compile(await Deno.readTextFile(url)) : await Deno.readFile(url);
}

/** Examples of wrappers, which have tests of their own: services, tools and plugins. */
const OTHERS: ReadonlySet<string> = new Set(["http/", "mcp/", "plugin-host/"]);

/** Paths of the examples whose functions are called, text and binary, below `examples/`. */
export async function exampleFiles(folder = ""): Promise<string[]> {
  if (OTHERS.has(folder)) return [];
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, FOLDER))) {
    if (entry.isDirectory) files.push(...await exampleFiles(`${folder}${entry.name}/`));
    else if (/\.(wat|wasm)$/.test(entry.name)) files.push(folder + entry.name);
  }
  return files.sort();
}
