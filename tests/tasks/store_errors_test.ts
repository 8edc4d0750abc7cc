import { DatabaseSync } from "node:sqlite";
import { Aegis } from "../../mod.ts";
import { type TaskEvent, TaskManager } from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import { until } from "../server/rig.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Refuses to write down executions until somebody has done something that the audit tells of. */
const BROKEN = `CREATE TRIGGER broken BEFORE INSERT ON executions WHEN NOT EXISTS (SELECT 1 FROM audit)
  BEGIN SELECT RAISE(FAIL, 'broken'); END`;

Deno.test("stats() counts how often the database failed where nobody waited for it, and the work is done later", async () => {
  const folder = await Deno.makeTempDir(), store = `${folder}/tasks.db`, told: TaskEvent[] = [];
  await using runtime = await Aegis.create({ isolation: "worker" });
  await TaskManager.open(runtime, { store }).close();
  const database = new DatabaseSync(store);
  database.exec(BROKEN);
  database.close();
  const tasks = TaskManager.open(runtime, { store });
  try {
    tasks.subscribe((event) => void (event.type === "store_error" && told.push(event)));
    const { hash } = await tasks.addModule(compileText(`(module (func (export "main")))`));
    const { id } = tasks.create(hash, { name: "task" });
    assertEquals(tasks.stats().storeErrors, 0);
    tasks.start(id);
    await until(() => told.length > 0);
    assert(tasks.stats().storeErrors >= told.length);
    tasks.audit.add({ at: 0, actor: "test", action: "mend" });
    await until(() => tasks.get(id).state === "completed");
  } finally {
    await tasks.close({ grace: 0 });
    await Deno.remove(folder, { recursive: true });
  }
});
