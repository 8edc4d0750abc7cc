/**
 * In which line of a document each key stands. The parsers tell no places, and messages need them; what is not found here,
 * such as a key of an inline table, is told by the line of the table around it.
 */
import { keyText } from "./at.ts";

/** Deepest nesting that is followed. */
const DEEPEST = 64;

/** One key of TOML, bare or quoted, and a dot between two. */
const KEY = /\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(\.?)/y;

/** A dotted key at an offset, and where it ends; undefined where there is none. */
function dottedKey(
  line: string,
  from: number,
): { readonly keys: string[]; readonly end: number } | undefined {
  const keys: string[] = [];
  let at = from;
  for (;;) {
    KEY.lastIndex = at;
    const match = KEY.exec(line);
    if (match === null) return undefined;
    const [whole, bare, double, single, dot] = match;
    keys.push(bare ?? single ?? unescaped(double ?? ""));
    at += whole.length;
    if (dot === "") return { keys, end: at };
  }
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** What is open at the end of a line of a value: a text of several lines, or brackets. */
interface Open {
  readonly quote: '"""' | "'''" | undefined;
  readonly depth: number;
}

/** Follows a value to the end of its line. */
function afterLine(line: string, from: number, open: Open): Open {
  let { quote, depth } = open;
  for (let at = from; at < line.length; at++) {
    const three = line.slice(at, at + 3), one = line[at];
    if (quote !== undefined) {
      if (quote === '"""' && one === "\\") at++;
      else if (three === quote) [quote, at] = [undefined, at + 2];
    } else if (three === '"""' || three === "'''") [quote, at] = [three, at + 2];
    else if (one === '"' || one === "'") {
      const text = one === '"' ? /"(?:[^"\\]|\\.)*"?/y : /'[^']*'?/y;
      text.lastIndex = at;
      at += (text.exec(line)?.[0].length ?? 1) - 1;
    } else if (one === "#") break;
    else if (one === "[" || one === "{") depth++;
    else if (one === "]" || one === "}") depth = Math.max(0, depth - 1);
  }
  return { quote, depth };
}

function tomlLines(text: string, add: (keys: readonly string[], line: number) => void): void {
  let table: readonly string[] = [], open: Open = { quote: undefined, depth: 0 };
  for (const [index, line] of text.split("\n").entries()) {
    if (open.quote !== undefined || open.depth > 0) {
      open = afterLine(line, 0, open);
      continue;
    }
    const head = /^\s*\[{1,2}/.exec(line)?.[0];
    if (head !== undefined) {
      table = dottedKey(line, head.length)?.keys ?? [];
      add(table, index + 1);
      continue;
    }
    const key = dottedKey(line, 0);
    if (key === undefined || line[key.end] !== "=") continue;
    add([...table, ...key.keys], index + 1);
    open = afterLine(line, key.end + 1, open);
  }
}

function jsonLines(text: string, add: (keys: readonly string[], line: number) => void): void {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]/g, path: string[] = [], tables: boolean[] = [];
  let line = 1, last: string | undefined, isKey = false;
  for (const [word] of text.matchAll(token)) {
    if (word === "\n") line++;
    else if (word === "{" || word === "[") {
      tables.push(word === "{");
      if (tables.length > DEEPEST) return;
      isKey = word === "{";
      path.push("");
    } else if (word === "}" || word === "]") {
      tables.pop();
      path.pop();
      isKey = false;
    } else if (word === ",") isKey = tables.at(-1) ?? false;
    else if (word === ":") {
      if (last !== undefined && path.length > 0) path[path.length - 1] = last;
      if (!path.includes("")) add(path, line);
      isKey = false;
    } else if (isKey) last = unescaped(word.slice(1, -1));
  }
}

/** The lines of the keys of a document, by their paths; the first one of a key that stands there often. */
export function keyLines(text: string, form: "toml" | "json"): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const add = (keys: readonly string[], line: number) => {
    const path = keys.map(keyText).join(".");
    if (!lines.has(path)) lines.set(path, line);
  };
  if (form === "toml") tomlLines(text, add);
  else jsonLines(text, add);
  return lines;
}
