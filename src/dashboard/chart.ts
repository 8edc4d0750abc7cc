/** Charts over time and of points, by uPlot, which the page has loaded as a script of its own. */
import type UPlot from "uplot";
import { element, fill } from "./dom.ts";
import { onThemeChange } from "./theme.ts";

declare const uPlot: typeof UPlot;

/** One line, area or set of points. */
export interface ChartSeries {
  readonly label: string;
  /** Name of a colour of the style sheet, as `--colour-running`. */
  readonly colour: string;
  /** @default "line" */
  readonly kind?: "line" | "area" | "bars" | "points";
  /** Dashes tell lines apart where colours do not. @default none */
  readonly dash?: readonly number[];
}

export interface ChartOptions {
  /** What is told to those who do not see it. */
  readonly label: string;
  readonly series: readonly ChartSeries[];
  /** A value as a person reads it, with its unit. */
  readonly value: (value: number) => string;
  /** What the vertical axis counts: `Fuel units per second`. */
  readonly axis: string;
  /** Pixels. @default 200 */
  readonly height?: number;
  /** Whether the vertical axis is logarithmic. @default false */
  readonly logarithmic?: boolean;
  /** Called with the index of a point that is clicked. */
  readonly onPick?: (index: number) => void;
}

/** Times in seconds since 1970, and the values of each series at them; null for none. */
export type ChartData = readonly [times: readonly number[], ...values: (readonly (number | null)[])[]];

const TICK_FONT = "12px system-ui, sans-serif";

/** A chart in an element: as wide as that, drawn anew when the theme or the width changes. */
export class Chart {
  readonly #options: ChartOptions;
  readonly #place: HTMLElement;
  #plot: UPlot | undefined;
  #data: ChartData;

  constructor(place: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#place = place;
    this.#data = [[], ...options.series.map(() => [])];
    place.classList.add("chart");
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", options.label);
    onThemeChange(() => this.#draw());
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /** @param word said in place of a chart that has no points */
  show(data: ChartData, word = "Nothing to show yet"): void {
    this.#data = data;
    if (data[0].length === 0) {
      this.#plot?.destroy();
      this.#plot = undefined;
      fill(this.#place, element("p", { class: "empty" }, word));
      return;
    }
    if (this.#plot === undefined) this.#draw();
    else this.#plot.setData(data as UPlot.AlignedData); // which it reads alone
    this.#describe();
  }

  /** The latest of each series in words, for those who do not see the picture. */
  #describe(): void {
    const { label, series, value } = this.#options;
    const latest = series.map(({ label: name }, index) => {
      const last = this.#data[index + 1]?.findLast((one) => one !== null);
      return last === null || last === undefined ? "" : `${name} ${value(last)}`;
    }).filter((text) => text !== "");
    this.#place.setAttribute("aria-label", latest.length === 0 ? label : `${label}: ${latest.join(", ")}`);
  }

  #fit(): void {
    if (this.#plot === undefined || this.#place.clientWidth === 0) return;
    const { width, height } = this.#plot;
    if (Math.abs(width - this.#place.clientWidth) >= 1) {
      this.#plot.setSize({ width: this.#place.clientWidth, height });
    }
  }

  #draw(): void {
    if (this.#data[0].length === 0) return;
    const { series, value, axis, height = 200, logarithmic = false, onPick } = this.#options;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axes = {
      stroke: colour("--text-soft"),
      font: TICK_FONT,
      grid: { stroke: colour("--line"), width: 1 },
    };
    this.#plot?.destroy();
    fill(this.#place);
    const plot: UPlot = new uPlot(
      {
        width: Math.max(this.#place.clientWidth, 100),
        height,
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        scales: { x: { time: true }, y: logarithmic ? { distr: 3 } : { range: fromZero } },
        axes: [
          { ...axes, ticks: { show: false } },
          {
            ...axes,
            ticks: { show: false },
            label: axis,
            labelFont: TICK_FONT,
            labelSize: 18,
            size: 74,
            values: (_, ticks) => ticks.map((tick) => tick === null ? "" : value(tick)),
          },
        ],
        series: [
          {
            label: "Time",
            value: (_, seconds) => seconds === null ? "–" : new Date(seconds * 1000).toLocaleString(),
          },
          ...series.map((one) => drawn(one, { stroke: colour(one.colour), value })),
        ],
      },
      this.#data as UPlot.AlignedData,
      this.#place,
    ); // as above
    if (onPick !== undefined) {
      plot.over.addEventListener("click", () => {
        if (typeof plot.cursor.idx === "number") onPick(plot.cursor.idx);
      });
    }
    this.#plot = plot;
  }
}

/** Values from zero: what looks high is high. */
function fromZero(_: UPlot, _least: number, most: number): [number, number] {
  return [0, most > 0 ? most * 1.1 : 1];
}

function drawn(
  { label, kind = "line", dash }: ChartSeries,
  { stroke, value }: { readonly stroke: string; readonly value: (value: number) => string },
): UPlot.Series {
  const { bars, points } = uPlot.paths;
  const path = kind === "bars" ? bars?.({ size: [0.8, 40] }) : kind === "points" ? points?.() : undefined;
  return {
    label,
    stroke,
    width: kind === "points" ? 0 : 2,
    value: (_, shown) => shown === null ? "–" : value(shown),
    ...(kind === "area" ? { fill: `${stroke}33` } : kind === "bars" ? { fill: stroke } : {}),
    ...(path === undefined ? {} : { paths: path }),
    ...(dash === undefined ? {} : { dash: [...dash] }),
    points: kind === "points" ? { show: true, size: 6, fill: stroke } : { show: false },
  };
}
