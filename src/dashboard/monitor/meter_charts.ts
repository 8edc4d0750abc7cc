/** The process over the last ten minutes: processor, memory, fuel, tasks; and the same now, as figures. */
import type { MeterSample } from "../api_types.ts";
import { Chart, type ChartOptions } from "../chart.ts";
import { withGaps } from "../chart_data.ts";
import { part } from "../dom.ts";
import { fillFacts } from "../facts.ts";
import { bytesText, coresText, countText } from "../format.ts";
import { LONGEST_GAP, type Measured, type SampleHistory } from "../sample_history.ts";

interface ChartRow extends ChartOptions {
  /** What of a sample its series show, in their order. */
  readonly of: readonly ((sample: Measured) => number | null)[];
}

const perSecond = (fuel: number) => `${countText(fuel)}/s`;

/** By the part of the page. */
const CHARTS: Readonly<Record<string, ChartRow>> = {
  "cpu-chart": {
    label: "Processor",
    axis: "Cores in use",
    series: [
      { label: "Process", colour: "--colour-running", kind: "area" },
      { label: "Guests active", colour: "--colour-failed", dash: [2, 3] },
    ],
    value: coresText,
    of: [({ cpu }) => cpu, ({ guestCpu }) => guestCpu],
  },
  "memory-chart": {
    label: "Memory",
    axis: "Bytes",
    series: [
      { label: "Process", colour: "--colour-running", kind: "area" },
      { label: "Heap of its main thread", colour: "--colour-paused", dash: [6, 3] },
      { label: "Guests together", colour: "--colour-failed", dash: [2, 3] },
    ],
    value: bytesText,
    unit: "bytes",
    of: [({ rss }) => rss, ({ heap }) => heap, ({ guestMemory }) => guestMemory],
  },
  "fuel-chart": {
    label: "Fuel",
    axis: "Units of fuel per second, all guests together",
    series: [{ label: "Fuel", colour: "--colour-succeeded", kind: "area" }],
    value: perSecond,
    of: [({ fuelPerSecond }) => fuelPerSecond],
  },
  "tasks-chart": {
    label: "Tasks",
    axis: "Tasks",
    series: [
      { label: "Running", colour: "--colour-running" },
      { label: "Queued", colour: "--colour-waiting", dash: [6, 3] },
    ],
    value: countText,
    unit: "whole",
    of: [({ running }) => running, ({ queued }) => queued],
  },
};

export class MeterCharts {
  readonly #charts: readonly { readonly chart: Chart; readonly row: ChartRow }[] = Object.entries(CHARTS).map(
    ([name, row]) => ({
      row,
      chart: new Chart(part(name, HTMLElement), { ...row, height: 170, group: "meters" }),
    }),
  );

  /** @param span seconds */
  show(history: SampleHistory, span: number): void {
    const { samples } = history, last = samples.at(-1);
    this.#showNow(last);
    if (last === undefined) return;
    const to = last.time / 1000, from = to - span;
    const shown = samples.filter(({ time }) => time / 1000 >= from),
      times = shown.map(({ time }) => time / 1000);
    for (const { chart, row } of this.#charts) {
      chart.setRange({ from, to });
      chart.show(withGaps([times, ...row.of.map((value) => shown.map(value))], LONGEST_GAP));
    }
  }

  #showNow(last: MeterSample | undefined): void {
    const shown = (text: (last: MeterSample) => string) => last === undefined ? "–" : text(last);
    fillFacts("now", [
      ["Processor", shown(({ cpu }) => coresText(cpu)), "Of the server's process with all guests"],
      ["Memory", shown(({ rss }) => bytesText(rss)), "Of the server's process with all guests"],
      ["Fuel", shown(({ fuelPerSecond }) => perSecond(fuelPerSecond)), "Of all guests together"],
      ["Running", shown(({ running }) => countText(running)), "Tasks whose guest is not paused"],
      ["Queued", shown(({ queued }) => countText(queued)), "Tasks that wait for a guest"],
      [
        "Requests",
        shown(({ requestsPerSecond }) =>
          `${requestsPerSecond.toLocaleString(undefined, { maximumFractionDigits: 1 })}/s`
        ),
        "That the server answers",
      ],
    ]);
  }
}
