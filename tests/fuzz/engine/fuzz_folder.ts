/** `.fuzz`, which git ignores: inputs that reached something, what is tried at the moment, and crashes. */
import type { Input } from "../target.ts";
import { crashText } from "./crash_file.ts";

const ROOT = new URL("../../../", import.meta.url);

/** From the repository's root. */
const FOLDER = ".fuzz";

/** Bytes before the input in the file of what is tried: its length. */
const HEAD = 4;

function place(...parts: readonly string[]): URL {
  return new URL([FOLDER, ...parts].join("/"), ROOT);
}

async function nameOf(input: Input): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", input)).toHex().slice(0, 16);
}

/** Inputs of earlier runs, in an order that does not change. */
export async function readCorpus(target: string): Promise<Input[]> {
  const folder = place("corpus", target, "");
  try {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    return await Promise.all(names.map((name) => Deno.readFile(new URL(name, folder))));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export async function keepInput(target: string, input: Input): Promise<void> {
  const folder = place("corpus", target, "");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(new URL(await nameOf(input), folder), input);
}

/** Writes a crash. @returns the file, from the repository's root */
export async function keepCrash(target: string, input: Input, why: string): Promise<string> {
  const folder = place("crashes", target, ""),
    path = `${FOLDER}/crashes/${target}/${await nameOf(input)}.txt`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL(path, ROOT), crashText({ target, input, why }, path));
  return path;
}

/** The file that says what is tried: whoever finds the process dead or standing still reads it. */
export class TriedFile {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  static open(target: string): TriedFile {
    Deno.mkdirSync(place("tried", ""), { recursive: true });
    return new TriedFile(
      Deno.openSync(place("tried", target), { write: true, create: true, truncate: true }),
    );
  }

  put(input: Input): void {
    const bytes = new Uint8Array(HEAD + input.length);
    new DataView(bytes.buffer).setUint32(0, input.length, true);
    bytes.set(input, HEAD);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#file.writeSync(bytes);
  }

  /** What was tried last; nothing where the process has not come so far. */
  static read(target: string): Input {
    let bytes: Uint8Array;
    try {
      bytes = Deno.readFileSync(place("tried", target));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Uint8Array();
      throw error;
    }
    if (bytes.length < HEAD) return new Uint8Array();
    return bytes.slice(HEAD, HEAD + new DataView(bytes.buffer).getUint32(0, true));
  }
}
