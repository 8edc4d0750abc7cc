/** How many there are of each status among what a filter lets through: lists say how long they are. */
import type { Api, Query } from "../api.ts";
import type { Page } from "../api_types.ts";
import type { Status } from "./list_filter.ts";
import type { StatusCounts } from "./status_chips.ts";

/**
 * @param path of the list
 * @param parameter under which the list takes a status
 */
export async function statusCounts(
  api: Api,
  path: "/tasks" | "/executions",
  { parameter, statuses, query }: {
    readonly parameter: "state" | "status";
    readonly statuses: readonly Status[];
    readonly query: Query;
  },
): Promise<StatusCounts> {
  const counts = await Promise.all(statuses.map(async (status) => {
    const { total } = await api.get<Page<unknown>>(path, { ...query, [parameter]: status, limit: 1 });
    return [status, total] as const;
  }));
  return Object.fromEntries(counts);
}
