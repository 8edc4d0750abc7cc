import { TaskStore } from "../../../src/tasks/store/task_store.ts";
import type { ExecutionStatus } from "../../../src/tasks/store/execution_table.ts";
import { readTaskOptions } from "../../../src/tasks/task_settings.ts";
import { assertEquals } from "../../assert.ts";

const START = Date.UTC(2030, 0, 1);

function storeOf(...names: string[]): TaskStore {
  const store = new TaskStore(":memory:");
  store.modules.add({ hash: "hash", name: "m", bytes: Uint8Array.of(1), now: 1 });
  for (const name of names) {
    store.tasks.add({
      ...readTaskOptions({ name }),
      id: name,
      module: "hash",
      createdAt: 5,
      requestKey: undefined,
    });
  }
  return store;
}

function execute(
  { executions }: TaskStore,
  { task = "a", at, status, fuel = 1n, durationUs = 10 }: {
    readonly task?: string;
    readonly at: number;
    readonly status: ExecutionStatus;
    readonly fuel?: bigint;
    readonly durationUs?: number;
  },
): number {
  const startedAt = START + at;
  const id = executions.begin({
    task,
    attempt: 1,
    trigger: "start",
    queuedAt: startedAt,
    startedAt,
    inputs: "",
  });
  if (status === "running") return id;
  executions.end(id, {
    status,
    outcome: undefined,
    error: undefined,
    results: undefined,
    fuel,
    cpuUs: 1,
    peakMemory: 1,
    hostCalls: 2,
    denials: 3,
    finishedAt: startedAt + 1,
    durationUs,
  }, { lines: [], cut: 0 });
  return id;
}

const EMPTY = {
  succeeded: 0,
  failed: 0,
  stopped: 0,
  interrupted: 0,
  running: 0,
  fuel: 0n,
  hostCalls: 0,
  denials: 0,
  durationUs: undefined,
};

Deno.test("ExecutionTable.series() counts in every part of the time what began in it, and in no other", () => {
  const store = storeOf("a", "b");
  execute(store, { at: -1, status: "succeeded" });
  execute(store, { at: 0, status: "succeeded", fuel: 2n ** 62n - 1n, durationUs: 10 });
  execute(store, { at: 99, status: "succeeded", fuel: 2n ** 62n - 1n, durationUs: 21 });
  execute(store, { at: 99, status: "running" });
  execute(store, { at: 200, status: "failed", task: "b" });
  execute(store, { at: 249, status: "stopped" });
  execute(store, { at: 249, status: "interrupted" });
  execute(store, { at: 250, status: "failed" });
  const options = { since: START, until: START + 250, buckets: 3 },
    series = store.executions.series({}, options);
  assertEquals([series.since, series.until, series.width], [START, START + 250, 84]);
  assertEquals(series.items, [
    { ...EMPTY, at: START, succeeded: 1, fuel: 2n ** 62n - 1n, hostCalls: 2, denials: 3, durationUs: 10 },
    {
      ...EMPTY,
      at: START + 84,
      succeeded: 1,
      running: 1,
      fuel: 2n ** 62n - 1n,
      hostCalls: 2,
      denials: 3,
      durationUs: 21,
    },
    {
      ...EMPTY,
      at: START + 168,
      failed: 1,
      stopped: 1,
      interrupted: 1,
      fuel: 3n,
      hostCalls: 6,
      denials: 9,
      durationUs: 10,
    },
  ]);
  const all = store.executions.series({}, { ...options, buckets: 1 }).items;
  assertEquals(all.map(({ fuel, durationUs }) => [fuel, durationUs]), [[2n ** 63n + 1n, 12]]);
  const own = store.executions.series({ task: "b", statuses: ["failed"] }, { ...options, buckets: 1 }).items;
  assertEquals(own, [{ ...EMPTY, at: START, failed: 1, fuel: 1n, hostCalls: 2, denials: 3, durationUs: 10 }]);
});

Deno.test("ExecutionTable.series() has no more parts than milliseconds, and parts where there is nothing", () => {
  const { executions } = storeOf();
  const { width, items } = executions.series({}, { since: START, until: START + 3, buckets: 500 });
  assertEquals([width, items], [1, [0, 1, 2].map((at) => ({ ...EMPTY, at: START + at }))]);
  assertEquals(executions.series({}, { since: START, until: START + 1001, buckets: 500 }).items.length, 334);
});

Deno.test("ExecutionTable.latestOf() gives the last one of each task that has any", () => {
  const store = storeOf("a", "b", "c");
  execute(store, { at: 1, status: "succeeded" });
  const b = execute(store, { at: 2, status: "failed", task: "b" }),
    a = execute(store, { at: 3, status: "running" });
  const ids = (tasks: readonly string[]) => store.executions.latestOf(tasks).map(({ id }) => id).toSorted();
  assertEquals(ids(["a", "b", "c", "none"]), [b, a].toSorted());
  assertEquals([ids(["b"]), ids([])], [[b], []]);
});
