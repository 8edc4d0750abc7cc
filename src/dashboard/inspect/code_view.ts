/** The code of one function, and the search over all of it. */
import type { FunctionLine } from "../../inspection/function_code.ts";
import { type Child, element, fill } from "../dom.ts";
import { bytesText } from "../format.ts";
import { CodeSearch } from "./code_search.ts";
import { FunctionLines } from "./function_lines.ts";
import { named, offsetLink, placeLink } from "./links.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { offsetText, type Place, placeText } from "./place.ts";
import { type RowContent, WindowTable } from "./window_table.ts";

/** Lines that are read without being asked for. */
const MOST_LINES = 200_000;

/** Blocks whose depth is still seen. */
const DEEPEST = 30;

export class CodeView implements ModuleView {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #context: ViewContext;
  readonly #title = element("h2", {});
  readonly #about = element("p", { class: "soft code-about" });
  readonly #status = element("p", { class: "soft", role: "status" });
  readonly #before = navigation("Previous");
  readonly #after = navigation("Next");
  readonly #field: HTMLInputElement;
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });
  readonly #table: WindowTable;
  #lines: FunctionLines | undefined;
  #target: number | undefined;

  constructor(context: ViewContext) {
    this.#context = context;
    const search = new CodeSearch(context);
    this.search = search.input;
    this.#field = element("input", {
      type: "text",
      "aria-label": "Go to function",
      placeholder: "Index or name",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#table = new WindowTable({
      label: "Code",
      class: "window-code",
      minWidth: "34rem",
      rowHeight: 24,
      columns: [
        { title: "Offset", track: "6.5rem", class: "mono" },
        { title: "Instruction", track: "minmax(16rem, 34rem)", class: "mono instruction" },
        { title: "Names", track: "minmax(9rem, 1fr)" },
      ],
      row: (index) => this.#row(this.#lines?.lines[index], index),
    });
    this.element = element(
      "div",
      { class: "stack" },
      element("section", { class: "panel" }, search.element),
      element(
        "section",
        { class: "panel stack" },
        element(
          "div",
          { class: "title-row" },
          this.#title,
          element(
            "form",
            {
              class: "toolbar",
              onsubmit: (event) => {
                event.preventDefault();
                void this.#goTo(this.#field.value.trim());
              },
            },
            this.#field,
            element("button", {}, "Go to function"),
          ),
          element("span", { class: "toolbar" }, this.#before, this.#after),
        ),
        this.#problem,
        this.#about,
        this.#table.element,
        this.#status,
      ),
    );
  }

  show({ functionIndex, offset }: Place): void {
    const { counts, importedFunctions } = this.#context.inspector.summary;
    const index = functionIndex ?? this.#lines?.index ?? importedFunctions;
    if (index >= counts.functions) {
      fill(
        this.#title,
        counts.functions > importedFunctions ? `There is no function ${index}` : "The module has no code",
      );
      fill(this.#about);
      fill(this.#status);
      this.#table.element.hidden = true;
      this.#move(index, counts.functions);
      return;
    }
    void this.#open(index, offset);
  }

  async #open(index: number, offset: number | undefined): Promise<void> {
    const { inspector, fail } = this.#context, known = this.#lines;
    this.#target = offset;
    this.#problem.hidden = true;
    try {
      const place = offset === undefined ? 0 : known?.placeOf(offset);
      if (known?.index === index && !known.isCut && place !== undefined) {
        this.#table.show(known.lines.length);
        if (offset !== undefined) this.#table.scrollTo(place);
        return;
      }
      let lines = this.#lines = new FunctionLines(inspector, index);
      this.#move(index, inspector.summary.counts.functions);
      fill(this.#status, "Reading …");
      await this.#readOn(lines, offset);
      if (lines !== this.#lines) return;
      if (offset !== undefined && lines.placeOf(offset) === undefined) {
        lines = this.#lines = new FunctionLines(inspector, index, offset);
        await this.#readOn(lines, offset);
      }
    } catch (error) {
      fill(this.#status, "The code cannot be shown.");
      fail(error);
    }
  }

  /** Reads to the end, or as far as is done without being asked; what is known is shown at once. */
  async #readOn(lines: FunctionLines, offset: number | undefined): Promise<void> {
    const most = lines.lines.length + MOST_LINES;
    let isPlaced = offset === undefined;
    while (!lines.isComplete && lines.lines.length < most) {
      const isFirst = lines.lines.length === 0;
      await lines.more();
      if (lines !== this.#lines) return;
      if (isFirst) this.#begin(lines);
      else this.#table.grow(lines.lines.length);
      const place = isPlaced || offset === undefined ? undefined : lines.placeOf(offset);
      if (place !== undefined) {
        isPlaced = true;
        this.#table.scrollTo(place);
      }
      this.#tell(lines);
    }
  }

  #begin(lines: FunctionLines): void {
    const { entry, locals } = lines.about ?? { locals: "" };
    fill(this.#title, entry?.name === undefined ? `Function ${lines.index}` : named(entry.name));
    const parts: Child[] = [
      entry?.name !== undefined && `function ${lines.index}, `,
      entry?.type !== undefined && element("code", {}, named(entry.type)),
      entry?.size !== undefined && `, ${bytesText(entry.size)}`,
      entry?.offset !== undefined && [", at ", offsetLink(entry.offset)],
      locals !== "" && [", locals ", element("code", {}, locals)],
    ];
    fill(this.#about, parts);
    this.#table.element.hidden = lines.lines.length === 0;
    this.#table.show(lines.lines.length);
    this.#table.scrollTo(0);
  }

  #tell(lines: FunctionLines): void {
    const { length } = lines.lines, count = `${length.toLocaleString()} instructions`;
    if (length === 0) {
      fill(this.#status, "It is imported: its code is elsewhere.");
      return;
    }
    fill(
      this.#status,
      lines.isCut && [
        "What comes before is left out, and depth counts from here: ",
        placeLink({ tab: "code", functionIndex: lines.index }, "read from the beginning"),
        ". ",
      ],
      lines.isComplete ? count : length < MOST_LINES ? `${count} so far …` : [
        `${count} so far. `,
        element("button", {
          type: "button",
          class: "small",
          onclick: () => void this.#readOn(lines, undefined).catch(this.#context.fail),
        }, "Read on"),
      ],
    );
  }

  #row(line: FunctionLine | undefined, index: number): RowContent | undefined {
    if (line === undefined) return undefined;
    const { offset, text, depth, note, callee } = line;
    const isTarget = this.#target !== undefined && this.#lines?.placeOf(this.#target) === index;
    return {
      class: isTarget ? "window-target" : undefined,
      cells: [
        placeLink({ tab: "bytes", offset }, offsetText(offset), `Bytes at ${offsetText(offset)}`),
        element("span", { title: text }, "  ".repeat(Math.min(depth, DEEPEST)), text),
        callee === undefined
          ? note !== undefined && named(note)
          : placeLink({ tab: "code", functionIndex: callee }, named(note ?? `function ${callee}`)),
      ],
    };
  }

  #move(index: number, count: number): void {
    for (const [link, to] of [[this.#before, index - 1], [this.#after, index + 1]] as const) {
      const isThere = to >= 0 && to < count;
      link.hidden = !isThere;
      if (isThere) link.setAttribute("href", placeText({ tab: "code", functionIndex: to }));
    }
  }

  async #goTo(wanted: string): Promise<void> {
    const { inspector, fail } = this.#context;
    if (wanted === "") return;
    if (/^\d+$/.test(wanted)) {
      location.hash = placeText({ tab: "code", functionIndex: Number(wanted) });
      return;
    }
    try {
      const { entries } = await inspector.list({ list: "functions", from: 0, count: 100, text: wanted });
      const found = entries.find(({ name }) => name === wanted) ?? entries[0];
      this.#problem.hidden = found !== undefined;
      if (found === undefined) fill(this.#problem, "No function has a name with this text.");
      else location.hash = placeText({ tab: "code", functionIndex: found.index });
    } catch (error) {
      fail(error);
    }
  }
}

function navigation(text: string): HTMLAnchorElement {
  return element("a", { class: "button", hidden: true }, text);
}
