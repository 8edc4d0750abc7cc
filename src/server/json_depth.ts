/** Levels of lists and objects in each other that a value may have: what handles it afterwards may recurse. */
export const MOST_LEVELS = 64;

/** Whether a value that JSON has brought is nested no deeper than that. Does not recurse itself. */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const inner = level.filter((item) => typeof item === "object" && item !== null);
    if (inner.length > 0 && depth === MOST_LEVELS) return false;
    level = inner.flatMap((item) => Object.values(item as object)); // as was tested
  }
  return true;
}
