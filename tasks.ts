/**
 * Tasks: modules that run when they are told to, by priority, by the clock, again when they failed, with a history that
 * outlives the process.
 *
 * @module
 */
export { TaskManager } from "./src/tasks/task_manager.ts";
export { BULK_ACTIONS, type BulkAction, type BulkResult } from "./src/tasks/bulk_action.ts";
export type { TaskLoad, TaskStats } from "./src/tasks/task_stats.ts";
export type { LiveExecution } from "./src/tasks/task_scheduler.ts";
export type { TaskManagerOptions } from "./src/tasks/manager_options.ts";
export type { TaskGrants } from "./src/tasks/task_grants.ts";
export type { TaskOptions, TaskSettings, TaskValue } from "./src/tasks/task_settings.ts";
export type { RetryOptions, RetryPolicy } from "./src/tasks/retry_policy.ts";
export { PRIORITIES, type Priority } from "./src/tasks/run_queue.ts";
export { type ScheduleOptions, Schedules } from "./src/tasks/schedules.ts";
export { TASK_STATES, type TaskState } from "./src/tasks/task_states.ts";
export {
  type EventOfTask,
  type StoreErrorEvent,
  TASK_EVENT_TYPES,
  type TaskEvent,
} from "./src/tasks/task_events.ts";
export {
  ACTIVITY_KINDS,
  type ActivityEntry,
  type ActivityKind,
  type StoredActivity,
} from "./src/tasks/captured_activity.ts";
export { LOG_SOURCES, type LogLine, type LogSource } from "./src/tasks/captured_log.ts";
export { EXECUTION_STATUSES } from "./src/tasks/store/execution_table.ts";
export type { ExecutionFilter } from "./src/tasks/store/execution_filter.ts";
export type {
  ExecutionRecord,
  ExecutionStatus,
  StoredLog,
  Trigger,
} from "./src/tasks/store/execution_table.ts";
export type { ExecutionSeries, SeriesBucket, SeriesOptions } from "./src/tasks/store/execution_series.ts";
export type { StoredModule } from "./src/tasks/store/module_table.ts";
export type { Page, PageOptions, TaskFilter, TaskRecord } from "./src/tasks/store/task_table.ts";
export type { ScheduleRecord } from "./src/tasks/store/schedule_table.ts";
export type { AuditEntry, AuditRecord, AuditTrail } from "./src/tasks/store/audit_table.ts";
