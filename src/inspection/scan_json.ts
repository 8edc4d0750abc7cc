/** A scan for programs. Texts of the module are cut and quoted where they stand in sentences, and bounded in number. */
import { moduleFeatures } from "../analysis/features.ts";
import { cutText } from "../core/cut.ts";
import type { Json } from "../core/json.ts";
import type { Violation } from "./check_rules.ts";
import type { Finding } from "./finding_list.ts";
import { SEVERITIES } from "./finding_kinds.ts";
import type { NeedUse, Scanned } from "./scan.ts";

/** UTF-16 units of a name that an import shows. */
const LONGEST_NAME = 200;

/** The document: sizes in bytes, offsets from the first byte of the module in binary form. */
export function scanJson(
  { scan: { size, invalid, score, findings, facts }, module }: Scanned,
  { shown, violations }: { readonly shown: string; readonly violations: readonly Violation[] | undefined },
): { readonly [key: string]: Json } {
  return {
    module: shown,
    size,
    valid: invalid === undefined,
    score: score?.score ?? null,
    grade: score?.grade ?? null,
    counts: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(findings, severity)])),
    findings: findings.map(findingJson),
    ...(facts === undefined || module === undefined ? {} : {
      functions: facts.functions,
      imported_functions: facts.importedFunctions,
      reached_functions: facts.reachedFunctions,
      loops: facts.loops,
      indirect_calls: facts.indirectCalls,
      nesting: facts.nesting,
      largest_function: facts.largestFunction,
      searched_bytes: facts.searchedBytes,
      features: moduleFeatures(module),
      needs: facts.needs.map(needJson),
    }),
    ...(violations === undefined ? {} : {
      passed: violations.length === 0 && invalid === undefined,
      violations: violations.map((violation) => ({ ...violation })),
    }),
  };
}

/** How many there are of a severity, those that are not listed included. */
export function countOf(findings: readonly Finding[], wanted: Finding["severity"]): number {
  return findings.reduce(
    (sum, { severity, further = 0 }) => severity === wanted ? sum + 1 + further : sum,
    0,
  );
}

function findingJson({ id, severity, title, heuristic, detail, location, advice, further }: Finding): Json {
  const { functionIndex, functionName, offset } = location ?? {};
  return {
    id,
    severity,
    heuristic: heuristic === true,
    title,
    detail,
    location: location === undefined ? null : {
      ...(functionIndex === undefined ? {} : { function: functionIndex }),
      ...(functionName === undefined ? {} : { name: functionName }),
      ...(offset === undefined ? {} : { offset }),
    },
    advice,
    ...(further === undefined ? {} : { further }),
  };
}

function needJson({ capability, count, reached, imports, way }: NeedUse): Json {
  return {
    capability,
    count,
    reached,
    ...(way === undefined ? {} : { reached_from: way.from, by: way.steps }),
    imports: imports.map(({ module, name, functionIndex, offset, calls, chain }) => ({
      module: cutText(module, LONGEST_NAME),
      name: cutText(name, LONGEST_NAME),
      function: functionIndex,
      offset,
      calls,
      reached: chain !== undefined,
      ...(chain === undefined ? {} : { chain: chain.functions, omitted: chain.omitted }),
    })),
  };
}
