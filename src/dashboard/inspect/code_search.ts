/** A search over all code of a module, and its hits. */
import type { CodeHit, SearchPosition } from "../../inspection/search_code.ts";
import { element, fill } from "../dom.ts";
import { named, placeLink } from "./links.ts";
import type { ViewContext } from "./module_view.ts";
import { offsetText } from "./place.ts";
import { WindowTable } from "./window_table.ts";

export class CodeSearch {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #context: ViewContext;
  readonly #status = element("p", { class: "soft", role: "status" });
  readonly #further = element(
    "button",
    { type: "button", class: "small", hidden: true, onclick: () => void this.#run(this.#next) },
    "Search on from there",
  );
  readonly #table: WindowTable;
  #hits: readonly CodeHit[] = [];
  #next: SearchPosition | undefined;
  #running: AbortController | undefined;
  #text = "";

  constructor(context: ViewContext) {
    this.#context = context;
    this.input = element("input", {
      type: "search",
      placeholder: "call_indirect, a name, i32.const 42 …",
      "aria-label": "Search all code",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#table = new WindowTable({
      label: "Lines that have the text",
      class: "window-hits",
      minWidth: "40rem",
      columns: [
        { title: "Offset", track: "7rem", class: "mono" },
        { title: "Function", track: "minmax(9rem, 1fr)" },
        { title: "Instruction", track: "minmax(14rem, 2fr)", class: "mono" },
      ],
      row: (index) => {
        const hit = this.#hits[index];
        if (hit === undefined) return undefined;
        const { functionIndex, functionName, offset, text, note } = hit;
        const place = { tab: "code", functionIndex, offset } as const;
        return {
          cells: [
            placeLink(place, offsetText(offset)),
            named(functionName ?? `function ${functionIndex}`),
            [named(text), note !== undefined && element("span", { class: "soft" }, " ", named(note))],
          ],
        };
      },
    });
    this.#table.element.hidden = true;
    this.element = element(
      "div",
      { class: "code-search" },
      element(
        "form",
        {
          class: "toolbar",
          role: "search",
          onsubmit: (event) => {
            event.preventDefault();
            this.#text = this.input.value.trim();
            void this.#run(undefined);
          },
        },
        this.input,
        element("button", {}, "Search all code"),
        this.#status,
        this.#further,
      ),
      this.#table.element,
    );
  }

  async #run(from: SearchPosition | undefined): Promise<void> {
    this.#running?.abort();
    const { inspector, fail } = this.#context, running = this.#running = new AbortController();
    this.#further.hidden = true;
    if (this.#text === "") {
      fill(this.#status);
      this.#table.element.hidden = true;
      return;
    }
    fill(this.#status, "Searching …");
    try {
      const { hits, next } = await inspector.search(this.#text, { from, signal: running.signal });
      if (running !== this.#running) return;
      this.#hits = hits;
      this.#next = next;
      this.#table.element.hidden = hits.length === 0;
      this.#table.show(hits.length);
      this.#table.scrollTo(0);
      this.#further.hidden = next === undefined;
      fill(this.#status, statusText(hits.length, next, from));
    } catch (error) {
      if (running !== this.#running) return;
      fill(this.#status, "The search has ended early.");
      fail(error);
    }
  }
}

function statusText(
  count: number,
  next: SearchPosition | undefined,
  from: SearchPosition | undefined,
): string {
  const where = from === undefined ? "" : ` from function ${from.functionIndex} on`;
  const lines = count === 0 ? "No line has this text" : count === 1 ? "1 line" : `${count} lines`;
  if (next === undefined) return `${lines}${where}.`;
  const { functionIndex, offset } = next;
  const at = offset === undefined ? "" : ` at ${offsetText(offset)}`;
  return `${lines}${where}; cut in function ${functionIndex}${at}.`;
}
