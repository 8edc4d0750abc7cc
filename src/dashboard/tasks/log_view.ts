/** A log: its lines as they come, filters, search, copying. Its text is the guest's. */
import type { LogLine } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { isShown, LOG_SOURCES, LOG_THRESHOLDS, type LogFilter } from "../log_filter.ts";
import { linesText, lineText, logLineElement } from "../log_line.ts";
import { attempt } from "../notices.ts";
import { nextFrame } from "./next_frame.ts";
import { showText } from "./shown_text.ts";

/** Lines that are kept of one execution, and a few that say what was done to it. */
const MOST = 1200;

/** Pixels from the end at which somebody wants to see what comes. */
const NEAR = 30;

export interface LogViewOptions {
  /** Whether the page's key for searching leads here. */
  readonly search: boolean;
  /** Whether the end is shown at first, and not the beginning. */
  readonly tail: boolean;
}

export class LogView {
  readonly #lines: Map<number, { readonly line: LogLine; readonly root: HTMLElement }> = new Map();
  readonly #source: HTMLSelectElement;
  readonly #level: HTMLSelectElement;
  readonly #text: HTMLInputElement;
  readonly #list: HTMLElement = element("div", {
    class: "log",
    tabindex: "0",
    role: "region",
    "aria-label": "Log",
  });
  readonly #notice: HTMLElement = element("p", { class: "hint", role: "status" });
  readonly #draw: () => void = nextFrame(() => this.#drawNew());
  #new: HTMLElement[] = [];
  /** Whether new lines are gone to. */
  #follows: boolean;
  #cut = 0;
  #empty = "Nothing was logged.";

  constructor(place: HTMLElement, { search, tail }: LogViewOptions) {
    const list = this.#list;
    this.#follows = tail;
    list.addEventListener("scroll", () => {
      this.#follows = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
    });
    const filter = () => this.#filter();
    this.#source = choice("All sources", LOG_SOURCES.map((name) => [name, name]), filter);
    this.#level = choice("All levels", LOG_THRESHOLDS.map((name) => [name, `${name} and worse`]), filter);
    this.#text = element("input", {
      type: "search",
      maxlength: 200,
      spellcheck: "false",
      autocomplete: "off",
      oninput: filter,
      "data-search": search,
    });
    fill(
      place,
      element(
        "div",
        { class: "log-tools" },
        element("label", {}, "Source", this.#source),
        element("label", {}, "Level", this.#level),
        element("label", { class: "filter-text" }, "Text", this.#text),
        element("button", { type: "button", onclick: () => void this.#copy() }, "Copy"),
      ),
      this.#list,
      this.#notice,
    );
  }

  /** Whether new lines are gone to, until the person goes elsewhere. */
  set follows(follows: boolean) {
    this.#follows = follows;
  }

  /** Lines in their order, as far as they are known. */
  get lines(): readonly LogLine[] {
    return [...this.#lines].sort(([a], [b]) => a - b).map(([, { line }]) => line);
  }

  /**
   * Shows a log. Lines that are shown already stay what they are.
   *
   * @param cut lines that were not kept
   * @param empty said where there are none
   */
  show(lines: readonly LogLine[], { cut, empty }: { readonly cut: number; readonly empty: string }): void {
    this.#cut = cut;
    this.#empty = empty;
    lines.forEach((line, index) => this.add(line, index));
    this.#draw();
  }

  clear(): void {
    this.#lines.clear();
    this.#new = [];
    this.#cut = 0;
    fill(this.#list);
    this.#draw();
  }

  /** Adds a line. @param index its place in the log; one that is there is not added again */
  add(line: LogLine, index: number): void {
    if (this.#lines.has(index) || this.#lines.size >= MOST) return;
    const root = logLineElement(line);
    root.hidden = !isShown(line, this.#filterNow());
    this.#lines.set(index, { line, root });
    this.#new.push(root);
    this.#draw();
  }

  #filterNow(): LogFilter {
    return { source: this.#source.value, level: this.#level.value, text: this.#text.value };
  }

  #drawNew(): void {
    const list = this.#list;
    list.append(...this.#new);
    this.#tell();
    if (this.#new.length > 0 && this.#follows) list.scrollTop = list.scrollHeight;
    this.#new = [];
  }

  #filter(): void {
    const filter = this.#filterNow();
    for (const { line, root } of this.#lines.values()) root.hidden = !isShown(line, filter);
    this.#tell();
  }

  #tell(): void {
    const all = this.#lines.size, filter = this.#filterNow();
    const shown = [...this.#lines.values()].filter(({ root }) => !root.hidden).length;
    const isFiltered = Object.values(filter).some((value) => value !== "");
    const parts = [
      all === 0
        ? this.#empty
        : isFiltered
        ? `${shown.toLocaleString()} of ${linesText(all)} shown.`
        : `${linesText(all)}.`,
      ...(this.#cut === 0 ? [] : [`${linesText(this.#cut)} more came, and were not kept.`]),
    ];
    this.#list.hidden = all === 0;
    showText(this.#notice, parts.join(" "));
  }

  async #copy(): Promise<void> {
    const filter = this.#filterNow(), lines = this.lines.filter((line) => isShown(line, filter));
    await attempt(
      () => navigator.clipboard.writeText(lines.map(lineText).join("\n")),
      `${linesText(lines.length)} copied`,
    );
  }
}

function choice(
  all: string,
  options: readonly (readonly [value: string, label: string])[],
  onchange: () => void,
): HTMLSelectElement {
  return element(
    "select",
    { onchange },
    element("option", { value: "" }, all),
    options.map(([value, label]) => element("option", { value }, label)),
  );
}
