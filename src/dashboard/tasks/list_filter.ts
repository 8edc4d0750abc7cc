/** What somebody looks for among tasks or executions, as the query of the page has it: a link shows the same to others. */
import type { Query } from "../api.ts";
import type { ExecutionStatus, TaskState } from "../api_types.ts";
import { ANY_TIME, isPreset, rangeQuery, type TimeRange } from "./time_range.ts";

/** A status by which a list is filtered. */
export type Status = TaskState | ExecutionStatus;

export const TASK_STATES: readonly TaskState[] = [
  "running",
  "queued",
  "paused",
  "waiting",
  "ready",
  "completed",
  "failed",
  "stopped",
  "interrupted",
];

export const EXECUTION_STATUSES: readonly ExecutionStatus[] = [
  "running",
  "succeeded",
  "failed",
  "stopped",
  "interrupted",
];

export interface ListFilter {
  /** None stands for all. */
  readonly statuses: readonly Status[];
  /** Hash of the module; empty for any. */
  readonly module: string;
  /** Empty for any. */
  readonly group: string;
  readonly text: string;
  readonly time: TimeRange;
}

export const NO_FILTER: ListFilter = { statuses: [], module: "", group: "", text: "", time: ANY_TIME };

/** Reads a query; what is not understood filters nothing. @param known statuses that there are */
export function readFilter(query: URLSearchParams, known: readonly Status[]): ListFilter {
  const asked = new Set((query.get("status") ?? "").split(",")), within = query.get("within") ?? "";
  const module = query.get("module") ?? "";
  return {
    statuses: known.filter((status) => asked.has(status)),
    module: /^[0-9a-f]{64}$/.test(module) ? module : "",
    group: (query.get("group") ?? "").slice(0, 200),
    text: (query.get("text") ?? "").slice(0, 200),
    time: isPreset(within)
      ? { within }
      : { since: moment(query.get("since")), until: moment(query.get("until")) },
  };
}

function moment(text: string | null): number | undefined {
  return text !== null && /^\d{1,14}$/.test(text) ? Number(text) : undefined;
}

/** Writes it into a query; what filters nothing is not there. */
export function writeFilter({ statuses, module, group, text, time }: ListFilter): URLSearchParams {
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== "") query.set(name, String(value));
  };
  put("status", statuses.join(","));
  put("module", module);
  put("group", group);
  put("text", text);
  if ("within" in time) put("within", time.within);
  else {
    put("since", time.since);
    put("until", time.until);
  }
  return query;
}

/** What the API is asked for, without statuses, which tasks and executions have under two names. */
export function filterQuery({ module, group, text, time }: ListFilter, now: number): Query {
  return { module, group, text, ...rangeQuery(time, now) };
}

export function isFiltered(filter: ListFilter): boolean {
  return writeFilter(filter).size > 0;
}
