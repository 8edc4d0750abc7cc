/** A text in all the code of a module, in parts that take a bounded time each. */
import { cutText } from "../core/cut.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { Module } from "../wasm/module.ts";
import { type CodeLine, CodeLines } from "./code_line.ts";
import type { ItemNames } from "./item_names.ts";

/** A line that has the text. */
export interface CodeHit extends CodeLine {
  readonly functionIndex: number;
  readonly functionName?: string;
}

/** Where a search goes on. */
export interface SearchPosition {
  readonly functionIndex: number;
  /** Undefined for the function's beginning. */
  readonly offset?: number;
}

export interface SearchOptions {
  /** Looked for in instructions and in what their items are called, capitals or not. */
  readonly text: string;
  readonly from?: SearchPosition | undefined;
  /** Hits of a part. */
  readonly mostHits: number;
  /** Bytes of code that a part looks at, up to the end of the function that it is in then. */
  readonly mostBytes: number;
}

/** A part of the hits. */
export interface SearchResult {
  readonly hits: readonly CodeHit[];
  /** Where the search goes on; absent when all code was looked at. */
  readonly next?: SearchPosition;
}

/** UTF-16 units of a function's name that a hit shows. */
const LONGEST_NAME = 120;

/**
 * Finds the instructions whose line has a text; an empty text is in none.
 *
 * @throws {ModuleInvalidError} where the bytes are no instructions
 */
export function searchCode(
  { module, names }: { readonly module: Module; readonly names: ItemNames },
  { text, from, mostHits, mostBytes }: SearchOptions,
): SearchResult {
  const hits: CodeHit[] = [], wanted = text.toLowerCase(), { imported } = module;
  if (wanted === "") return { hits };
  const reader = new InstructionReader(module.bytes), writer = new CodeLines(module, names);
  const offset = from?.offset ?? 0; // before all bodies but the first that is looked at
  let left = mostBytes;
  const start = Math.max(from?.functionIndex ?? 0, imported.function);
  for (let functionIndex = start; functionIndex < module.functions.length; functionIndex++) {
    const body = module.bodies[functionIndex - imported.function];
    if (body === undefined) break;
    if (left <= 0) return { hits, next: { functionIndex } };
    const name = names.of("function", functionIndex);
    writer.enter(functionIndex);
    reader.reset(Math.max(offset, body.code), body.end);
    left -= body.end - reader.position;
    while (reader.next()) {
      const line = writer.line(reader);
      if (!`${line.text}\n${line.note ?? ""}`.toLowerCase().includes(wanted)) continue;
      hits.push({
        functionIndex,
        ...(name === undefined ? {} : { functionName: cutText(name, LONGEST_NAME) }),
        ...line,
      });
      if (hits.length >= mostHits) return { hits, next: { functionIndex, offset: reader.position } };
    }
  }
  return { hits };
}
