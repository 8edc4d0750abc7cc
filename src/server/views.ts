/** Records as answers have them: what is not known is null, and what JSON has no digits for is text. */
import type { z } from "@hono/zod-openapi";
import type { Series } from "./history_schemas.ts";
import type * as schemas from "./schemas.ts";
import type { Metrics } from "../core/metrics.ts";
import type { BulkResult } from "../tasks/bulk_action.ts";
import type { TaskStats } from "../tasks/task_stats.ts";
import type { AuditRecord } from "../tasks/store/audit_table.ts";
import type { ExecutionRecord } from "../tasks/store/execution_table.ts";
import type { ExecutionSeries } from "../tasks/store/execution_series.ts";
import type { StoredModule } from "../tasks/store/module_table.ts";
import type { ScheduleRecord } from "../tasks/store/schedule_table.ts";
import type { Page, TaskRecord } from "../tasks/store/task_table.ts";

/** @param last its last execution; undefined before the first */
export function taskView(task: TaskRecord, last: ExecutionRecord | undefined): z.infer<typeof schemas.Task> {
  const {
    id,
    name,
    module,
    state,
    priority,
    group,
    trigger,
    attempt,
    queuedAt,
    dueAt,
    executions,
    failures,
  } = task;
  return {
    id,
    name,
    module,
    state,
    priority,
    group: group ?? null,
    trigger,
    attempt,
    queuedAt: queuedAt ?? null,
    dueAt: dueAt ?? null,
    executions,
    failures,
    fuel: String(task.fuel),
    lastExecution: last === undefined ? null : {
      id: last.id,
      status: last.status,
      startedAt: last.startedAt,
      durationUs: last.durationUs ?? null,
      fuel: last.fuel === undefined ? null : String(last.fuel),
    },
    error: task.error ?? null,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    settings: { ...task.settings },
  };
}

export function executionView(execution: ExecutionRecord): z.infer<typeof schemas.Execution> {
  const { id, task, attempt, trigger, queuedAt, startedAt, status, fuel, inputs, results } = execution;
  return {
    id,
    task,
    attempt,
    trigger,
    queuedAt,
    startedAt,
    finishedAt: execution.finishedAt ?? null,
    durationUs: execution.durationUs ?? null,
    status,
    outcome: execution.outcome ?? null,
    error: execution.error ?? null,
    inputs: jsonOf(inputs),
    results: jsonOf(results),
    fuel: fuel === undefined ? null : String(fuel),
    cpuUs: execution.cpuUs ?? null,
    peakMemory: execution.peakMemory ?? null,
    hostCalls: execution.hostCalls ?? null,
    denials: execution.denials ?? null,
  };
}

function jsonOf(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text); // written as JSON by the task layer
}

export function seriesView({ items, ...stretch }: ExecutionSeries): z.infer<typeof Series> {
  return {
    ...stretch,
    items: items.map((item) => ({
      ...item,
      fuel: String(item.fuel),
      durationUs: item.durationUs ?? null,
    })),
  };
}

export function moduleView(
  { hash, name, size, addedAt, tasks }: StoredModule,
): z.infer<typeof schemas.Module> {
  return { hash, name: name ?? null, size, addedAt, tasks };
}

export function scheduleView(schedule: ScheduleRecord): z.infer<typeof schemas.Schedule> {
  const { nextAt, lastAt, ...rest } = schedule;
  return { ...rest, nextAt: nextAt ?? null, lastAt: lastAt ?? null };
}

export function auditView({ target, detail, ...rest }: AuditRecord): z.infer<typeof schemas.AuditRecord> {
  return { ...rest, target: target ?? null, detail: detail ?? null };
}

export function usageView(metrics: Metrics): z.infer<typeof schemas.Usage> {
  const { fuelConsumed, cpuTime, memory, hostCalls, denials } = metrics;
  return { fuel: String(fuelConsumed), cpuMs: cpuTime, memory, hostCalls, denials };
}

/** @param listeners connections that hear of events */
export function statsView({ fuel, ...rest }: TaskStats, listeners: number): z.infer<typeof schemas.Stats> {
  return { ...rest, fuel: String(fuel), listeners };
}

export function bulkView(
  { id, task, error }: BulkResult,
): z.infer<typeof schemas.BulkAnswer>["results"][number] {
  return {
    id,
    state: task?.state ?? null,
    error: error === undefined ? null : { code: error.code, message: error.message },
  };
}

export function pageView<Item, View>(
  { items, next, total }: Page<Item>,
  view: (item: Item) => View,
): { items: View[]; next: number | null; total: number } {
  return { items: items.map(view), next: next ?? null, total };
}

// Of the endpoints with the envelope.

export function seedTaskView(task: TaskRecord, size: number): z.infer<typeof schemas.SeedTask> {
  const { id, name, state, module, executions, createdAt } = task;
  return { id, name, status: state, created_at: Math.floor(createdAt / 1000), module, size, executions };
}

export function seedRecordView(execution: ExecutionRecord): z.infer<typeof schemas.SeedRecord> {
  const { startedAt, durationUs, status, error, fuel, hostCalls } = execution;
  return {
    timestamp: Math.floor(startedAt / 1000),
    duration_us: durationUs ?? 0,
    success: status === "succeeded",
    error: error ?? null,
    instructions: Number(fuel ?? 0n),
    syscalls: hostCalls ?? 0,
  };
}

export function seedStatsView(
  { tasks, states, fuel, hostCalls }: TaskStats,
): z.infer<typeof schemas.SeedStats> {
  return {
    total_tasks: tasks,
    running_tasks: states.running,
    failed_tasks: states.failed,
    total_instructions: Number(fuel),
    total_syscalls: hostCalls,
  };
}
