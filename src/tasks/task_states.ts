/** What a task can be in, and what leads from one state to another: no state is changed but by this table. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** States of a task, with what each means. */
export const TASK_STATES = {
  /** It was made, and never started. */
  ready: { active: false, doc: "never started" },
  /** It waits for its turn. */
  queued: { active: true, doc: "waits for its turn" },
  /** It has a guest. The guest may stand still for a moment, while others have the processor. */
  running: { active: true, doc: "has a guest" },
  /** Somebody has paused it: its guest, if it has one, stands still. */
  paused: { active: true, doc: "stands still until it is resumed" },
  /** An execution has failed, and the next one comes by itself. */
  waiting: { active: true, doc: "is tried again in a while" },
  completed: { active: false, doc: "its last execution has succeeded" },
  failed: { active: false, doc: "its last execution has failed" },
  /** Somebody has stopped it. */
  stopped: { active: false, doc: "was stopped" },
  /** The process that ran it ended in the midst of an execution. */
  interrupted: { active: false, doc: "its last execution was cut off" },
} as const satisfies Record<string, { readonly active: boolean; readonly doc: string }>;

/** A key of {@linkcode TASK_STATES}. */
export type TaskState = keyof typeof TASK_STATES;

/**
 * What changes the state of a task, and how. The first four come from outside, the others from the scheduler: `admit`
 * gives it a guest, `goOn` lets the guest go on that stands still, `due` ends the wait for another try, `cut` is the end of
 * the process that ran it. Who is paused while an execution fails stays paused, and is tried again when it is resumed.
 */
export const TRANSITIONS = {
  start: {
    ready: "queued",
    completed: "queued",
    failed: "queued",
    stopped: "queued",
    interrupted: "queued",
  },
  pause: { queued: "paused", running: "paused", waiting: "paused" },
  resume: { paused: "queued" },
  stop: { queued: "stopped", running: "stopped", paused: "stopped", waiting: "stopped" },
  admit: { queued: "running" },
  goOn: { paused: "running" },
  complete: { running: "completed", paused: "completed" },
  fail: { running: "failed", paused: "failed" },
  retry: { running: "waiting", paused: "paused" },
  due: { waiting: "queued" },
  cut: { running: "interrupted", paused: "interrupted" },
} as const satisfies Record<string, Partial<Record<TaskState, TaskState>>>;

/** A key of {@linkcode TRANSITIONS}. */
export type TaskAction = keyof typeof TRANSITIONS;

/** What can be asked of a task from outside. */
export const ASKED = ["start", "pause", "resume", "stop"] as const satisfies readonly TaskAction[];

/** Where an action leads from a state; undefined where it leads nowhere. */
export function nextState(state: TaskState, action: TaskAction): TaskState | undefined {
  const row: Partial<Record<TaskState, TaskState>> = TRANSITIONS[action];
  return row[state];
}

/** The same, for what somebody asks. @throws {AegisError} `WrongState` where it leads nowhere */
export function askedState(state: TaskState, action: TaskAction): TaskState {
  const next = nextState(state, action);
  if (next !== undefined) return next;
  const from = Object.keys(TRANSITIONS[action]).join(", ");
  throw new AegisError(
    "WrongState",
    `Cannot ${action} a task that is ${quote(state)}: it must be one of ${from}`,
    {
      field: "state",
    },
  );
}
