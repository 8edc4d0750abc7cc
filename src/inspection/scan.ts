/** A scan of one module: what is noteworthy about it, what it needs and by which function, and how it scores. Plain data. */
import { ModuleInvalidError } from "../core/errors.ts";
import type { Module } from "../wasm/module.ts";
import { readModule } from "../wasm/read_module.ts";
import { CodeSurveyor, surveyCode } from "./code_survey.ts";
import { externalText } from "./external_text.ts";
import { type Finding, FindingList } from "./finding_list.ts";
import { findingsOf } from "./findings.ts";
import { type CapabilityUse, importUses } from "./import_uses.ts";
import { type ModuleFacts, moduleFacts } from "./module_facts.ts";
import { rootText, stepsText } from "./reach_text.ts";
import { type Score, scoreOf } from "./score.ts";
import { typeReader } from "./type_reader.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What a scan of a module gave. */
export interface Scan {
  /** Bytes of the module in binary form. */
  readonly size: number;
  /** Why it is invalid; then there is no score, and little was looked at. */
  readonly invalid: ModuleInvalidError | undefined;
  readonly score: Score | undefined;
  readonly findings: readonly Finding[];
  readonly facts: ScanFacts | undefined;
}

/** What is known of a valid module beside the findings. */
export interface ScanFacts {
  readonly functions: number;
  readonly importedFunctions: number;
  /** That something outside can bring about a call of. */
  readonly reachedFunctions: number;
  readonly loops: number;
  readonly indirectCalls: number;
  /** Blocks within each other, at most. */
  readonly nesting: number;
  /** Bytes of the largest function. */
  readonly largestFunction: number;
  /** Bytes of data and custom sections that were looked through. */
  readonly searchedBytes: number;
  readonly needs: readonly NeedUse[];
}

/** A capability that is asked for, with the way to it in words. */
export interface NeedUse extends CapabilityUse {
  /** By the functions that reach the first of its imports; undefined where nothing reaches any. */
  readonly way: { readonly from: string; readonly steps: string } | undefined;
}

/** A module that was scanned: absent where the bytes are none. */
export interface Scanned {
  readonly scan: Scan;
  readonly module: Module | undefined;
}

/**
 * Scans a module by its bytes. Linear in them, whoever made them.
 *
 * @throws {ModuleRefusedError} for a module that is beyond what is read at all
 */
export function scanModule(bytes: Uint8Array<ArrayBuffer>): Scanned {
  let module: Module;
  try {
    module = readModule(bytes);
  } catch (error) {
    if (!(error instanceof ModuleInvalidError)) throw error;
    return { scan: invalidScan(bytes, error), module: undefined };
  }
  const surveyor = new CodeSurveyor(module), verdict = verdictOf(module, surveyor), { invalid } = verdict;
  if (invalid !== undefined) return { scan: invalidScan(bytes, invalid), module };
  try {
    return { scan: scanRead(module, verdict, surveyor), module };
  } catch (error) {
    // Where validation was given up, what follows need not be instructions.
    if (!(error instanceof ModuleInvalidError)) throw error;
    return { scan: invalidScan(bytes, error), module };
  }
}

function invalidScan(bytes: Uint8Array, invalid: ModuleInvalidError): Scan {
  const list = new FindingList();
  list.add("invalid", () => ({ detail: `${invalid.message}.`, location: { offset: invalid.offset } }));
  return { size: bytes.length, invalid, score: undefined, findings: list.finish(), facts: undefined };
}

function scanRead(module: Module, verdict: Verdict, surveyor: CodeSurveyor): Scan {
  // Validation may have been given up on the way.
  const facts = moduleFacts(module, surveyor.isComplete ? surveyor.finish() : surveyCode(module)),
    findings = findingsOf(module, verdict, facts);
  return {
    size: module.bytes.length,
    invalid: undefined,
    score: scoreOf(findings.map(({ id }) => id)),
    findings,
    facts: scanFacts(module, facts),
  };
}

function scanFacts(module: Module, facts: ModuleFacts): ScanFacts {
  const { survey, reach, data, names } = facts;
  let largestFunction = 0;
  for (const { start, end } of module.bodies) largestFunction = Math.max(largestFunction, end - start);
  return {
    functions: module.functions.length,
    importedFunctions: module.imported.function,
    reachedFunctions: reach.count,
    loops: survey.loops,
    indirectCalls: survey.indirectCalls,
    nesting: survey.deepest.figure,
    largestFunction,
    searchedBytes: data.size,
    needs: importUses(module, facts).map((use) => {
      const [first] = use.imports, chain = first?.chain;
      const way = chain === undefined
        ? undefined
        : { from: rootText(chain.root), steps: stepsText(chain, names) };
      return { ...use, way };
    }),
  };
}

/** An import or export with its type, as check files name it. */
export interface ScannedItem {
  readonly name: string;
  /** The module of an import: what stands in the name before a dot need not be all of it. */
  readonly module?: string;
  readonly signature: string;
}

/** Imports as `module.name`, one after the other. */
export function* scannedImports(module: Module): Generator<ScannedItem> {
  const typeOf = typeReader(module);
  for (const { module: from, name, kind, index } of module.imports) {
    yield {
      name: `${from}.${name}`,
      module: from,
      signature: signatureText(kind, externalText(typeOf(kind, index))),
    };
  }
}

/** Exports, one after the other. */
export function* scannedExports(module: Module): Generator<ScannedItem> {
  const typeOf = typeReader(module);
  for (const { name, kind, index } of module.exports) {
    yield { name, signature: signatureText(kind, externalText(typeOf(kind, index))) };
  }
}

/** A function by its type alone, all else by its kind before it. */
function signatureText(kind: string, type: string): string {
  return kind === "function" ? type : `${kind} ${type}`;
}
