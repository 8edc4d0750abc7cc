/** The chain of a server's audit entries, against somebody who can write to its database. */
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "../../../src/tasks/store/migrations.ts";
import { TaskStore } from "../../../src/tasks/store/task_store.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";

async function withEntries(work: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir(), path = `${folder}/tasks.db`;
  try {
    const store = new TaskStore(path);
    for (let at = 1; at <= 5; at++) {
      store.audit.add({
        at,
        actor: "admin",
        action: "task.create",
        target: at % 2 === 0 ? undefined : `t${at}`,
        detail: "d",
      });
    }
    store.close();
    work(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function verify(path: string, expected: Parameters<TaskStore["audit"]["verify"]>[0] = []) {
  const store = new TaskStore(path);
  try {
    return store.audit.verify(expected);
  } finally {
    store.close();
  }
}

Deno.test("AuditTable.verify() finds its entries as they were written, over several processes", () =>
  withEntries((path) => {
    const store = new TaskStore(path);
    store.audit.add({ at: 6, actor: "system", action: "task.stop" });
    store.close();
    const { intact, records, first, last, hash } = verify(path);
    assertEquals({ intact, records, first, last }, { intact: true, records: 6, first: 1, last: 6 });
    assert(verify(path, [{ hash }, { count: 6 }]).intact);
    assert(!verify(path, [{ count: 7 }]).intact);
    assert(!verify(path, [{ hash: "0".repeat(64) }]).intact);
  }));

const TAMPERINGS: readonly (readonly [what: string, sql: string, reason: RegExp])[] = [
  ["a time", "UPDATE audit SET at = 9 WHERE id = 3", /was altered/],
  ["an actor", "UPDATE audit SET actor = 'b' WHERE id = 5", /was altered/],
  ["an action", "UPDATE audit SET action = 'b' WHERE id = 1", /was altered/],
  ["a target", "UPDATE audit SET target = '' WHERE id = 2", /was altered/],
  ["a detail", "UPDATE audit SET detail = NULL WHERE id = 2", /was altered/],
  ["a hash", "UPDATE audit SET hash = NULL WHERE id = 4", /has no hash/],
  ["an entry in the middle", "DELETE FROM audit WHERE id = 3", /1 entries are missing before it/],
  ["the first entry", "DELETE FROM audit WHERE id = 1", /1 entries are missing before it/],
  ["the last entry", "DELETE FROM audit WHERE id = 5", /end with 4, and the head names 5/],
  ["all entries", "DELETE FROM audit", /end with 0, and the head names 5/],
  [
    "two ids",
    "UPDATE audit SET id = CASE id WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE id END; UPDATE audit SET id = abs(id)",
    /was altered/,
  ],
  [
    "an entry more",
    "INSERT INTO audit SELECT 6, at, actor, action, target, detail, prev, hash FROM audit WHERE id = 5",
    /was altered/,
  ],
  ["the head", "UPDATE audit_head SET last = 4", /end with 5, and the head names 4/],
  ["the head's hash", "UPDATE audit_head SET hash = printf('%.64d', 1)", /names another entry/],
];

for (const [what, sql, reason] of TAMPERINGS) {
  Deno.test(`AuditTable.verify() finds ${what} that was changed or taken away`, () =>
    withEntries((path) => {
      change(path, sql);
      const { intact, flaw } = verify(path);
      assert(!intact);
      assertMatch(flaw?.reason ?? "", reason);
    }));
}

Deno.test("AuditTable.verify() tells of entries of before there were hashes, and begins behind them", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/tasks.db`;
  try {
    const before = MIGRATIONS.length - 1;
    change(
      path,
      `${MIGRATIONS.slice(0, before).join("")} PRAGMA user_version = ${before};
      INSERT INTO audit (at, actor, action) VALUES (1, 'a', 'b'), (2, 'a', 'b')`,
    );
    const store = new TaskStore(path);
    store.audit.add({ at: 3, actor: "a", action: "c" });
    const { intact, records, first, notes } = store.audit.verify();
    assertEquals([intact, records, first, notes.length], [true, 1, 3, 1]);
    store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
