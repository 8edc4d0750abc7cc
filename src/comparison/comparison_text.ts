/** A comparison for people: what is the same is left out. */
import { quote } from "../core/quote.ts";
import type { Comparison, FunctionChange, FunctionFacts } from "./comparison.ts";
import type { ItemChange } from "./item_changes.ts";
import type { Listed } from "./listed.ts";
import type { SectionChange } from "./section_changes.ts";

/** Texts of the module as they may be printed: on one line, without controls. */
export type Printable = (text: string) => string;

export interface ComparisonTextOptions {
  /** The modules as the person named them. */
  readonly shown: { readonly before: string; readonly after: string };
  readonly printable: Printable;
  /** Entries of a list that are printed. */
  readonly most: number;
}

/** `12 -> 14 bytes (+2)`. */
function sizesText(before: number, after: number): string {
  if (before === after) return `${before} bytes`;
  return `${before} -> ${after} bytes (${after > before ? "+" : ""}${after - before})`;
}

function itemLine({ from, name, before, after }: ItemChange): string {
  const full = from === undefined ? quote(name) : `${quote(from)} ${quote(name)}`;
  if (before === undefined) return `+ ${full}: ${after}`;
  return after === undefined ? `- ${full}: ${before}` : `~ ${full}: ${before} -> ${after}`;
}

function sectionLine({ name, custom, before, after }: SectionChange): string {
  const full = custom ? `custom ${quote(name)}` : name;
  if (before === undefined) return `+ ${full}: ${after} bytes`;
  if (after === undefined) return `- ${full}: ${before} bytes`;
  return `~ ${full}: ${sizesText(before, after)}`;
}

function functionName({ index, name }: FunctionFacts): string {
  return name === undefined ? `#${index}` : `#${index} ${quote(name)}`;
}

function functionLine(facts: FunctionFacts): string {
  return `${functionName(facts)}: ${facts.type}, ${facts.size} bytes`;
}

/** How a function was found, where its name does not say it. */
function matchText({ matchedBy }: FunctionChange): string {
  return matchedBy === "place" ? ", by its place" : matchedBy === "code" ? ", by its code" : "";
}

function changeLine(change: FunctionChange): string {
  const { before, after } = change,
    type = before.type === after.type ? "" : `, ${before.type} -> ${after.type}`;
  const number = before.index === after.index ? "" : ` (was #${before.index})`;
  return `~ ${functionName(after)}${number}: ${sizesText(before.size, after.size)}${type}${
    matchText(change)
  }`;
}

/** Writes a comparison, in pieces. */
export function* comparisonText(
  comparison: Comparison,
  { shown, printable, most }: ComparisonTextOptions,
): Generator<string, void> {
  const { same, size, features, findings, functions } = comparison;
  if (same) {
    yield "The modules are the same\n";
    return;
  }
  yield `--- ${printable(shown.before)}\n+++ ${printable(shown.after)}\n${
    sizesText(size.before, size.after)
  }\n`;
  let parts = 0;
  function* part(title: string, lines: readonly string[], further = 0): Generator<string> {
    if (lines.length === 0) return;
    parts++;
    yield `\n${title}:\n`;
    for (const line of lines.slice(0, most)) yield `  ${printable(line)}\n`;
    const left = further + Math.max(0, lines.length - most);
    if (left > 0) yield `  … and ${left} more\n`;
  }
  const list = <Item>({ items }: Listed<Item>, line: (item: Item) => string) => items.map(line);
  for (
    const [title, changes] of [
      ["Imports", comparison.imports],
      ["Exports", comparison.exports],
      ["Memories and tables", comparison.stores],
    ] as const
  ) yield* part(title, list(changes, itemLine), changes.further);
  const signed = (sign: string, names: readonly string[]) => names.map((name) => `${sign} ${name}`);
  yield* part("Features", [...signed("-", features.removed), ...signed("+", features.added)]);
  const detail = (sign: string) => (finding: Comparison["findings"]["added"][number]) =>
    `${sign} ${finding.severity}: ${finding.title}. ${finding.detail}`;
  yield* part("Findings", [...findings.removed.map(detail("-")), ...findings.added.map(detail("+"))]);
  yield* part("Sections", list(comparison.sections, sectionLine), comparison.sections.further);
  yield* part("Functions removed", list(functions.removed, functionLine), functions.removed.further);
  yield* part("Functions added", list(functions.added, functionLine), functions.added.further);
  yield* part("Functions changed", list(functions.changed, changeLine), functions.changed.further);
  if (parts === 0) yield "\nOnly the widths of numbers between the sections differ\n";
  else yield `\nFunctions that are the same: ${functions.same}\n`;
}
