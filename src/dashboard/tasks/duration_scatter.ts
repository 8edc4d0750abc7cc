/** How long executions took, over time: a mark for each, by status, on a logarithmic scale. A click opens one. */
import type UPlot from "uplot";
import type { Execution, ExecutionStatus } from "../api_types.ts";
import { CHART_PADDING, chartAxes } from "../chart_axes.ts";
import { momentText } from "../chart_time.ts";
import { element, fill } from "../dom.ts";
import { durationText } from "../format.ts";
import { executionLink } from "../links.ts";
import { colourOf, onThemeChange } from "../theme.ts";
import { markPath, SCATTER_MARKS } from "./scatter_marks.ts";
import { showText } from "./shown_text.ts";

declare const uPlot: typeof UPlot;

/** An execution that has ended. */
interface Point {
  readonly id: number;
  readonly status: keyof typeof SCATTER_MARKS;
  /** Seconds since 1970. */
  readonly at: number;
  /** Microseconds; at least one, since the scale has no zero. */
  readonly duration: number;
}

/** Pixels: height of the picture, and how far from a mark the pointer may be. */
const HEIGHT = 240, REACH = 14;

const STATUSES = Object.keys(SCATTER_MARKS) as (keyof typeof SCATTER_MARKS)[]; // its own keys

export class DurationScatter {
  readonly #picture: HTMLElement = element("div", {
    class: "scatter-picture",
    role: "img",
    "aria-label": "Durations of executions, which are being read.",
  });
  readonly #tip: HTMLElement = element("p", { class: "hint scatter-tip", "aria-hidden": "true" });
  #points: readonly Point[] = [];
  #plot: UPlot | undefined;

  constructor(place: HTMLElement) {
    fill(
      place,
      this.#picture,
      element(
        "div",
        { class: "scatter-foot" },
        STATUSES.map((status) =>
          element(
            "span",
            { class: `badge-${status}` },
            element("span", { "aria-hidden": "true" }, `${SCATTER_MARKS[status].sign} `),
            status,
          )
        ),
        this.#tip,
      ),
    );
    onThemeChange(() => this.#draw());
    new ResizeObserver(() => this.#fit()).observe(this.#picture);
  }

  show(executions: readonly Execution[]): void {
    this.#points = executions.flatMap(({ id, status, startedAt, durationUs }) =>
      durationUs === null || !isMarked(status)
        ? []
        : [{ id, status, at: startedAt / 1000, duration: Math.max(durationUs, 1) }]
    ).sort((one, other) => one.at - other.at);
    this.#draw();
  }

  #draw(): void {
    const points = this.#points, durations = points.map(({ duration }) => duration);
    this.#plot?.destroy();
    this.#plot = undefined;
    const least = durationText(Math.min(...durations)), most = durationText(Math.max(...durations));
    const what = points.length === 0
      ? "No execution has ended yet."
      : `Durations of ${points.length.toLocaleString()} executions, from ${least} to ${most}. The table has each.`;
    this.#picture.setAttribute("aria-label", what);
    showText(this.#tip, points.length === 0 ? "" : "Choose a mark to open its execution.");
    fill(this.#picture, points.length === 0 && element("p", { class: "empty" }, what));
    if (points.length > 0) this.#plot = this.#make();
  }

  #make(): UPlot {
    const points = this.#points;
    const [across, upright] = chartAxes({
      unit: "amount",
      value: durationText,
      text: colourOf("--text-soft"),
      line: colourOf("--line"),
    });
    const plot = new uPlot(
      {
        width: Math.max(this.#picture.clientWidth, 100),
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false }, x: false, y: false },
        scales: { x: { time: true, range: widened }, y: { distr: 3, range: wholePowers } },
        padding: CHART_PADDING,
        axes: [across ?? {}, {
          ...upright,
          size: 72,
          values: (_, ticks) => ticks.map((tick) => isPower(tick) ? durationText(tick) : ""),
        }],
        series: [{}, ...STATUSES.map((label) => ({ label, paths: () => null, points: { show: false } }))],
        hooks: {
          draw: [(drawn) => drawMarks(drawn, points)],
        },
      },
      [
        points.map(({ at }) => at),
        ...STATUSES.map((status) => points.map((point) => point.status === status ? point.duration : null)),
      ],
      this.#picture,
    );
    plot.over.addEventListener("pointermove", (event) => this.#point(event));
    plot.over.addEventListener("click", (event) => {
      const found = this.#nearest(event);
      if (found !== undefined) location.assign(executionLink(found.id));
    });
    return plot;
  }

  #point(event: MouseEvent): void {
    const found = this.#nearest(event);
    if (this.#plot !== undefined) this.#plot.over.style.cursor = found === undefined ? "" : "pointer";
    showText(
      this.#tip,
      found === undefined
        ? "Choose a mark to open its execution."
        : `#${found.id}, ${found.status}, ${durationText(found.duration)}, ${momentText(found.at)}`,
    );
  }

  #nearest({ offsetX, offsetY }: MouseEvent): Point | undefined {
    const plot = this.#plot;
    let found: Point | undefined, reach = REACH;
    if (plot === undefined) return undefined;
    for (const point of this.#points) {
      const distance = Math.hypot(
        plot.valToPos(point.at, "x") - offsetX,
        plot.valToPos(point.duration, "y") - offsetY,
      );
      if (distance <= reach) [found, reach] = [point, distance];
    }
    return found;
  }

  #fit(): void {
    const { clientWidth } = this.#picture;
    if (this.#plot === undefined || clientWidth === 0 || Math.abs(this.#plot.width - clientWidth) < 1) return;
    this.#plot.setSize({ width: clientWidth, height: HEIGHT });
  }
}

function isMarked(status: ExecutionStatus): status is keyof typeof SCATTER_MARKS {
  return status !== "running";
}

function isPower(tick: number): boolean {
  const power = Math.log10(tick);
  return Math.abs(power - Math.round(power)) < 1e-9;
}

/** Room beside the first and the last mark. */
function widened({ data: [times] }: UPlot): [number, number] {
  const least = times[0] ?? 0, most = times.at(-1) ?? 0; // of a single point it is given years
  const room = Math.max((most - least) * 0.03, 30);
  return [least - room, most + room];
}

/** From a power of ten to a power of ten. */
function wholePowers(_: UPlot, least: number, most: number): [number, number] {
  const low = Math.floor(Math.log10(least)), high = Math.ceil(Math.log10(most));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

function drawMarks(plot: UPlot, points: readonly Point[]): void {
  const { ctx } = plot;
  ctx.save();
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const status of STATUSES) {
    ctx.strokeStyle = colourOf(`--colour-${status}`);
    for (const point of points) {
      if (point.status !== status) continue;
      const x = plot.valToPos(point.at, "x", true), y = plot.valToPos(point.duration, "y", true);
      ctx.stroke(markPath(SCATTER_MARKS[status].shape, { x, y, size: 4 * devicePixelRatio }));
    }
  }
  ctx.restore();
}
