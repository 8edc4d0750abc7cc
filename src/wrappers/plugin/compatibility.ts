/** Whether a version of a plugin can take the place of another one while others use it. */
import { formatLimit, type LimitName, type Limits, resolveLimits } from "../../core/limits.ts";
import { quote } from "../../core/quote.ts";
import { formatSignature } from "../../core/signature.ts";
import { formatFuncType } from "../../core/value.ts";
import type { ImportDescription } from "../../wasm/external_type.ts";
import type { PluginManifest } from "./plugin_manifest.ts";
import type { PluginShape } from "./plugin_shape.ts";
import { schemaProblems } from "./schema_compatibility.ts";

/** What callers of the old version would miss in the new one, in words; empty where they miss nothing. */
export function compatibilityProblems(old: PluginShape, next: PluginShape): string[] {
  const problems: string[] = [];
  for (const [name, signature] of old.provides) {
    const now = next.provides.get(name), before = formatSignature(name, signature);
    if (now === undefined) problems.push(`it does not provide ${before}`);
    else if (formatSignature(name, now) !== before) {
      problems.push(`it provides ${formatSignature(name, now)} in place of ${before}`);
    }
    const had = ownOf(old.manifest.schemas, name), has = ownOf(next.manifest.schemas, name);
    // It must take all that it took, and give nothing that it did not give.
    problems.push(
      ...schemaProblems(has.input ?? true, had.input ?? true, "what it takes").map((text) =>
        `${quote(name)}: ${text}`
      ),
      ...schemaProblems(had.output ?? true, has.output ?? true, "what it gives").map((text) =>
        `${quote(name)}: ${text}`
      ),
    );
  }
  return problems;
}

/**
 * What a new version imports and the old one does not, or under another type, in words: the host of the old one may have
 * registered no such function.
 */
export function importProblems(old: PluginShape, next: PluginShape): string[] {
  const key = ({ module, name }: ImportDescription) => JSON.stringify([module, name]);
  const typeText = ({ type }: ImportDescription) =>
    type.kind === "function" ? formatFuncType(type) : `of kind ${type.kind}`;
  const before = new Map(old.imports.map((item) => [key(item), typeText(item)]));
  return next.imports.flatMap((item) => {
    const had = before.get(key(item)), has = typeText(item), name = quote(`${item.module}.${item.name}`);
    if (had === undefined) return [`it imports ${name} ${has}, which the old one does not`];
    return had === has ? [] : [`it imports ${name} ${has} in place of ${had}`];
  });
}

/** What of its state a new version would lose, in words. */
export function stateProblems(old: PluginShape, next: PluginShape): string[] {
  if (!old.saves || next.restores) return [];
  return ['it takes no state, and the old one has one: say state: "drop" to have it begin anew'];
}

function ownOf(
  schemas: PluginManifest["schemas"],
  name: string,
): PluginManifest["schemas"][string] {
  return Object.hasOwn(schemas, name) ? schemas[name] ?? {} : {};
}

/** What a new version would like beyond the old one, in words, and beyond the limits that it is to have. */
export function grownNeeds(
  old: Pick<PluginManifest, "needs">,
  next: Pick<PluginManifest, "needs">,
  limits: Limits,
): { readonly capabilities: string[]; readonly limits: string[] } {
  const wanted = resolveLimits(next.needs.limits);
  const names = Object.keys(next.needs.limits) as LimitName[]; // as the manifest's reader checked
  return {
    capabilities: next.needs.capabilities.filter((word) => !old.needs.capabilities.includes(word)),
    limits: names.filter((name) => wanted[name] > limits[name])
      .map((name) =>
        `${name} ${formatLimit(name, wanted[name])} (it has ${formatLimit(name, limits[name])})`
      ),
  };
}
