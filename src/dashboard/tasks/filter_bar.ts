/** The fields above a list: text, module, group, time, and the statuses as chips. */
import type { Module } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { shortText } from "../format.ts";
import { isFiltered, type ListFilter, NO_FILTER, type Status } from "./list_filter.ts";
import { StatusChips, type StatusCounts } from "./status_chips.ts";
import { TimeField } from "./time_field.ts";

export interface FilterBarOptions {
  readonly statuses: readonly Status[];
  /** What is looked through: `Name`. */
  readonly textLabel: string;
  /** What has its time: `Made`. */
  readonly timeLabel: string;
  /** Whether there is a field for groups. */
  readonly groups: boolean;
  /** @param typing whether it comes of a text that is still being typed */
  readonly onChange: (filter: ListFilter, typing: boolean) => void;
}

/** Milliseconds after the last key until a text counts. */
const TYPING = 250;

/** Groups that are proposed. */
const MOST_GROUPS = 200;

export class FilterBar {
  readonly #options: FilterBarOptions;
  readonly #chips: StatusChips;
  readonly #text: HTMLInputElement = textField("search");
  readonly #group: HTMLInputElement = textField("text");
  readonly #groups: HTMLElement = element("datalist", { id: "filter-groups" });
  readonly #module: HTMLSelectElement = element("select");
  readonly #time: TimeField;
  readonly #clear: HTMLButtonElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: HTMLElement, options: FilterBarOptions) {
    const changed = () => this.#tell(false);
    this.#options = options;
    this.#chips = new StatusChips(options.statuses, changed);
    this.#time = new TimeField(options.timeLabel, changed);
    this.#clear = element(
      "button",
      { type: "button", class: "quiet", onclick: () => this.#reset() },
      "Clear filters",
    );
    this.#module.addEventListener("change", changed);
    for (const field of [this.#text, this.#group]) {
      field.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#tell(true), TYPING);
      });
    }
    this.#text.setAttribute("data-search", "");
    this.#group.setAttribute("list", "filter-groups");
    this.setModules([]);
    fill(
      place,
      element(
        "form",
        { class: "filter-fields", role: "search", onsubmit: (event) => this.#submit(event) },
        element("label", { class: "filter-text" }, options.textLabel, this.#text),
        element("label", {}, "Module", this.#module),
        options.groups && element("label", {}, "Group", this.#group),
        options.groups && this.#groups,
        this.#time.elements,
        this.#clear,
      ),
      this.#chips.root,
    );
  }

  get filter(): ListFilter {
    return {
      statuses: this.#chips.pressed,
      module: this.#module.value,
      group: this.#group.value,
      text: this.#text.value.trim(),
      time: this.#time.range,
    };
  }

  show(filter: ListFilter): void {
    clearTimeout(this.#timer);
    this.#chips.press(filter.statuses);
    this.#chooseModule(filter.module);
    this.#time.show(filter.time);
    // What stands there but for a space at its end is what is being typed.
    if (this.#text.value.trim() !== filter.text) this.#text.value = filter.text;
    if (this.#group.value !== filter.group) this.#group.value = filter.group;
    this.#clear.hidden = !isFiltered(filter);
  }

  setCounts(counts: StatusCounts): void {
    this.#chips.count(counts);
  }

  setModules(modules: readonly Module[]): void {
    const chosen = this.#module.value;
    fill(
      this.#module,
      element("option", { value: "" }, "All modules"),
      modules.map(({ hash, name }) => moduleOption(hash, name)),
    );
    this.#chooseModule(chosen);
  }

  setGroups(names: readonly string[]): void {
    fill(this.#groups, names.slice(0, MOST_GROUPS).map((value) => element("option", { value })));
  }

  /** One that is not in the list has a place there, too. */
  #chooseModule(hash: string): void {
    this.#module.value = hash;
    if (this.#module.value === hash) return;
    this.#module.append(moduleOption(hash, null));
    this.#module.value = hash;
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#tell(true);
  }

  #reset(): void {
    this.show(NO_FILTER);
    this.#tell(false);
    this.#text.focus();
  }

  #tell(typing: boolean): void {
    clearTimeout(this.#timer);
    const { filter } = this;
    this.#clear.hidden = !isFiltered(filter);
    this.#options.onChange(filter, typing);
  }
}

function textField(type: "search" | "text"): HTMLInputElement {
  return element("input", { type, maxlength: 200, autocomplete: "off", spellcheck: "false" });
}

function moduleOption(hash: string, name: string | null): HTMLElement {
  return element("option", { value: hash }, name === null ? shortText(hash) : `${name} (${shortText(hash)})`);
}
