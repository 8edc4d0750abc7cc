import { compile } from "watr";

const FOLDER = new URL("../../examples/", import.meta.url);

/** The bytes of an example by its path below `examples/`; text is compiled. */
export async function exampleBytes(file: string): Promise<Uint8Array> {
  const url = new URL(file, FOLDER);
  return file.endsWith(".wat") ? compile(await Deno.readTextFile(url)) : await Deno.readFile(url);
}

/** Paths of the examples whose functions are called, text and binary, below `examples/`; a folder with a program has its own test. */
export async function exampleFiles(folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, FOLDER))) {
    if (entry.name === "main.ts") return [];
    if (entry.isDirectory) files.push(...await exampleFiles(`${folder}${entry.name}/`));
    else if (/\.(wat|wasm)$/.test(entry.name)) files.push(folder + entry.name);
  }
  return files.sort();
}
