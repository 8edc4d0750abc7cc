/** The bytes of a file, whatever they are: to look at, to go to, and to search. */
import { element, fill } from "../dom.ts";
import { exactText } from "../format.ts";
import { asciiText, findBytes, hexText, readPattern } from "./hex_text.ts";
import { named } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { offsetText, type Place, placeText, readOffset } from "./place.ts";
import { partAt, partsFrom, readSections, type SectionPart } from "./section_map.ts";
import { type RowContent, WindowTable } from "./window_table.ts";

/** Bytes of a row, and of one where there is little room. */
const WIDE = 16, NARROW = 8;

/** Bytes that are pointed at. */
interface Target {
  readonly offset: number;
  readonly size: number;
}

export class BytesView implements ModuleView {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #bytes: Uint8Array;
  readonly #perRow: number = matchMedia("(max-width: 700px)").matches ? NARROW : WIDE;
  readonly #table: WindowTable;
  readonly #kind: HTMLSelectElement;
  readonly #offset: HTMLInputElement;
  readonly #status = element("p", { class: "soft", role: "status" });
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });
  #sections: readonly SectionPart[] = [];
  #target: Target | undefined;
  #running: AbortController | undefined;

  constructor({ module, inspector, fail }: Pick<ViewContext, "module" | "fail"> & Partial<ViewContext>) {
    this.#bytes = module.bytes;
    const wide = this.#perRow === WIDE;
    this.#table = new WindowTable({
      label: "Bytes",
      class: "window-bytes",
      minWidth: wide ? "52rem" : "33rem",
      rowHeight: 24,
      columns: [
        { title: "Offset", track: wide ? "6rem" : "4.5rem", class: "mono soft" },
        { title: "Bytes", track: wide ? "26rem" : "13.5rem", class: "mono" },
        { title: "Text", track: wide ? "9.5rem" : "5rem", class: "mono" },
        { title: "Section", track: "minmax(6rem, 1fr)" },
      ],
      row: (index) => this.#row(index),
    });
    this.#offset = element("input", {
      type: "text",
      "aria-label": "Offset",
      placeholder: "0x1f4 or 500",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#kind = element(
      "select",
      { "aria-label": "What is searched for" },
      element("option", { value: "hex" }, "Bytes (hex)"),
      element("option", { value: "text" }, "Text"),
    );
    this.search = element("input", {
      type: "search",
      "aria-label": "Search the bytes",
      placeholder: "00 61 73 6d",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#kind.addEventListener("change", () => {
      this.search.placeholder = this.#kind.value === "hex" ? "00 61 73 6d" : "Hello";
    });
    this.element = element(
      "section",
      { class: "panel stack" },
      element("h2", {}, "Bytes"),
      element(
        "div",
        { class: "toolbar bytes-tools" },
        form(() => this.#goTo(), this.#offset, element("button", {}, "Go to offset")),
        form(
          () => void this.#find(),
          this.#kind,
          this.search,
          element("button", {}, "Find next"),
        ),
      ),
      this.#problem,
      this.#status,
      this.#table.element,
    );
    this.#table.show(Math.ceil(this.#bytes.length / this.#perRow));
    this.#tellWhole();
    if (inspector !== undefined) {
      readSections(inspector).then((sections) => {
        this.#sections = sections;
        this.#table.update(0, Infinity);
        if (this.#target !== undefined) this.#tell(this.#target);
      }, fail);
    }
  }

  show({ offset }: Place): void {
    if (offset !== undefined) this.#point({ offset, size: 1 });
  }

  #goTo(): void {
    const offset = readOffset(this.#offset.value);
    if (offset === undefined) return this.#refuse("Give an offset as 500 or 0x1f4.");
    this.#problem.hidden = true;
    const place = placeText({ tab: "bytes", offset });
    if (location.hash === place) this.#point({ offset, size: 1 });
    else location.hash = place;
  }

  #point(target: Target): void {
    if (target.offset >= this.#bytes.length) {
      this.#refuse(
        `Offset ${offsetText(target.offset)} is behind the end, ${offsetText(this.#bytes.length)}.`,
      );
      return;
    }
    this.#problem.hidden = true;
    this.#target = target;
    this.#table.update(0, Infinity);
    this.#table.scrollTo(Math.floor(target.offset / this.#perRow));
    this.#tell(target);
  }

  /** From behind what was found last; from the beginning where there is nothing more. */
  async #find(): Promise<void> {
    const kind = this.#kind.value === "text" ? "text" : "hex", pattern = readPattern(this.search.value, kind);
    if (typeof pattern === "string") return this.#refuse(pattern);
    this.#problem.hidden = true;
    this.#running?.abort();
    const { signal } = this.#running = new AbortController();
    const from = this.#target === undefined ? 0 : this.#target.offset + 1;
    fill(this.#status, "Searching …");
    try {
      const after = await findBytes(this.#bytes, { pattern, from, signal });
      const found = after ??
        (from === 0 ? undefined : await findBytes(this.#bytes, { pattern, from: 0, signal }));
      if (found === undefined) {
        fill(this.#status, "These bytes are not in the file.");
        return;
      }
      this.#point({ offset: found, size: pattern.length });
      history.replaceState(null, "", placeText({ tab: "bytes", offset: found }));
      if (after === undefined) this.#status.append(" The search has started again from the beginning.");
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #refuse(problem: string): void {
    fill(this.#problem, problem);
    this.#problem.hidden = false;
  }

  #tellWhole(): void {
    const { length } = this.#bytes;
    fill(this.#status, length === 0 ? "The file is empty." : `${exactText(length)} bytes`);
  }

  #tell({ offset, size }: Target): void {
    const section = partAt(this.#sections, offset), last = offset + size - 1;
    fill(
      this.#status,
      size > 1
        ? `${offsetText(offset)} to ${offsetText(last)}`
        : `${offsetText(offset)} (${exactText(offset)})`,
      section !== undefined && [", in ", sectionName(section), `, from ${offsetText(section.offset)} on`],
    );
  }

  #row(index: number): RowContent {
    const offset = index * this.#perRow, bytes = this.#bytes.subarray(offset, offset + this.#perRow);
    const section = partAt(this.#sections, offset);
    const begin = partsFrom(this.#sections, offset, offset + bytes.length);
    return {
      class: begin.length > 0 ? "window-begins" : undefined,
      cells: [
        offsetText(offset),
        this.#marked(bytes, { offset, step: 3, text: hexText }),
        this.#marked(bytes, { offset, step: 1, text: asciiText }),
        begin.length > 0
          ? element("strong", {}, named(begin.map(({ name }) => name).join(", ")))
          : section !== undefined && named(section.name),
      ],
    };
  }

  /** The text of a row, with what is pointed at marked. @param step characters of a byte, with what is between two */
  #marked(
    bytes: Uint8Array,
    { offset, step, text }: {
      readonly offset: number;
      readonly step: number;
      readonly text: (bytes: Uint8Array) => string;
    },
  ): (string | HTMLElement)[] {
    const whole = text(bytes), begin = (this.#target?.offset ?? Infinity) - offset;
    const end = begin + (this.#target?.size ?? 0);
    if (begin >= bytes.length || end <= 0) return [whole];
    const from = Math.max(0, begin) * step, to = Math.min(bytes.length, end) * step - (step - 1);
    return [whole.slice(0, from), element("mark", {}, whole.slice(from, to)), whole.slice(to)];
  }
}

function sectionName({ kind, name }: SectionPart): (string | HTMLElement)[] {
  return kind === "head"
    ? [name]
    : kind === "custom"
    ? ["the custom section ", named(name)]
    : ["the section ", named(name)];
}

function form(submit: () => void, ...fields: readonly HTMLElement[]): HTMLElement {
  return element(
    "form",
    {
      class: "toolbar",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    ...fields,
  );
}
