/** The fields that say from when until when. */
import { element } from "../dom.ts";
import { ANY_TIME, fieldText, fieldTime, isPreset, TIME_PRESETS, type TimeRange } from "./time_range.ts";

export class TimeField {
  readonly elements: readonly HTMLElement[];
  readonly #choice: HTMLSelectElement;
  readonly #since: HTMLInputElement = element("input", { type: "datetime-local" });
  readonly #until: HTMLInputElement = element("input", { type: "datetime-local" });
  readonly #between: readonly HTMLElement[];

  /** @param label what has its time: `Made` */
  constructor(label: string, onChange: () => void) {
    this.#choice = element(
      "select",
      { onchange: () => this.#choose(onChange) },
      element("option", { value: "" }, "Any time"),
      Object.entries(TIME_PRESETS).map(([name, row]) => element("option", { value: name }, row.label)),
      element("option", { value: "between" }, "Between…"),
    );
    this.#since.addEventListener("change", onChange);
    this.#until.addEventListener("change", onChange);
    this.#between = [
      element("label", { hidden: true }, "From", this.#since),
      element("label", { hidden: true }, "Until", this.#until),
    ];
    this.elements = [element("label", {}, label, this.#choice), ...this.#between];
  }

  get range(): TimeRange {
    const { value } = this.#choice;
    if (isPreset(value)) return { within: value };
    if (value === "") return ANY_TIME;
    return { since: fieldTime(this.#since.value), until: fieldTime(this.#until.value) };
  }

  show(range: TimeRange): void {
    const isAny = !("within" in range) && range.since === undefined && range.until === undefined;
    this.#choice.value = "within" in range ? range.within : isAny ? "" : "between";
    this.#since.value = "within" in range ? "" : fieldText(range.since);
    this.#until.value = "within" in range ? "" : fieldText(range.until);
    this.#showBetween();
  }

  #choose(onChange: () => void): void {
    this.#showBetween();
    if (this.#choice.value === "between" && this.#since.value === "" && this.#until.value === "") {
      this.#since.focus(); // nothing is said yet
    } else onChange();
  }

  #showBetween(): void {
    for (const label of this.#between) label.hidden = this.#choice.value !== "between";
  }
}
