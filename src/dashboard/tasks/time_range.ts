/** From when until when: the last hour and the like, or two moments. */

/** Stretches that end now; milliseconds. */
export const TIME_PRESETS = {
  hour: { label: "Last hour", length: 3_600_000 },
  day: { label: "Last day", length: 86_400_000 },
  week: { label: "Last 7 days", length: 7 * 86_400_000 },
  month: { label: "Last 30 days", length: 30 * 86_400_000 },
} as const;

/** A key of {@linkcode TIME_PRESETS}. */
export type TimePreset = keyof typeof TIME_PRESETS;

/** A stretch that ends now, or two moments in milliseconds since 1970, each of which may be open. */
export type TimeRange =
  | { readonly within: TimePreset }
  | { readonly since: number | undefined; readonly until: number | undefined };

/** No bound at all. */
export const ANY_TIME: TimeRange = { since: undefined, until: undefined };

/** What the API is asked for. */
export function rangeQuery(range: TimeRange, now: number): { since?: number; until?: number } {
  if ("within" in range) return { since: now - TIME_PRESETS[range.within].length };
  return {
    ...(range.since === undefined ? {} : { since: range.since }),
    ...(range.until === undefined ? {} : { until: range.until }),
  };
}

export function isPreset(text: string): text is TimePreset {
  return Object.hasOwn(TIME_PRESETS, text);
}

/** What a field `datetime-local` has, in the person's own time zone; empty for none. */
export function fieldText(time: number | undefined): string {
  if (time === undefined) return "";
  const date = new Date(time), local = new Date(time - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The moment that such a field says. */
export function fieldTime(text: string): number | undefined {
  const time = text === "" ? NaN : new Date(text).getTime();
  return Number.isNaN(time) ? undefined : time;
}
