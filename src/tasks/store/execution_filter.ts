/** Which executions somebody wants, as the database is asked for them. */
import type { Input } from "./database.ts";
import type { ExecutionStatus } from "./execution_table.ts";

/** Which executions are asked for. */
export interface ExecutionFilter {
  /** Id of the task. */
  readonly task?: string;
  /** How it stands: one of these. */
  readonly statuses?: readonly ExecutionStatus[];
  /** Hash of the module. */
  readonly module?: string;
  /** Begun at or after, and before. */
  readonly since?: number;
  /** Begun before. */
  readonly until?: number;
  /** Text in the name of the task, the error or the log; case ignored. */
  readonly text?: string;
}

/** What a filter lets through, as a condition of SQL. */
export function executionsWhere(
  filter: ExecutionFilter,
): { readonly where: string; readonly inputs: Input[] } {
  const parts = ["TRUE"], inputs: Input[] = [];
  const add = (condition: string, ...values: Input[]) => {
    parts.push(condition);
    inputs.push(...values);
  };
  const { task, statuses, module, since, until, text } = filter;
  if (task !== undefined) add("task = ?", task);
  if (statuses !== undefined) add("status IN (SELECT value FROM json_each(?))", JSON.stringify(statuses));
  if (module !== undefined) add("task IN (SELECT id FROM tasks WHERE module = ?)", module);
  if (since !== undefined) add("started_at >= ?", since);
  if (until !== undefined) add("started_at < ?", until);
  if (text !== undefined) {
    add(
      `(instr(lower(coalesce(error, '')), lower(?)) > 0
        OR task IN (SELECT id FROM tasks WHERE instr(lower(name), lower(?)) > 0)
        OR EXISTS (SELECT 1 FROM execution_logs WHERE execution = executions.id AND instr(lower(lines), lower(?)) > 0))`,
      text,
      text,
      JSON.stringify(text).slice(1, -1),
    );
  }
  return { where: parts.join(" AND "), inputs };
}
