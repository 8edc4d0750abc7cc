/** What part of the last ten minutes is shown, and whether the view stands still. The span stands in the page's address. */
import { element, fill, part } from "../dom.ts";

/** Spans in seconds, by their names. */
export const SPANS = { "1m": 60, "2m": 120, "5m": 300, "10m": 600 } as const;

/** A key of {@linkcode SPANS}. */
export type SpanName = keyof typeof SPANS;

/** What an address says; ten minutes where it says nothing known. @param search with the `?` */
function readSpan(search: string): SpanName {
  const name = new URLSearchParams(search).get("span");
  return (Object.keys(SPANS) as SpanName[]).find((one) => one === name) ?? "10m"; // its keys
}

export class ViewControls {
  readonly #button: HTMLButtonElement = part("pause-view", HTMLButtonElement);
  readonly #onChange: () => void;
  #span: SpanName = readSpan(location.search);
  #paused = false;

  /** @param onChange called when the view is to be drawn anew */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    const names = Object.keys(SPANS) as SpanName[]; // its keys
    fill(
      part("spans", HTMLElement),
      names.map((name) =>
        element("button", {
          type: "button",
          class: "small",
          "data-span": name,
          "aria-pressed": name === this.#span ? "true" : "false",
          onclick: () => this.#choose(name),
        }, `${SPANS[name] / 60} min`)
      ),
    );
    this.#button.addEventListener("click", () => this.toggle());
  }

  /** Seconds. */
  get span(): number {
    return SPANS[this.#span];
  }

  /** Whether what comes is kept and not shown. */
  get paused(): boolean {
    return this.#paused;
  }

  toggle(): void {
    this.#paused = !this.#paused;
    this.#button.setAttribute("aria-pressed", String(this.#paused));
    this.#button.textContent = this.#paused ? "Resume the view" : "Pause the view";
    if (!this.#paused) this.#onChange();
  }

  #choose(name: SpanName): void {
    this.#span = name;
    for (const button of part("spans", HTMLElement).querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset["span"] === name));
    }
    const address = new URL(location.href);
    address.searchParams.set("span", name);
    history.replaceState(null, "", address);
    this.#onChange();
  }
}
