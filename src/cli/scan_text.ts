/** A scan for people: bounded, and safe to print whatever the module is called inside. */
import { formatOffset } from "../core/bytes.ts";
import { groupDigits } from "../core/group_digits.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { Violation } from "../inspection/check_rules.ts";
import { SEVERITIES, type Severity } from "../inspection/finding_kinds.ts";
import type { Finding, FindingPlace } from "../inspection/finding_list.ts";
import type { NeedUse, Scan } from "../inspection/scan.ts";
import { countOf } from "../inspection/scan_json.ts";
import { printable, printableName } from "./printable.ts";

/** Findings of a kind that are printed; JSON has more. */
const MOST_OF_A_KIND = 3;

/** Columns of a line; a word that is longer stands out. */
const WIDTH = 100;

const BY_GRAVITY = SEVERITIES.toReversed();

/** Breaks a text into lines. @param indent blanks before each */
function wrapped(text: string, indent: number): string {
  const blanks = " ".repeat(indent);
  let printed = "", line = blanks;
  for (const word of printable(text).split(" ")) {
    if (line.length > indent && line.length + 1 + word.length > WIDTH) {
      printed += `${line}\n`;
      line = blanks;
    }
    line += line.length > indent ? ` ${word}` : word;
  }
  return `${printed}${line}\n`;
}

function placeText({ functionIndex, functionName, offset }: FindingPlace): string {
  const name = functionName === undefined ? "" : ` ${printableName(functionName)}`;
  return [
    ...functionIndex === undefined ? [] : [`function ${functionIndex}${name}`],
    ...offset === undefined ? [] : [`offset ${formatOffset(offset)}`],
  ].join(", ");
}

/** All findings of one kind: what they have in common once. */
function kindText(findings: readonly [Finding, ...(readonly Finding[])]): string {
  const [{ id, title, heuristic, advice }] = findings;
  let text = wrapped(`${title}${heuristic ? " (a guess)" : ""} [${id}]`, 2);
  for (const { detail, location } of findings.slice(0, MOST_OF_A_KIND)) {
    text += wrapped(detail, 4);
    if (location !== undefined) text += wrapped(`at ${placeText(location)}`, 4);
  }
  const left = findings.length - MOST_OF_A_KIND + (findings.at(-1)?.further ?? 0);
  if (left > 0) text += `    and ${groupDigits(left)} more\n`;
  return text + wrapped(`> ${advice}`, 4);
}

function severityText(severity: Severity, findings: readonly Finding[]): string {
  const own = findings.filter((finding) => finding.severity === severity);
  if (own.length === 0) return "";
  const kinds = Map.groupBy(own, ({ id }) => id);
  const texts = [...kinds.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [kindText([first, ...others])]
  );
  return `\n${severity.toUpperCase()} (${groupDigits(countOf(findings, severity))})\n${texts.join("")}`;
}

function needLine({ capability, count, reached, way }: NeedUse): string {
  const what = capability === "none" ? "what needs no grant" : capability;
  const how = way === undefined ? "nothing reaches it" : `${way.from}: ${way.steps}`;
  return wrapped(`${what} (${groupDigits(reached)} of ${groupDigits(count)} imports reached): ${how}`, 2);
}

/** Prints a scan. @param quiet without what is only worth knowing */
export function scanText(
  { size, score, findings, facts }: Scan,
  { shown, quiet }: { readonly shown: string; readonly quiet: boolean },
): string {
  let text = `Module: ${printable(shown)}\n`;
  text += score === undefined
    ? "Score: none, the module is invalid\n"
    : `Score: ${score.score} of 100, grade ${score.grade}\n`;
  text += `Size: ${formatByteSize(size)}\n`;
  if (facts !== undefined) {
    text += `Functions: ${groupDigits(facts.functions)}, ${
      groupDigits(facts.reachedFunctions)
    } of them within reach\n`;
  }
  const shownSeverities = quiet ? BY_GRAVITY.filter((severity) => severity !== "info") : BY_GRAVITY;
  for (const severity of shownSeverities) text += severityText(severity, findings);
  if (!quiet && facts !== undefined && facts.needs.length > 0) {
    text += `\nNeeds, and who reaches them\n${facts.needs.map(needLine).join("")}`;
  }
  return text;
}

/** Prints where a module falls short of a check file. */
export function violationsText(violations: readonly Violation[]): string {
  if (violations.length === 0) return "\nThe check file is met\n";
  return `\nVIOLATIONS (${violations.length})\n${
    violations.map(({ rule, message }) => wrapped(`${rule}: ${message}`, 2)).join("")
  }`;
}
