/** An inspection for people: the parts that were asked for, each under a heading with its count. */
import { formatOffset } from "../core/bytes.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { messageOf } from "./failure.ts";
import { INSPECT_PARTS, type InspectPart } from "./flags/module_flags.ts";
import { externalText } from "../inspection/external_text.ts";
import type { ExternalEntry, Inspection, ItemEntry, SegmentEntry } from "../inspection/inspection.ts";
import { printable, printableName } from "./printable.ts";

function externalLine({ from, name, type }: ExternalEntry): string {
  const full = from === undefined ? printableName(name) : `${printableName(from)}.${printableName(name)}`;
  return `${full} [${type.kind}]: ${externalText(type)}`;
}

function itemLine({ index, imported, name, type, size }: ItemEntry): string {
  return `#${index} ${name === undefined ? "" : `${printableName(name)} `}[${type.kind}]: ${
    externalText(type)
  }` +
    (imported ? ", imported" : "") + (size === undefined ? "" : `, ${formatByteSize(size)}`);
}

function segmentLine({ kind, index, mode, name, target, size, type }: SegmentEntry): string {
  const into = target === undefined ? "" : ` into ${kind === "data" ? "memory" : "table"} ${target}`;
  const amount = kind === "data" ? formatByteSize(size) : `${size} ${type}`;
  return `#${index} ${
    name === undefined ? "" : `${printableName(name)} `
  }[${kind}]: ${amount}, ${mode}${into}`;
}

const PARTS: Readonly<Record<InspectPart, { title: string; lines: (inspection: Inspection) => string[] }>> = {
  exports: { title: "Exports", lines: ({ exports }) => exports.map(externalLine) },
  imports: { title: "Imports", lines: ({ imports }) => imports.map(externalLine) },
  memory: { title: "Memories", lines: ({ memories }) => memories.map(itemLine) },
  tables: { title: "Tables", lines: ({ tables }) => tables.map(itemLine) },
  globals: { title: "Globals", lines: ({ globals }) => globals.map(itemLine) },
  tags: { title: "Tags", lines: ({ tags }) => tags.map(itemLine) },
  segments: { title: "Segments", lines: ({ segments }) => segments.map(segmentLine) },
  sections: {
    title: "Sections",
    lines: ({ sections }) =>
      sections.map(({ name, custom, offset, size }) =>
        `${custom ? `custom ${printableName(name)}` : name}: ${formatByteSize(size)} at offset ${
          formatOffset(offset)
        }`
      ),
  },
  producers: {
    title: "Producers",
    lines: ({ producers }) =>
      producers.map(({ field, name, version }) =>
        printable(`${field}: ${name}${version === "" ? "" : ` ${version}`}`)
      ),
  },
  features: { title: "Features", lines: ({ features }) => [...features] },
  names: { title: "Functions", lines: ({ functions }) => functions.map(itemLine) },
  needs: {
    title: "Needs",
    lines: ({ needs }) =>
      needs.map(({ capability, doc, imports, flags }) =>
        `${capability}: ${doc} (${imports.slice(0, 5).map(printable).join(", ")}${
          imports.length > 5 ? `, and ${imports.length - 5} more` : ""
        })${flags.length === 0 ? "" : `, granted by ${flags.join(", ")}`}`
      ),
  },
};

function block(part: InspectPart, inspection: Inspection): { text: string; empty: boolean } {
  const { title, lines } = PARTS[part];
  const found = lines(inspection);
  return {
    text: `${title} (${found.length}):\n${found.map((line) => `  ${line}\n`).join("")}`,
    empty: found.length === 0,
  };
}

function countText(count: number, imported: number): string {
  return imported === 0 ? String(count) : `${count}, ${imported} of them imported`;
}

/** What the module asks for, with the flags that grant it. */
function needsText({ needs }: Inspection): string | undefined {
  if (needs.length === 0) return undefined;
  return needs.map(({ capability, flags }) => {
    if (capability === "host functions") return 'host functions, which "aegis run" does not offer';
    return flags.length === 0 ? capability : `${capability} (${flags.join(", ")})`;
  }).join("; ");
}

/** The few lines below a listing that was not narrowed. */
function overview(inspection: Inspection): string {
  const { functions, memories, features, start, moduleName, refusals } = inspection;
  const rows: [string, string | undefined][] = [
    ["Name", moduleName],
    ["Size", `${formatByteSize(inspection.size)} in ${inspection.sections.length} sections`],
    ["Functions", countText(functions.length, functions.filter((item) => item.imported).length)],
    ["Memory", memories.length === 0 ? undefined : memories.map(({ type }) => externalText(type)).join("; ")],
    ["Start function", start === undefined ? undefined : String(start)],
    ["Features", features.length === 0 ? undefined : features.join(", ")],
    ["Needs", needsText(inspection)],
    ...refusals.map((refusal): [string, string] => ["Refused", messageOf(refusal)]),
  ];
  return rows.filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${label}: ${printable(value ?? "")}\n`).join("");
}

/**
 * Prints an inspection.
 *
 * @param shown the module as the person named it; undefined for the parts alone, without a line about the module
 * @param parts what to show; none for exports, imports and a few lines about the rest; of all parts, those
 * that are empty are left out
 */
export function inspectionText(
  inspection: Inspection,
  shown: string | undefined,
  parts: readonly InspectPart[],
): string {
  const chosen = parts.length === 0 ? ["exports", "imports"] as const : parts;
  const all = parts.length === INSPECT_PARTS.length;
  const blocks = chosen.map((part) => block(part, inspection)).filter(({ empty }) => !(all && empty));
  const texts = blocks.map(({ text }) => text);
  if (shown === undefined) return texts.join("\n");
  texts.unshift(`Module: ${printable(shown)}\n`);
  if (all || parts.length === 0) texts.push(overview(inspection));
  return texts.join("\n");
}
