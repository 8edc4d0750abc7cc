/** Tabs as the ARIA Authoring Practices have them: arrows go from one to the next, which is shown at once. */
import { element } from "../dom.ts";

export interface TabsOptions<Name extends string> {
  /** What is told to a person, by name, in order. */
  readonly titles: Readonly<Record<Name, string>>;
  readonly label: string;
  /** Told when a person chooses one. */
  readonly onChoose: (name: Name) => void;
}

export class Tabs<Name extends string> {
  readonly element: HTMLElement;
  readonly #names: readonly Name[];
  readonly #tabs = new Map<Name, HTMLButtonElement>();
  readonly #panels = new Map<Name, HTMLElement>();
  readonly #onChoose: (name: Name) => void;

  constructor({ titles, label, onChoose }: TabsOptions<Name>) {
    this.#names = Object.keys(titles) as Name[]; // its keys
    this.#onChoose = onChoose;
    for (const name of this.#names) {
      const [tab, panel] = [`tab-${name}`, `panel-${name}`];
      this.#tabs.set(
        name,
        element(
          "button",
          { type: "button", role: "tab", id: tab, "aria-controls": panel, onclick: () => onChoose(name) },
          titles[name],
          element("span", { class: "tab-count" }),
        ),
      );
      this.#panels.set(
        name,
        element("div", { role: "tabpanel", class: "tab-panel", id: panel, "aria-labelledby": tab }),
      );
    }
    const list = element(
      "div",
      { role: "tablist", class: "tabs", "aria-label": label, onkeydown: (event) => this.#onKey(event) },
      [...this.#tabs.values()],
    );
    this.element = element("div", { class: "tab-frame" }, list, [...this.#panels.values()]);
  }

  /** Shows one. */
  show(shown: Name): void {
    for (const [name, tab] of this.#tabs) {
      tab.setAttribute("aria-selected", String(name === shown));
      tab.tabIndex = name === shown ? 0 : -1;
    }
    for (const [name, panel] of this.#panels) panel.hidden = name !== shown;
  }

  /** What stands behind a title: how many there are. */
  setCount(name: Name, text: string): void {
    const count = this.#tabs.get(name)?.querySelector(".tab-count");
    if (count) count.textContent = text;
  }

  /** Where the content of one goes. */
  panel(name: Name): HTMLElement {
    const panel = this.#panels.get(name);
    if (panel === undefined) throw new RangeError(`Cannot find the tab "${name}"`);
    return panel;
  }

  #onKey(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.#names.length;
    const at = this.#names.findIndex((name) => this.#tabs.get(name) === document.activeElement);
    const next: Readonly<Record<string, number>> = {
      ArrowRight: (at + 1) % count,
      ArrowLeft: (at - 1 + count) % count,
      Home: 0,
      End: count - 1,
    };
    const name = this.#names[next[event.key] ?? -1];
    if (at < 0 || name === undefined) return;
    event.preventDefault();
    this.#tabs.get(name)?.focus();
    this.#onChoose(name);
  }
}
