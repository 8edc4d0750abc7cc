/** What a chart shows, in words: a legend with the values under the pointer, else what stands for all; a tip beside the pointer; a table. */
import { type ChartData, latest, sums } from "./chart_data.ts";
import { momentText, zoneName } from "./chart_time.ts";
import { element, fill } from "./dom.ts";

/** What is told of a series. */
export interface LegendSeries {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly colour: string;
  readonly kind?: "line" | "area" | "bars" | "points";
  readonly dash?: readonly number[];
}

export interface LegendOptions {
  readonly series: readonly LegendSeries[];
  readonly value: (value: number) => string;
  /** What stands for all values: the last one, or their sum. */
  readonly summary: "latest" | "sum";
  /** Seconds that each value is of, where it is of more than a moment. */
  readonly width: () => number | undefined;
}

/** Rows of the table: the latest ones. */
const MOST_ROWS = 15;

export class ChartLegend {
  /** The legend; hidden where there is one series alone. */
  readonly list: HTMLElement;
  /** The table, folded. */
  readonly table: HTMLDetailsElement;
  readonly #options: LegendOptions;
  readonly #values: readonly HTMLElement[];
  readonly #body: HTMLElement = element("tbody");
  #data: ChartData | undefined;

  constructor(options: LegendOptions) {
    const { series } = options;
    this.#options = options;
    this.#values = series.map(() => element("span", { class: "chart-value" }));
    this.list = element(
      "ul",
      { class: "chart-legend", hidden: series.length < 2 },
      series.map((one, index) => element("li", {}, swatch(one), one.label, " ", this.#values[index])),
    );
    this.table = element(
      "details",
      { class: "chart-table" },
      element("summary", {}, "Values"),
      element(
        "div",
        { class: "table-frame", tabindex: 0, role: "region", "aria-label": "The latest values" },
        element(
          "table",
          {},
          element(
            "thead",
            {},
            element(
              "tr",
              {},
              element("th", { scope: "col" }, `Time (${zoneName()})`),
              series.map(({ label }) => element("th", { scope: "col", class: "number" }, label)),
            ),
          ),
          this.#body,
        ),
      ),
    );
    this.table.addEventListener("toggle", () => this.#fillTable());
  }

  show(data: ChartData): void {
    this.#data = data;
    this.point(null);
    this.#fillTable();
  }

  /** A value of each series that stands for all. */
  summary(data: ChartData): (number | null)[] {
    return this.#options.summary === "sum" ? sums(data) : latest(data);
  }

  /** Tells the values at an index; what stands for all at null. */
  point(index: number | null): void {
    if (this.#data === undefined || this.list.hidden) return;
    const [, ...lines] = this.#data, whole = this.summary(this.#data);
    this.#values.forEach((shown, at) => {
      const text = this.#text(index === null ? whole[at] : lines[at]?.[index]);
      if (shown.textContent !== text) shown.textContent = text;
    });
  }

  /** What stands beside the pointer. */
  tip(index: number): HTMLElement[] {
    const [times = [], ...lines] = this.#data ?? [[]], time = times[index];
    if (time === undefined) return [];
    return [
      element("strong", {}, momentText(time, this.#options.width())),
      ...this.#options.series.map((one, at) =>
        element(
          "span",
          {},
          swatch(one),
          one.label,
          element("span", { class: "chart-value" }, this.#text(lines[at]?.[index])),
        )
      ),
    ];
  }

  #text(value: number | null | undefined): string {
    return value === null || value === undefined ? "–" : this.#options.value(value);
  }

  #fillTable(): void {
    if (!this.table.open || this.#data === undefined) return;
    const [times, ...lines] = this.#data, first = Math.max(0, times.length - MOST_ROWS);
    const rows = times.slice(first).map((time, at) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, momentText(time, this.#options.width())),
        lines.map((line) => element("td", { class: "number" }, this.#text(line[first + at]))),
      )
    );
    fill(this.#body, rows.reverse());
  }
}

/** A mark of a series: its form as well as its colour. */
function swatch({ colour, kind = "line", dash }: LegendSeries): HTMLElement {
  const form = kind === "line" && dash !== undefined ? "dashes" : kind;
  const mark = element("span", { class: `swatch swatch-${form}`, "aria-hidden": "true" });
  mark.style.color = `var(${colour})`;
  return mark;
}
