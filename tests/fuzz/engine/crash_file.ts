/** An input on which a target failed, as a text file: which target, what happened, how it is repeated, and the bytes. */
import type { Input } from "../target.ts";

export interface Crash {
  readonly target: string;
  readonly input: Input;
  /** What happened, on any number of lines. */
  readonly why: string;
}

/** Bytes a line. */
const LINE = 40;

export function crashText({ target, input, why }: Crash, path: string): string {
  const lines = [`target ${target}`, ...why.split("\n"), `repeat with: deno task fuzz --repeat ${path}`];
  const hex = input.toHex().match(new RegExp(`.{1,${2 * LINE}}`, "g")) ?? [];
  return [...lines.map((line) => `# ${line}`), ...hex, ""].join("\n");
}

/** @throws {TypeError} for what {@linkcode crashText} does not write */
export function readCrash(text: string): Crash {
  const lines = text.split("\n"), comments = lines.filter((line) => line.startsWith("# "));
  const target = /^# target (\w+)$/.exec(lines[0] ?? "")?.[1];
  if (target === undefined) throw new TypeError('Cannot read a crash: it begins with "# target NAME"');
  const hex = lines.filter((line) => !line.startsWith("#")).join("").replaceAll(/\s/g, "");
  return {
    target,
    input: Uint8Array.fromHex(hex),
    why: comments.slice(1).map((line) => line.slice(2)).join("\n"),
  };
}
