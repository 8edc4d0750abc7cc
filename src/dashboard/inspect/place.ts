/** What of a module is shown, as it stands in the fragment of the page's address: `#code/12/0x45`. */

/** The parts of the page, in the order of their tabs. */
export const TABS = {
  overview: "Overview",
  findings: "Findings",
  capabilities: "Capabilities",
  sections: "Sections",
  contents: "Contents",
  code: "Code",
  bytes: "Bytes",
} as const;

/** A key of {@linkcode TABS}. */
export type TabName = keyof typeof TABS;

/** The lists of the contents, in the order in which they are offered. */
export const CONTENTS = {
  exports: "Exports",
  imports: "Imports",
  functions: "Functions",
  memories: "Memories",
  tables: "Tables",
  globals: "Globals",
  tags: "Tags",
  segments: "Segments",
} as const;

/** A key of {@linkcode CONTENTS}. */
export type ContentsName = keyof typeof CONTENTS;

export interface Place {
  readonly tab: TabName;
  /** Of the contents. */
  readonly list?: ContentsName;
  /** Of the code: index of a function. */
  readonly functionIndex?: number;
  /** Of the code or the bytes, from the first byte of the module. */
  readonly offset?: number;
}

/** The fragment that leads to a place, with its `#`. */
export function placeText({ tab, list, functionIndex, offset }: Place): string {
  const parts: (string | number)[] = [tab];
  if (tab === "contents" && list !== undefined) parts.push(list);
  if (tab === "code" && functionIndex !== undefined) parts.push(functionIndex);
  if (offset !== undefined && (tab === "bytes" || tab === "code" && functionIndex !== undefined)) {
    parts.push(offsetText(offset));
  }
  return `#${parts.join("/")}`;
}

/** The place that a fragment leads to; undefined where it leads to none. */
export function readPlace(fragment: string): Place | undefined {
  const [tab = "", ...rest] = fragment.replace(/^#/, "").split("/");
  if (!isKey(TABS, tab)) return undefined;
  const [first = "", second = ""] = rest;
  if (tab === "contents") return isKey(CONTENTS, first) ? { tab, list: first } : { tab };
  if (tab === "bytes") return { tab, ...offsetOf(first) };
  if (tab !== "code" || !/^\d{1,10}$/.test(first)) return { tab };
  return { tab, functionIndex: Number(first), ...offsetOf(second) };
}

/** An offset as people write it: decimal, or hexadecimal behind `0x`; undefined where it is none. */
export function readOffset(text: string): number | undefined {
  const trimmed = text.trim();
  return /^(?:0x[\da-f]{1,12}|\d{1,12})$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** `0x1f4` */
export function offsetText(offset: number): string {
  return `0x${offset.toString(16)}`;
}

function offsetOf(text: string): Pick<Place, "offset"> {
  const offset = readOffset(text);
  return offset === undefined ? {} : { offset };
}

function isKey<Table extends object>(table: Table, name: string): name is keyof Table & string {
  return Object.hasOwn(table, name);
}
