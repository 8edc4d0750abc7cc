/**
 * Rewrites modules of the product as they are loaded, so that they count what is executed. It must run before the first
 * of them is imported; what runs in Workers is text and counts nothing.
 */
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { Counters } from "./counters.ts";
import { instrumentSource } from "./instrument_source.ts";

const SOURCES = new URL("../../../src/", import.meta.url).href;

/** Packages that read what strangers wrote. */
const PACKAGES = /\/smol-toml\//;

/** What was loaded since. */
export interface Loaded {
  readonly counters: Counters;
  /** Literals of the modules that were loaded. */
  readonly literals: ReadonlySet<string | number>;
}

/** With hooks Deno takes the JSON that a package of CommonJS requires for code. */
function asModule(url: string): { format: "commonjs"; source: string; shortCircuit: true } {
  return {
    format: "commonjs",
    source: `module.exports=${Deno.readTextFileSync(new URL(url))}`,
    shortCircuit: true,
  };
}

/** From here on modules of the product count. */
export function countLoadedModules(): Loaded {
  const counters = new Counters(), literals = new Set<string | number>();
  counters.publish();
  registerHooks({
    load(url, context, nextLoad) {
      if (url.endsWith(".json") && context.importAttributes?.["type"] !== "json") return asModule(url);
      const counts = url.startsWith(SOURCES) && !url.endsWith(".gen.ts") || PACKAGES.test(url);
      if (!counts || !/\.(?:ts|js|mjs)$/.test(url)) return nextLoad(url, context);
      const text = Deno.readTextFileSync(new URL(url));
      const plain = url.endsWith(".ts") ? stripTypeScriptTypes(text, { mode: "transform" }) : text;
      const counted = instrumentSource(plain, (branches) => counters.reserve(branches));
      for (const literal of counted.literals) literals.add(literal);
      return { format: "module", source: counted.text, shortCircuit: true };
    },
  });
  return { counters, literals };
}
