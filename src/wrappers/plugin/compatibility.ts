/** Whether a version of a plugin can take the place of another one while others use it. */
import { formatLimit, type LimitName, type Limits, resolveLimits } from "../../core/limits.ts";
import { quote } from "../../core/quote.ts";
import { formatSignature } from "../../core/signature.ts";
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

function ownOf(
  schemas: PluginManifest["schemas"],
  name: string,
): PluginManifest["schemas"][string] {
  return Object.hasOwn(schemas, name) ? schemas[name] ?? {} : {};
}

/** What a new version would like beyond the old one, in words, and beyond the limits that it is to have. */
export function grownNeeds(
  old: PluginManifest,
  next: PluginManifest,
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
