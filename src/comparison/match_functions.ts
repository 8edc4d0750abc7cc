/**
 * Which function of one module is which of another: by name, by export, by what it does, and last by where it stands
 * between functions that were found. Each is tried on what is left of both; all take time in proportion to the modules.
 */
import { CodeHasher } from "./code_hash.ts";
import type { ComparedModule } from "./compared_module.ts";

/** Functions from one index to another, half-open. */
interface Gap {
  readonly start: number;
  readonly end: number;
}

/** How a function was found. */
export type MatchedBy = "import" | "name" | "export" | "code" | "place";

/** Functions of two modules that are taken for the same. */
export interface FunctionMatches {
  /** By the index in the first module: the index in the second; -1 for those that have none. */
  readonly after: Int32Array;
  /** The other way round. */
  readonly before: Int32Array;
  /** By the index in the first module. */
  readonly how: readonly (MatchedBy | undefined)[];
}

/** A function that stands in the same place is another one where its size is more than this many times the other's. */
const MOST_GROWTH = 3;

class Matcher {
  readonly after: Int32Array;
  readonly before: Int32Array;
  readonly how: (MatchedBy | undefined)[];

  constructor(readonly one: ComparedModule, readonly other: ComparedModule) {
    this.after = new Int32Array(one.module.functions.length).fill(-1);
    this.before = new Int32Array(other.module.functions.length).fill(-1);
    this.how = new Array(this.after.length).fill(undefined);
  }

  pair(one: number, other: number, how: MatchedBy): void {
    if (this.after[one] !== -1 || this.before[other] !== -1) return;
    this.after[one] = other;
    this.before[other] = one;
    this.how[one] = how;
  }

  /** Pairs functions of the same key, in their order. */
  pairByKey<Key>(
    how: MatchedBy,
    keysOfOne: Iterable<readonly [Key, number]>,
    keysOfOther: Iterable<readonly [Key, number]>,
  ): void {
    const waiting = new Map<Key, { readonly indices: number[]; next: number }>();
    for (const [key, index] of keysOfOther) {
      if (this.before[index] !== -1) continue;
      const queue = waiting.get(key);
      if (queue === undefined) waiting.set(key, { indices: [index], next: 0 });
      else queue.indices.push(index);
    }
    for (const [key, index] of keysOfOne) {
      if (this.after[index] !== -1) continue;
      const queue = waiting.get(key), found = queue?.indices[queue.next];
      if (queue === undefined || found === undefined) continue;
      queue.next++;
      this.pair(index, found, how);
    }
  }
}

function* importKeys({ module }: ComparedModule): Generator<readonly [string, number]> {
  for (const { kind, module: from, name, index } of module.imports) {
    if (kind === "function") yield [JSON.stringify([from, name]), index];
  }
}

function* exportKeys({ module, firstBody }: ComparedModule): Generator<readonly [string, number]> {
  for (const { kind, name, index } of module.exports) {
    if (kind === "function" && index >= firstBody) yield [name, index];
  }
}

function* nameKeys(compared: ComparedModule): Generator<readonly [string, number]> {
  for (let index = compared.firstBody; index < compared.module.functions.length; index++) {
    const name = compared.names.own("function", index);
    if (name !== undefined) yield [name, index];
  }
}

function* codeKeys(compared: ComparedModule, taken: Int32Array): Generator<readonly [string, number]> {
  const hasher = new CodeHasher(compared.module);
  for (const [at, body] of compared.module.bodies.entries()) {
    const index = compared.firstBody + at;
    if (taken[index] === -1) yield [`${hasher.hash(body)} ${compared.signatureId(index)}`, index];
  }
}

/** The end of the functions from an index on that were not found. */
function gapEnd(found: Int32Array, start: number): number {
  let end = start;
  while (end < found.length && found[end] === -1) end++;
  return end;
}

/** Pairs what stands behind a function that was found in both: of the same type, in order, and of a like size. */
function matchByPlace(matcher: Matcher): void {
  const { one, other, after, before } = matcher;
  for (let start = one.firstBody; start < after.length; start++) {
    if (after[start] !== -1) continue;
    const end = gapEnd(after, start), previous = start === one.firstBody ? -1 : after[start - 1] ?? -1;
    const otherStart = start === one.firstBody ? other.firstBody : previous + 1;
    matchGap(matcher, { start, end }, { start: otherStart, end: gapEnd(before, otherStart) });
    start = end;
  }
}

function matchGap(matcher: Matcher, gap: Gap, otherGap: Gap): void {
  const { one, other } = matcher, waiting = new Map<number, number[]>();
  for (let index = otherGap.end - 1; index >= otherGap.start; index--) {
    const signature = other.signatureId(index), stack = waiting.get(signature);
    if (stack === undefined) waiting.set(signature, [index]);
    else stack.push(index);
  }
  for (let index = gap.start; index < gap.end; index++) {
    const stack = waiting.get(one.signatureId(index)), candidate = stack?.at(-1);
    if (stack === undefined || candidate === undefined) continue;
    const size = one.sizeOf(index), otherSize = other.sizeOf(candidate);
    if (Math.max(size, otherSize) > MOST_GROWTH * Math.min(size, otherSize)) continue;
    stack.pop();
    matcher.pair(index, candidate, "place");
  }
}

/**
 * Finds which functions are the same.
 *
 * @throws {ModuleInvalidError} where bytes are no instructions
 */
export function matchFunctions(one: ComparedModule, other: ComparedModule): FunctionMatches {
  const matcher = new Matcher(one, other);
  matcher.pairByKey("import", importKeys(one), importKeys(other));
  matcher.pairByKey("name", nameKeys(one), nameKeys(other));
  matcher.pairByKey("export", exportKeys(one), exportKeys(other));
  matcher.pairByKey("code", codeKeys(one, matcher.after), codeKeys(other, matcher.before));
  matchByPlace(matcher);
  return matcher;
}
