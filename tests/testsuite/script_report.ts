/** Judges what a script gave in every mode. */
import { type EngineRefusal, engineRefusal } from "./engine_refusals.ts";
import { contradiction, formatOutcome } from "./expectation.ts";
import type { Outcome, StepResult } from "./guest/program.ts";
import type { Mode } from "./modes.ts";
import { leavesNaN } from "./pattern.ts";
import { isMalformed } from "./script_compiler.ts";
import type { Check, Program } from "./script_program.ts";
import { EXCEPTIONS } from "./suite_exceptions.ts";

/** Counts of assertions. A command that asserts nothing counts where it fails or is excepted. */
export interface Counts {
  passed: number;
  failed: number;
  excepted: number;
}

export interface ScriptReport {
  readonly script: string;
  /** In the order of the modes. */
  readonly counts: readonly Counts[];
  /** One line each. */
  readonly failures: readonly string[];
  /** Places of listed exceptions that occurred. */
  readonly exceptions: ReadonlySet<string>;
  /** What came to nothing since an engine lacks a proposal, by place. It is excepted. */
  readonly refusals: ReadonlyMap<string, EngineRefusal>;
  /** Assertions that malformed text is refused, for which no bytes ever reached us. */
  readonly refusedTexts: number;
  /** Steps whose outcome and fuel were compared between two modes. */
  readonly compared: number;
  /** Units consumed in the first mode. */
  readonly fuel: bigint;
}

/** A report for a script that did not come back. */
export function failedReport(script: string, modes: readonly Mode[], why: string): ScriptReport {
  return {
    script,
    counts: modes.map(() => ({ passed: 0, failed: 1, excepted: 0 })),
    failures: [`${script}: ${why}`],
    exceptions: new Set(),
    refusals: new Map(),
    refusedTexts: 0,
    compared: 0,
    fuel: 0n,
  };
}

function isRefusal(outcome: Outcome): boolean {
  return outcome.kind === "refused" && outcome.code === "ModuleRefused";
}

/** Why the suite is contradicted; undefined when it is not. */
function contradictionIn(check: Check, results: readonly StepResult[], mode: Mode): string | undefined {
  const { command, found, patterns, size } = check;
  if ("refusedText" in found) {
    return isMalformed(command)
      ? undefined
      : `${command.kind}: no parser takes the text: ${found.refusedText}`;
  }
  const outcome = results[found.step]?.outcome ?? { kind: "fault", message: "the Worker gave no result" };
  return contradiction({ command, outcome, patterns, size }, mode);
}

/** A mode that refuses the script must refuse each of its modules; nothing else is asked of it. */
function acceptanceIn({ command, found }: Check, results: readonly StepResult[]): string | undefined {
  if (command.kind !== "module" || "refusedText" in found) return undefined;
  const outcome = results[found.step]?.outcome;
  if (outcome === undefined || isRefusal(outcome)) return undefined;
  return `module: is not refused, but ${formatOutcome(outcome)}`;
}

function refusalIn(
  { command }: Check,
  result: StepResult | undefined,
  mode: Mode,
): EngineRefusal | undefined {
  return result === undefined ? undefined : engineRefusal(command, result.outcome, mode);
}

/** What two modes may not differ in; a NaN that the specification leaves open is judged in each alone. */
function comparable({ outcome }: StepResult, { patterns }: Check): string {
  return outcome.kind === "returned" && patterns.some(leavesNaN) ? outcome.kind : formatOutcome(outcome);
}

function difference(check: Check, first: StepResult, other: StepResult): string | undefined {
  const [a, b] = [comparable(first, check), comparable(other, check)];
  if (a !== b) return `${b}, in the first mode it ${a}`;
  return first.fuel === other.fuel ? undefined : `consumed ${other.fuel}, in the first mode ${first.fuel}`;
}

export function judgeScript(
  script: string,
  program: Program,
  modes: readonly Mode[],
  runs: readonly (readonly StepResult[])[],
): ScriptReport {
  const failures: string[] = [], exceptions: Set<string> = new Set();
  const refusals: Map<string, EngineRefusal> = new Map();
  let refusedTexts = 0, compared = 0;
  const counts = modes.map((mode, index): Counts => {
    const counts = { passed: 0, failed: 0, excepted: 0 },
      results = runs[index] ?? [],
      refuses = mode.refuses(script);
    for (const check of program.checks) {
      const place = `${script}:${check.command.line}`;
      const why = refuses ? acceptanceIn(check, results) : contradictionIn(check, results, mode);
      const refusal = why === undefined || "refusedText" in check.found
        ? undefined
        : refusalIn(check, results[check.found.step], mode);
      if (refusal !== undefined) {
        refusals.set(place, refusal);
        counts.excepted++;
        continue;
      }
      if (why === undefined) {
        if (!refuses && check.command.kind.startsWith("assert_")) counts.passed++;
        if (index === 0 && "refusedText" in check.found) refusedTexts++;
      } else if (Object.hasOwn(EXCEPTIONS, place)) {
        exceptions.add(place);
        counts.excepted++;
      } else {
        counts.failed++;
        failures.push(`${place} (${mode.name}) ${why}`);
      }
      if (index === 0 || refuses || "refusedText" in check.found) continue;
      const first = runs[0]?.[check.found.step], other = results[check.found.step];
      if (first === undefined || other === undefined) continue;
      compared++;
      const differs = difference(check, first, other);
      if (differs === undefined) continue;
      counts.failed++;
      failures.push(`${place} (${mode.name}) ${check.command.kind} ${differs}`);
    }
    return counts;
  });
  const fuel = runs[0]?.reduce((sum, result) => sum + result.fuel, 0n) ?? 0n;
  return { script, counts, failures, exceptions, refusals, refusedTexts, compared, fuel };
}
