import { AegisError } from "../../../mod.ts";
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
