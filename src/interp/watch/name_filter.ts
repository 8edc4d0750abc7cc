/**
 * Which functions are meant by a pattern: names, in which "*" stands for any characters, and indices, with commas between
 * them. The pattern comes from whoever watches; it is matched in time that is linear in the name for each "*".
 */
import type { WatchedModule } from "./watched_module.ts";

export class NameFilter {
  readonly #patterns: readonly (readonly string[])[];
  readonly #indices: ReadonlySet<number>;
  readonly #known = new WeakMap<WatchedModule, Map<number, boolean>>();

  /** @param pattern empty for all functions */
  constructor(readonly pattern: string) {
    const parts = pattern.split(",").map((part) => part.trim()).filter((part) => part !== "");
    this.#patterns = parts.map((part) => part.split("*"));
    this.#indices = new Set(parts.filter((part) => /^\d+$/.test(part)).map(Number));
  }

  /** Whether a function is meant. */
  has(module: WatchedModule, functionIndex: number): boolean {
    if (this.#patterns.length === 0) return true;
    let known = this.#known.get(module);
    if (known === undefined) this.#known.set(module, known = new Map());
    let is = known.get(functionIndex);
    if (is === undefined) {
      const name = module.nameOf(functionIndex);
      is = this.#indices.has(functionIndex) || this.#patterns.some((pieces) => matches(name, pieces));
      known.set(functionIndex, is);
    }
    return is;
  }
}

/** Whether a text is these pieces, with anything between them. */
function matches(text: string, pieces: readonly string[]): boolean {
  const [first = "", ...rest] = pieces, last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) {
    return false;
  }
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
