/** What the code of a module tells. */
import { formatByteSize } from "../core/unit_text.ts";
import type { Module } from "../wasm/module.ts";
import { codeFacts, type CodeUse } from "./code_facts.ts";
import { reachText } from "./reach_text.ts";
import type { ModuleFacts } from "./module_facts.ts";
import type { FindingFacts, FindingList } from "./finding_list.ts";

/** Bytes from which on a function counts as very large; the default limit is four times as much. */
export const LARGE_FUNCTION: number = 128 * 1024;

/** Adds what the code of a module tells. @throws {ModuleInvalidError} where an instruction cannot be decoded */
export function addCodeFindings(list: FindingList, module: Module, known?: ModuleFacts): void {
  const facts = known?.survey.facts ?? codeFacts(module);
  const grown = (what: string, use: CodeUse): FindingFacts => {
    const told = used(use, { beginning: `${what} is grown by`, noun: "instruction" });
    if (known === undefined) return told;
    const { reach, names } = known;
    return {
      ...told,
      detail: `${told.detail} ${reachText(reach.chain(use.functionIndex), names, "that one")}`,
    };
  };
  for (const [index, use] of facts.memoryGrowth) {
    list.add("grows-memory", () => grown(`Memory ${index}`, use));
  }
  for (const [index, use] of facts.tableGrowth) {
    list.add("grows-table", () => grown(`Table ${index}`, use));
  }
  const exported = new Set(module.exports.filter(({ kind }) => kind === "table").map(({ index }) => index));
  for (const [index, use] of facts.indirectCalls) {
    const why = [
      ...(index < module.imported.table ? ["is imported"] : []),
      ...(exported.has(index) ? ["is exported"] : []),
      ...(facts.tableGrowth.has(index) ? ["is grown"] : []),
      ...(facts.tableWrites.has(index) ? ["is written to by the code"] : []),
    ];
    if (why.length === 0) continue;
    list.add(
      "replaceable-calls",
      () => used(use, { beginning: `Table ${index} ${why.join(" and ")}; it serves`, noun: "indirect call" }),
    );
  }
  for (const [place, { start, end }] of module.bodies.entries()) {
    const size = end - start, functionIndex = module.imported.function + place;
    if (size < LARGE_FUNCTION) continue;
    list.add("large-function", () => ({
      detail: `Function ${functionIndex} has ${formatByteSize(size)} of code.`,
      location: { functionIndex, offset: start },
    }));
  }
}

/** A sentence that ends in how many there are, of which the first is shown. */
function used(
  { count, functionIndex, offset }: CodeUse,
  { beginning, noun }: { readonly beginning: string; readonly noun: string },
): FindingFacts {
  return {
    detail: `${beginning} ${count} ${noun}${count === 1 ? "" : "s"}, the first in function ${functionIndex}.`,
    location: { functionIndex, offset },
  };
}
