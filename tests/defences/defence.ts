/** A defence that can be switched off in a copy of the sources, as data. */

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
  /** Whether its tests import the sources themselves, so that no program has to be made anew. @default false */
  readonly direct?: boolean;
  /** Whether guests go on computing that nothing stops: they get one processor, when nobody else wants it. @default false */
  readonly burns?: boolean;
  /** Seconds for its tests. @default 120 */
  readonly seconds?: number;
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
