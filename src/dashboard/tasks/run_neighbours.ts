/** The executions of a task before and after one. */
import type { Api } from "../api.ts";
import type { Execution, Page } from "../api_types.ts";

/** Executions of one answer. */
const PART = 1000;

export interface Neighbours {
  readonly previous: number | undefined;
  readonly next: number | undefined;
}

/** The API lists the latest first, so the one after is the last of those since this one. */
export async function neighboursOf(api: Api, { id, task, startedAt }: Execution): Promise<Neighbours> {
  const before = await api.get<Page<Execution>>("/executions", { task, from: id, limit: 1 });
  let next: number | undefined, from: number | null | undefined;
  do {
    const later: Page<Execution> = await api.get("/executions", {
      task,
      since: startedAt,
      limit: PART,
      from: from ?? undefined,
    });
    next = later.items.findLast((one) => one.id > id)?.id ?? next;
    from = later.items.some((one) => one.id <= id) ? null : later.next;
  } while (from !== null);
  return { previous: before.items[0]?.id, next };
}
