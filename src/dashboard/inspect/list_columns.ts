/** The columns of each list of a module. */
import type { Child } from "../dom.ts";
import { bytesText } from "../format.ts";
import type { ListEntry } from "../inspector/inspector_protocol.ts";
import { named, offsetLink, placeLink } from "./links.ts";
import type { ContentsName } from "./place.ts";
import type { Column } from "./window_table.ts";

/** A column, and what stands in it. */
export interface ListColumn extends Column {
  readonly cell: (entry: ListEntry) => Child;
}

/** What cells need to know of the module. */
interface About {
  readonly importedFunctions: number;
}

/** The columns of a list. */
export function listColumns(list: ContentsName, { importedFunctions }: About): readonly ListColumn[] {
  const name: ListColumn = {
    title: "Name",
    track: "minmax(10rem, 1.5fr)",
    cell: ({ kind, index, name, imported }) => {
      const text = name === undefined ? undefined : named(name);
      if (kind !== "function" || index < importedFunctions || imported === true) return text ?? "–";
      const doc = name === undefined ? `Code of function ${index}` : undefined;
      return placeLink({ tab: "code", functionIndex: index }, text ?? `function ${index}`, doc);
    },
  };
  switch (list) {
    case "exports":
      return [name, KIND, TYPE, INDEX];
    case "imports":
      return [FROM, name, KIND, TYPE, INDEX];
    case "functions":
      return [INDEX, name, TYPE, SIZE, OFFSET];
    case "memories":
    case "tables":
    case "globals":
    case "tags":
      return [INDEX, name, TYPE, ORIGIN];
    case "segments":
      return [INDEX, KIND, name, MODE, SEGMENT_SIZE, OFFSET];
  }
}

const INDEX: ListColumn = { title: "Index", track: "5.5rem", class: "number", cell: ({ index }) => index };
const KIND: ListColumn = { title: "Kind", track: "5.5rem", cell: ({ kind }) => kind };
const TYPE: ListColumn = {
  title: "Type",
  track: "minmax(10rem, 1.5fr)",
  class: "mono",
  cell: ({ type }) => type === undefined ? "–" : named(type),
};
const FROM: ListColumn = {
  title: "Module",
  track: "minmax(8rem, 1fr)",
  cell: ({ from }) => from === undefined ? "–" : named(from),
};
const SIZE: ListColumn = {
  title: "Size",
  track: "6rem",
  class: "number",
  cell: ({ size, imported }) => imported ? "imported" : bytesText(size),
};
const OFFSET: ListColumn = {
  title: "Offset",
  track: "6.5rem",
  class: "mono",
  cell: ({ offset }) => offset === undefined ? "–" : offsetLink(offset),
};
const ORIGIN: ListColumn = {
  title: "Origin",
  track: "7rem",
  cell: ({ imported }) => imported ? "imported" : "its own",
};
const MODE: ListColumn = {
  title: "Mode",
  track: "minmax(9rem, 1fr)",
  cell: ({ kind, mode, target }) =>
    target === undefined ? mode : `${mode}, ${kind === "data" ? "memory" : "table"} ${target}`,
};
const SEGMENT_SIZE: ListColumn = {
  title: "Size",
  track: "minmax(7rem, 1fr)",
  class: "number",
  cell: ({ kind, size, type }) =>
    kind === "data" ? bytesText(size) : `${(size ?? 0).toLocaleString()} ${type ?? "elements"}`,
};
