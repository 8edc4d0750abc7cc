/** What the flow of control in a valid module tells: loops, recursion, calls, and code of a form that is out of the ordinary. */
import { buildCallGraph } from "../analysis/call_graph.ts";
import { groupDigits } from "../core/group_digits.ts";
import { quote } from "../core/quote.ts";
import type { Module } from "../wasm/module.ts";
import type { CodePlace, Extreme, Tally } from "./code_survey.ts";
import type { FindingList, FindingPlace } from "./finding_list.ts";
import type { ModuleFacts } from "./module_facts.ts";

/** From how many on a function is of an unusual form: locals, blocks within each other, labels of a table of branches. */
const UNUSUAL = { locals: 10_000, depth: 2000, labels: 10_000 } as const;

/** Names that a detail shows. */
const MOST_NAMES = 5;

/** Adds what the flow of control tells. */
export function addFlowFindings(list: FindingList, module: Module, facts: ModuleFacts): void {
  const { survey, reach } = facts;
  addLoops(list, survey);
  addRecursion(list, module, facts);
  addUnusual(list, module, facts);
  if (survey.indirectCalls > 0) {
    const targets = survey.addressTaken.reduce((sum, taken) => sum + taken, 0);
    list.add("indirect-calls", () => ({
      detail: `It holds ${counted(survey.indirectCalls, "indirect call")}; ${
        counted(targets, "function")
      } can be their targets.`,
    }));
  }
  const unused = module.imports.filter(({ kind, index }) => kind === "function" && !reach.has(index));
  if (unused.length > 0) {
    const shown = unused.slice(0, MOST_NAMES).map(({ name }) => quote(name));
    list.add("unused-import", () => ({
      detail: `Nothing outside reaches ${shown.join(", ")}${
        unused.length > shown.length ? `, and ${groupDigits(unused.length - shown.length)} more` : ""
      }.`,
      ...(unused[0] === undefined
        ? {}
        : { location: { functionIndex: unused[0].index, offset: unused[0].offset } }),
    }));
  }
}

function counted(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Where the first ones are, behind what is said of all. */
function placesText({ first, count }: Tally): string {
  const functions = [...new Set(first.map(({ functionIndex }) => functionIndex))];
  return `${functions.length === 1 ? "function" : "functions"} ${functions.join(", ")}${
    count > first.length ? " and others" : ""
  }`;
}

function placeOf({ first: [place] }: Tally): { readonly location?: FindingPlace } {
  return place === undefined ? {} : { location: at(place) };
}

function at({ functionIndex, offset }: CodePlace): FindingPlace {
  return { functionIndex, offset };
}

function addLoops(list: FindingList, { loops, uncounted, endless, hashLike }: ModuleFacts["survey"]): void {
  if (endless.count > 0) {
    list.add("endless-loop", () => ({
      detail: `Nothing leads out of ${counted(endless.count, "loop")}, in ${placesText(endless)}.`,
      ...placeOf(endless),
    }));
  }
  if (hashLike.count > 0) {
    list.add("hash-like-code", () => ({
      detail: `${counted(hashLike.count, "large loop or function")} ${
        hashLike.count === 1 ? "consists" : "consist"
      } of xor, shifts, rotations and sums, in ${placesText(hashLike)}.`,
      ...placeOf(hashLike),
    }));
  }
  if (uncounted.count > 0) {
    list.add("uncounted-loops", () => ({
      detail: `Of ${counted(loops, "loop")} ${groupDigits(uncounted.count)} ${
        uncounted.count === 1 ? "does" : "do"
      } not count to a limit, in ${placesText(uncounted)}.`,
      ...placeOf(uncounted),
    }));
  }
}

/** Of calls that name what they call. */
function addRecursion(list: FindingList, module: Module, { survey }: ModuleFacts): void {
  const graph = buildCallGraph(module, survey), sizes = new Map<number, number>();
  let first = -1, functions = 0, largest = 0;
  for (let body = 0; body < module.bodies.length; body++) {
    if (graph.recursive[body] !== 1) continue;
    if (first < 0) first = body;
    functions++;
    const component = graph.component[body] ?? 0, size = (sizes.get(component) ?? 0) + 1;
    sizes.set(component, size);
    if (size > largest) largest = size;
  }
  if (functions === 0) return;
  const functionIndex = module.imported.function + first, offset = module.bodies[first]?.start;
  list.add("recursion", () => ({
    detail: `${counted(functions, "function")} stand${functions === 1 ? "s" : ""} in ${
      counted(sizes.size, "cycle")
    } of direct calls, the largest of ${groupDigits(largest)}; the first is function ${functionIndex}.`,
    location: { functionIndex, ...(offset === undefined ? {} : { offset }) },
  }));
}

function addUnusual(
  list: FindingList,
  module: Module,
  { survey: { deepest, widestTable } }: ModuleFacts,
): void {
  const tell = ({ functionIndex, offset, figure }: Extreme, says: string, least: number) => {
    if (figure < least) return;
    list.add("unusual-function", () => ({
      detail: `Function ${functionIndex} ${says} ${groupDigits(figure)}.`,
      location: { functionIndex, offset },
    }));
  };
  tell(deepest, "nests blocks to a depth of", UNUSUAL.depth);
  tell(widestTable, "has a table of branches whose labels number", UNUSUAL.labels);
  for (const [place, { localCount, start }] of module.bodies.entries()) {
    if (localCount < UNUSUAL.locals) continue;
    const functionIndex = module.imported.function + place;
    tell({ functionIndex, offset: start, figure: localCount }, "has locals that number", UNUSUAL.locals);
  }
}
