/** What a guest uses, as tiles: while it runs, and when it has ended. */
import { element, fill } from "../dom.ts";
import { showText } from "./shown_text.ts";

/** What is shown; undefined is not known. */
export interface Readings {
  readonly fuel?: string | undefined;
  readonly fuelPerSecond?: string | undefined;
  readonly time?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly hostCalls?: string | undefined;
  readonly denials?: string | undefined;
}

const LABELS: Readonly<Record<keyof Readings, string>> = {
  fuel: "Fuel",
  fuelPerSecond: "Fuel a second",
  time: "Wall time",
  cpu: "Processor time",
  memory: "Memory",
  hostCalls: "Host calls",
  denials: "Denials",
};

export class MeterTiles {
  readonly #values: ReadonlyMap<keyof Readings, HTMLElement>;

  /** @param shown which, in their order @param labels other words for some */
  constructor(place: HTMLElement, shown: readonly (keyof Readings)[], labels: Partial<typeof LABELS> = {}) {
    this.#values = new Map(shown.map((name) => [name, element("dd", {}, "–")]));
    fill(
      place,
      element(
        "dl",
        { class: "tiles" },
        [...this.#values].map(([name, value]) =>
          element("div", { class: "tile" }, element("dt", {}, labels[name] ?? LABELS[name]), value)
        ),
      ),
    );
  }

  show(readings: Readings): void {
    for (const [name, value] of this.#values) showText(value, readings[name] ?? "–");
  }
}
