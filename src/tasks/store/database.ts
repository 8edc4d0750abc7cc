/**
 * The file that everything is kept in: SQLite with a write-ahead log, so that a process that is killed loses nothing that
 * was told to be done. One process has it at a time.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";

/** A row as the database gives it: its columns by name. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** What a statement is given: by position. */
export type Input = SQLInputValue;

/** A statement that was prepared once. */
export interface Statement {
  run(...inputs: Input[]): { readonly changes: number; readonly lastId: number };
  get(...inputs: Input[]): Row | undefined;
  all(...inputs: Input[]): Row[];
}

export class Database {
  readonly #database: DatabaseSync;
  readonly #prepared: Map<string, Statement> = new Map();
  #inTransaction = false;
  #rollbacks = 0;
  #closed = false;

  /**
   * Opens the file, or makes it, and brings it up to date.
   *
   * @param path of the file; `:memory:` for one that is gone with the process
   * @throws {AegisError} `Busy` when another process has it, `InvalidOption` for what is none, or is of a later version
   */
  constructor(path: string) {
    this.#database = open(path);
    try {
      this.#migrate(path);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /**
   * A statement; the same text is prepared once.
   *
   * @throws {AegisError} `Closed` once it is, `Full` when the disk is, `Busy` while it is locked, `StoreFailed` for what else ails
   * it; what runs throws the same, and what the database says of the statement
   */
  statement(sql: string): Statement {
    this.#checkOpen();
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#ask(() => this.#database.prepare(sql)),
      statement: Statement = {
        run: (...inputs) => {
          const { changes, lastInsertRowid } = this.#ask(() => prepared.run(...inputs));
          return { changes: Number(changes), lastId: Number(lastInsertRowid) };
        },
        get: (...inputs) => this.#ask(() => prepared.get(...inputs)),
        all: (...inputs) => this.#ask(() => prepared.all(...inputs)),
      };
    this.#prepared.set(sql, statement);
    return statement;
  }

  /** How often a transaction was undone: what was counted before need not be so any more. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  /** All of it is done, or nothing. One within another is a part of that. @throws as {@linkcode statement} */
  transaction<Result>(work: () => Result): Result {
    if (this.#inTransaction) return work();
    this.#ask(() => this.#database.exec("BEGIN IMMEDIATE"));
    this.#inTransaction = true;
    try {
      const result = work();
      this.#ask(() => this.#database.exec("COMMIT"));
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Bytes of the file, as far as they are in use. */
  get size(): number {
    const number = (name: string) => Number(Object.values(this.statement(`PRAGMA ${name}`).get() ?? {})[0]);
    return (number("page_count") - number("freelist_count")) * number("page_size");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The store was closed");
  }

  #ask<Result>(work: () => Result): Result {
    this.#checkOpen();
    try {
      return work();
    } catch (error) {
      throw storeError(error);
    }
  }

  /** What has failed may have ended the transaction already. */
  #rollBack(): void {
    this.#rollbacks++;
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // as above
    }
  }

  #migrate(path: string): void {
    const found = this.#ask(() => this.#database.prepare("PRAGMA user_version").get());
    const version = Number(found?.["user_version"] ?? 0);
    if (version > MIGRATIONS.length) {
      throw new AegisError(
        "InvalidOption",
        `Cannot use ${quote(path)}: it was made by a later version of Aegis`,
        {
          field: "data",
        },
      );
    }
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < version) continue;
      this.transaction(() => {
        this.#ask(() => this.#database.exec(sql));
        this.#ask(() => this.#database.exec(`PRAGMA user_version = ${index + 1}`));
      });
    }
  }
}

/**
 * What SQLite says of the world around it: the lowest eight bits of a result code. The others are of statements and values,
 * which are ours.
 */
const RESULTS = {
  3: "failed", // permissions
  5: "busy",
  6: "busy", // locked by another connection of this process
  7: "failed", // no memory
  8: "failed", // read only
  10: "failed", // the disk
  11: "failed", // damaged
  13: "full",
  14: "failed", // cannot be opened
  15: "busy", // the protocol of locks
  26: "failed", // no database
} as const;

/** What the database says of the world, as an error of the library; others stay what they are. */
function storeError(cause: unknown): unknown {
  const { errcode } = cause as { readonly errcode?: unknown }; // as node:sqlite throws them
  if (!(cause instanceof Error) || typeof errcode !== "number") return cause;
  switch (RESULTS[(errcode & 0xff) as keyof typeof RESULTS]) { // undefined for others
    case "full":
      return new AegisError("Full", "Cannot write to the store: the disk is full", {
        suggestion: "Make room on the disk.",
        cause,
      });
    case "busy":
      return new AegisError("Busy", "Cannot use the store: somebody else has locked it", {
        suggestion: "End what reads the database beside Aegis, and try again.",
        cause,
      });
    case "failed":
      return new AegisError("StoreFailed", `Cannot use the store: ${cause.message}`, {
        suggestion: "See whether the disk is well.",
        cause,
      });
    default:
      return cause;
  }
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA journal_size_limit = 67108864;
    `);
    // The lock is taken with the first write; it is held until the database is closed.
    database.exec("BEGIN IMMEDIATE; COMMIT");
    return database;
  } catch (error) {
    database?.close();
    const reason = error instanceof Error ? error.message : String(error), said = storeError(error);
    if (said instanceof AegisError && said.code === "Full") throw said;
    if (said instanceof AegisError && said.code === "Busy" || /locked/.test(reason)) {
      throw new AegisError("Busy", `Cannot open ${quote(path)}: another process has it`, {
        field: "data",
        suggestion: "Stop the other server, or give this one another directory.",
        cause: error,
      });
    }
    throw new AegisError("InvalidOption", `Cannot open ${quote(path)} as a database: ${reason}`, {
      field: "data",
      cause: error,
    });
  }
}
