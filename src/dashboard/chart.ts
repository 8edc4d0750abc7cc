/** Charts over time and of points, by uPlot, which the page has loaded as a script of its own. */
import type UPlot from "uplot";
import { CHART_PADDING, chartAxes, type ChartUnit, fromZero } from "./chart_axes.ts";
import { type ChartData, stacked } from "./chart_data.ts";
import { ChartLegend } from "./chart_legend.ts";
import { element, fill } from "./dom.ts";
import { colourOf, onThemeChange } from "./theme.ts";

declare const uPlot: typeof UPlot;

export type { ChartData };

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
  /** What the vertical axis counts, said above it: `Fuel units per second`. */
  readonly axis: string;
  /** Where ticks stand: `bytes` at powers of two, `whole` at no fractions. @default "amount" */
  readonly unit?: ChartUnit;
  /** Pixels of axes and lines; caption, legend and table come to it. @default 200 */
  readonly height?: number;
  /** Whether the vertical axis is logarithmic. @default false */
  readonly logarithmic?: boolean;
  /** Whether series stand on top of each other. @default false */
  readonly stacked?: boolean;
  /** What the legend tells where no pointer is: the last value, or the sum of all. @default "latest" */
  readonly summary?: "latest" | "sum";
  /** Charts of the same name show values of the same time. @default none */
  readonly group?: string;
  /** Called with the index of a point that is clicked. */
  readonly onPick?: (index: number) => void;
}

/** What a chart shows of time. Seconds since 1970. */
export interface ChartRange {
  readonly from: number;
  readonly to: number;
  /** Seconds that each value is of, beginning at its time: bars then are as wide. @default each is of a moment */
  readonly width?: number;
}

/** Seconds around a single point. */
const AROUND = 30;

/** A chart in an element: as wide as that, drawn anew when the theme or the width changes. Empty or not, it is as high. */
export class Chart {
  readonly #options: ChartOptions;
  readonly #plotPlace: HTMLElement = element("div", { class: "chart-plot", role: "img" });
  readonly #tip: HTMLElement = element("div", { class: "chart-tip", "aria-hidden": "true", hidden: true });
  readonly #legend: ChartLegend;
  #plot: UPlot | undefined;
  #data: ChartData;
  #range: ChartRange | undefined;

  constructor(place: HTMLElement, options: ChartOptions) {
    const { series, value, axis, label, height = 200, summary = "latest" } = options;
    this.#options = options;
    this.#data = [[], ...series.map(() => [])];
    this.#legend = new ChartLegend({ series, value, summary, width: () => this.#range?.width });
    this.#plotPlace.style.height = `${height}px`;
    this.#plotPlace.setAttribute("aria-label", label);
    place.classList.add("chart");
    fill(
      place,
      element("p", { class: "chart-axis" }, axis),
      this.#plotPlace,
      this.#legend.list,
      this.#legend.table,
    );
    onThemeChange(() => this.#draw());
    new ResizeObserver(() => this.#fit()).observe(this.#plotPlace);
  }

  /** What part of time the next data are shown in. @param range undefined for as much as they have */
  setRange(range: ChartRange | undefined): void {
    const redraw = range?.width !== this.#range?.width;
    this.#range = range;
    if (redraw) this.#clear();
  }

  /** @param word said in place of a chart that has no points */
  show(data: ChartData, word = "Nothing to show yet"): void {
    this.#data = data;
    this.#legend.show(data);
    this.#describe();
    if (data[0].length === 0) {
      this.#clear();
      fill(this.#plotPlace, element("p", { class: "empty" }, word));
    } else if (this.#plot === undefined) this.#draw();
    else this.#plot.setData(this.#drawn());
  }

  /** What stands for each series in words, for those who do not see the picture. */
  #describe(): void {
    const { label, series, value } = this.#options, whole = this.#legend.summary(this.#data);
    const words = series.flatMap(({ label: name }, index) => {
      const shown = whole[index];
      return shown === null || shown === undefined ? [] : [`${name} ${value(shown)}`];
    });
    this.#plotPlace.setAttribute("aria-label", [label, ...words.slice(0, 8)].join(", "));
  }

  #drawn(): UPlot.AlignedData {
    const data = this.#options.stacked ? stacked(this.#data) : this.#data;
    return data as UPlot.AlignedData; // which it reads alone
  }

  #clear(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #fit(): void {
    const { clientWidth } = this.#plotPlace;
    if (clientWidth === 0 || this.#data[0].length === 0) return; // not to be seen
    if (this.#plot === undefined) this.#draw();
    else if (Math.abs(this.#plot.width - clientWidth) >= 1) {
      this.#plot.setSize({ width: clientWidth, height: this.#plot.height });
    }
  }

  #draw(): void {
    this.#clear();
    const { clientWidth } = this.#plotPlace;
    if (clientWidth === 0 || this.#data[0].length === 0) return; // drawn when it can be seen
    const { series, value, unit = "amount", height = 200, logarithmic, group, onPick } = this.#options;
    const lines = series.map((one) => drawnSeries(one, { isWide: this.#range?.width !== undefined }));
    fill(this.#plotPlace);
    const plot: UPlot = new uPlot(
      {
        width: clientWidth,
        height,
        padding: CHART_PADDING,
        cursor: {
          drag: { x: false, y: false },
          ...(group === undefined ? {} : { sync: { key: group, setSeries: false } }),
        },
        legend: { show: false },
        scales: {
          x: { time: true, range: (_, from, to) => this.#times(from, to) },
          y: logarithmic ? { distr: 3 } : { range: fromZero },
        },
        axes: chartAxes({ unit, value, text: colourOf("--text-soft"), line: colourOf("--line") }),
        series: [{}, ...(this.#options.stacked ? lines.reverse() : lines)],
        hooks: { setCursor: [(plot) => this.#point(plot)] },
      },
      this.#drawn(),
      this.#plotPlace,
    );
    plot.over.append(this.#tip);
    if (onPick !== undefined) {
      plot.over.classList.add("chart-picks");
      plot.over.addEventListener("click", () => {
        if (typeof plot.cursor.idx === "number") onPick(plot.cursor.idx);
      });
    }
    this.#plot = plot;
  }

  #times(from: number, to: number): [number, number] {
    if (this.#range !== undefined) return [this.#range.from, this.#range.to];
    return from === to ? [from - AROUND, to + AROUND] : [from, to];
  }

  /** Tells what is under the pointer, which may be over another chart of the group. */
  #point({ cursor: { idx, left = -1, top = -1, event }, over }: UPlot): void {
    const index = left >= 0 && typeof idx === "number" ? idx : null;
    this.#legend.point(index);
    const isHere = event?.target instanceof Node && over.contains(event.target);
    this.#tip.hidden = index === null || top < 0 || !isHere;
    if (index === null || this.#tip.hidden) return;
    fill(this.#tip, this.#legend.tip(index));
    const { offsetWidth, offsetHeight } = this.#tip, room = over.clientHeight - offsetHeight;
    const x = left > over.clientWidth / 2 ? left - offsetWidth - 12 : left + 12;
    this.#tip.style.left = `${Math.max(0, Math.min(x, over.clientWidth - offsetWidth))}px`;
    this.#tip.style.top = `${Math.max(0, Math.min(top - offsetHeight / 2, room))}px`;
  }
}

/** @param isWide whether values are of a part of time */
function drawnSeries(
  { label, kind = "line", dash, colour }: ChartSeries,
  { isWide }: { readonly isWide: boolean },
): UPlot.Series {
  const { bars, points } = uPlot.paths, stroke = colourOf(colour);
  const path = kind === "bars"
    ? bars?.({ size: [0.85, 60], align: isWide ? 1 : 0 })
    : kind === "points"
    ? points?.()
    : undefined;
  return {
    label,
    stroke,
    width: kind === "points" || kind === "bars" ? 0 : 2,
    ...(kind === "area" ? { fill: colourOf(colour, 20) } : kind === "bars" ? { fill: stroke } : {}),
    ...(path === undefined ? {} : { paths: path }),
    ...(dash === undefined ? {} : { dash: [...dash] }),
    points: kind === "points"
      ? { show: true, size: 7, fill: stroke }
      : kind === "bars"
      ? { show: false }
      : {},
  };
}
