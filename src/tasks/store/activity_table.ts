/** What executions asked of the host. */
import type { ActivityEntry, StoredActivity } from "../captured_activity.ts";
import type { Database } from "./database.ts";
import { numberOf, textOf } from "./row.ts";

export class ActivityTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps what an execution asked for, if it asked for anything. */
  put(execution: number, { entries, cut }: StoredActivity): void {
    if (entries.length === 0 && cut === 0) return;
    this.#database.statement("INSERT OR REPLACE INTO execution_activity VALUES (?, ?, ?)")
      .run(execution, JSON.stringify(entries), cut);
  }

  get(execution: number): StoredActivity | undefined {
    const row = this.#database.statement("SELECT entries, cut FROM execution_activity WHERE execution = ?")
      .get(execution);
    if (row === undefined) return undefined;
    return { entries: JSON.parse(textOf(row, "entries")) as ActivityEntry[], cut: numberOf(row, "cut") }; // as put() wrote them
  }
}
