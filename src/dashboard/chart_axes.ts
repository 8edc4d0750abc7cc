/** Axes of charts: few ticks, at round values of their unit, as wide as their texts, and times as the person's clock has them. */
import type UPlot from "uplot";
import { tickTexts } from "./chart_time.ts";

/** What is counted: amounts have ticks at 1, 2 and 5, bytes at powers of two, wholes at no fractions. */
export type ChartUnit = "amount" | "bytes" | "whole";

export interface AxesOptions {
  readonly unit: ChartUnit;
  /** A value as a person reads it. */
  readonly value: (value: number) => string;
  /** CSS colours. */
  readonly text: string;
  readonly line: string;
}

const FONT = "12px system-ui, -apple-system, sans-serif";

/** Pixels between two ticks at least, by axis. */
const ACROSS = 84, UPRIGHT = 42;

/** Pixels between a text and what is beside it. */
const GAP = 8;

/** Room at the top and at the right for the half of a text that stands at the end of an axis. */
export const CHART_PADDING: [number, number, number, number] = [10, 30, 0, 0];

const WHOLES = powers(10, 15).flatMap((one) => [1, 2, 5].map((times) => times * one));

const BYTES = powers(1024, 5).flatMap((one) =>
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((times) => times * one)
);

function powers(base: number, count: number): number[] {
  return Array.from({ length: count }, (_, exponent) => base ** exponent);
}

export function chartAxes({ unit, value, text, line }: AxesOptions): UPlot.Axis[] {
  const look = {
    stroke: text,
    font: FONT,
    gap: GAP,
    ticks: { show: false },
    grid: { stroke: line, width: 1 },
  };
  return [
    {
      ...look,
      space: ACROSS,
      size: 46, // two lines: the hour, and below it the day where one begins
      grid: { show: false },
      values: (_, times, _axis, _space, step) => tickTexts(times, step),
    },
    {
      ...look,
      space: UPRIGHT,
      size: widestText,
      values: (_, ticks) => ticks.map((tick) => tick === null ? "" : value(tick)),
      ...(unit === "amount" ? {} : { incrs: unit === "bytes" ? BYTES : WHOLES }),
    },
  ];
}

/** As much as the longest text takes, so that none is cut. */
function widestText(plot: UPlot, texts: readonly string[] | null): number {
  plot.ctx.save();
  plot.ctx.font = FONT;
  const widest = Math.max(0, ...(texts ?? []).map((text) => plot.ctx.measureText(text).width));
  plot.ctx.restore();
  return Math.ceil(widest) + 2 * GAP;
}

/** From zero to what is higher than all: what looks high is high. */
export function fromZero(_: UPlot, _least: number | null, most: number | null): [number, number] {
  return [0, most !== null && most > 0 ? most * 1.1 : 1];
}
