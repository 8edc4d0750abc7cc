/** Which functions of a valid module can be called from outside, and by which way: a search from what the host can call. */
import type { Module } from "../wasm/module.ts";
import type { CodeSurvey } from "./code_survey.ts";

/** Where a way begins. */
export type ReachRoot =
  | { readonly kind: "export"; readonly name: string }
  | { readonly kind: "start" }
  /** It stands in a table, or its address is taken otherwise: an indirect call, or the host, can reach it. */
  | { readonly kind: "table" };

/** A way from outside to a function. */
export interface ReachChain {
  readonly root: ReachRoot;
  /** Indices of functions, each calling the next; the last one is what was asked for. */
  readonly functions: readonly number[];
  /** How many were left out behind the first. */
  readonly omitted: number;
}

/** Functions that a chain shows: the first one and the last ones. */
const MOST_STEPS = 8;

const EXPORT = 1, START = 2, TABLE = 3;

/** What can be reached. Calls through a table count as calls of every function whose address is taken. */
export class Reach {
  /** By function: who reached it first; -1 for a root, -2 for what is not reached. */
  readonly #parent: Int32Array;
  readonly #root: Uint8Array;
  /** By function: where its way begins, and how many functions it has. */
  readonly #first: Int32Array;
  readonly #length: Int32Array;
  readonly #exportNames = new Map<number, string>();
  /** How many functions are reached. */
  readonly count: number;

  constructor(module: Module, survey: CodeSurvey) {
    const functions = module.functions.length, imported = module.imported.function;
    const parent = this.#parent = new Int32Array(functions).fill(-2);
    const root = this.#root = new Uint8Array(functions), queue = new Int32Array(functions);
    const first = this.#first = new Int32Array(functions), length = this.#length = new Int32Array(functions);
    let head = 0, tail = 0;
    const reach = (index: number, from: number, kind = 0) => {
      if (parent[index] !== -2) return;
      parent[index] = from;
      root[index] = kind;
      first[index] = from < 0 ? index : first[from] ?? 0;
      length[index] = from < 0 ? 1 : (length[from] ?? 0) + 1;
      queue[tail++] = index;
    };
    const { callees, bodyCallees, importCalls, bodyImportCalls } = survey;
    const follow = () => {
      while (head < tail) {
        const index = queue[head++] ?? 0, body = index - imported;
        if (body < 0) continue;
        for (let at = bodyCallees[body] ?? 0, end = bodyCallees[body + 1] ?? 0; at < end; at++) {
          reach(callees[at] ?? 0, index);
        }
        for (let at = bodyImportCalls[body] ?? 0, end = bodyImportCalls[body + 1] ?? 0; at < end; at++) {
          reach(importCalls[at] ?? 0, index);
        }
      }
    };
    for (const { kind, index, name } of module.exports) {
      if (kind !== "function") continue;
      if (!this.#exportNames.has(index)) this.#exportNames.set(index, name);
      reach(index, -1, EXPORT);
    }
    if (module.start !== undefined) reach(module.start.index, -1, START);
    follow();
    // Who can be called directly is told by that way; the rest by tables, which tell less.
    for (let index = 0; index < functions; index++) {
      if (survey.addressTaken[index] === 1) reach(index, -1, TABLE);
    }
    follow();
    this.count = tail;
  }

  /** Whether anything outside can bring about a call of the function. */
  has(functionIndex: number): boolean {
    return (this.#parent[functionIndex] ?? -2) !== -2;
  }

  /** The shortest way to a function; undefined where there is none. Takes a bounded time, however long the way is. */
  chain(functionIndex: number): ReachChain | undefined {
    if (!this.has(functionIndex)) return undefined;
    const first = this.#first[functionIndex] ?? functionIndex, length = this.#length[functionIndex] ?? 1;
    const backwards: number[] = [];
    for (let index = functionIndex; index >= 0 && backwards.length < MOST_STEPS;) {
      backwards.push(index);
      index = this.#parent[index] ?? -1;
    }
    const functions = backwards.reverse();
    if (functions[0] !== first) functions[0] = first;
    return { root: this.#rootOf(first), functions, omitted: length - functions.length };
  }

  #rootOf(index: number): ReachRoot {
    switch (this.#root[index]) {
      case EXPORT:
        return { kind: "export", name: this.#exportNames.get(index) ?? "" };
      case START:
        return { kind: "start" };
      default:
        return { kind: "table" };
    }
  }
}
