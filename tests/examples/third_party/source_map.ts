import type { GuestValue, Session } from "../instance.ts";
import { callUnsigned, writeText } from "../guest_memory.ts";
import { packageBytes } from "./package_file.ts";
import type { DrivenModule } from "./packaged_module.ts";

/**
 * Line 1 maps column 0 to source 0, line 1, column 0, and column 7 to line 1, column 4 with name 0; line 2 is empty;
 * line 3 maps column 2 to source 1, line 3, column 1. Digits by the "Mappings structure" of the specification.
 */
const MAPPINGS = "AAAA,OAAIA;;ECEH";

const CALLBACK = {
  params: Array.from({ length: 10 }, () => "i32"),
  results: [],
};

/** One mapping as `generated line:column -> source line:column name`; lines count from zero, as the module does. */
function describe(args: GuestValue[]): string {
  const [line, column, , , hasOriginal, source, originalLine, originalColumn, hasName, name] = args;
  const original = hasOriginal ? ` -> ${source} ${originalLine}:${originalColumn}` : "";
  return `${line}:${column}${original}${hasName ? ` name ${name}` : ""}`;
}

function session(): Session {
  let seen: string[] = [];
  return {
    imports: { env: { mapping_callback: { ...CALLBACK, fn: (...args) => void seen.push(describe(args)) } } },
    async drive(instance) {
      const text = await callUnsigned(instance, "allocate_mappings", MAPPINGS.length);
      await writeText(instance, text, MAPPINGS);
      const mappings = await callUnsigned(instance, "parse_mappings", text);
      await instance.call("by_generated_location", [mappings]);
      const byGenerated = seen;
      seen = [];
      await instance.call("original_location_for", [mappings, 0, 9, 1]);
      const atColumnNine = seen;
      await instance.call("free_mappings", [mappings]);
      const broken = await callUnsigned(instance, "allocate_mappings", 1);
      await writeText(instance, broken, "!");
      const refused = await callUnsigned(instance, "parse_mappings", broken) === 0;
      return { byGenerated, atColumnNine, refused };
    },
  };
}

/** The decoder of source maps; Rust compiled to WebAssembly, one import. */
export const sourceMap: DrivenModule = {
  name: "source-map",
  package: "source-map",
  version: "0.8.0",
  size: 48_526,
  bytes: () => packageBytes("source-map", "lib/mappings.wasm"),
  note: "decodes mappings and looks one up; the module calls back for each; expected by hand from the digits",
  session,
  expected: {
    byGenerated: ["0:0 -> 0 0:0", "0:7 -> 0 0:4 name 0", "2:2 -> 1 2:1"],
    atColumnNine: ["0:7 -> 0 0:4 name 0"],
    refused: true,
  },
};
