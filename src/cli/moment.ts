/** A moment on the command line: a date, a date with a time, or how long ago. What names no zone is UTC, as records are. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { parseDuration } from "../core/units.ts";

const DATE = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads a moment.
 *
 * @param now milliseconds since 1970, as the result
 * @throws {AegisError} `InvalidOption`
 */
export function parseMoment(word: string, { flag, now }: { flag: "since" | "until"; now: number }): number {
  const [, day = "", time = "00:00", seconds = "", zone = "Z"] = DATE.exec(word) ?? [];
  // Engines take 30 February for a day in March.
  const isDay = day !== "" && Date.parse(day) >= 0 && new Date(Date.parse(day)).toISOString().startsWith(day);
  const moment = isDay ? Date.parse(`${day}T${time}${seconds}${zone.toUpperCase()}`) : NaN;
  if (!Number.isNaN(moment)) return moment;
  if (/^[0-9.]+[a-z]+$/.test(word)) return now - parseDuration(word, flag);
  throw new AegisError("InvalidOption", `Cannot read the time ${quote(word)}`, {
    field: flag,
    suggestion: "Give it as 2026-03-01, 2026-03-01T12:00:00Z, or how long ago as 90s, 15m, 2h.",
  });
}
