/** Times of charts in words: in the person's own language and time zone. Times and steps are seconds since 1970. */

const DAY = 86_400;

/** Words of a format, which is made once for a list of times. */
function words(options: Intl.DateTimeFormatOptions): (seconds: number) => string {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (seconds) => format.format(seconds * 1000);
}

/** What stands below the ticks: no finer than the step; the day in a second line, where it begins and at the first tick. */
export function tickTexts(times: readonly number[], step: number): string[] {
  if (step >= 28 * DAY) return times.map(words({ month: "short", year: "numeric" }));
  const day = words({ day: "numeric", month: "short" });
  if (step >= DAY) return times.map(day);
  const clock = words({
    hour: "2-digit",
    minute: "2-digit",
    ...(step < 60 ? { second: "2-digit" } : {}),
    ...(step < 1 ? { fractionalSecondDigits: 3 } : {}),
  });
  return times.map((time, at) => {
    const before = times[at - 1];
    return before === undefined || day(before) !== day(time) ? `${clock(time)}\n${day(time)}` : clock(time);
  });
}

/** A moment, or the part of time that begins there: `1 Mar, 12:00:00`, `1 Mar, 12:00 – 12:05`. @param width seconds */
export function momentText(time: number, width?: number): string {
  const options: Intl.DateTimeFormatOptions = {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  };
  if (width === undefined) return words({ ...options, second: "2-digit" })(time);
  const format = new Intl.DateTimeFormat(undefined, width < 60 ? { ...options, second: "2-digit" } : options);
  return format.formatRange(time * 1000, (time + width) * 1000);
}

/** The name of the person's time zone: `Europe/Berlin`. */
export function zoneName(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
