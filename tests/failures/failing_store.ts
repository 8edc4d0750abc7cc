/** A database of which one statement fails, as a disk that is full or broken, or another process, makes it fail. */
import { DatabaseSync, StatementSync } from "node:sqlite";
import { type Fault, PLANTED, replaced } from "./sweep.ts";

/** What SQLite says: result codes. */
export const STORE_FAULTS = { full: 13, busy: 5, io: 10 } as const;

/** A key of {@linkcode STORE_FAULTS}. */
export type StoreFault = keyof typeof STORE_FAULTS;

/** Has the statement of a fault fail. A full or broken disk ends the transaction, too, as SQLite does it. */
export function failingStatements(fault: Fault, how: StoreFault): Disposable {
  const stack = new DisposableStack(), code = STORE_FAULTS[how];
  const open = new Set<DatabaseSync>(), owners = new WeakMap<StatementSync, DatabaseSync>();
  const exec = DatabaseSync.prototype.exec;
  const step = (database: DatabaseSync | undefined) => {
    if (!fault.hit()) return;
    if (how !== "busy") {
      try {
        if (database !== undefined) exec.call(database, "ROLLBACK");
      } catch {
        // there was none
      }
    }
    throw Object.assign(new Error(`${PLANTED}: ${how}`), { code: "ERR_SQLITE_ERROR", errcode: code });
  };
  stack.use(replaced(DatabaseSync.prototype, "exec", (real) =>
    function (this: DatabaseSync, sql: string) {
      open.add(this);
      if (!/^\s*ROLLBACK/.test(sql)) step(this);
      return real.call(this, sql);
    }));
  stack.use(
    replaced(
      DatabaseSync.prototype,
      "prepare",
      (real) =>
        function (this: DatabaseSync, ...given: Parameters<DatabaseSync["prepare"]>) {
          step(this);
          const statement = real.apply(this, given);
          owners.set(statement, this);
          return statement;
        },
    ),
  );
  for (const name of ["run", "get", "all"] as const) {
    stack.use(
      replaced(StatementSync.prototype, name, (real) =>
        function (this: StatementSync, ...given: unknown[]) {
          step(owners.get(this));
          return Reflect.apply(real, this, given);
        } as never),
    ); // the methods differ in what they return, and all of it is passed on
  }
  stack.defer(() => open.clear());
  return stack;
}
