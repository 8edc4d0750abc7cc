import {
  ASKED,
  askedState,
  nextState,
  TASK_STATES,
  type TaskAction,
  type TaskState,
  TRANSITIONS,
} from "../../src/tasks/task_states.ts";
import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

const STATES = Object.keys(TASK_STATES) as TaskState[]; // its own keys
const ACTIONS = Object.keys(TRANSITIONS) as TaskAction[];

Deno.test("every state of a task is reached from the first, and led out of by what somebody asks", () => {
  const reached = new Set<TaskState>(["ready"]);
  for (const state of reached) {
    for (const action of ACTIONS) {
      const next = nextState(state, action);
      if (next !== undefined) reached.add(next);
    }
  }
  assertEquals(STATES.filter((state) => !reached.has(state)), []);
  for (const state of STATES) assert(ASKED.some((action) => nextState(state, action) !== undefined), state);
});

Deno.test("every state that is active can be stopped, and no other", () => {
  for (const state of STATES) {
    assertEquals(nextState(state, "stop") !== undefined, TASK_STATES[state].active, state);
    assertEquals(nextState(state, "start") !== undefined, !TASK_STATES[state].active, state);
  }
});

Deno.test("whatever ends an execution leads out of both states that may have one", () => {
  for (const action of ["complete", "fail", "retry", "cut"] as const) {
    for (const state of ["running", "paused"] as const) {
      assert(nextState(state, action) !== undefined, action);
    }
  }
});

Deno.test("a task that is paused while its execution fails stays paused", () => {
  assertEquals(nextState("paused", "retry"), "paused");
});

Deno.test("askedState() says what would be allowed", () => {
  const error = assertThrows(() => askedState("ready", "pause"), AegisError);
  assertEquals(error.code, "WrongState");
  assertStringIncludes(error.message, 'Cannot pause a task that is "ready": it must be one of queued');
});
