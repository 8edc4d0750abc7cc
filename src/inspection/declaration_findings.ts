/** What the declarations of a module tell: memories, tables, exports, names, custom sections. */
import { UNSAFE } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { CustomSection, Module } from "../wasm/module.ts";
import { readNames } from "../wasm/names.ts";
import { readProducers } from "../wasm/producers.ts";
import { imitatesSection, isMixed } from "./imitation.ts";
import type { FindingList, FindingPlace } from "./finding_list.ts";

/** Names that a detail shows. */
const MOST_NAMES = 5;

/** A maximum from which on it is told: 1 GiB, a million elements. */
const LARGE_MAXIMUM = { pages: 16_384n, elements: 1_000_000n } as const;

/** Adds what the declarations of a module tell. */
export function addDeclarationFindings(list: FindingList, module: Module): void {
  addSizes(list, module);
  addExports(list, module);
  addNames(list, module);
  addSections(list, module);
}

function addSizes(list: FindingList, module: Module): void {
  if (module.start !== undefined) {
    const { index, offset } = module.start;
    list.add("start-function", () => ({
      detail: `Function ${index} is its start function.`,
      location: { functionIndex: index, offset },
    }));
  }
  for (const [index, { min, max, shared, offset }] of module.memories.entries()) {
    const location = { offset };
    if (max === undefined) {
      list.add("memory-without-maximum", () => ({
        detail: `Memory ${index} begins with ${
          amount(min, "page")
        } of 64KiB, and the module states no maximum.`,
        location,
      }));
    }
    if (max !== undefined && max >= LARGE_MAXIMUM.pages) {
      list.add("large-maximum", () => ({
        detail: `Memory ${index} begins with ${amount(min, "page")} of 64KiB and may have ${
          amount(max, "page")
        }.`,
        location,
      }));
    }
    if (shared) {
      list.add("shared-memory", () => ({ detail: `Memory ${index} is shared between threads.`, location }));
    }
  }
  for (const [index, { min, max, offset }] of module.tables.entries()) {
    if (max !== undefined) {
      if (max < LARGE_MAXIMUM.elements) continue;
      list.add("large-maximum", () => ({
        detail: `Table ${index} begins with ${amount(min, "element")} and may have ${
          amount(max, "element")
        }.`,
        location: { offset },
      }));
      continue;
    }
    list.add("table-without-maximum", () => ({
      detail: `Table ${index} begins with ${amount(min, "element")}, and the module states no maximum.`,
      location: { offset },
    }));
  }
}

function amount(count: bigint, noun: string): string {
  return `${count} ${noun}${count === 1n ? "" : "s"}`;
}

const EXPORT_FINDINGS = {
  memory: "exported-memory",
  table: "exported-table",
  global: "exported-variable",
} as const;

function addExports(list: FindingList, module: Module): void {
  for (const { name, kind, index, offset } of module.exports) {
    if (kind === "function" || kind === "tag") continue;
    if (kind === "global" && !module.globals[index]?.mutable) continue;
    list.add(EXPORT_FINDINGS[kind], () => ({
      detail: `It exports ${kind} ${index} as ${quote(name)}.`,
      location: { offset },
    }));
  }
}

function addNames(list: FindingList, module: Module): void {
  const names = readNames(module);
  const look = (what: string, name: string, location: FindingPlace) => {
    if (name.search(UNSAFE) < 0 && !isMixed(name)) return;
    list.add("deceptive-name", () => ({ detail: `The name of ${what} is ${quote(name)}.`, location }));
  };
  for (const { name, kind, index, offset } of module.exports) {
    look("an export", name, { ...(kind === "function" ? { functionIndex: index } : {}), offset });
  }
  for (const { module: from, name, kind, index, offset } of module.imports) {
    const location = { ...(kind === "function" ? { functionIndex: index } : {}), offset };
    look("an import", name, location);
    look("the module of an import", from, location);
  }
  for (const { name, offset } of module.customs) look("a custom section", name, { offset });
  for (let functionIndex = 0; functionIndex < module.functions.length; functionIndex++) {
    const name = names.of("function", functionIndex);
    if (name !== undefined) look(`function ${functionIndex}`, name, { functionIndex });
  }
  for (const detail of names.notes) list.add("malformed-names", () => ({ detail }));
}

/** Custom sections that only debuggers read; spelled so that nobody takes a script that has this for one with a source map. */
const DEBUG_SECTION = /^(?:\.debug_|reloc\.\.debug_|sourceMapping(?:URL)$|external_debug_info$)/;

/** Custom sections whose readers are known. */
const KNOWN_SECTION =
  /^(?:name|producers|target_features|dylink(?:\.0)?|linking|build_id|reloc\..*|\.debug_.*|sourceMapping.*|external_debug_info|component-type.*|component-name|metadata\.code\..*|aegis:.*)$/;

/** Bytes of an unknown one from which on it is told. */
const LARGE_SECTION = 64 * 1024;

function addSections(list: FindingList, module: Module): void {
  const [first, ...others] = module.customs.filter(({ name }) => DEBUG_SECTION.test(name));
  if (first !== undefined) addDebugSections(list, [first, ...others]);
  for (const { name, offset, start, end } of module.customs) {
    if (imitatesSection(name)) {
      list.add("imitates-aegis", () => ({
        detail: `It holds the section ${quote(name)}, which Aegis does not read.`,
        location: { offset },
      }));
    } else if (end - start >= LARGE_SECTION && !KNOWN_SECTION.test(name)) {
      list.add("unknown-section", () => ({
        detail: `It holds ${formatByteSize(end - start)} in ${quote(name)}.`,
        location: { offset },
      }));
    }
  }
  const producers = readProducers(module);
  if (producers.length > 0) {
    const shown = producers.slice(0, MOST_NAMES).map(({ field, name, version }) =>
      `${field} ${quote(version === "" ? name : `${name} ${version}`)}`
    );
    const offset = module.customs.find(({ name }) => name === "producers")?.offset;
    list.add("producers", () => ({
      detail: `It names ${listed(shown, producers.length)}.`,
      ...(offset === undefined ? {} : { location: { offset } }),
    }));
  }
}

function addDebugSections(
  list: FindingList,
  sections: readonly [CustomSection, ...(readonly CustomSection[])],
): void {
  const shown = sections.slice(0, MOST_NAMES).map(({ name }) => quote(name));
  const bytes = sections.reduce((sum, { start, end }) => sum + end - start, 0);
  list.add("debug-sections", () => ({
    detail: `It holds ${formatByteSize(bytes)} in ${listed(shown, sections.length)}.`,
    location: { offset: sections[0].offset },
  }));
}

function listed(shown: readonly string[], count: number): string {
  return shown.join(", ") + (count > shown.length ? `, and ${count - shown.length} more` : "");
}
