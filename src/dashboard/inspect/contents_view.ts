/** What a module imports, exports and has, list by list. */
import { element, fill } from "../dom.ts";
import { countText } from "../format.ts";
import { listColumns } from "./list_columns.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { PagedEntries } from "./paged_entries.ts";
import { CONTENTS, type ContentsName, type Place, placeText } from "./place.ts";
import { soon } from "../soon.ts";
import { WindowTable } from "./window_table.ts";

/** Milliseconds between two looks at what is being typed. */
const PAUSE = 120;

const NAMES = Object.keys(CONTENTS) as readonly ContentsName[]; // its keys

export class ContentsView implements ModuleView {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #context: ViewContext;
  readonly #choices = new Map<ContentsName, HTMLElement>();
  readonly #status = element("p", { class: "soft", role: "status" });
  readonly #frame = element("div");
  #list: ContentsName | undefined;
  #entries: PagedEntries | undefined;
  #searched = "";

  constructor(context: ViewContext) {
    this.#context = context;
    const { counts } = context.inspector.summary;
    for (const name of NAMES) {
      this.#choices.set(
        name,
        element(
          "a",
          { class: "list-choice", href: placeText({ tab: "contents", list: name }) },
          CONTENTS[name],
          element("span", { class: "tab-count" }, countText(counts[name])),
        ),
      );
    }
    const look = soon(() => this.#look(), PAUSE);
    this.search = element("input", {
      type: "search",
      placeholder: "Part of a name",
      "aria-label": "Search the list",
      oninput: look,
    });
    this.element = element(
      "section",
      { class: "panel stack" },
      element("h2", {}, "Contents"),
      element(
        "nav",
        { "aria-label": "Lists" },
        element(
          "ul",
          { class: "list-choices" },
          [...this.#choices.values()].map((one) => element("li", {}, one)),
        ),
      ),
      element("div", { class: "toolbar" }, this.search, this.#status),
      this.#frame,
    );
  }

  show({ list }: Place): void {
    this.#showList(list ?? this.#list ?? "exports");
  }

  #showList(list: ContentsName): void {
    if (list === this.#list) return;
    this.#list = list;
    for (const [name, choice] of this.#choices) {
      if (name === list) choice.setAttribute("aria-current", "true");
      else choice.removeAttribute("aria-current");
    }
    const { inspector, fail } = this.#context, { importedFunctions } = inspector.summary;
    const columns = listColumns(list, { importedFunctions });
    const entries = new PagedEntries({
      ask: (question) => inspector.list({ list, ...question }),
      onTotal: (total) => {
        if (entries !== this.#entries) return;
        table.show(total);
        this.#tell(total);
        table.element.hidden = total === 0;
      },
      onPart: (from, count) => table.update(from, count),
      onError: fail,
    });
    const table = new WindowTable({
      label: CONTENTS[list],
      columns,
      minWidth: "44rem",
      row: (index) => {
        const entry = entries.at(index);
        return entry && { cells: columns.map(({ cell }) => cell(entry)) };
      },
    });
    this.#entries = entries;
    this.search.value = this.#searched = "";
    fill(this.#frame, table.element);
    fill(this.#status, "Reading …");
    entries.search("");
  }

  #look(): void {
    if (this.search.value === this.#searched) return;
    this.#searched = this.search.value;
    this.#entries?.search(this.#searched);
  }

  #tell(total: number): void {
    const list = this.#list ?? "exports", whole = this.#context.inspector.summary.counts[list];
    const what = CONTENTS[list].toLowerCase();
    fill(
      this.#status,
      whole === 0
        ? `The module has no ${what}.`
        : this.#searched === ""
        ? `${whole.toLocaleString()} ${what}`
        : total === 0
        ? "No name has this text."
        : `${total.toLocaleString()} of ${whole.toLocaleString()} have this text`,
    );
  }
}
