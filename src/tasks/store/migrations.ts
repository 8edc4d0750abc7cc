/**
 * What the database is made of, as steps from one version to the next: a step that was released is never changed. Times
 * are milliseconds since 1970, sizes bytes.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE modules (
    hash TEXT PRIMARY KEY,        -- SHA-256 of the bytes, hexadecimal
    name TEXT,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order in which they were made
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    module TEXT NOT NULL REFERENCES modules (hash),
    state TEXT NOT NULL,
    settings TEXT NOT NULL,       -- JSON
    priority TEXT NOT NULL,
    "group" TEXT,
    trigger TEXT NOT NULL,        -- what the next execution comes of
    attempt INTEGER NOT NULL,     -- executions since it was last started
    queued_at INTEGER,
    due_at INTEGER,               -- when it is tried again
    executions INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT,                   -- of the last execution
    request_key TEXT UNIQUE,      -- a request that comes twice makes one task
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_state ON tasks (state);
  CREATE INDEX tasks_by_group ON tasks ("group");
  CREATE INDEX tasks_by_module ON tasks (module);

  CREATE TABLE executions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,          -- NULL while it runs
    duration_us INTEGER,
    status TEXT NOT NULL,         -- running, succeeded, failed, stopped, interrupted
    outcome TEXT,                 -- kind of the outcome, or code of the error
    error TEXT,
    inputs TEXT,                  -- JSON
    results TEXT,                 -- JSON
    fuel INTEGER,
    cpu_us INTEGER,
    peak_memory INTEGER,
    host_calls INTEGER,
    denials INTEGER
  ) STRICT;
  CREATE INDEX executions_by_task ON executions (task, id);
  CREATE INDEX executions_by_status ON executions (status, id);
  CREATE INDEX executions_by_time ON executions (started_at);

  CREATE TABLE execution_logs (
    execution INTEGER PRIMARY KEY REFERENCES executions (id) ON DELETE CASCADE,
    lines TEXT NOT NULL,          -- JSON
    cut INTEGER NOT NULL          -- lines that were not kept
  ) STRICT;

  CREATE TABLE checkpoints (
    task TEXT PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    taken_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    next_at INTEGER,
    last_at INTEGER,
    skipped INTEGER NOT NULL,     -- times that the task was still active
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX schedules_by_task ON schedules (task);

  CREATE TABLE totals (             -- of all executions that have ended, those that are forgotten included
    id INTEGER PRIMARY KEY CHECK (id = 1),
    executions INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    fuel INTEGER NOT NULL,
    host_calls INTEGER NOT NULL
  ) STRICT;
  INSERT INTO totals VALUES (1, 0, 0, 0, 0);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT,
    detail TEXT
  ) STRICT;
  `,
  `
  ALTER TABLE tasks ADD COLUMN fuel TEXT NOT NULL DEFAULT '0'; -- of its executions that have ended; more than 2^53 perhaps
  UPDATE tasks SET fuel = (SELECT CAST(CAST(min(total(fuel), 4611686018427387904.0) AS INTEGER) AS TEXT)
    FROM executions WHERE task = tasks.id);

  CREATE TABLE execution_activity (
    execution INTEGER PRIMARY KEY REFERENCES executions (id) ON DELETE CASCADE,
    entries TEXT NOT NULL,        -- JSON
    cut INTEGER NOT NULL          -- happenings that stand in no entry
  ) STRICT;
  `,
  `
  ALTER TABLE audit ADD COLUMN prev TEXT;  -- hash of the entry before
  ALTER TABLE audit ADD COLUMN hash TEXT;  -- NULL: it is of before there were hashes

  CREATE TABLE audit_head (         -- where the chain begins and ends
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first INTEGER NOT NULL,         -- the oldest entry with a hash that is kept
    last INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  INSERT INTO audit_head SELECT 1, coalesce(max(id), 0) + 1, coalesce(max(id), 0), printf('%.64d', 0) FROM audit;
  `,
];
