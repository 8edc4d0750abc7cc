/** Figures as people read them: with units, in the person's own language, and short. */
import { element } from "./dom.ts";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const COUNT_UNITS = ["", " k", " M", " G", " T", " P", " E"] as const;

function scaled(value: number, step: number, units: readonly string[]): string {
  let at = 0;
  while (Math.abs(value) >= step && at < units.length - 1) {
    value /= step;
    at++;
  }
  const digits = at === 0 ? 0 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })}${units[at] ?? ""}`;
}

/** `12.5 MiB` */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "–";
  return scaled(bytes, 1024, BYTE_UNITS.map((unit) => ` ${unit}`));
}

/** `29.0 G` of something that is counted; as it is below 10,000. @param count a number, or a whole number as text */
export function countText(count: number | string | bigint | null | undefined): string {
  if (count === null || count === undefined) return "–";
  const value = Number(count);
  return Math.abs(value) < 10_000 ? value.toLocaleString() : scaled(value, 1000, COUNT_UNITS);
}

/** All digits, in groups. */
export function exactText(count: number | string | bigint): string {
  return BigInt(count).toLocaleString();
}

/** `3.2 ms`, `1 min 5 s`. @param microseconds of an interval */
export function durationText(microseconds: number | null | undefined): string {
  if (microseconds === null || microseconds === undefined) return "–";
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  const milliseconds = microseconds / 1000;
  if (milliseconds < 1000) return `${round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function round(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}

/** `97.5 %`; a dash where there is nothing to divide by. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return "–";
  return `${(100 * part / whole).toLocaleString(undefined, { maximumFractionDigits: 1 })} %`;
}

/** `1.3 cores`; of less than one as well. */
export function coresText(cores: number | null | undefined): string {
  if (cores === null || cores === undefined) return "–";
  const text = cores.toLocaleString(undefined, { maximumFractionDigits: 2 });
  return `${text} ${text === "1" ? "core" : "cores"}`;
}

/** A moment in the person's own time zone; in UTC where the pointer rests on it. @param time milliseconds since 1970 */
export function timeElement(time: number | null | undefined): HTMLElement {
  if (time === null || time === undefined) return element("span", {}, "–");
  const date = new Date(time), today = new Date().toDateString() === date.toDateString();
  const text = today ? date.toLocaleTimeString() : date.toLocaleString(undefined, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" }),
  });
  return element("time", { datetime: date.toISOString(), title: utcText(time) }, text);
}

/** `2026-03-01 12:00:00.000 UTC` */
export function utcText(time: number): string {
  return new Date(time).toISOString().replace("T", " ").replace("Z", " UTC");
}

/** The first characters of a hash or an id. */
export function shortText(id: string): string {
  return id.slice(0, 8);
}
