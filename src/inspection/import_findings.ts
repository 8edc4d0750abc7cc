/** What imports tell: what the guest will ask for, and what it expects of a host that is not Aegis. */
import { quote } from "../core/quote.ts";
import { providedFunctionType } from "../wasi/provided_imports.ts";
import type { Import, Module } from "../wasm/module.ts";
import { externalText } from "./external_text.ts";
import { CAPABILITY_FINDINGS } from "./finding_kinds.ts";
import type { FindingList, FindingPlace } from "./finding_list.ts";
import { imitatedBy } from "./imitation.ts";
import { capabilityOf, type NeedName } from "./needs.ts";
import { typeReader } from "./type_reader.ts";

/** Names that a detail shows. */
const MOST_NAMES = 5;

/** Imports of one capability. */
interface Asked {
  readonly names: string[];
  readonly location: FindingPlace;
  count: number;
}

/** Adds what the imports of a module tell. */
export function addImportFindings(list: FindingList, module: Module): void {
  const typeOf = typeReader(module), asked = new Map<NeedName, Asked>();
  for (const item of module.imports) {
    const capability = capabilityOf({
      module: item.module,
      name: item.name,
      type: typeOf(item.kind, item.index),
    });
    if (capability === undefined) continue;
    if (capability === "host functions") {
      addStranger(list, item, () => externalText(typeOf(item.kind, item.index)));
      continue;
    }
    const imports = asked.get(capability) ?? { names: [], location: placeOf(item), count: 0 };
    asked.set(capability, imports);
    imports.count++;
    if (imports.names.length < MOST_NAMES) imports.names.push(quote(item.name));
  }
  for (const [capability, { names, location, count }] of asked) {
    const more = count - names.length;
    const detail = `It imports ${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`;
    list.add(CAPABILITY_FINDINGS[capability], () => ({ detail, location }));
  }
}

function placeOf({ kind, index, offset }: Import): FindingPlace {
  return { ...(kind === "function" ? { functionIndex: index } : {}), offset };
}

/** An import that no run provides. */
function addStranger(list: FindingList, item: Import, typeText: () => string): void {
  const { kind } = item, named = `${quote(item.module)} ${quote(item.name)}`, location = placeOf(item);
  const imitated = imitatedBy(item);
  if (imitated === undefined) {
    list.add("unknown-import", () => ({ detail: `It imports the ${kind} ${named}.`, location }));
  } else if (imitated.what === "aegis") {
    list.add("imitates-aegis", () => ({
      detail: `It imports the ${kind} ${named} of type ${
        shortened(typeText())
      }, which Aegis does not provide.`,
      location,
    }));
  } else {
    const type = providedFunctionType(imitated);
    list.add("imitates-host", () => ({
      detail: `It imports the ${kind} ${named} of type ${shortened(typeText())}; the function ${
        quote(imitated.module)
      } ${quote(imitated.name)} that a run provides has the type ${
        type === undefined ? "of none" : externalText({ kind: "function", ...type })
      }.`,
      location,
    }));
  }
}

/** Types of a thousand parameters say no more than their beginning. */
function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
