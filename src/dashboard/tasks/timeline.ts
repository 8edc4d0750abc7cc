/** What happened in an execution, in order: out of its record, of what it asked of the host, and of its log. */
import type { ActivityItem, Execution, LogLine } from "../api_types.ts";
import { countText } from "../format.ts";
import { outcomeWords } from "./outcome_words.ts";

/** What kinds of things happen, from above. */
export const LANES = {
  life: "Life",
  call: "Host calls",
  denial: "Denials",
  alert: "Alerts",
  memory: "Memory",
  log: "Log",
} as const;

/** A key of {@linkcode LANES}. */
export type Lane = keyof typeof LANES;

/** Something that happened. Times are milliseconds since 1970. Its text may be a guest's. */
export interface TimelineEntry {
  readonly lane: Lane;
  readonly at: number;
  /** The last time, for what happened more than once or lasted. */
  readonly until: number;
  readonly text: string;
  /** Whether something went wrong. */
  readonly bad: boolean;
}

export interface Timeline {
  readonly queuedAt: number;
  readonly startedAt: number;
  /** When it ended; now, if it runs. */
  readonly endedAt: number;
  readonly running: boolean;
  /** In order of time. */
  readonly entries: readonly TimelineEntry[];
}

/** What a timeline is made of. */
export interface TimelineSources {
  readonly execution: Execution;
  readonly activity: readonly ActivityItem[];
  readonly lines: readonly LogLine[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Characters of a line of a log: the log itself shows all of it. */
const LONGEST = 200;

/** The order of what happens in the same millisecond. */
const ORDER: readonly Lane[] = ["life", "memory", "call", "denial", "alert", "log"];

export function timelineOf({ execution, activity, lines, now }: TimelineSources): Timeline {
  const { queuedAt, startedAt, status } = execution, running = status === "running";
  const end = execution.finishedAt ?? Math.max(now, startedAt);
  // What is told one by one in the log is not told again as a count.
  const inLog = new Set(lines.map(({ source }) => source));
  const middle = [
    ...activity.filter(({ kind }) => kind !== "alert" || !inLog.has("alert")).map(activityEntry),
    ...lines.filter(({ source }) => source !== "denial" || !activity.some(({ kind }) => kind === "denial"))
      .map(lineEntry),
  ].sort((one, other) => one.at - other.at || ORDER.indexOf(one.lane) - ORDER.indexOf(other.lane));
  const life = (at: number, text: string, bad = false): TimelineEntry => ({
    lane: "life",
    at,
    until: at,
    text,
    bad,
  });
  return {
    queuedAt,
    startedAt,
    endedAt: end,
    running,
    entries: [
      life(queuedAt, "Queued"),
      life(startedAt, "Started"),
      ...middle,
      ...(running ? [] : [life(end, `Ended: ${outcomeWords(execution)}`, status !== "succeeded")]),
    ],
  };
}

function activityEntry(
  { time, until, kind, capability, action, target, detail, count }: ActivityItem,
): TimelineEntry {
  const what = [capability === kind ? "" : capability, action, target].filter((word) => word !== "").join(
    " ",
  );
  const times = count > 1 ? `, ${countText(count)} times` : "";
  return {
    lane: kind,
    at: time,
    until,
    text: `${what}${times}${detail === null ? "" : `: ${detail}`}`,
    bad: kind === "denial",
  };
}

function lineEntry({ time, source, level, text }: LogLine): TimelineEntry {
  const lane = source === "alert" ? "alert" : source === "denial" ? "denial" : "log";
  const from = level === undefined ? source : `${source} ${level}`;
  return {
    lane,
    at: time,
    until: time,
    text: `${from}: ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`,
    bad: lane === "denial" || level === "error" || level === "critical",
  };
}

/** Entries that stand so close together that they are one mark. */
export interface TimelineMark {
  readonly lane: Lane;
  readonly at: number;
  readonly until: number;
  /** Places in the list of entries. */
  readonly entries: readonly number[];
  readonly bad: boolean;
}

/**
 * The marks of a lane.
 *
 * @param gap milliseconds between two that are one
 */
export function marksOf({ entries }: Timeline, lane: Lane, gap: number): TimelineMark[] {
  const marks: TimelineMark[] = [];
  entries.forEach((entry, index) => {
    if (entry.lane !== lane) return;
    const last = marks.at(-1);
    if (last === undefined || entry.at - last.until >= gap) {
      marks.push({ lane, at: entry.at, until: entry.until, entries: [index], bad: entry.bad });
    } else {
      marks[marks.length - 1] = {
        ...last,
        until: Math.max(last.until, entry.until),
        entries: [...last.entries, index],
        bad: last.bad || entry.bad,
      };
    }
  });
  return marks;
}
