/** How far back the dashboard looks. It stands in the page's address, so a bookmark and a reload keep it. */

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** Each with how long a part of its charts is, in milliseconds, and how many there are. */
export const TIME_RANGES = {
  hour: { label: "Hour", width: MINUTE, count: 60, each: "minute" },
  day: { label: "Day", width: 30 * MINUTE, count: 48, each: "half hour" },
  week: { label: "Week", width: 3 * HOUR, count: 56, each: "three hours" },
  month: { label: "30 days", width: DAY, count: 30, each: "day" },
} as const satisfies Record<
  string,
  { readonly label: string; readonly width: number; readonly count: number; readonly each: string }
>;

/** A key of {@linkcode TIME_RANGES}. */
export type TimeRangeName = keyof typeof TIME_RANGES;

/** What an address says; an hour where it says nothing known. @param search with the `?` */
export function readTimeRange(search: string): TimeRangeName {
  const name = new URLSearchParams(search).get("range");
  return (Object.keys(TIME_RANGES) as TimeRangeName[]).find((one) => one === name) ?? "hour"; // its keys
}

/**
 * Since when and until when, in milliseconds since 1970. Parts begin at round times of the person's clock, a day's at
 * midnight, so that a bar stays what it is while time goes on.
 *
 * @param offset minutes that the person's clock is behind UTC, as `getTimezoneOffset()` has it
 */
export function boundsOf(
  name: TimeRangeName,
  { now, offset }: { readonly now: number; readonly offset: number },
): { readonly since: number; readonly until: number; readonly buckets: number } {
  const { width, count } = TIME_RANGES[name], behind = offset * MINUTE;
  const until = (Math.floor((now - behind) / width) + 1) * width + behind;
  return { since: until - count * width, until, buckets: count };
}
