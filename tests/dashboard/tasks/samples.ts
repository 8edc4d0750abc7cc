/** Tasks and executions as the server tells them. */
import type { Execution, Policy, Task } from "../../../src/dashboard/api_types.ts";
import type { LimitName, PresetName } from "../../../src/core/limits.ts";

export const TASK: Task = {
  id: "t1",
  name: "a task",
  module: "ab".repeat(32),
  state: "running",
  priority: "normal",
  group: null,
  trigger: "start",
  attempt: 1,
  queuedAt: null,
  dueAt: null,
  executions: 2,
  failures: 1,
  fuel: "10",
  lastExecution: { id: 7, status: "running", startedAt: 1000, durationUs: null, fuel: null },
  error: null,
  createdAt: 0,
  updatedAt: 0,
  settings: {},
};

export const EXECUTION: Execution = {
  id: 7,
  task: "t1",
  attempt: 1,
  trigger: "start",
  queuedAt: 990,
  startedAt: 1000,
  finishedAt: 1100,
  durationUs: 100_000,
  status: "failed",
  outcome: "trap:unreachable",
  error: "Trap: unreachable executed",
  inputs: [],
  results: null,
  fuel: "9007199254740993",
  cpuUs: 50_000,
  peakMemory: 65536,
  hostCalls: 1,
  denials: 0,
};

/** A server that grants its log, and bounds nothing. */
export const POLICY: Policy = {
  engine: "v8",
  limits: {} as Record<LimitName, never>, // what is not there has no bound
  presets: {} as Record<PresetName, never>, // which nothing here reads
  grants: [{ capability: "logging", detail: "up to level info" }],
};
