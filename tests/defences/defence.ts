/** A defence that can be switched off in a copy of the sources, as data; and the lines of the threats that tests are named after. */

/** Text of a source file, and what stands there when the defence is off: still a program that loads. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** One defence, and the tests that fail without it. */
export interface Defence extends Edit {
  readonly id: string;
  /** What it keeps a guest from, in a sentence. */
  readonly what: string;
  /** Lines of the threats, such as `A3`, that it stands against. */
  readonly lines: readonly string[];
  /** What else has to go, where another wall would stand in for the first. @default nothing */
  readonly also?: readonly Edit[];
  /** Test files, from the repository's root. */
  readonly tests: readonly string[];
  /** Pieces of names: only tests with one of them run. @default all tests of the files */
  readonly only?: readonly string[];
  /** How the tests end without the defence, if they do not come to their end. @default they fail */
  readonly ends?: "hang" | "crash";
  /** Seconds for its tests. @default 120 */
  readonly seconds?: number;
}

/** The classes of threats, by the letter of their lines: their name, and first and last line. */
export const CLASSES = {
  A: { name: "files", first: 1, last: 12 },
  B: { name: "wasi", first: 13, last: 21 },
  C: { name: "cpu", first: 22, last: 30 },
  D: { name: "memory", first: 31, last: 38 },
  E: { name: "compiling", first: 39, last: 44 },
  F: { name: "network", first: 45, last: 51 },
  G: { name: "isolation", first: 52, last: 60 },
  H: { name: "resilience", first: 61, last: 63 },
} as const;

const LABEL = /(?<![\w-])([A-H])([1-9][0-9]?) (?=\S)/g;

/** The lines that a test is named after: `A5 and A6 …` has two, most tests have none. */
export function labelsOf(name: string): string[] {
  return [...name.matchAll(LABEL)].flatMap(([, letter = "", digits = ""]) => {
    const { first, last } = CLASSES[letter as keyof typeof CLASSES]; // the pattern has its keys
    const number = Number(digits);
    return number >= first && number <= last ? [letter + digits] : [];
  });
}

/** All places that a defence is taken from. */
export function editsOf({ file, find, replace, also = [] }: Defence): readonly Edit[] {
  return [{ file, find, replace }, ...also];
}

/** A digest of what is switched off: what was seen of a row holds for this one alone. */
export async function digestOf(defence: Defence): Promise<string> {
  const text = JSON.stringify(editsOf(defence).map(({ file, find, replace }) => [file, find, replace]));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** A text with its one place changed. @throws {Error} when the place is not there once */
export function switchOff(text: string, { file, find, replace }: Edit): string {
  const parts = text.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`Cannot change "${file}": ${JSON.stringify(find)} is there ${parts.length - 1} times`);
}
