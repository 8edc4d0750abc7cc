/** Sums up the reports of a run, and says whether it passed. */
import { refusalLine } from "./engine_refusals.ts";
import type { Mode } from "./modes.ts";
import type { Counts, ScriptReport } from "./script_report.ts";
import { type ExceptionKind, EXCEPTIONS } from "./suite_exceptions.ts";

/** Places of listed exceptions that did not occur in the scripts that ran, in any mode. */
export function staleExceptions(reports: readonly ScriptReport[]): string[] {
  const scripts = new Set(reports.map(({ script }) => script));
  return Object.keys(EXCEPTIONS).filter((place) =>
    scripts.has(place.replace(/:\d+$/, "")) && !reports.some(({ exceptions }) => exceptions.has(place))
  );
}

/** What is wrong with a run, a line each; empty when it passed. */
export function findings(reports: readonly ScriptReport[]): string[] {
  return [
    ...reports.flatMap(({ failures }) => failures),
    ...staleExceptions(reports).map((place) => `${place} stale exception: the assertion holds`),
  ];
}

/** Counts of each mode over all scripts. */
export function sumCounts(reports: readonly ScriptReport[], modes: readonly Mode[]): Counts[] {
  return modes.map((_, index) => {
    const sum: Counts = { passed: 0, failed: 0, excepted: 0 };
    for (const { counts } of reports) {
      sum.passed += counts[index]?.passed ?? 0;
      sum.failed += counts[index]?.failed ?? 0;
      sum.excepted += counts[index]?.excepted ?? 0;
    }
    return sum;
  });
}

function exceptionSummary(reports: readonly ScriptReport[]): string {
  const counts: Map<ExceptionKind, number> = new Map();
  for (const place of reports.flatMap(({ exceptions }) => [...exceptions])) {
    const kind = EXCEPTIONS[place]?.kind;
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ") || "none";
}

/** What the interpreter does not run of each script, a line each. */
export function engineRefusals(reports: readonly ScriptReport[]): string[] {
  return reports.map(({ script, refusals }) => refusalLine(script, [...refusals.values()]))
    .filter((line) => line !== undefined);
}

/** The sum in words, for a run in several modes. */
export function summary(reports: readonly ScriptReport[], modes: readonly Mode[]): string[] {
  const texts = reports.reduce((sum, report) => sum + report.refusedTexts, 0);
  const compared = reports.reduce((sum, report) => sum + report.compared, 0);
  const fuel = reports.reduce((sum, report) => sum + report.fuel, 0n);
  return [
    ...sumCounts(reports, modes).map(({ passed, failed, excepted }, index) =>
      `${modes[index]?.name}: ${passed} passed, ${failed} failed, ${excepted} excepted`
    ),
    `of these, ${texts} assert that text is malformed, which its parser found`,
    `exceptions: ${exceptionSummary(reports)}`,
    `not run by the interpreter: ${
      reports.reduce((sum, { refusals }) => sum + refusals.size, 0)
    } commands of ${engineRefusals(reports).length} scripts`,
    `compared with the first mode: outcome and fuel of ${compared} steps; ${fuel} units a mode`,
  ];
}
