/** The tables of a run that are printed when they are complete, and the summary. */
import { boundText, type Figure } from "../page/figure.ts";
import type { KillLatency } from "./kills.ts";
import type { Growth } from "./sizes.ts";
import { Table } from "./table.ts";
import type { MemoryUse, Throughput } from "./throughput.ts";

export const KILL_TABLE = new Table([
  { heading: "", width: 22 },
  { heading: "kills", width: 6 },
  { heading: "p50 ms", width: 8 },
  { heading: "p99 ms", width: 8 },
  { heading: "max ms", width: 8 },
]);

export function killRow({ name, kills, p50, p99, most }: KillLatency): string {
  return KILL_TABLE.row([name, `${kills}`, p50.toFixed(2), p99.toFixed(2), most.toFixed(2)]);
}

export function sizeReport(rows: readonly Growth[]): string[] {
  const table = new Table([
    { heading: "", width: 22 },
    { heading: "bytes", width: 9 },
    { heading: "instrumented", width: 12 },
    { heading: "%", width: 6 },
  ]);
  return [
    table.heading,
    ...rows.map(({ name, size, instrumentedSize }) =>
      table.row([name, `${size}`, `${instrumentedSize}`, (instrumentedSize / size * 100).toFixed(1)])
    ),
  ];
}

export function pipelineReport(stages: readonly Throughput[], memory: readonly MemoryUse[]): string[] {
  const speed = new Table([
    { heading: "", width: 26 },
    { heading: "ms", width: 8 },
    { heading: "MB/s", width: 8 },
  ]);
  const growth = new Table([
    { heading: "module, MB", width: 26 },
    { heading: "peak MB", width: 8 },
    { heading: "times", width: 8 },
  ]);
  return [
    speed.heading,
    ...stages.map((row) =>
      speed.row([row.stage, row.milliseconds.toFixed(1), row.megabytesPerSecond.toFixed(1)])
    ),
    "",
    growth.heading,
    ...memory.map((use) =>
      growth.row([
        (use.size / 1e6).toFixed(2),
        (use.growth / 1e6).toFixed(1),
        (use.growth / use.size).toFixed(1),
      ])
    ),
  ];
}

export function summaryReport(marks: readonly Figure[]): string[] {
  const table = new Table([
    { heading: "", width: 37 },
    { heading: "", width: 10 },
    { heading: "", width: 4 },
    { heading: "", width: 16 },
  ]);
  return marks.map((mark) => {
    const digits = mark.unit === "×" ? 3 : 1;
    const line = table.row([mark.name, mark.value.toFixed(digits), mark.unit.padEnd(4), boundText(mark)]);
    return mark.of === undefined ? line : `${line.padEnd(75)}${mark.of}`;
  });
}
