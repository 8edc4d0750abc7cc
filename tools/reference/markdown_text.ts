/** Markdown made of the plain words that stand in tables of the code. */
import type { FlagRow } from "../../src/cli/flags/flag_row.ts";
import { FLAGS } from "../../src/cli/flags.ts";

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What is typed, or the name of something in code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** Flags with one of the words that they can be given: `--isolation process`. */
const CHOSEN = Object.values<FlagRow>(FLAGS).flatMap(({ long, choices }) =>
  choices === undefined
    ? []
    : [`--${long} (?:${choices.toSorted((one, other) => other.length - one.length).join("|")})\\b`]
);

/** What is typed: variables, flags with and without what is given to them, and names that begin with a line. */
const TYPED = ["\\$[A-Z][A-Z_]+", ...CHOSEN, "--[a-z][a-z-]*(?:=[\\w./:-]*\\w)?", "_[a-z]+"];

/** Parts of help texts that are more than words: documents, what is typed, signs of Markdown. */
const PARTS = new RegExp(
  `(?<document>docs/\\w+\\.md)|(?<![\\w-])(?<typed>${TYPED.join("|")})|(?<sign>[*<>\\\\\`])`,
  "g",
);

/**
 * Words of a help text as a document in `docs/` has them: flags and variables as code, documents as links, and no sign
 * that Markdown would take for its own.
 */
export function prose(text: string): string {
  return text.replace(PARTS, (...args) => {
    const { document, typed, sign } = args.at(-1) as Partial<Record<string, string>>; // the groups come last
    if (document !== undefined) return `[${document}](${document.replace("docs/", "")})`;
    return typed === undefined ? `\\${sign}` : code(typed);
  });
}

/** The fragment of a heading that has neither signs nor capitals beside its words. */
export function anchor(heading: string): string {
  return `#${heading.toLowerCase().replaceAll(" ", "-")}`;
}
