/** A line of a log as it is shown and copied. Its text is the guest's. */
import type { LogLine } from "./api_types.ts";
import { element } from "./dom.ts";
import { severity } from "./log_filter.ts";

/** A line. @param from a link to where it was written, where lines of several tasks are shown */
export function logLineElement(line: LogLine, from?: HTMLElement): HTMLElement {
  const { time, text, cut } = line, date = new Date(time);
  return element(
    "div",
    { class: `log-line log-severity-${severity(line)}` },
    element("time", { datetime: date.toISOString(), title: date.toISOString() }, clockText(date)),
    from,
    element("span", { class: "log-source" }, sourceText(line)),
    element(
      "span",
      { class: "log-text" },
      text,
      cut && element("em", { title: "The line is longer than is kept" }, " … cut"),
    ),
  );
}

/** A line as it is copied. */
export function lineText(line: LogLine): string {
  const { time, text, cut } = line;
  return `${new Date(time).toISOString()} ${sourceText(line)}: ${text}${cut ? " […]" : ""}`;
}

/** So many lines, in words. */
export function linesText(count: number): string {
  return count === 1 ? "1 line" : `${count.toLocaleString()} lines`;
}

function sourceText({ source, level }: LogLine): string {
  return level === undefined ? source : `${source} ${level}`;
}

/** Time of the day, with milliseconds. */
function clockText(date: Date): string {
  return `${date.toLocaleTimeString(undefined, { hour12: false })}.${
    String(date.getMilliseconds()).padStart(3, "0")
  }`;
}
