/** Tasks that go on from where they were saved, and what is done about a state that is damaged. */
import { TaskStore } from "../../src/tasks/store/task_store.ts";
import { assert, assertEquals } from "../assert.ts";
import { LOOP, TaskRig, UNBOUNDED } from "./task_rig.ts";

const SAVED = { limits: UNBOUNDED, engine: "interpreter", checkpointEvery: "100ms" } as const;

/** Leaves a task behind that was saved when its manager was closed. */
async function leaveSaved(store: string, paused: boolean): Promise<string> {
  await using rig = await TaskRig.open({ tasks: { store } });
  const id = await rig.started(LOOP, SAVED);
  await rig.working(id);
  if (paused) rig.tasks.pause(id);
  await rig.tasks.close();
  return id;
}

async function withStore(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(`${folder}/tasks.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("TaskManager.close() saves what can be saved, and the next one goes on from there", async () => {
  await withStore(async (store) => {
    const id = await leaveSaved(store, false);
    await using rig = await TaskRig.open({ tasks: { store } });
    await rig.working(id);
    assertEquals(rig.executions(id).map(({ status, attempt, trigger }) => [status, attempt, trigger]), [
      ["interrupted", 1, "start"],
      ["running", 1, "recovery"],
    ]);
    assert((rig.tasks.metrics(id)?.fuelConsumed ?? 0n) > 0n);
  });
});

Deno.test("TaskManager keeps a task paused over a restart, with where it was", async () => {
  await withStore(async (store) => {
    const id = await leaveSaved(store, true);
    await using rig = await TaskRig.open({ tasks: { store } });
    assertEquals(rig.tasks.get(id).state, "paused");
    rig.tasks.resume(id);
    await rig.working(id);
  });
});

Deno.test("a checkpoint that is damaged fails the task with SnapshotInvalid, once", async () => {
  await withStore(async (path) => {
    const id = await leaveSaved(path, false), store = new TaskStore(path);
    const state = store.checkpoints.get(id);
    assert(state !== undefined, "it was saved");
    state[state.length >> 1] = (state[state.length >> 1] ?? 0) ^ 1;
    store.checkpoints.put(id, state, 1);
    store.close();
    for (let process = 0; process < 2; process++) {
      await using rig = await TaskRig.open({ tasks: { store: path } });
      await rig.state(id, "failed");
      assertEquals(rig.executions(id).map(({ status, outcome }) => [status, outcome]), [
        ["interrupted", "shutdown"],
        ["failed", "SnapshotInvalid"],
      ]);
    }
  });
});

Deno.test("TaskManager goes on saving a task that is paused, and resumes it", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, SAVED);
  await rig.working(id);
  rig.tasks.pause(id);
  await new Promise((resolve) => setTimeout(resolve, 350));
  rig.tasks.resume(id);
  await rig.working(id);
  rig.tasks.stop(id);
  await rig.tasks.ended(id);
  assertEquals(rig.tasks.get(id).state, "stopped");
});
