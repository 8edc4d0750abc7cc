/** Markdown made of the plain words that stand in tables of the code. */

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

/** Parts of help texts that are more than words: a document, a variable, a flag, a name with a line before it; and signs of Markdown. */
const PARTS =
  /(?<document>docs\/\w+\.md)|(?<code>\$[A-Z][A-Z_]+|(?<![\w-])--[a-z][a-z-]*(?:=[\w./:-]*\w)?|(?<!\w)_[a-z]+)|(?<sign>[*<>\\`])/g;

/**
 * Words of a help text as a document in `docs/` has them: flags and variables as code, documents as links, and no sign
 * that Markdown would take for its own.
 */
export function prose(text: string): string {
  return text.replace(PARTS, (...args) => {
    const { document, code: typed, sign } = args.at(-1) as Partial<Record<string, string>>; // the groups come last
    if (document !== undefined) return `[${document}](${document.replace("docs/", "")})`;
    return typed === undefined ? `\\${sign}` : code(typed);
  });
}

/** The fragment of a heading that has neither signs nor capitals beside its words. */
export function anchor(heading: string): string {
  return `#${heading.toLowerCase().replaceAll(" ", "-")}`;
}
