import { quoteUpTo } from "../core/quote.ts";
import type { ItemNames } from "./item_names.ts";
import type { ReachChain, ReachRoot } from "./reach.ts";

/** UTF-16 units of a name that a step shows. */
const LONGEST_NAME = 40;

/** Where a way begins, in words. */
export function rootText(root: ReachRoot): string {
  switch (root.kind) {
    case "export":
      return `the export ${quoteUpTo(root.name, LONGEST_NAME)}`;
    case "start":
      return "the start function";
    case "table":
      return "a table or a reference";
  }
}

/** A way as its functions with what they are called: `1 "main" → 7 → 0 "env.send"`. */
export function stepsText({ functions, omitted }: ReachChain, names: ItemNames): string {
  const [first, ...others] = functions.map((index) => {
    const name = names.of("function", index);
    return name === undefined ? String(index) : `${index} ${quoteUpTo(name, LONGEST_NAME)}`;
  });
  return [first, ...omitted > 0 ? [`… ${omitted} more …`] : [], ...others].join(" → ");
}

/** The same as a sentence about what stands at the end of the way. */
export function reachText(chain: ReachChain | undefined, names: ItemNames, what = "it"): string {
  if (chain === undefined) return `Nothing outside reaches ${what}.`;
  return `Functions that reach ${what}, from ${rootText(chain.root)}: ${stepsText(chain, names)}.`;
}
