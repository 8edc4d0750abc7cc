import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import type { NamedModule } from "./disassembly.ts";

/** Names that a suggestion is looked for among: a module may have a million. */
const MOST_COMPARED = 5000;

/** Characters of a name that are compared. */
const LONGEST_COMPARED = 80;

/**
 * Finds a function by its index, by the name of an export, or by its name: the first one that has it.
 *
 * @param wanted `17`, or a name; a name of digits alone counts as an index
 * @throws {AegisError} `FunctionNotFound`
 */
export function namedFunction({ module, names }: NamedModule, wanted: string): number {
  const count = module.functions.length;
  if (/^[0-9]{1,10}$/.test(wanted)) {
    const index = Number(wanted);
    if (index < count) return index;
    throw new AegisError("FunctionNotFound", `Cannot find function ${wanted}: the module has ${count}`);
  }
  const exported = module.exports.find(({ kind, name }) => kind === "function" && name === wanted);
  if (exported !== undefined) return exported.index;
  const known: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = names.of("function", index);
    if (name === wanted) return index;
    if (name !== undefined && known.length < MOST_COMPARED && name.length <= LONGEST_COMPARED) {
      known.push(name);
    }
  }
  const near = suggest(wanted.slice(0, LONGEST_COMPARED), known);
  throw new AegisError("FunctionNotFound", `Cannot find function ${quote(wanted)}`, {
    suggestion: near.length > 0
      ? `Did you mean ${near.map(quote).join(" or ")}?`
      : "Name one by its index, its export or its name; aegis inspect --names lists them.",
  });
}
