/** A choice among many that is searched by typing: a combobox as the ARIA Authoring Practices have it. */
import { element, fill } from "../dom.ts";
import { uniqueId } from "./field.ts";

/** Something to choose. */
export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  /** Said beside the label, and searched, too. */
  readonly detail?: string;
}

export interface ComboboxOptions<Value> {
  readonly label: string;
  readonly placeholder: string;
  /** Said where nothing fits. */
  readonly empty: string;
  /** Told when the person chooses. */
  readonly onChoose: (value: Value) => void;
}

/** Choices that are shown at once; the others are found by typing. */
const MOST_SHOWN = 100;

export class Combobox<Value> {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #options: ComboboxOptions<Value>;
  readonly #id = uniqueId("choice");
  #choices: readonly Choice<Value>[] = [];
  #shown: readonly Choice<Value>[] = [];
  #chosen: Choice<Value> | undefined;
  /** Index among those that are shown. */
  #active = 0;

  constructor(options: ComboboxOptions<Value>) {
    const id = this.#id;
    this.#options = options;
    this.#list = element("ul", {
      class: "choices",
      role: "listbox",
      id: `${id}-list`,
      "aria-label": options.label,
      hidden: true,
    });
    this.input = element("input", {
      type: "text",
      id,
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: options.placeholder,
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
      onfocus: () => this.input.select(),
      onclick: () => this.#open(""),
      oninput: () => this.#open(this.input.value),
      onblur: () => this.#close(),
      onkeydown: (event) => this.#onKey(event),
    });
    this.element = element(
      "div",
      { class: "field combobox" },
      element("label", { for: id }, options.label),
      this.input,
      this.#list,
    );
  }

  get value(): Value | undefined {
    return this.#chosen?.value;
  }

  /** What there is to choose. @param chosen which of them is; undefined for none */
  show(choices: readonly Choice<Value>[], chosen?: Value): void {
    this.#choices = choices;
    this.#chosen = choices.find(({ value }) => value === chosen);
    this.#close();
  }

  #open(text: string): void {
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const fitting = this.#choices.filter(({ label, detail = "" }) => {
      const whole = `${label} ${detail}`.toLowerCase();
      return words.every((word) => whole.includes(word));
    });
    this.#shown = fitting.slice(0, MOST_SHOWN);
    this.#active = Math.max(0, text === "" ? this.#shown.findIndex((one) => one === this.#chosen) : 0);
    const more = fitting.length - this.#shown.length;
    fill(
      this.#list,
      this.#shown.map((choice, index) => this.#row(choice, index)),
      fitting.length === 0 && note(this.#options.empty),
      more > 0 && note(`${more.toLocaleString()} more: type to find them`),
    );
    this.#list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.#activate(this.#active);
  }

  #row(choice: Choice<Value>, index: number): HTMLElement {
    return element(
      "li",
      {
        role: "option",
        id: `${this.#id}-${index}`,
        "aria-selected": String(choice === this.#chosen),
        // Before the field loses the focus, which closes the list.
        onmousedown: (event) => {
          event.preventDefault();
          this.#choose(choice);
        },
      },
      element("span", { class: "choice-label" }, choice.label),
      choice.detail !== undefined && element("span", { class: "choice-detail" }, choice.detail),
    );
  }

  #activate(index: number): void {
    this.#active = index;
    for (const [at, row] of [...this.#list.children].entries()) {
      row.classList.toggle("active", at === index);
      if (at === index) row.scrollIntoView({ block: "nearest" });
    }
    if (this.#shown.length === 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.#id}-${index}`);
  }

  #onKey(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.metaKey) return;
    const isOpen = !this.#list.hidden, active = this.#shown[this.#active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1, count = this.#shown.length;
      if (!isOpen) this.#open("");
      else if (count > 0) this.#activate((this.#active + step + count) % count);
    } else if (event.key === "Enter" && isOpen && active !== undefined) this.#choose(active);
    else if (event.key === "Escape" && isOpen) this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation(); // a dialog around it stays open
  }

  #choose(choice: Choice<Value>): void {
    this.#chosen = choice;
    this.#close();
    this.#options.onChoose(choice.value);
  }

  #close(): void {
    this.#list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.input.value = this.#chosen?.label ?? "";
  }
}

function note(text: string): HTMLElement {
  return element("li", { class: "choice-note", role: "presentation" }, text);
}
