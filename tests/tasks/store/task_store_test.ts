import { TaskStore } from "../../../src/tasks/store/task_store.ts";
import type { ExecutionEnd } from "../../../src/tasks/store/execution_table.ts";
import { readTaskOptions, type TaskOptions } from "../../../src/tasks/task_settings.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

function storeOf(...names: string[]): TaskStore {
  const store = new TaskStore(":memory:");
  store.modules.add({ hash: "hash", name: "m", bytes: Uint8Array.of(1, 2, 3), now: 1 });
  for (const name of names) add(store, name);
  return store;
}

function add(store: TaskStore, name: string, options: Partial<TaskOptions> = {}): void {
  const read = readTaskOptions({ ...options, name });
  store.tasks.add({ ...read, id: name, module: "hash", createdAt: 5, requestKey: undefined });
}

const END: ExecutionEnd = {
  status: "succeeded",
  outcome: "value",
  error: undefined,
  results: "[]",
  fuel: 2n ** 60n + 1n,
  cpuUs: 1,
  peakMemory: 2,
  hostCalls: 3,
  denials: 0,
  finishedAt: 9,
  durationUs: 4,
};

function execute(store: TaskStore, task: string, end: Partial<ExecutionEnd> = {}, startedAt = 7): number {
  const begun = { task, attempt: 1, trigger: "start", queuedAt: 6, startedAt, inputs: "[]" } as const;
  const id = store.executions.begin(begun);
  store.executions.end(id, { ...END, ...end }, {
    lines: [{ time: 1, source: "log", text: `said by ${task}` }],
    cut: 2,
  });
  return id;
}

Deno.test("ModuleTable counts bytes and tasks, and removes no module that a task runs", () => {
  const store = storeOf("a"), { modules } = store;
  assertEquals([modules.size, modules.get("hash")?.tasks, modules.bytes("hash")], [
    3,
    1,
    Uint8Array.of(1, 2, 3),
  ]);
  assertEquals(modules.remove("hash"), false);
  store.tasks.remove("a");
  assertEquals([modules.remove("hash"), modules.size, modules.list(10)], [true, 0, []]);
});

Deno.test("TaskTable gives lists in parts, the latest first, as a filter says", () => {
  const { tasks } = storeOf("one", "two", "Three");
  const first = tasks.list({}, { most: 2 }), second = tasks.list({}, { most: 2, from: first.next });
  assertEquals([first, second].map(({ items }) => items.map(({ id }) => id)), [["Three", "two"], ["one"]]);
  assertEquals([first.total, second.next], [3, undefined]);
  tasks.change("two", { state: "queued" }, 1);
  assertEquals(tasks.ids({ states: ["queued", "failed"] }), ["two"]);
  assertEquals([tasks.ids({ states: [] }), tasks.ids({ text: "t" }), tasks.ids({ text: "' OR 1" })], [
    [],
    ["two", "Three"],
    [],
  ]);
  assertEquals(tasks.counts(), { ready: 2, queued: 1 });
});

Deno.test("TaskTable.size counts what is made and removed, and nothing that was undone", () => {
  const store = storeOf("one", "two"), { tasks } = store;
  assertEquals(tasks.size, 2);
  add(store, "three");
  assertEquals([tasks.size, tasks.remove("one"), tasks.remove("one"), tasks.size], [3, true, false, 2]);
  assertThrows(() =>
    store.transaction(() => {
      add(store, "four");
      assertEquals(tasks.size, 3);
      throw new Error("undone");
    }), Error);
  assertEquals([tasks.size, tasks.list({}, { most: 10 }).total], [2, 2]);
  assertThrows(() => add(store, "two"), Error); // there is one of that id
  assertEquals(tasks.size, 2);
});

Deno.test("TaskTable keeps settings and changes what it is told to, and nothing else", () => {
  const store = storeOf();
  add(store, "a", { args: [1, "nan"], group: "g", priority: "high" });
  const before = store.tasks.get("a");
  store.tasks.change("a", { error: "boom", dueAt: 3 }, 8);
  assertEquals(store.tasks.get("a"), before && { ...before, error: "boom", dueAt: 3, updatedAt: 8 });
  store.tasks.change("a", { error: undefined, dueAt: undefined }, 8);
  assertEquals(store.tasks.get("a"), before && { ...before, updatedAt: 8 });
  assertEquals(store.tasks.groups(), [{ name: "g", tasks: 1 }]);
});

Deno.test("TaskTable keeps more fuel than a double or the database's integers hold", () => {
  const store = storeOf("a"), fuel = 2n ** 80n + 1n;
  assertEquals(store.tasks.get("a")?.fuel, 0n);
  store.tasks.change("a", { fuel }, 1);
  assertEquals([store.tasks.get("a")?.fuel, store.tasks.list({}, { most: 1 }).items[0]?.fuel], [fuel, fuel]);
});

Deno.test("ActivityTable keeps what an execution asked for as long as the execution is kept", () => {
  const store = storeOf("a"), [first, second] = [execute(store, "a"), execute(store, "a")];
  const entry = {
    time: 1,
    until: 2,
    kind: "call",
    capability: "sensor",
    action: "read",
    target: "1",
    count: 3,
  } as const;
  store.activity.put(first, { entries: [{ ...entry, detail: undefined }], cut: 4 });
  store.activity.put(second, { entries: [], cut: 0 });
  assertEquals(store.activity.get(first) as unknown, { entries: [entry], cut: 4 });
  assertEquals(store.activity.get(second), undefined, "nothing takes no room");
  store.executions.trimTask("a", 1);
  assertEquals([store.activity.get(first), store.executions.get(first)], [undefined, undefined]);
  store.activity.put(second, { entries: [], cut: 1 });
  store.tasks.remove("a");
  assertEquals(store.activity.get(second), undefined);
});

Deno.test("ExecutionTable keeps exact fuel, and the log", () => {
  const store = storeOf("a"), id = execute(store, "a");
  const { fuel, status, results } = store.executions.get(id) ?? {};
  assertEquals([fuel, status, results], [2n ** 60n + 1n, "succeeded", "[]"]);
  assertEquals(store.executions.log(id)?.cut, 2);
  assertEquals(store.executions.latest("a"), id);
  assertEquals([store.executions.latest("b"), store.executions.log(99)], [undefined, undefined]);
});

Deno.test("ExecutionTable.totals() counts what has failed or was cut off, and nothing that was stopped", () => {
  const store = storeOf("a");
  for (const status of ["succeeded", "failed", "stopped", "interrupted"] as const) {
    execute(store, "a", { status, fuel: 5n });
  }
  assertEquals(store.executions.totals(), { executions: 4, failures: 2, fuel: 20n, hostCalls: 12 });
});

Deno.test("ExecutionTable.list() finds by task, status, module, time and text", () => {
  const store = storeOf("a", "b"), first = execute(store, "a", { error: 'said "no"', status: "failed" }, 10);
  const second = execute(store, "b", {}, 20),
    idsOf = (filter: Parameters<typeof store.executions.list>[0]) =>
      store.executions.list(filter, { most: 10 }).items.map(({ id }) => id);
  assertEquals(idsOf({}), [second, first]);
  assertEquals(idsOf({ task: "a" }), [first]);
  assertEquals(idsOf({ statuses: ["failed", "stopped"] }), [first]);
  assertEquals(idsOf({ since: 15 }), [second]);
  assertEquals(idsOf({ until: 15, module: "hash" }), [first]);
  assertEquals([idsOf({ text: 'said "NO"' }), idsOf({ text: "said by b" })], [[first], [second]]);
  assertEquals([...store.executions.each({})].map(({ id }) => id), [first, second]);
});

Deno.test("ExecutionTable forgets the oldest, and none that runs", () => {
  const store = storeOf("a"), { executions } = store;
  const running = executions.begin({
    task: "a",
    attempt: 1,
    trigger: "start",
    queuedAt: 1,
    startedAt: 1,
    inputs: undefined,
  });
  const ids = [1, 2, 3].map((startedAt) => execute(store, "a", {}, startedAt));
  executions.trimTask("a", 2);
  assertEquals([...executions.each({})].map(({ id }) => id), [running, ...ids.slice(1)]);
  assertEquals([executions.trimBefore(3, 10), executions.trimBefore(9, 10)], [1, 1]);
  assertEquals(executions.unfinished().map(({ id }) => id), [running]);
});

Deno.test("TaskTable.remove() takes executions, logs, checkpoints and schedules along", () => {
  const store = storeOf("a"), id = execute(store, "a");
  store.checkpoints.put("a", Uint8Array.of(1), 1);
  const schedule = {
    id: "s",
    task: "a",
    cron: "* * * * *",
    timezone: "UTC",
    enabled: true,
    skipped: 0,
    createdAt: 1,
  };
  store.schedules.add({ ...schedule, nextAt: 5, lastAt: undefined });
  assertEquals([store.schedules.next(), store.schedules.size], [5, 1]);
  store.tasks.remove("a");
  assertEquals(
    [store.executions.get(id), store.executions.log(id), store.checkpoints.has("a"), store.schedules.next()],
    [undefined, undefined, false, undefined],
  );
});

Deno.test("CheckpointTable.interruptions() counts what went on from a checkpoint and was cut off", () => {
  const store = storeOf("a"), status = "interrupted";
  execute(store, "a", { status }, 5); // that which was saved
  store.checkpoints.put("a", Uint8Array.of(1), 6);
  for (const startedAt of [6, 7]) execute(store, "a", { status }, startedAt);
  execute(store, "a", {}, 8);
  assertEquals(store.checkpoints.interruptions("a"), 2);
});

Deno.test("AuditTable keeps the latest, and gives them by target", () => {
  const { audit } = storeOf();
  for (const target of ["a", "b", "a"]) audit.add({ at: 1, actor: "system", action: "task.create", target });
  assertEquals(audit.list({ most: 2 }).items.map(({ id, target }) => [id, target]), [[3, "a"], [2, "b"]]);
  const { items, total } = audit.list({ most: 10 }, "a");
  assertEquals([items.length, total], [2, 2]);
});

Deno.test("AuditTable tells who listens of each entry, and of nothing any more once they leave", () => {
  const { audit } = storeOf(), heard: unknown[] = [];
  audit.subscribe(() => {
    throw new Error("of a listener");
  });
  const listen = (record: unknown) => void heard.push(record), leave = audit.subscribe(listen);
  audit.subscribe(listen)(); // twice is told twice, and leaves once
  audit.add({ at: 1, actor: "a", action: "task.create", target: "t" });
  const [kept] = audit.list({ most: 1 }).items;
  assertEquals(heard, [kept]);
  leave();
  audit.add({ at: 2, actor: "a", action: "task.remove" });
  assertEquals([heard.length, audit.list({ most: 9 }).total], [1, 2]);
});
