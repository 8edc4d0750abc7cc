/** The tasks, and what each is to do. */
import type { Database, Input, Row } from "./database.ts";
import { numberOf, optionalNumber, optionalText, textOf } from "./row.ts";
import type { Trigger } from "./execution_table.ts";
import type { Priority } from "../run_queue.ts";
import type { TaskSettings } from "../task_settings.ts";
import type { TaskState } from "../task_states.ts";

/** A task. Times are milliseconds since 1970. */
export interface TaskRecord {
  /** Tells it from the others. */
  readonly id: string;
  /** As who made it calls it; any text. */
  readonly name: string;
  /** Hash of its module. */
  readonly module: string;
  /** What it is doing. */
  readonly state: TaskState;
  /** What it is to do, and may use. */
  readonly settings: TaskSettings;
  /** Who comes first. */
  readonly priority: Priority;
  /** With which others it is dealt with. */
  readonly group: string | undefined;
  /** What its next execution comes of. */
  readonly trigger: Trigger;
  /** Executions since it was last started. */
  readonly attempt: number;
  /** When it was last started. */
  readonly queuedAt: number | undefined;
  /** When it is tried again. */
  readonly dueAt: number | undefined;
  /** Executions that have ended, ever. */
  readonly executions: number;
  /** Those of them that failed, or were cut off. */
  readonly failures: number;
  /** Units of fuel that its executions have used, all that have ended. */
  readonly fuel: bigint;
  /** What its last execution failed with. */
  readonly error: string | undefined;
  /** When it was made. */
  readonly createdAt: number;
  /** When it last changed. */
  readonly updatedAt: number;
}

/** A task that is made. */
export type NewTask =
  & Pick<TaskRecord, "id" | "name" | "module" | "settings" | "priority" | "group" | "createdAt">
  & {
    readonly requestKey: string | undefined;
  };

/** What of a task changes. A field that is not there stays what it is. */
export type TaskChange = Partial<
  Pick<
    TaskRecord,
    "state" | "trigger" | "attempt" | "queuedAt" | "dueAt" | "executions" | "failures" | "fuel" | "error"
  >
>;

/** Which tasks are asked for. */
export interface TaskFilter {
  /** In one of these. */
  readonly states?: readonly TaskState[];
  /** Hash of the module. */
  readonly module?: string;
  /** Name of the group. */
  readonly group?: string;
  /** Text in the name, case ignored. */
  readonly text?: string;
  /** Made at or after, and before. */
  readonly since?: number;
  /** Made before. */
  readonly until?: number;
}

/** A part of a list. */
export interface Page<Item> {
  /** The items of this part. */
  readonly items: readonly Item[];
  /** Where the next part begins; undefined at the end. */
  readonly next: number | undefined;
  /** All that the filter lets through. */
  readonly total: number;
}

/** Which part of a list: so many, from where the part before says. */
export interface PageOptions {
  /** Items of the part. */
  readonly most: number;
  /** `next` of the part before. */
  readonly from?: number | undefined;
}

const COLUMN: Readonly<Record<keyof TaskChange, string>> = {
  state: "state",
  trigger: "trigger",
  attempt: "attempt",
  queuedAt: "queued_at",
  dueAt: "due_at",
  executions: "executions",
  failures: "failures",
  fuel: "fuel",
  error: "error",
};

export class TaskTable {
  readonly #database: Database;
  /** Tasks, when so many transactions had been undone: counting them anew for each that is made reads all of them. */
  #counted: { readonly size: number; readonly rollbacks: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  add(task: NewTask): void {
    const { id, name, module, settings, priority, group, createdAt, requestKey } = task;
    this.#database.statement(
      `INSERT INTO tasks (id, name, module, state, settings, priority, "group", trigger,
      attempt, executions, failures, request_key, created_at, updated_at)
      VALUES (?, ?, ?, 'ready', ?, ?, ?, 'start', 0, 0, 0, ?, ?, ?)`,
    )
      .run(
        id,
        name,
        module,
        JSON.stringify(settings),
        priority,
        group ?? null,
        requestKey ?? null,
        createdAt,
        createdAt,
      );
    this.#count(1);
  }

  get(id: string): TaskRecord | undefined {
    const row = this.#database.statement("SELECT * FROM tasks WHERE id = ?").get(id);
    return row === undefined ? undefined : taskOf(row);
  }

  /** What state a task is in; undefined where there is none. */
  state(id: string): TaskState | undefined {
    const row = this.#database.statement("SELECT state FROM tasks WHERE id = ?").get(id);
    return row === undefined ? undefined : textOf(row, "state") as TaskState; // as it was written
  }

  /** The task that a request has made before. */
  byRequest(key: string): TaskRecord | undefined {
    const row = this.#database.statement("SELECT * FROM tasks WHERE request_key = ?").get(key);
    return row === undefined ? undefined : taskOf(row);
  }

  change(id: string, change: TaskChange, now: number): void {
    const entries = Object.entries(change) as [keyof TaskChange, string | number | bigint | undefined][]; // keys of that type
    const assignments = entries.map(([key]) => `${COLUMN[key]} = ?`).join(", ");
    this.#database.statement(`UPDATE tasks SET ${assignments}, updated_at = ? WHERE id = ?`)
      .run(...entries.map(([, value]) => typeof value === "bigint" ? String(value) : value ?? null), now, id);
  }

  /** @returns whether there was one */
  remove(id: string): boolean {
    const removed = this.#database.statement("DELETE FROM tasks WHERE id = ?").run(id).changes;
    this.#count(-removed);
    return removed > 0;
  }

  /** The latest first. */
  list(filter: TaskFilter, { most, from }: PageOptions): Page<TaskRecord> {
    const { where, inputs } = conditions(filter), after = from === undefined ? "" : " AND seq < ?";
    const count = () => this.#database.statement(`SELECT count(*) AS n FROM tasks WHERE ${where}`);
    const total = inputs.length === 0 ? this.size : numberOf(count().get(...inputs) ?? {}, "n");
    const rows = this.#database.statement(
      `SELECT * FROM tasks WHERE ${where}${after} ORDER BY seq DESC LIMIT ?`,
    )
      .all(...inputs, ...from === undefined ? [] : [from], most);
    const last = rows.length < most ? undefined : rows.at(-1);
    return { items: rows.map(taskOf), next: last === undefined ? undefined : numberOf(last, "seq"), total };
  }

  /** Ids of all that the filter lets through, the oldest first. */
  ids(filter: TaskFilter): string[] {
    const { where, inputs } = conditions(filter);
    return this.#database.statement(`SELECT id FROM tasks WHERE ${where} ORDER BY seq`).all(...inputs)
      .map((row) => textOf(row, "id"));
  }

  /** Those that wait for their turn, in the order in which they came. */
  queued(): Pick<TaskRecord, "id" | "priority">[] {
    return this.#database.statement(
      "SELECT id, priority FROM tasks WHERE state = 'queued' ORDER BY queued_at, seq",
    ).all().map((row) => ({
      id: textOf(row, "id"),
      priority: textOf(row, "priority") as Priority, // as it was checked when the task was made
    }));
  }

  /** How many are in each state. */
  counts(filter: Pick<TaskFilter, "group"> = {}): Partial<Record<TaskState, number>> {
    const { where, inputs } = conditions(filter);
    const rows = this.#database.statement(
      `SELECT state, count(*) AS n FROM tasks WHERE ${where} GROUP BY state`,
    )
      .all(...inputs);
    return Object.fromEntries(rows.map((row) => [textOf(row, "state"), numberOf(row, "n")]));
  }

  /** How many there are. */
  get size(): number {
    const { rollbacks } = this.#database;
    if (this.#counted?.rollbacks !== rollbacks) {
      const row = this.#database.statement("SELECT count(*) AS n FROM tasks").get() ?? {};
      this.#counted = { size: numberOf(row, "n"), rollbacks };
    }
    return this.#counted.size;
  }

  /** Keeps the count, where there is one that holds. */
  #count(more: number): void {
    const { rollbacks } = this.#database, known = this.#counted;
    this.#counted = known?.rollbacks === rollbacks ? { size: known.size + more, rollbacks } : undefined;
  }

  /** The groups, and how many tasks each has. */
  groups(): { readonly name: string; readonly tasks: number }[] {
    return this.#database.statement(
      `SELECT "group" AS name, count(*) AS n FROM tasks WHERE "group" IS NOT NULL GROUP BY "group" ORDER BY "group"`,
    ).all().map((row) => ({ name: textOf(row, "name"), tasks: numberOf(row, "n") }));
  }
}

function conditions(filter: TaskFilter): { readonly where: string; readonly inputs: Input[] } {
  const parts = ["TRUE"], inputs: Input[] = [];
  const add = (condition: string, ...values: Input[]) => {
    parts.push(condition);
    inputs.push(...values);
  };
  const { states, module, group, text, since, until } = filter;
  if (states !== undefined) add("state IN (SELECT value FROM json_each(?))", JSON.stringify(states));
  if (module !== undefined) add("module = ?", module);
  if (group !== undefined) add(`"group" = ?`, group);
  if (text !== undefined) add("instr(lower(name), lower(?)) > 0", text);
  if (since !== undefined) add("created_at >= ?", since);
  if (until !== undefined) add("created_at < ?", until);
  return { where: parts.join(" AND "), inputs };
}

function taskOf(row: Row): TaskRecord {
  return {
    id: textOf(row, "id"),
    name: textOf(row, "name"),
    module: textOf(row, "module"),
    state: textOf(row, "state") as TaskState, // written from that type alone, as are the next ones
    settings: JSON.parse(textOf(row, "settings")) as TaskSettings,
    priority: textOf(row, "priority") as Priority,
    group: optionalText(row, "group"),
    trigger: textOf(row, "trigger") as Trigger,
    attempt: numberOf(row, "attempt"),
    queuedAt: optionalNumber(row, "queued_at"),
    dueAt: optionalNumber(row, "due_at"),
    executions: numberOf(row, "executions"),
    failures: numberOf(row, "failures"),
    fuel: BigInt(textOf(row, "fuel")),
    error: optionalText(row, "error"),
    createdAt: numberOf(row, "created_at"),
    updatedAt: numberOf(row, "updated_at"),
  };
}
