/** Executions of a range of time: how they ended, what they used, and the sums of both. */
import type { Api } from "../api.ts";
import type { ExecutionStatus, Series, Stats } from "../api_types.ts";
import { Chart } from "../chart.ts";
import { element, fill, part } from "../dom.ts";
import { fillFacts } from "../facts.ts";
import type { PageFrame } from "../frame.ts";
import { countText, durationText, exactText, percentText } from "../format.ts";
import { seriesTotals } from "./series_totals.ts";
import { boundsOf, readTimeRange, TIME_RANGES, type TimeRangeName } from "./time_ranges.ts";

/** From the bottom up. */
const STATUSES: readonly ExecutionStatus[] = ["succeeded", "failed", "stopped", "interrupted", "running"];

export class ExecutionCharts {
  readonly #api: Api;
  readonly #now: () => number;
  readonly #executions: Chart;
  readonly #fuel: Chart;
  #rangeFuel: bigint | undefined;
  #allFuel: string | undefined;
  #name: TimeRangeName = readTimeRange(location.search);

  constructor({ api, now }: Pick<PageFrame, "api" | "now">) {
    this.#api = api;
    this.#now = now;
    this.#executions = new Chart(part("executions-chart", HTMLElement), {
      label: "Executions by how they ended",
      axis: "Executions, by when they began",
      series: STATUSES.map((status) => ({ label: status, colour: `--colour-${status}`, kind: "bars" })),
      value: countText,
      unit: "whole",
      stacked: true,
      summary: "sum",
      height: 220,
    });
    this.#fuel = new Chart(part("fuel-chart", HTMLElement), {
      label: "Fuel of the executions",
      axis: "Units of fuel, by when the execution began",
      series: [{ label: "Fuel", colour: "--colour-running", kind: "bars" }],
      summary: "sum",
      value: countText,
      height: 180,
    });
    this.#fillButtons();
    addEventListener("popstate", () => void this.#choose(readTimeRange(location.search)));
  }

  /** Asks for the range that is chosen, and shows it. */
  async refresh(): Promise<void> {
    const name = this.#name, now = this.#now(), offset = new Date(now).getTimezoneOffset();
    const series = await this.#api.get<Series>("/executions/series", boundsOf(name, { now, offset }));
    if (name === this.#name) this.#show(series);
  }

  #show({ since, until, width, items }: Series): void {
    const times = items.map(({ at }) => at / 1000), totals = seriesTotals(items);
    const range = { from: since / 1000, to: until / 1000, width: width / 1000 },
      word = "No executions in this time";
    this.#executions.setRange(range);
    this.#fuel.setRange(range);
    this.#executions.show(
      totals.executions === 0
        ? [[], ...STATUSES.map(() => [])]
        : [times, ...STATUSES.map((status) => items.map((item) => item[status]))],
      word,
    );
    this.#fuel.show(
      totals.executions === 0 ? [[], []] : [times, items.map(({ fuel }) => Number(fuel))],
      word,
    );
    fillFacts("range-facts", [
      ["Executions", exactText(totals.executions), "That began in this time"],
      [
        "Success rate",
        percentText(totals.succeeded, totals.judged),
        "Of those that succeeded, failed or were cut off; one that somebody stopped is neither",
      ],
      ["Mean duration", durationText(totals.durationUs), "Of those that have ended"],
      ["Host calls", countText(totals.hostCalls), exactText(totals.hostCalls)],
      ["Denials", countText(totals.denials), exactText(totals.denials)],
    ]);
    this.#rangeFuel = totals.fuel;
    this.#showFuel();
  }

  /** @param stats of which the fuel of all times is shown */
  showStats(stats: Stats): void {
    this.#allFuel = stats.fuel;
    this.#showFuel();
  }

  #showFuel(): void {
    const text = (fuel: string | bigint | undefined) => fuel === undefined ? "–" : countText(fuel);
    const exact = (fuel: string | bigint | undefined) => fuel === undefined ? "" : `${exactText(fuel)} units`;
    fillFacts("fuel-facts", [
      ["In this time", text(this.#rangeFuel), exact(this.#rangeFuel)],
      ["Ever", text(this.#allFuel), exact(this.#allFuel)],
    ]);
  }

  #fillButtons(): void {
    const names = Object.keys(TIME_RANGES) as TimeRangeName[]; // its keys
    fill(
      part("ranges", HTMLElement),
      names.map((name) =>
        element("button", {
          type: "button",
          class: "small",
          "data-range": name,
          "aria-pressed": name === this.#name ? "true" : "false",
          onclick: () => {
            const address = new URL(location.href);
            address.searchParams.set("range", name);
            history.pushState(null, "", address);
            void this.#choose(name);
          },
        }, TIME_RANGES[name].label)
      ),
    );
  }

  async #choose(name: TimeRangeName): Promise<void> {
    this.#name = name;
    for (const button of part("ranges", HTMLElement).querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset["range"] === name));
    }
    await this.refresh().catch(() => {}); // the connection tells; it comes with the next refresh
  }
}
