/** What imports tell: what the guest will ask for, and what it expects of a host that is not Aegis. */
import { quote } from "../core/quote.ts";
import type { ImportName } from "../wasi/provided_function.ts";
import { providedFunctionType } from "../wasi/provided_imports.ts";
import type { Import, Module } from "../wasm/module.ts";
import { externalText } from "./external_text.ts";
import { CAPABILITY_FINDINGS } from "./finding_kinds.ts";
import type { FindingList, FindingPlace } from "./finding_list.ts";
import { imitatedBy } from "./imitation.ts";
import { capabilityOf, type NeedName } from "./needs.ts";
import type { ModuleFacts } from "./module_facts.ts";
import { reachText } from "./reach_text.ts";
import { typeReader } from "./type_reader.ts";

/** Names that a detail shows. */
const MOST_NAMES = 5;

/** Imports of one capability. */
interface Asked {
  readonly names: string[];
  readonly first: Import;
  /** The first of them that something outside can bring about a call of. */
  reached: Import | undefined;
  count: number;
}

/** Adds what the imports of a module tell. */
export function addImportFindings(list: FindingList, module: Module, facts?: ModuleFacts): void {
  const typeOf = typeReader(module), asked = new Map<NeedName, Asked>();
  for (const item of module.imports) {
    const capability = capabilityOf({
      module: item.module,
      name: item.name,
      type: typeOf(item.kind, item.index),
    });
    if (capability === undefined) continue;
    if (capability === "host functions") {
      addStranger(list, item, {
        typeText: () => externalText(typeOf(item.kind, item.index)),
        way: () => wayTo(item, facts),
      });
      continue;
    }
    const imports = asked.get(capability) ?? { names: [], first: item, reached: undefined, count: 0 };
    asked.set(capability, imports);
    imports.count++;
    if (facts?.reach.has(item.index)) imports.reached ??= item;
    if (imports.names.length < MOST_NAMES) imports.names.push(quote(item.name));
  }
  for (const [capability, { names, first, reached, count }] of asked) {
    const more = count - names.length;
    const detail = `It imports ${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`;
    list.add(CAPABILITY_FINDINGS[capability], () => ({
      detail: detail + wayTo(reached ?? first, facts),
      location: placeOf(reached ?? first),
    }));
  }
}

/** Which function reaches an imported one; empty where that is not known. */
function wayTo({ kind, index, name }: Import, facts: ModuleFacts | undefined): string {
  if (kind !== "function" || facts === undefined) return "";
  return ` ${reachText(facts.reach.chain(index), facts.names, quote(name))}`;
}

function placeOf({ kind, index, offset }: Import): FindingPlace {
  return { ...(kind === "function" ? { functionIndex: index } : {}), offset };
}

/** An import that no run provides. */
function addStranger(
  list: FindingList,
  item: Import,
  { typeText, way }: { readonly typeText: () => string; readonly way: () => string },
): void {
  const { kind } = item, named = `${quote(item.module)} ${quote(item.name)}`, location = placeOf(item);
  const imitated = imitatedBy(item);
  if (imitated?.what === "host" && typeText() === splitText(imitated)) {
    list.add("unknown-import", () => ({
      detail: `It imports the ${kind} ${named} of type ${
        shortened(typeText())
      }: the one that a run provides, with each number of 64 bits in two halves, as Emscripten has it for JavaScript.${way()}`,
      location,
      advice: "Build it so that it passes whole numbers of 64 bits: with -sWASM_BIGINT.",
    }));
  } else if (imitated === undefined) {
    list.add("unknown-import", () => ({ detail: `It imports the ${kind} ${named}.${way()}`, location }));
  } else if (imitated.what === "aegis") {
    list.add("imitates-aegis", () => ({
      detail: `It imports the ${kind} ${named} of type ${
        shortened(typeText())
      }, which Aegis does not provide.${way()}`,
      location,
    }));
  } else {
    const type = providedFunctionType(imitated);
    list.add("imitates-host", () => ({
      detail: `It imports the ${kind} ${named} of type ${shortened(typeText())}; the function ${
        quote(imitated.module)
      } ${quote(imitated.name)} that a run provides has the type ${
        type === undefined ? "of none" : externalText({ kind: "function", ...type })
      }.${way()}`,
      location,
    }));
  }
}

/** The type that a provided function has for a guest that passes no numbers of 64 bits; undefined where it takes none. */
function splitText(wanted: ImportName): string | undefined {
  const type = providedFunctionType(wanted);
  if (type === undefined || !type.params.includes("i64")) return undefined;
  const params = type.params.flatMap((param) => param === "i64" ? ["i32", "i32"] as const : [param]);
  return externalText({ kind: "function", params, results: type.results });
}

/** Types of a thousand parameters say no more than their beginning. */
function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
