/** Flags that say which server is asked, and what of its tasks. */
import type { PolicyPresetName } from "../../policy/presets.ts";
import type { Priority } from "../../tasks/run_queue.ts";
import type { FlagRow } from "./flag_row.ts";

/** Their tables stand beside all capabilities and the queue, which a command is not to load for their names. */
const POLICIES: Readonly<Record<PolicyPresetName, true>> = { permissive: true, sandbox: true, strict: true },
  PRIORITIES: Readonly<Record<Priority, true>> = { high: true, normal: true, low: true };

const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyPresetName[]; // a literal's keys are those of its type

const PRIORITY_NAMES = Object.keys(PRIORITIES) as readonly Priority[]; // as above

export const TASK_FLAGS = {
  server: {
    long: "server",
    kind: "text",
    metavar: "URL",
    doc: "The server (default: $AEGIS_SERVER, else http://127.0.0.1:8080)",
  },
  tokenFile: {
    long: "token-file",
    kind: "text",
    metavar: "FILE",
    doc: "A file with the token in its first line (default: $AEGIS_TOKEN)",
  },
  state: { long: "state", kind: "list", metavar: "STATE", doc: "Only tasks in that state" },
  group: { long: "group", kind: "text", metavar: "NAME", doc: "Of a group of tasks" },
  taskName: {
    long: "name",
    kind: "text",
    metavar: "NAME",
    doc: "What the task is called (default: as the file)",
  },
  priority: {
    long: "priority",
    kind: "choice",
    choices: PRIORITY_NAMES,
    metavar: "NAME",
    doc: `Who comes first: ${PRIORITY_NAMES.join(", ")} (default: normal)`,
  },
  taskPolicy: {
    long: "policy",
    kind: "choice",
    choices: POLICY_NAMES,
    metavar: "NAME",
    doc: `Its part of the grants: ${POLICY_NAMES.join(", ")}`,
  },
  retries: {
    long: "retries",
    kind: "number",
    metavar: "NUMBER",
    doc: "Tries after one that failed (default: 0)",
  },
  cron: {
    long: "cron",
    kind: "text",
    metavar: "EXPRESSION",
    doc: "Start it by itself: '*/5 * * * *', in UTC",
  },
  start: { long: "start", kind: "switch", doc: "Start it at once" },
  follow: { long: "follow", kind: "switch", doc: "Go on until the task ends" },
} as const satisfies Record<string, FlagRow>;
