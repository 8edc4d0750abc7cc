/** A file as a table of values: TOML, or JSON, which is what starts with a brace. */
import { parserReason } from "../core/parser_reason.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { At } from "./at.ts";
import { isTable } from "./form.ts";
import { keyLines } from "./key_lines.ts";

/** Bytes past which a file is no manifest. */
export const LARGEST_MANIFEST: number = 1024 * 1024;

/** Tables within tables, past which a file is none either. */
const DEEPEST = 32;

/** What was read of a file. */
export interface Document {
  readonly at: At;
  readonly table: Readonly<Record<string, unknown>>;
}

/** Whether text is a list in JSON, which TOML could take for the head of a table. */
function isList(text: string): boolean {
  if (!text.trimStart().startsWith("[")) return false;
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The line that a parser's error names. */
function lineOf(error: unknown): number | undefined {
  const line = error instanceof Error && "line" in error ? error.line : undefined;
  return typeof line === "number" ? line : undefined;
}

function checkDepth(value: unknown, at: At, left = DEEPEST): void {
  if (left === 0) throw at.refuse(`its tables and lists are more than ${DEEPEST} deep`);
  if (Array.isArray(value)) { for (const item of value) checkDepth(item, at, left - 1); }
  else if (isTable(value)) { for (const item of Object.values(value)) checkDepth(item, at, left - 1); }
}

/**
 * Decodes a file.
 *
 * @param file as messages name it
 * @throws {ManifestError} neither TOML nor JSON, or too large
 */
export async function decodeDocument(content: Uint8Array | string, file: string): Promise<Document> {
  const nowhere = new At({ file, lines: new Map() });
  if (content.length > LARGEST_MANIFEST) {
    throw nowhere.refuse(`it is larger than ${formatByteSize(LARGEST_MANIFEST)}`);
  }
  let text: string;
  try {
    text = typeof content === "string" ? content : new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw nowhere.refuse("it is not UTF-8 text");
  }
  if (isList(text)) throw nowhere.refuse("it must be a table");
  // No TOML document starts with a brace, and every JSON document that is a table does.
  const form = text.trimStart().startsWith("{") ? "json" : "toml";
  let table: unknown;
  try {
    table = form === "json"
      ? JSON.parse(text)
      : (await import("smol-toml")).parse(text, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    const reason = parserReason(error),
      line = lineOf(error),
      place = line === undefined || form === "json" ? "" : ` (line ${line})`;
    throw nowhere.refuse(`it is not ${form === "json" ? "JSON" : "TOML"}: ${reason}${place}`);
  }
  if (!isTable(table)) throw nowhere.refuse("it must be a table");
  checkDepth(table, nowhere);
  return { at: new At({ file, lines: keyLines(text, form) }), table };
}
