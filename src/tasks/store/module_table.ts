/** The modules of all tasks, each once: by the hash of its bytes. */
import type { Database, Row } from "./database.ts";
import { bytesOf, numberOf, optionalText, textOf } from "./row.ts";

/** A module without its bytes. */
export interface StoredModule {
  /** SHA-256 of the bytes, hexadecimal. */
  readonly hash: string;
  /** As who brought it calls it. */
  readonly name: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** Tasks that run it. */
  readonly tasks: number;
}

const COLUMNS = `hash, name, size, added_at, (SELECT count(*) FROM tasks WHERE module = hash) AS tasks`;

export class ModuleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  has(hash: string): boolean {
    return this.#database.statement("SELECT 1 FROM modules WHERE hash = ?").get(hash) !== undefined;
  }

  /** Keeps a module; one that is known keeps its name. */
  add(module: {
    readonly hash: string;
    readonly name: string | undefined;
    readonly bytes: Uint8Array;
    readonly now: number;
  }): void {
    const { hash, name, bytes, now } = module;
    this.#database.statement("INSERT INTO modules VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
      .run(hash, name ?? null, bytes.length, bytes, now);
  }

  get(hash: string): StoredModule | undefined {
    const row = this.#database.statement(`SELECT ${COLUMNS} FROM modules WHERE hash = ?`).get(hash);
    return row === undefined ? undefined : moduleOf(row);
  }

  /** Bytes of a module; undefined where there is none. */
  sizeOf(hash: string): number | undefined {
    const row = this.#database.statement("SELECT size FROM modules WHERE hash = ?").get(hash);
    return row === undefined ? undefined : numberOf(row, "size");
  }

  bytes(hash: string): Uint8Array<ArrayBuffer> | undefined {
    const row = this.#database.statement("SELECT bytes FROM modules WHERE hash = ?").get(hash);
    return row === undefined ? undefined : bytesOf(row, "bytes");
  }

  /** The latest first. @param most how many at most */
  list(most: number): StoredModule[] {
    return this.#database.statement(`SELECT ${COLUMNS} FROM modules ORDER BY added_at DESC, hash LIMIT ?`)
      .all(most).map(moduleOf);
  }

  /** Forgets a module that no task runs. @returns whether there was one */
  remove(hash: string): boolean {
    return this.#database.statement(
      "DELETE FROM modules WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM tasks WHERE module = hash)",
    ).run(hash).changes > 0;
  }

  /** Bytes of all modules together. */
  get size(): number {
    return numberOf(
      this.#database.statement("SELECT coalesce(sum(size), 0) AS size FROM modules").get() ?? {},
      "size",
    );
  }
}

function moduleOf(row: Row): StoredModule {
  return {
    hash: textOf(row, "hash"),
    name: optionalText(row, "name"),
    size: numberOf(row, "size"),
    addedAt: numberOf(row, "added_at"),
    tasks: numberOf(row, "tasks"),
  };
}
