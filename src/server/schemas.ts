/** What requests and answers look like: checked where they come in, and told in the OpenAPI document. */
import { z } from "@hono/zod-openapi";
import { ALERT_LEVELS } from "../core/alert_level.ts";
import { ENGINES } from "../core/engine.ts";
import { LIMITS, PRESETS } from "../core/limits.ts";
import { LOG_LEVELS } from "../core/log_level.ts";
import { POLICY_PRESETS } from "../policy/presets.ts";
import { LOG_SOURCES } from "../tasks/captured_log.ts";
import { BULK_ACTIONS } from "../tasks/bulk_action.ts";
import { PRIORITIES } from "../tasks/run_queue.ts";
import { EXECUTION_STATUSES } from "../tasks/store/execution_table.ts";
import { TASK_STATES } from "../tasks/task_states.ts";
import { isShallow, MOST_LEVELS } from "./json_depth.ts";
import { ROLES } from "./tokens.ts";

/** The keys of a table as a list that zod takes. */
export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): [Key, ...Key[]] {
  return Object.keys(table) as [Key, ...Key[]]; // no table of ours is empty
}

export const State = z.enum(keysOf(TASK_STATES)).openapi("TaskState");
export const Status = z.enum(EXECUTION_STATUSES).openapi("ExecutionStatus");

/** Anything that JSON can say. */
const Json = z.unknown().refine(isShallow, `it is nested deeper than ${MOST_LEVELS} levels`)
  .openapi({ description: "Any JSON" });

export const Time = z.number().int().openapi({
  description: "Milliseconds since 1970",
  example: 1_767_225_600_000,
});
const Hash = z.string().regex(/^[0-9a-f]{64}$/).openapi({ description: "SHA-256 of the module's bytes" });
const Amount = z.union([z.number(), z.string().max(64)]);
const Name = z.string().min(1).max(200);

export const ErrorSchema = z.object({
  error: z.object({
    code: z.string().openapi({ example: "NotFound" }),
    message: z.string(),
    field: z.string().optional(),
    suggestion: z.string().optional(),
  }),
}).openapi("Error");

/** What a task does; values are checked by the library. */
const taskFields = {
  name: Name,
  function: z.string().max(100_000).optional().openapi({
    description: "Exported function; _start, else main",
  }),
  args: z.array(Json).max(1000).optional().openapi({ description: "Arguments; i64 also as text" }),
  argv: z.array(z.string()).max(1000).optional().openapi({ description: "Arguments of the program" }),
  stdin: z.string().max(2 ** 20).optional(),
  priority: z.enum(keysOf(PRIORITIES)).optional(),
  group: Name.optional(),
  preset: z.enum(keysOf(PRESETS)).optional().openapi({
    description: "Limits to start from; os if none is given",
  }),
  limits: z.partialRecord(z.enum(keysOf(LIMITS)), Amount).optional(),
  policy: z.enum(keysOf(POLICY_PRESETS)).optional().openapi({ description: "permissive if none is given" }),
  grants: z.strictObject({
    read: z.array(z.string().max(4096)).optional(),
    write: z.array(z.string().max(4096)).optional(),
    net: z.array(z.string().max(300)).optional(),
    logging: z.enum(keysOf(LOG_LEVELS)).optional(),
    alerts: z.enum(keysOf(ALERT_LEVELS)).optional(),
    sensors: z.record(z.string(), z.union([z.literal("runtime"), z.number(), z.array(z.number())]))
      .optional(),
    clock: z.boolean().optional(),
    random: z.boolean().optional(),
    env: z.array(z.string().max(200)).optional(),
  }).optional(),
  engine: z.enum(ENGINES).optional(),
  retries: z.strictObject({
    count: z.number().int().min(0).max(100).optional(),
    delay: Amount.optional(),
    factor: z.number().min(1).max(10).optional(),
    longest: Amount.optional(),
    interrupted: z.boolean().optional(),
  }).optional(),
  deadline: Amount.optional(),
  checkpointEvery: Amount.optional(),
  history: z.number().int().min(1).max(10_000).optional(),
} as const;

export const NewTask = z.strictObject({
  ...taskFields,
  module: Hash,
  start: z.boolean().optional().openapi({ description: "Whether it starts at once" }),
}).openapi("NewTask");

export const RunOnce = z.strictObject({ ...taskFields, name: Name.optional(), module: Hash }).openapi(
  "RunOnce",
);

export const NewBatch = z.strictObject({
  ...taskFields,
  module: Hash,
  rows: z.array(z.array(Json).max(1000)).min(1).max(1000)
    .openapi({ description: "Arguments of each task; a row each" }),
}).openapi("NewBatch");

const LastExecution = z.object({
  id: z.number().int(),
  status: Status,
  startedAt: Time,
  durationUs: z.number().int().nullable().openapi({ description: "Microseconds of wall time" }),
  fuel: z.string().nullable(),
}).openapi("LastExecution");

export const Task = z.object({
  id: z.string(),
  name: z.string(),
  module: Hash,
  state: State,
  priority: z.string(),
  group: z.string().nullable(),
  trigger: z.string(),
  attempt: z.number().int(),
  queuedAt: Time.nullable(),
  dueAt: Time.nullable(),
  executions: z.number().int(),
  failures: z.number().int(),
  fuel: z.string().openapi({ description: "Units that its executions have used; decimal" }),
  lastExecution: z.union([LastExecution, z.null()]),
  error: z.string().nullable(),
  createdAt: Time,
  updatedAt: Time,
  settings: z.record(z.string(), Json),
}).openapi("Task");

export const Execution = z.object({
  id: z.number().int(),
  task: z.string(),
  attempt: z.number().int(),
  trigger: z.string(),
  queuedAt: Time,
  startedAt: Time,
  finishedAt: Time.nullable(),
  durationUs: z.number().int().nullable().openapi({ description: "Microseconds of wall time" }),
  status: Status,
  outcome: z.string().nullable(),
  error: z.string().nullable(),
  inputs: z.unknown().openapi({ description: "Arguments" }),
  results: z.unknown().openapi({ description: "What the function returned; i64 as text" }),
  fuel: z.string().nullable().openapi({ description: "Units, decimal" }),
  cpuUs: z.number().int().nullable().openapi({ description: "Microseconds of work" }),
  peakMemory: z.number().int().nullable().openapi({ description: "Bytes" }),
  hostCalls: z.number().int().nullable(),
  denials: z.number().int().nullable(),
}).openapi("Execution");

export const LogLine = z.object({
  time: Time,
  source: z.enum(LOG_SOURCES),
  level: z.string().optional(),
  text: z.string(),
  cut: z.literal(true).optional(),
}).openapi("LogLine");

export const Log = z.object({
  execution: z.number().int(),
  lines: z.array(LogLine),
  cut: z.number().int().openapi({ description: "Lines that were not kept" }),
}).openapi("Log");

export const Module = z.object({
  hash: Hash,
  name: z.string().nullable(),
  size: z.number().int().openapi({ description: "Bytes" }),
  addedAt: Time,
  tasks: z.number().int().openapi({ description: "Tasks that run it" }),
}).openapi("Module");

export const Schedule = z.object({
  id: z.string(),
  task: z.string(),
  cron: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  nextAt: Time.nullable(),
  lastAt: Time.nullable(),
  skipped: z.number().int(),
  createdAt: Time,
}).openapi("Schedule");

export const NewSchedule = z.strictObject({
  task: z.string(),
  cron: z.string().max(200).openapi({ example: "*/5 * * * *" }),
  timezone: z.string().max(100).optional(),
  enabled: z.boolean().optional(),
}).openapi("NewSchedule");

export const Usage = z.object({
  fuel: z.string(),
  cpuMs: z.number(),
  memory: z.number().int(),
  hostCalls: z.number().int(),
  denials: z.number().int(),
}).openapi("Usage");

export const Stats = z.object({
  tasks: z.number().int(),
  states: z.record(State, z.number().int()),
  queued: z.number().int(),
  live: z.number().int(),
  executions: z.number().int(),
  failures: z.number().int(),
  fuel: z.string(),
  hostCalls: z.number().int(),
  storeSize: z.number().int(),
  storeErrors: z.number().int().openapi({ description: "Times that the database failed, since the start" }),
  listeners: z.number().int().openapi({ description: "Connections that hear of events" }),
}).openapi("Stats");

export const Group = z.object({
  name: z.string(),
  tasks: z.number().int(),
  states: z.partialRecord(State, z.number().int()),
}).openapi("Group");

export const Bulk = z.strictObject({
  action: z.enum(BULK_ACTIONS),
  ids: z.array(z.string()).max(10_000).optional(),
  group: Name.optional(),
  states: z.array(State).optional(),
  module: Hash.optional(),
}).openapi("Bulk");

export const BulkAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      state: z.union([State, z.null()]),
      error: z.union([ErrorSchema.shape.error, z.null()]),
    }),
  ),
}).openapi("BulkAnswer");

export const AuditRecord = z.object({
  id: z.number().int(),
  at: Time,
  actor: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  detail: z.string().nullable(),
}).openapi("AuditRecord");

export const TokenSchema = z.object({ name: z.string(), role: z.enum(ROLES), createdAt: Time }).openapi(
  "Token",
);

/** A part of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.number().int().nullable().openapi({ description: "Value of `from` for the next part" }),
    total: z.number().int(),
  });
}

export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  from: z.coerce.number().int().optional(),
} as const;

/** Words behind a comma each: `?state=running,queued`. */
function listOf<Member extends z.ZodType<string, string>>(member: Member) {
  return z.string().transform((text) => text.split(",")).pipe(z.array(member));
}

export const TaskQuery = z.object({
  ...PageQuery,
  state: listOf(State).optional(),
  module: Hash.optional(),
  group: z.string().max(200).optional(),
  text: z.string().max(200).optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
});

export const ExecutionQuery = z.object({
  ...PageQuery,
  task: z.string().max(100).optional(),
  status: listOf(Status).optional(),
  module: Hash.optional(),
  text: z.string().max(200).optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
});

// The endpoints of the kind that WASM-OS has: one envelope for all.

export const SeedError = z.object({ success: z.literal(false), data: z.null(), error: z.string() }).openapi(
  "SeedError",
);

export function seedOf<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), data, error: z.null() });
}

export const SeedRecord = z.object({
  timestamp: z.number().int().openapi({ description: "Seconds since 1970" }),
  duration_us: z.number().int(),
  success: z.boolean(),
  error: z.string().nullable(),
  instructions: z.number(),
  syscalls: z.number().int(),
}).openapi("SeedExecution");

export const SeedTask = z.object({
  id: z.string(),
  name: z.string(),
  status: State,
  created_at: z.number().int(),
  module: Hash,
  size: z.number().int(),
  executions: z.number().int(),
}).openapi("SeedTask");

export const SeedTaskInfo = SeedTask.extend({ execution_history: z.array(SeedRecord) }).openapi(
  "SeedTaskInfo",
);

export const SeedStats = z.object({
  total_tasks: z.number().int(),
  running_tasks: z.number().int(),
  failed_tasks: z.number().int(),
  total_instructions: z.number(),
  total_syscalls: z.number().int(),
}).openapi("SeedStats");

export const SeedNewTask = z.strictObject({
  name: Name,
  wasm_data: z.array(z.number().int().min(0).max(255)).openapi({ description: "The bytes of the module" }),
}).openapi("SeedNewTask");
