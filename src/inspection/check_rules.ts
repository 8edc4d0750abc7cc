/** What a check file demands of a module, and where a module falls short of it. Nothing is read here: see cli/scan_check_file.ts. */
import { type ModuleFeature, moduleFeatures } from "../analysis/features.ts";
import { cutText } from "../core/cut.ts";
import { groupDigits } from "../core/group_digits.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { Module } from "../wasm/module.ts";
import { type FindingId, FINDINGS, SEVERITIES, type Severity } from "./finding_kinds.ts";
import { type Scan, scannedExports, scannedImports, type ScannedItem } from "./scan.ts";
import { type Grade, GRADES } from "./score.ts";

/** Names with the type of each; a name that ends in `*` stands for all that begin like it, the type `any` for all types. */
export type AllowedItems = ReadonlyMap<string, string>;

/** Figures that can be bounded, with what they count. */
export const COMPLEXITY = {
  functions: "functions",
  loops: "loops",
  nesting: "blocks within each other",
  indirect_calls: "indirect calls",
  function_size: "bytes of code in a function",
} as const;

/** A key of {@linkcode COMPLEXITY}. */
export type ComplexityName = keyof typeof COMPLEXITY;

/** Rules of a check file; what is undefined is not demanded. */
export interface CheckRules {
  readonly minGrade: Grade | undefined;
  readonly minScore: number | undefined;
  /** Findings that are graver are violations. */
  readonly maxSeverity: Severity | undefined;
  /** Bytes of the module in binary form. */
  readonly maxSize: number | undefined;
  /** Proposals that may be used. */
  readonly features: readonly ModuleFeature[] | undefined;
  readonly forbid: readonly FindingId[] | undefined;
  readonly imports: AllowedItems | undefined;
  readonly exports: AllowedItems | undefined;
  readonly requireExports: readonly string[] | undefined;
  /** Most of each. */
  readonly complexity: Readonly<Partial<Record<ComplexityName, number>>> | undefined;
}

/** One way in which a module falls short. */
export interface Violation {
  /** The key of the check file. */
  readonly rule: string;
  readonly message: string;
}

/** Violations of a rule that are listed. */
const MOST_OF_A_RULE = 20;

/** Gathers violations, and counts those that are too many to list. */
class Violations {
  readonly list: Violation[] = [];
  readonly #counts = new Map<string, number>();

  add(rule: string, message: string): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count <= MOST_OF_A_RULE) this.list.push({ rule, message });
  }

  finish(): Violation[] {
    for (const [rule, count] of this.#counts) {
      if (count > MOST_OF_A_RULE) {
        this.list.push({ rule, message: `${groupDigits(count - MOST_OF_A_RULE)} more are not listed` });
      }
    }
    return this.list;
  }
}

/** Where a valid module falls short of the rules; none is a module that passes. */
export function violationsOf(
  { scan, module }: { readonly scan: Scan; readonly module: Module },
  rules: CheckRules,
): Violation[] {
  const found = new Violations(), { score, findings, facts, size } = scan;
  const { minGrade, minScore, maxSeverity, maxSize, features, forbid } = rules;
  if (minGrade !== undefined && (score === undefined || score.score < GRADES[minGrade])) {
    found.add("min_grade", `its grade is ${score?.grade ?? "none"}, and has to be ${minGrade} or better`);
  }
  if (minScore !== undefined && (score === undefined || score.score < minScore)) {
    found.add("min_score", `its score is ${score?.score ?? "none"}, and has to be ${minScore} or more`);
  }
  if (maxSeverity !== undefined) {
    const most = SEVERITIES.indexOf(maxSeverity);
    for (const { id, severity, detail } of findings) {
      if (SEVERITIES.indexOf(severity) > most) found.add("max_severity", `${severity} ${id}: ${detail}`);
    }
  }
  for (const id of forbid ?? []) {
    const finding = findings.find((one) => one.id === id);
    if (finding !== undefined) found.add("forbid", `${id}: ${finding.detail}`);
  }
  if (maxSize !== undefined && size > maxSize) {
    found.add("max_size", `it has ${formatByteSize(size)}, and may have ${formatByteSize(maxSize)}`);
  }
  if (features !== undefined) {
    const allowed: readonly string[] = features;
    for (const feature of moduleFeatures(module)) {
      if (!allowed.includes(feature)) found.add("features", `it uses ${feature}, which is not allowed`);
    }
  }
  addItems(found, "imports", scannedImports(module), rules.imports);
  addItems(found, "exports", scannedExports(module), rules.exports);
  const exported = new Set(module.exports.map(({ name }) => name));
  for (const name of rules.requireExports ?? []) {
    if (!exported.has(name)) found.add("require_exports", `it does not export ${quote(name)}`);
  }
  for (const name of Object.keys(COMPLEXITY) as ComplexityName[]) { // a literal's keys are those of its type
    const most = rules.complexity?.[name], has = facts === undefined ? 0 : FIGURES[name](facts);
    if (most !== undefined && has > most) {
      found.add(
        `complexity.${name}`,
        `it has ${groupDigits(has)} ${COMPLEXITY[name]}, and may have ${groupDigits(most)}`,
      );
    }
  }
  return found.finish();
}

const FIGURES: Readonly<Record<ComplexityName, (facts: NonNullable<Scan["facts"]>) => number>> = {
  functions: ({ functions, importedFunctions }) => functions - importedFunctions,
  loops: ({ loops }) => loops,
  nesting: ({ nesting }) => nesting,
  indirect_calls: ({ indirectCalls }) => indirectCalls,
  function_size: ({ largestFunction }) => largestFunction,
};

/** UTF-16 units of a type that a message shows. */
const LONGEST_TYPE = 120;

/** Two signatures are one however they are spaced. */
function plain(signature: string): string {
  return signature.replace(/\s+/g, "");
}

/** Whether a beginning stands for a name. One that ends in a dot names a module whole: "env." is none of "env.other". */
function begins(beginning: string, name: string, module: string | undefined): boolean {
  return name.startsWith(beginning) &&
    (module === undefined || !beginning.endsWith(".") || beginning.startsWith(`${module}.`));
}

function addItems(
  found: Violations,
  rule: "imports" | "exports",
  items: Iterable<ScannedItem>,
  allowed: AllowedItems | undefined,
): void {
  if (allowed === undefined) return;
  const beginnings = [...allowed].filter(([name]) => name.endsWith("*"))
    .map(([name, signature]) => [name.slice(0, -1), signature] as const)
    .sort(([one], [other]) => other.length - one.length);
  for (const { name, module, signature } of items) {
    // The nearest rule holds: the name as a whole, else the longest beginning.
    const wanted = allowed.get(name) ??
      beginnings.find(([beginning]) => begins(beginning, name, module))?.[1];
    if (wanted === undefined) found.add(rule, `${quote(name)} is not allowed`);
    else if (wanted !== "any" && plain(wanted) !== plain(signature)) {
      found.add(
        rule,
        `${quote(name)} is ${cutText(signature, LONGEST_TYPE)}, and has to be ${
          cutText(wanted, LONGEST_TYPE)
        }`,
      );
    }
  }
}

/** The ids that a check file may forbid. */
export const FINDING_IDS = Object.keys(FINDINGS) as readonly FindingId[]; // a literal's keys are those of its type
