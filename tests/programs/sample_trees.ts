/** Trees of files that programs work on, the same in every run. */

/** Numbers from 0 up to 1; Lehmer's generator with the multiplier of Park and Miller. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

/** What a name can be beyond letters, each of them one that has confused some program. */
const ODD_NAMES = [
  " ",
  "-rf",
  "...",
  "..a",
  ".hidden",
  "a b",
  "line\nbreak",
  "tab\there",
  "back\\slash",
  "quote'\"",
  "$(echo)",
  "100%2e%2e",
  "*?[x]",
  "C:",
  "NUL",
  "trailing.",
  "trailing ",
  "\x1b[31m",
  "é composed",
  "e\u0301 combined",
  "数字",
  "🌳",
  "\u202egpj",
  "x".repeat(255),
] as const;

/** Sizes at which buffers end. */
const SIZES = [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 102_400] as const;

/** Files of a {@linkcode makeFileTree}. */
export const FILES = 1000;

/** What {@linkcode makeFileTree} made. */
export interface FileTree {
  /** The folder itself included. */
  readonly directories: number;
  readonly bytes: number;
}

/** Fills an empty folder with {@linkcode FILES} files of any bytes, eight levels deep at most, with times of long ago. */
export async function makeFileTree(folder: string): Promise<FileTree> {
  const next = sequence(1), directories = [folder];
  for (const [index, name] of ODD_NAMES.entries()) {
    const above = directories[Math.floor(index / 3)] ?? folder;
    directories.push(`${above}/${name}`);
  }
  for (let level = 0, deep = folder; level < 7; level++) directories.push(deep += `/level ${level}`);
  for (const directory of directories.slice(1)) await Deno.mkdir(directory);
  let bytes = 0;
  for (let index = 0; index < FILES; index++) {
    const directory = directories[index % directories.length] ?? folder;
    const odd = ODD_NAMES[Math.floor(index / directories.length)];
    const name = odd === undefined || index < directories.length
      ? `file ${index}`
      : `${odd.slice(0, 240)} file`;
    const content = new Uint8Array(SIZES[index] ?? Math.floor(next() ** 4 * 102_400));
    for (let at = 0; at < content.length; at++) content[at] = next() * 256;
    bytes += content.length;
    await Deno.writeFile(`${directory}/${name}`, content, { createNew: true });
    await changedLongAgo(`${directory}/${name}`, index);
  }
  for (const [index, directory] of directories.entries()) await changedLongAgo(directory, FILES + index);
  return { directories: directories.length, bytes };
}

async function changedLongAgo(path: string, index: number): Promise<void> {
  const time = new Date(Date.UTC(2001, 1, 3) + index * 123_456_789);
  await Deno.utime(path, time, time);
}

const WORDS = [
  "the",
  "quick",
  "Brown",
  "FOX",
  "naïve",
  "Straße",
  "ÉCOLE",
  "数字",
  "ΣΑΣ",
  "x86",
  "½",
  "don't",
  "—",
] as const;

/** Fills an empty folder with 40 files of words, some of which are not UTF-8. */
export async function makeTextTree(folder: string): Promise<void> {
  const next = sequence(2), encoder = new TextEncoder();
  const pick = () => WORDS[Math.floor(next() * WORDS.length)] ?? "";
  for (let index = 0; index < 40; index++) {
    const directory = `${folder}/part${index % 4}/${index % 3}`;
    await Deno.mkdir(directory, { recursive: true });
    const lines = Array.from({ length: index * 3 }, () => Array.from({ length: 8 }, pick).join(" "));
    const ending = index % 2 === 0 ? "\n" : " no line break at the end";
    await Deno.writeFile(`${directory}/text${index}`, encoder.encode(lines.join("\n") + ending));
  }
  await Deno.writeFile(
    `${folder}/bytes`,
    Uint8Array.of(0x66, 0x6f, 0x78, 0xff, 0x71, 0x0a, 0xe2, 0x82, 0x0a, 0xc0, 0xaf),
  );
}
