/** How large a manifest may be, before anything reads it that goes into its depth. */

/** Levels of tables and lists in each other. */
export const DEEPEST_MANIFEST = 100;

/** Texts, numbers, tables and lists in it. */
export const MOST_VALUES = 20_000;

/**
 * What is too much about a value out of JSON or TOML, in words; undefined where nothing is. It keeps its own list of what is
 * left to look at: a value as deep as its text is long, or one that contains itself, ends it like any other.
 */
export function tooMuch(value: unknown): string | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (++seen + open.length > MOST_VALUES) return `it has more than ${MOST_VALUES} values`;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth > DEEPEST_MANIFEST) return `it is more than ${DEEPEST_MANIFEST} levels deep`;
    const items: readonly unknown[] = Array.isArray(next.value) ? next.value : Object.values(next.value);
    if (items.length > MOST_VALUES) return `it has more than ${MOST_VALUES} values`;
    for (const item of items) open.push({ value: item, depth: next.depth + 1 });
  }
  return undefined;
}

/** Whether brackets of a text are deeper in each other, those in its strings not counted. For JSON, which has no comments. */
export function isDeepJson(text: string): boolean {
  let depth = 0, quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === BRACKET || code === BRACE) {
      if (++depth > DEEPEST_MANIFEST) return true;
    } else if (code === BRACKET_END || code === BRACE_END) depth--;
  }
  return false;
}

const QUOTE = 0x22, BACKSLASH = 0x5c, BRACKET = 0x5b, BRACKET_END = 0x5d, BRACE = 0x7b, BRACE_END = 0x7d;
