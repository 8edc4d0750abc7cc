/** How grave findings are, as a mark and a word: the mark's shape tells them apart where colours do not. */
import type { Severity } from "../../inspection/finding_kinds.ts";
import type { Finding } from "../../inspection/finding_list.ts";
import { type Child, element } from "../dom.ts";

/** Marks and words, the gravest first. Their colours stand in the style sheet, as `.severity-NAME`. */
const SEVERITY_MARKS: Readonly<Record<Severity, { readonly mark: string; readonly word: string }>> = {
  high: { mark: "▲", word: "High" },
  medium: { mark: "◆", word: "Medium" },
  low: { mark: "●", word: "Low" },
  info: { mark: "○", word: "Info" },
};

/** All severities, the gravest first. */
export const BY_GRAVITY = Object.keys(SEVERITY_MARKS) as readonly Severity[]; // its keys

/** A severity as an element. @param count of findings, said behind the word */
export function severityMark(severity: Severity, count?: number): HTMLElement {
  const { mark, word } = SEVERITY_MARKS[severity];
  return element(
    "span",
    { class: `severity severity-${severity}` },
    element("span", { "aria-hidden": "true" }, mark),
    count === undefined ? ` ${word}` : ` ${count.toLocaleString()} ${word.toLowerCase()}`,
  );
}

/** How many there are, those that are not listed included. */
export function findingCount(findings: readonly Finding[]): number {
  return findings.reduce((count, { further = 0 }) => count + 1 + further, 0);
}

/** How many there are of each severity. */
export function severityCounts(findings: readonly Finding[]): Child {
  if (findings.length === 0) return "none";
  return BY_GRAVITY.flatMap((severity) => {
    const count = findingCount(findings.filter((finding) => finding.severity === severity));
    return count === 0 ? [] : [severityMark(severity, count), " "];
  });
}
