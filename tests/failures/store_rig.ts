/** Everything that is done with tasks, on a store of which the k-th statement fails; and what a later process finds there. */
import { Aegis, type ErrorCode } from "../../mod.ts";
import { type ExecutionRecord, TaskManager, type TaskRecord } from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import { TaskStore } from "../../src/tasks/store/task_store.ts";
import { STORE_PAUSE } from "../../src/tasks/store_duty.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { NEXT, TRAP } from "../tasks/task_rig.ts";
import { failingStatements, type StoreFault } from "./failing_store.ts";
import { changedWaits, checkError, type Fault, Folder, inTime, sweep } from "./sweep.ts";

const CODES: Readonly<Record<StoreFault, ErrorCode>> = { full: "Full", busy: "Busy", io: "StoreFailed" };

const MODULES = { next: compileText(`(module ${NEXT})`), trap: compileText(`(module ${TRAP})`) };

/** What was told to be done. */
interface Told {
  readonly tasks: string[];
  audit: number;
}

/** Every step once, and once more where it has failed. @returns what was told, and how many steps failed */
async function useTasks(
  runtime: Aegis,
  { store, code }: { readonly store: string; readonly code: ErrorCode },
): Promise<{ readonly told: Told; readonly failed: string[]; readonly reported: number }> {
  const failed: string[] = [], told: Told = { tasks: [], audit: 0 };
  const ask = async <Result>(step: string, work: () => Result | Promise<Result>): Promise<Result> => {
    try {
      return await inTime(step, (async () => await work())());
    } catch (error) {
      checkError(error, step === "open" ? [code, "InvalidOption"] : [code]);
      failed.push(step);
      return await inTime(`${step} once more`, (async () => await work())());
    }
  };
  const tasks = await ask("open", () => TaskManager.open(runtime, { store }));
  let reported = 0;
  tasks.subscribe(({ type }) => void (type === "store_error" && reported++));
  try {
    const next = await ask("addModule", () => tasks.addModule(MODULES.next)),
      trap = await ask("addModule", () => tasks.addModule(MODULES.trap, "trap"));
    const { id } = await ask("create", () => tasks.create(next.hash, { name: "next", args: [1] }));
    told.tasks.push(id);
    const retries = { count: 1, delay: "1ms" } as const;
    const other = await ask("create", () => tasks.create(trap.hash, { name: "trap", retries }, "key"));
    told.tasks.push(other.id);
    for (const one of told.tasks) await ask("start", () => tasks.start(one));
    await ask("audit", () => tasks.audit.add({ at: 1, actor: "test", action: "task.start", target: id }));
    told.audit++;
    await ask("schedule", () => tasks.schedules.add(id, { cron: "0 0 1 1 *" }));
    const ended = (one: string) => ["completed", "failed"].includes(tasks.get(one).state);
    for (const one of told.tasks) {
      await inTime(
        `the end of a task`,
        (async () => {
          while (!await ask("get", () => ended(one))) await new Promise((resolve) => setTimeout(resolve, 1));
        })(),
      );
    }
    const { items } = await ask("executions", () => tasks.executions({ task: id }));
    await ask("log", () => tasks.log(items[0]?.id ?? 0));
    await ask("list", () => tasks.list());
    const { storeErrors } = await ask("stats", () => tasks.stats());
    reported = storeErrors; // those before anybody listened, too
    await ask("disable", () => tasks.schedules.enable(tasks.schedules.list()[0]?.id ?? "", false));
  } finally {
    await inTime("close", tasks.close());
  }
  await Promise.resolve(); // listeners are told behind what happens
  return { told, failed, reported };
}

interface Kept {
  readonly tasks: readonly TaskRecord[];
  readonly executions: readonly ExecutionRecord[];
  readonly auditIntact: boolean;
  readonly audit: number;
}

/** What a later process finds. */
async function keptIn(runtime: Aegis, store: string): Promise<Kept> {
  const { tasks, executions } = await (async () => {
    await using tasks = TaskManager.open(runtime, { store });
    return { tasks: tasks.list().items, executions: tasks.executions().items };
  })();
  const database = new TaskStore(store), { intact, records } = database.audit.verify();
  database.close();
  return { tasks, executions, auditIntact: intact, audit: records };
}

/** @param how what is wrong with it @returns how many statements have failed, one in each run */
export async function sweepStore(how: StoreFault, { first = 1, step = 1 } = {}): Promise<number> {
  await using runtime = await Aegis.create({ isolation: "worker", timeout: "10s" });
  let calls = 0;
  runtime.events.subscribe({ types: ["execution_started"], onEvent: () => void calls++ });
  using _waits = changedWaits((delay) => delay === STORE_PAUSE ? 5 : delay);
  return await sweep(async (fault: Fault) => {
    using folder = new Folder();
    const store = `${folder.path}/tasks.db`;
    calls = 0;
    const { told, failed, reported } = await (async () => {
      using _store = failingStatements(fault, how);
      return await useTasks(runtime, { store, code: CODES[how] });
    })();
    assertEquals(failed.length + reported > 0, fault.reached, `failed: ${failed}, reported: ${reported}`);
    const ran = calls, kept = await keptIn(runtime, store);
    assertEquals(
      kept.tasks.map(({ id }) => id).sort(),
      [...told.tasks].sort(),
      "no task is lost, none is there twice",
    );
    assertEquals(kept.executions.length, ran, "each call of a guest is an execution");
    assertEquals(ran, 3, "one task succeeds, the other is tried twice");
    assert(kept.executions.every(({ status }) => status !== "running"));
    assert(kept.auditIntact, "the audit chain");
    assertEquals(kept.audit, told.audit);
    assertEquals(kept.tasks.map(({ name, state }) => `${name} ${state}`), ["trap failed", "next completed"]);
  }, { first, step });
}
