/** Memory, as it is now and in the last ten minutes: the process, the guests in it, and the database. */
import type { GuestMeters, Meters, MeterSample, Stats } from "../api_types.ts";
import { Chart } from "../chart.ts";
import { withGaps } from "../chart_data.ts";
import { part } from "../dom.ts";
import { fillFacts } from "../facts.ts";
import { bytesText } from "../format.ts";
import { LONGEST_GAP, SampleHistory } from "../sample_history.ts";

export class MemoryPanel {
  readonly #history: SampleHistory = new SampleHistory();
  readonly #chart: Chart;
  #guests: readonly GuestMeters[] | undefined;
  #stats: Stats | undefined;

  constructor() {
    this.#chart = new Chart(part("memory-chart", HTMLElement), {
      label: "Memory of the server's process",
      axis: "Memory, last ten minutes",
      series: [
        { label: "Process", colour: "--colour-running", kind: "area" },
        { label: "Heap of its main thread", colour: "--colour-paused", dash: [4, 3] },
      ],
      value: bytesText,
      unit: "bytes",
      height: 180,
    });
  }

  showMeters({ samples, guests }: Meters): void {
    this.#history.begin(samples);
    this.#guests = guests;
    this.#draw();
  }

  add(sample: MeterSample, guests: readonly GuestMeters[]): void {
    this.#history.add(sample, guests);
    this.#guests = guests;
    this.#draw();
  }

  showStats(stats: Stats): void {
    this.#stats = stats;
    this.#fillFacts();
  }

  #draw(): void {
    const { samples } = this.#history, times = samples.map(({ time }) => time / 1000), last = times.at(-1);
    if (last !== undefined) this.#chart.setRange({ from: last - 600, to: last });
    this.#chart.show(
      withGaps([times, samples.map(({ rss }) => rss), samples.map(({ heap }) => heap)], LONGEST_GAP),
      "Nothing was measured yet",
    );
    this.#fillFacts();
  }

  #fillFacts(): void {
    const last = this.#history.samples.at(-1), guests = this.#guests;
    fillFacts("memory-facts", [
      ["Process", bytesText(last?.rss)],
      ["Running guests", bytesText(guests?.reduce((sum, { memory }) => sum + memory, 0))],
      ["Database", bytesText(this.#stats?.storeSize)],
    ]);
  }
}
