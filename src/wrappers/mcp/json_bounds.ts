/** Values that JSON has brought from outside: how deep and how large they may be before anything recurses through them. */

/** Lists and objects in each other. */
const MOST_LEVELS = 64;

/** Lists, objects and what is in them, all together. */
const MOST_VALUES = 200_000;

/** What is too much about a value, if anything is. Does not recurse itself. */
export function boundsProblem(
  value: unknown,
  { levels = MOST_LEVELS, values = MOST_VALUES }: { readonly levels?: number; readonly values?: number } = {},
): string | undefined {
  let level: unknown[] = [value], count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    count += level.length;
    if (count > values) return `it has more than ${values} values`;
    const inner: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null || item instanceof Uint8Array) continue;
      if (depth === levels) return `it is nested more than ${levels} levels deep`;
      for (const one of Array.isArray(item) ? item : Object.values(item)) {
        inner.push(one);
        if (inner.length > values) return `it has more than ${values} values`;
      }
    }
    level = inner;
  }
  return undefined;
}

/** Whether a value is an object of JSON. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}
