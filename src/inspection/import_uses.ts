/**
 * What of a valid module's imports its code really reaches: by capability, with the way that leads there. What the smallest
 * set of grants has to allow follows from it, since an import that nothing reaches needs none.
 */
import type { Module } from "../wasm/module.ts";
import type { CodeSurvey } from "./code_survey.ts";
import { capabilityOf, type Need } from "./needs.ts";
import type { Reach, ReachChain } from "./reach.ts";
import { typeReader } from "./type_reader.ts";

/** One import. */
export interface ImportUse {
  readonly module: string;
  readonly name: string;
  /** In the index space of functions. */
  readonly functionIndex: number;
  /** Of the import. */
  readonly offset: number;
  /** Calls of it that stand in the code. */
  readonly calls: number;
  /** The shortest way to it; absent where nothing outside can bring about a call. */
  readonly chain?: ReachChain;
}

/** The imports of one capability. */
export interface CapabilityUse {
  /** "none" is what every guest may do, such as ending. */
  readonly capability: Need["capability"] | "none";
  /** The first {@linkcode MOST_USES}. */
  readonly imports: readonly ImportUse[];
  /** Of all. */
  readonly count: number;
  /** How many of all are reached. */
  readonly reached: number;
}

/** Imports of a capability that are listed. */
const MOST_USES = 20;

interface Gathered {
  readonly capability: CapabilityUse["capability"];
  readonly imports: ImportUse[];
  count: number;
  reached: number;
}

/** Tells the imported functions by capability, in the order in which they are first imported; those that are reached come first. */
export function importUses(
  module: Module,
  { survey, reach }: { readonly survey: CodeSurvey; readonly reach: Reach },
): CapabilityUse[] {
  const calls = new Uint32Array(module.imported.function), typeOf = typeReader(module);
  for (const index of survey.importCalls) calls[index] = (calls[index] ?? 0) + 1;
  const uses = new Map<CapabilityUse["capability"], Gathered>();
  for (const wantsReached of [true, false]) {
    for (const { module: from, name, kind, index, offset } of module.imports) {
      if (kind !== "function" || reach.has(index) !== wantsReached) continue;
      const capability = capabilityOf({ module: from, name, type: typeOf(kind, index) }) ?? "none";
      const use = uses.get(capability) ?? { capability, imports: [], count: 0, reached: 0 };
      uses.set(capability, use);
      use.count++;
      if (wantsReached) use.reached++;
      if (use.imports.length >= MOST_USES) continue;
      const chain = reach.chain(index);
      use.imports.push({
        module: from,
        name,
        functionIndex: index,
        offset,
        calls: calls[index] ?? 0,
        ...(chain === undefined ? {} : { chain }),
      });
    }
  }
  return [...uses.values()];
}
