/** What a benchmark found, as a number that has a name, a unit and, where one was set, an aim. */

export type Unit = "×" | "%" | "MB/s" | "GB/s" | "/s" | "s" | "ms" | "µs" | "MiB" | "";

export interface Figure {
  /** Unique within its benchmark. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** The aim, from above. */
  readonly most?: number;
  /** The aim, from below. */
  readonly least?: number;
  /** Which row it is, for a worst one. */
  readonly of?: string;
}

export function isMet({ value, most = Infinity, least = -Infinity }: Figure): boolean {
  return value <= most && value >= least;
}

/** `≤ 10`, `≥ 50`, or nothing where no aim was set. */
export function aimOf({ most, least }: Figure): string {
  if (most !== undefined) return `≤ ${most}`;
  return least === undefined ? "" : `≥ ${least}`;
}

/** `met (≤ 10)`, `MISSED (≥ 50)`, or nothing. */
export function boundText(figure: Figure): string {
  const aim = aimOf(figure);
  return aim === "" ? "" : `${isMet(figure) ? "met" : "MISSED"} (${aim})`;
}

/** A value with three digits that say something, and its unit: `0.0312 ms`, `1.04 ×`, `5,012 /s`. */
export function valueText({ value, unit }: Pick<Figure, "value" | "unit">): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "" ? text : `${text} ${unit}`;
}
