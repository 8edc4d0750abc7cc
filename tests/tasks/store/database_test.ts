import { AegisError } from "../../../mod.ts";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "../../../src/tasks/store/migrations.ts";
import { Database } from "../../../src/tasks/store/database.ts";
import { TaskStore } from "../../../src/tasks/store/task_store.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

async function inFolder(work: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const codeOf = (work: () => unknown) => assertThrows(work, AegisError).code;

Deno.test("Database.transaction() does all of it or nothing", () => {
  const database = new Database(":memory:"),
    count = () => database.statement("SELECT count(*) AS n FROM audit").get()?.["n"];
  const add = () => database.statement("INSERT INTO audit (at, actor, action) VALUES (1, 'a', 'b')").run();
  assertThrows(
    () =>
      database.transaction(() => {
        database.transaction(add); // a part of it
        throw new Error("no");
      }),
    Error,
    "no",
  );
  assertEquals(count(), 0);
  database.transaction(add);
  assertEquals(count(), 1);
});

Deno.test("Database says that the disk is full, and not that there is nothing to roll back", () => {
  const database = new Database(":memory:");
  database.statement("PRAGMA max_page_count = 40").get();
  const fill = () =>
    database.statement("INSERT INTO audit (at, actor, action) VALUES (1, 'a', ?)").run("x".repeat(1_000_000));
  assertEquals(codeOf(() => database.transaction(fill)), "Full");
  assertEquals(codeOf(fill), "Full");
  database.transaction(() =>
    database.statement("INSERT INTO audit (at, actor, action) VALUES (1, 'a', 'b')").run()
  );
});

Deno.test("Database is Busy while another has the file, and leaves nothing open that was refused", async () => {
  await inFolder((folder) => {
    const path = `${folder}/tasks.db`, first = new Database(path);
    for (let time = 0; time < 3; time++) assertEquals(codeOf(() => new Database(path)), "Busy");
    first.close();
    first.close();
    new Database(path).close();
  });
});

Deno.test("Database refuses a file that is none, and one of a later version", async () => {
  await inFolder((folder) => {
    Deno.writeTextFileSync(
      `${folder}/text`,
      "this is no database, and longer than the head of one".repeat(100),
    );
    assertEquals(codeOf(() => new Database(`${folder}/text`)), "InvalidOption");
    const later = new Database(`${folder}/later`);
    later.statement("PRAGMA user_version = 1000").run();
    later.close();
    assertEquals(codeOf(() => new Database(`${folder}/later`)), "InvalidOption");
    assertEquals(codeOf(() => new Database(`${folder}/none/there`)), "InvalidOption");
  });
});

Deno.test("a store that was closed says so", () => {
  const store = new TaskStore(":memory:");
  store.close();
  assertEquals(codeOf(() => store.tasks.get("a")), "Closed");
  assertEquals(codeOf(() => store.transaction(() => {})), "Closed");
});

Deno.test("Database brings a file of the first version up to date, and adds up what tasks have used", async () => {
  await inFolder((folder) => {
    const path = `${folder}/tasks.db`, first = new DatabaseSync(path);
    first.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1;
      INSERT INTO modules VALUES ('hash', NULL, 1, x'00', 1);
      INSERT INTO tasks (id, name, module, state, settings, priority, trigger, attempt, executions, failures, created_at,
        updated_at) SELECT value, value, 'hash', 'ready', '{}', 'normal', 'start', 0, 0, 0, 1, 1
        FROM json_each('["used", "huge", "unused"]');
      INSERT INTO executions (task, attempt, trigger, queued_at, started_at, status, fuel)
        VALUES ('used', 1, 'start', 1, 1, 'succeeded', 9007199254740991), ('used', 1, 'start', 1, 1, 'failed', NULL),
        ('huge', 1, 'start', 1, 1, 'failed', 4611686018427387904), ('huge', 1, 'start', 1, 1, 'failed', 4611686018427387904);`);
    first.close();
    const store = new TaskStore(path), fuel = (id: string) => store.tasks.get(id)?.fuel;
    assertEquals([fuel("used"), fuel("huge"), fuel("unused")], [2n ** 53n - 1n, 2n ** 62n, 0n]);
    assertEquals([store.executions.get(1)?.fuel, store.activity.get(1)], [2n ** 53n - 1n, undefined]);
    store.close();
  });
});
