/** The sections of a module: a picture to scale for the eye, and a table, which everybody can read. */
import { element, fill } from "../dom.ts";
import { bytesText, exactText, percentText } from "../format.ts";
import { named, offsetLink, placeLink } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { type PicturePart, pictureParts } from "./picture_parts.ts";
import { placeText } from "./place.ts";
import { MOST_SECTIONS, readSections, type SectionPart } from "./section_map.ts";
import { WindowTable } from "./window_table.ts";

/** Sections with a colour of their own; the others share one. */
const COLOURED = [
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "element",
  "code",
  "data",
];

export function sectionsView({ inspector, fail }: ViewContext): ModuleView {
  const { size, counts } = inspector.summary;
  let all: readonly SectionPart[] = [], shown: readonly SectionPart[] = [];
  const table = new WindowTable({
    label: "Sections",
    minWidth: "36rem",
    columns: [
      { title: "Section", track: "minmax(9rem, 1fr)" },
      { title: "Size", track: "5rem", class: "number" },
      { title: "Share", track: "4rem", class: "number" },
      { title: "Offset", track: "6.5rem", class: "mono" },
      { title: "Kind", track: "6rem" },
    ],
    row: (index) => {
      const part = shown[index];
      if (part === undefined) return undefined;
      const { name, kind, offset } = part;
      return {
        cells: [
          [
            element("span", { class: `swatch ${colourOf(part)}`, "aria-hidden": "true" }),
            " ",
            placeLink({ tab: "bytes", offset }, named(name)),
          ],
          element("span", { title: `${exactText(part.size)} bytes` }, bytesText(part.size)),
          percentText(part.size, size),
          offsetLink(offset),
          kind === "head" ? "–" : kind === "custom" ? "custom" : "standard",
        ],
      };
    },
  });
  const picture = element("div", { class: "section-bar", "aria-hidden": "true" });
  const status = element("p", { class: "soft", role: "status" }, "Reading the sections …");
  const search = element("input", {
    type: "search",
    placeholder: "Part of a name",
    "aria-label": "Search the sections",
    oninput: () => filter(),
  });
  const filter = () => {
    const text = search.value.toLowerCase();
    shown = all.filter(({ name }) => name.toLowerCase().includes(text));
    table.show(shown.length);
    fill(
      status,
      text === ""
        ? `${counts.sections.toLocaleString()} sections of ${bytesText(size)}`
        : `${shown.length.toLocaleString()} of ${all.length.toLocaleString()} have this text`,
      counts.sections > MOST_SECTIONS && `; of them the first ${MOST_SECTIONS.toLocaleString()} are shown`,
    );
  };
  readSections(inspector).then((parts) => {
    all = parts;
    fill(picture, pictureParts(parts).map((part) => pictureLink(part, size)));
    filter();
  }, fail);
  return {
    search,
    element: element(
      "section",
      { class: "panel stack" },
      element("h2", {}, "Sections"),
      picture,
      element(
        "p",
        { class: "hint" },
        "Widths are to scale; the smallest are drawn wider. Each leads to its bytes.",
      ),
      element("div", { class: "toolbar" }, search, status),
      table.element,
    ),
  };
}

/** For the eye and the mouse alone: the table says the same. */
function pictureLink(part: PicturePart, whole: number): HTMLElement {
  const { name, offset, size, count } = part, share = percentText(size, whole);
  const link = element(
    "a",
    {
      href: placeText(count > 1 ? { tab: "sections" } : { tab: "bytes", offset }),
      class: colourOf(part),
      tabindex: -1,
      title: `${name}: ${bytesText(size)}, ${share}`,
    },
    size / whole > 0.05 && [
      element("span", {}, name),
      element("span", { class: "section-share" }, share),
    ],
  );
  link.style.flexGrow = String(size / Math.max(1, whole));
  return link;
}

function colourOf({ name, kind }: SectionPart): string {
  if (kind === "head") return "section-head";
  if (kind === "custom") return "section-custom";
  return COLOURED.includes(name) ? `section-${name}` : "section-other";
}
