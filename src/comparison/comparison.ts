/**
 * What differs between two modules, as plain data, for whoever has to decide about the newer one: what it asks for and
 * offers, what it can do, what is found in it, and which of its code is other code.
 */
import { moduleFeatures } from "../analysis/features.ts";
import { cutText } from "../core/cut.ts";
import type { Finding } from "../inspection/finding_list.ts";
import { findingsOf } from "../inspection/findings.ts";
import { judgeModule } from "../inspection/verdict.ts";
import type { Module } from "../wasm/module.ts";
import { ComparedModule, TextIds } from "./compared_module.ts";
import { type ItemChanges, itemChanges } from "./item_changes.ts";
import { type Listed, Listing } from "./listed.ts";
import { type FunctionMatches, type MatchedBy, matchFunctions } from "./match_functions.ts";
import { CodeComparer } from "./same_code.ts";
import { sameBytes, type SectionChange, sectionChanges } from "./section_changes.ts";

/** UTF-16 units of a function's name and type. */
const LONGEST = 500;

/** A function of one module. */
export interface FunctionFacts {
  readonly index: number;
  readonly name?: string;
  /** Bytes of its code and locals. */
  readonly size: number;
  readonly type: string;
}

/** A function of both modules whose code or type is not the same. */
export interface FunctionChange {
  readonly before: FunctionFacts;
  readonly after: FunctionFacts;
  /** How it was found that they are the same function. */
  readonly matchedBy: MatchedBy;
}

/** Functions that have code; imported ones are imports. */
export interface FunctionChanges {
  readonly removed: Listed<FunctionFacts>;
  readonly added: Listed<FunctionFacts>;
  readonly changed: Listed<FunctionChange>;
  /** How many have the same code, whatever their number and name. */
  readonly same: number;
}

/** Of names, what one module has alone. */
export interface NameChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface Comparison extends ItemChanges {
  /** Whether they are the same, byte for byte. */
  readonly same: boolean;
  /** Bytes of the modules. */
  readonly size: { readonly before: number; readonly after: number };
  readonly features: NameChanges;
  readonly findings: { readonly removed: readonly Finding[]; readonly added: readonly Finding[] };
  readonly sections: Listed<SectionChange>;
  readonly functions: FunctionChanges;
}

/** Two modules, and which function of one is which of the other. */
export interface ComparedModules {
  readonly one: ComparedModule;
  readonly other: ComparedModule;
  readonly matches: FunctionMatches;
}

/**
 * Finds the functions of two modules that are the same.
 *
 * @throws {ModuleInvalidError} where bytes are no instructions
 */
export function matchModules(before: Module, after: Module): ComparedModules {
  const ids = new TextIds(), one = new ComparedModule(before, ids), other = new ComparedModule(after, ids);
  return { one, other, matches: matchFunctions(one, other) };
}

function factsOf(compared: ComparedModule, index: number): FunctionFacts {
  const name = compared.names.of("function", index);
  return {
    index,
    ...(name === undefined ? {} : { name: cutText(name, LONGEST) }),
    size: compared.sizeOf(index),
    type: cutText(compared.signatureOf(index), LONGEST),
  };
}

function functionChanges({ one, other, matches }: ComparedModules): FunctionChanges {
  const removed = new Listing<FunctionFacts>(), added = new Listing<FunctionFacts>();
  const changed = new Listing<FunctionChange>(), comparer = new CodeComparer(one, other, matches);
  let same = 0;
  for (let index = one.firstBody; index < matches.after.length; index++) {
    const found = matches.after[index] ?? -1, matchedBy = matches.how[index];
    if (found < 0 || matchedBy === undefined) removed.add(() => factsOf(one, index));
    else if (comparer.same(index, found)) same++;
    else changed.add(() => ({ before: factsOf(one, index), after: factsOf(other, found), matchedBy }));
  }
  for (let index = other.firstBody; index < matches.before.length; index++) {
    if (matches.before[index] === -1) added.add(() => factsOf(other, index));
  }
  return { removed, added, changed, same };
}

function without<Item>(
  items: readonly Item[],
  others: readonly Item[],
  keyOf: (item: Item) => string,
): Item[] {
  const known = new Set(others.map(keyOf));
  return items.filter((item) => !known.has(keyOf(item)));
}

function featureChanges(one: Module, other: Module): NameChanges {
  const before = moduleFeatures(one), after = moduleFeatures(other), own = (name: string) => name;
  return { removed: without<string>(before, after, own), added: without<string>(after, before, own) };
}

function findingChanges(one: Module, other: Module): Comparison["findings"] {
  const before = findingsOf(one, judgeModule(one)), after = findingsOf(other, judgeModule(other));
  // Where it stands moves with all that is before it.
  const keyOf = ({ id, detail }: Finding) => `${id} ${detail}`;
  return { removed: without(before, after, keyOf), added: without(after, before, keyOf) };
}

/**
 * Compares two modules. Takes time in proportion to their bytes.
 *
 * @throws {ModuleInvalidError} where bytes are no instructions
 */
export function compareModules(modules: ComparedModules): Comparison {
  const { module: one } = modules.one, { module: other } = modules.other;
  return {
    same: sameBytes(one.bytes, other.bytes),
    size: { before: one.bytes.length, after: other.bytes.length },
    ...itemChanges(one, other),
    features: featureChanges(one, other),
    findings: findingChanges(one, other),
    sections: sectionChanges(one, other),
    functions: functionChanges(modules),
  };
}
