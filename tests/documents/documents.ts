/** All documents of the project, and the code in them. */
import { type CodeBlock, readCodeBlocks } from "../markdown.ts";

export const ROOT = new URL("../../", import.meta.url);

/** A block, and where it stands. */
export interface PlacedBlock extends CodeBlock {
  /** Path of the document, from the root. */
  readonly document: string;
  /** `docs/http.md, line 12`. */
  readonly where: string;
  /** The one below it in the same document. */
  readonly next: CodeBlock | undefined;
}

function* markdownBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory && (folder !== "" || name === "docs" || name === "examples")) {
      yield* markdownBelow(`${folder}${name}/`);
    } else if (name.endsWith(".md")) yield `${folder}${name}`;
  }
}

/** Paths from the root: those beside the README, of `docs` and of `examples`. */
export const DOCUMENTS: readonly string[] = [...markdownBelow("")].toSorted();

export function blocksOf(document: string): PlacedBlock[] {
  return readCodeBlocks(Deno.readTextFileSync(new URL(document, ROOT))).map((block, index, all) => ({
    ...block,
    document,
    where: `${document}, line ${block.line}`,
    next: all[index + 1],
  }));
}

export const BLOCKS: readonly PlacedBlock[] = DOCUMENTS.flatMap(blocksOf);
