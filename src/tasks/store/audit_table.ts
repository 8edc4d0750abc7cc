/** Who did what, the latest entries, each chained to the one before. */
import { auditBody, type ChainHead, headOf, verifyEntries } from "./audit_chain.ts";
import type { Database, Row } from "./database.ts";
import { numberOf, optionalText, textOf } from "./row.ts";
import type { Page, PageOptions } from "./task_table.ts";
import { digestWith } from "../../audit/digest_with.ts";
import type { AuditVerification, Expectation } from "../../audit/verify.ts";

const DIGEST = digestWith(undefined);

/** What somebody did. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who did it: the name of a token, or `system`. */
  readonly actor: string;
  /** What was done: `task.create`. */
  readonly action: string;
  /** To what: an id. */
  readonly target?: string | undefined;
  /** What else there is to know. */
  readonly detail?: string | undefined;
}

/** The same as it is kept. */
export interface AuditRecord extends AuditEntry {
  /** Grows with each entry. */
  readonly id: number;
}

/** Entries that are kept. */
const MOST_KEPT = 100_000;

/** What is remembered of who did what. */
export interface AuditTrail {
  /** Notes what somebody did. */
  add(entry: AuditEntry): void;
  /** Entries, the latest first. @param target of this one alone */
  list(page: PageOptions, target?: string): Page<AuditRecord>;
  /** Tells a function of each entry from now on. What it throws concerns nobody. @returns takes it back */
  subscribe(listener: (record: AuditRecord) => void): () => void;
}

export class AuditTable implements AuditTrail {
  readonly #database: Database;
  readonly #listeners: Set<(record: AuditRecord) => void> = new Set();

  constructor(database: Database) {
    this.#database = database;
  }

  add(entry: AuditEntry): void {
    const { at, actor, action, target, detail } = entry;
    const lastId = this.#database.transaction(() => this.#append(entry));
    for (const listener of this.#listeners) {
      try {
        listener({ id: lastId, at, actor, action, target, detail });
      } catch {
        // it is told on all the same
      }
    }
  }

  /** @returns its id */
  #append(entry: AuditEntry): number {
    const { at, actor, action, target = null, detail = null } = entry;
    const { first, last, hash: prev } = this.#head(), id = last + 1;
    const hash = DIGEST.of(auditBody({ id, at, actor, action, target, detail, prev }));
    this.#database.statement(
      "INSERT INTO audit (id, at, actor, action, target, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ).run(id, at, actor, action, target, detail, prev, hash);
    const oldest = id % 1000 === 0 ? id - MOST_KEPT : 0;
    if (oldest > 0) this.#database.statement("DELETE FROM audit WHERE id <= ?").run(oldest);
    this.#database.statement("UPDATE audit_head SET first = ?, last = ?, hash = ?")
      .run(Math.max(first, oldest + 1), id, hash);
    return id;
  }

  #head(): ChainHead {
    return headOf(this.#database.statement("SELECT * FROM audit_head").get());
  }

  /** Whether the entries are as they were written. */
  verify(expected: readonly Expectation[] = []): AuditVerification {
    const select = this.#database.statement("SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?");
    return verifyEntries((after, most) => select.all(after, most), {
      head: this.#head(),
      digest: DIGEST,
      expected,
    });
  }

  subscribe(listener: (record: AuditRecord) => void): () => void {
    const own = (record: AuditRecord) => listener(record); // one that is given twice is told twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** The latest first. @param target of this one alone */
  list({ most, from }: PageOptions, target?: string): Page<AuditRecord> {
    const of = target === undefined ? "" : " AND target = ?", inputs = target === undefined ? [] : [target];
    const rows = this.#database.statement(`SELECT * FROM audit WHERE id < ?${of} ORDER BY id DESC LIMIT ?`)
      .all(from ?? Number.MAX_SAFE_INTEGER, ...inputs, most);
    const count = this.#database.statement(`SELECT count(*) AS n FROM audit WHERE TRUE${of}`).get(...inputs);
    const items = rows.map(recordOf);
    return {
      items,
      next: items.length < most ? undefined : items.at(-1)?.id,
      total: numberOf(count ?? {}, "n"),
    };
  }
}

function recordOf(row: Row): AuditRecord {
  return {
    id: numberOf(row, "id"),
    at: numberOf(row, "at"),
    actor: textOf(row, "actor"),
    action: textOf(row, "action"),
    target: optionalText(row, "target"),
    detail: optionalText(row, "detail"),
  };
}
