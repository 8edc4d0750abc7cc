import { changedTask, type TaskEvent, taskEvent } from "../../../src/dashboard/tasks/task_changes.ts";
import { assertEquals } from "../../assert.ts";
import { EXECUTION, TASK } from "./samples.ts";

Deno.test("changedTask() follows a run to its end, and counts an end once however often it is told", () => {
  const idle = { ...TASK, state: "queued", lastExecution: null } as const;
  const started: TaskEvent = { type: "execution_started", task: "t1", time: 1000, execution: 7, attempt: 1 };
  const finished: TaskEvent = { type: "execution_finished", task: "t1", time: 1100, execution: EXECUTION };
  const running = changedTask(
    changedTask(idle, { type: "task_state", task: "t1", time: 999, to: "running" }),
    started,
  );
  assertEquals(running.state, "running");
  assertEquals(running.lastExecution, TASK.lastExecution);
  assertEquals(changedTask(running, started), running);
  const ended = changedTask(running, finished);
  assertEquals([ended.executions, ended.failures, ended.fuel], [3, 2, "9007199254741003"]);
  assertEquals(ended.lastExecution?.status, "failed");
  assertEquals(ended.error, "Trap: unreachable executed");
  assertEquals(changedTask(ended, finished), ended);
  assertEquals(changedTask(ended, started), ended);
});

Deno.test("changedTask() takes no earlier execution for the last", () => {
  const later = {
    ...TASK,
    lastExecution: { id: 9, status: "running", startedAt: 2000, durationUs: null, fuel: null },
  } as const;
  assertEquals(
    changedTask(later, { type: "execution_finished", task: "t1", time: 1, execution: EXECUTION }),
    later,
  );
});

Deno.test("taskEvent() knows events of tasks, and no others", () => {
  assertEquals(taskEvent("task_created", { task: "t1", time: 1 })?.task, "t1");
  assertEquals(taskEvent("meters", {}), undefined);
});
