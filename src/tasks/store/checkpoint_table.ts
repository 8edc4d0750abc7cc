/** Guests that were saved in the midst of what they do: the last state of each task. */
import type { Database } from "./database.ts";
import { bytesOf, numberOf } from "./row.ts";

export class CheckpointTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @param now milliseconds since 1970 */
  put(task: string, bytes: Uint8Array, now: number): void {
    this.#database.statement("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)").run(task, now, bytes);
  }

  get(task: string): Uint8Array<ArrayBuffer> | undefined {
    const row = this.#database.statement("SELECT bytes FROM checkpoints WHERE task = ?").get(task);
    return row === undefined ? undefined : bytesOf(row, "bytes");
  }

  has(task: string): boolean {
    return this.#database.statement("SELECT 1 FROM checkpoints WHERE task = ?").get(task) !== undefined;
  }

  /** Executions that went on from the task's checkpoint, and were cut off before there was another. */
  interruptions(task: string): number {
    const row = this.#database.statement(
      `SELECT count(*) AS n FROM executions WHERE task = ? AND status = 'interrupted'
      AND started_at >= (SELECT taken_at FROM checkpoints WHERE task = ?)`,
    ).get(task, task);
    return numberOf(row ?? {}, "n");
  }

  remove(task: string): void {
    this.#database.statement("DELETE FROM checkpoints WHERE task = ?").run(task);
  }
}
