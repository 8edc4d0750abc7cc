/** Names that lie: a function that is called what another one is exported or imported as. */
import { quote } from "../core/quote.ts";
import type { Import, Module } from "../wasm/module.ts";
import { readNames } from "../wasm/names.ts";
import type { FindingList } from "./finding_list.ts";

/**
 * Adds functions whose own name is taken by another. Only of those that are exported or imported themselves: a function
 * that nobody outside sees may be called what it likes, and in C two files may have one of the same name.
 */
export function addNameFindings(list: FindingList, module: Module): void {
  const names = readNames(module), exported = new Map<string, number>();
  const imported = new Map<string, Import>();
  for (const { kind, name, index } of module.exports) if (kind === "function") exported.set(name, index);
  for (const item of module.imports) if (item.kind === "function") imported.set(item.name, item);
  for (const { kind, name, index, offset } of module.exports) {
    if (kind !== "function") continue;
    const own = names.of("function", index);
    if (own === undefined || own === name) continue;
    const other = exported.get(own);
    if (other === undefined || other === index) continue;
    list.add("lying-names", () => ({
      detail: `Function ${index}, exported as ${quote(name)}, is called ${
        quote(own)
      }, which is what function ${other} is exported as.`,
      location: { functionIndex: index, offset },
    }));
  }
  for (const { kind, module: from, name, index, offset } of module.imports) {
    if (kind !== "function") continue;
    const own = names.of("function", index);
    if (own === undefined || own === name) continue;
    const other = imported.get(own);
    if (other === undefined || other.module !== from || other.index === index) continue;
    list.add("lying-names", () => ({
      detail: `Function ${index}, imported as ${quote(name)}, is called ${
        quote(own)
      }, which is what function ${other.index} is imported as.`,
      location: { functionIndex: index, offset },
    }));
  }
}
