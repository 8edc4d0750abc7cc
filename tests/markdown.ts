/** A fenced block of a Markdown document. */
export interface CodeBlock {
  /** The word after the fence, for instance `ts`; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** One command of a transcript, with what it printed. */
export interface TranscriptEntry {
  readonly command: string;
  /** The lines after the command, joined; `…` stands for any text within a line. */
  readonly output: string;
}

/** Reads the fenced blocks of a document in order. */
export function readCodeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, content] of markdown.split("\n").entries()) {
    const fence = /^```(\S*)/.exec(content);
    if (open === undefined) {
      if (fence) open = { language: fence[1] ?? "", line: index + 1, lines: [] };
    } else if (content === "```") {
      blocks.push({ language: open.language, text: open.lines.join("\n"), line: open.line });
      open = undefined;
    } else open.lines.push(content);
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} is not closed`);
  return blocks;
}

/** Reads a `console` block: lines after `$ ` are commands, continued by a backslash; the others are output. */
export function readTranscript(text: string): TranscriptEntry[] {
  const entries: { command: string; output: string[] }[] = [];
  let continued = false;
  for (const line of text.split("\n")) {
    const last = entries.at(-1);
    if (continued && last) last.command += ` ${line.trim()}`;
    else if (line.startsWith("$ ")) entries.push({ command: line.slice(2), output: [] });
    else if (last) last.output.push(line);
    else throw new Error(`a transcript starts with a command, not with "${line}"`);
    const current = entries.at(-1);
    continued = current?.command.endsWith("\\") ?? false;
    if (current && continued) current.command = current.command.slice(0, -1).trimEnd();
  }
  return entries.map(({ command, output }) => ({ command, output: output.join("\n") }));
}

/** Splits a command into words at spaces, with single and double quotes, and nothing else that a shell knows. */
export function splitWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map((match) =>
    match[1] ?? match[2] ?? match[3] ?? ""
  );
}

/** Whether a text is the one that was documented, `…` standing for any text within a line. */
export function matchesOutput(actual: string, documented: string): boolean {
  const pattern = documented.trimEnd().split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`).test(actual.trimEnd());
}

/** A document without its code, in which nothing is a link or a heading. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```$/gm, "").replace(
    /(`+)(?!`)(?:(?!\n\n)[^])*?[^`]\1(?!`)/g,
    "",
  );
}

/** Targets of the links and images of a document: addresses, paths, fragments. */
export function readLinks(markdown: string): string[] {
  const text = withoutCode(markdown);
  return [/\]\(\s*<?([^)\s>]+)/g, /^ *\[[^\]]+\]: +<?([^\s>]+)/gm, /\b(?:href|src)="([^"]*)"/g]
    .flatMap((form) => [...text.matchAll(form)].map(([, target = ""]) => target));
}

/** Fragments that lead into a document: of its headings, as forges make them, and of anchors. */
export function readFragments(markdown: string): Set<string> {
  const found = new Set<string>();
  const text = markdown.replace(/^ *```[\s\S]*?^ *```$/gm, "");
  for (const [, heading = ""] of text.matchAll(/^#{1,6} +(.*?)(?: +#+)?$/gm)) {
    const plain = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
    const name = plain.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
    let fragment = name;
    for (let next = 1; found.has(fragment); next++) fragment = `${name}-${next}`;
    found.add(fragment);
  }
  for (const [, id = ""] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id);
  return found;
}

/** A program of a document with the library of this repository, by the names that it is published under. */
export function withLocalImports(program: string, root: URL): string {
  return program
    .replaceAll('"jsr:@aegis/core/tasks"', JSON.stringify(new URL("tasks.ts", root).href))
    .replaceAll('"jsr:@aegis/core/mcp"', JSON.stringify(new URL("mcp.ts", root).href))
    .replaceAll('"jsr:@aegis/core/wrappers"', JSON.stringify(new URL("wrappers.ts", root).href))
    .replaceAll('"jsr:@aegis/core"', JSON.stringify(new URL("mod.ts", root).href));
}
