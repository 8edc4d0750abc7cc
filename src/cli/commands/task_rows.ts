/** Commands for the tasks of a server. */
import { PRESETS } from "../../core/limits.ts";
import type { FlagName } from "../flags.ts";
import { type CommandRow, MODULE } from "./command_row.ts";

const TASK = { metavar: "TASK", doc: "Its id, the beginning of it, or its name" } as const;

/** Flags of commands that ask a server. */
const CLIENT_FLAGS = [
  "server",
  "tokenFile",
  "config",
  "format",
  "quiet",
  "help",
] as const satisfies readonly FlagName[];

export const TASK_ROWS = {
  schedule: {
    summary: "Schedule tasks by hand, at a prompt",
    flags: ["server", "tokenFile", "policy", "engine", "config", "help"],
    flagDocs: {
      server: "A server that runs (default: one of its own, in memory)",
      policy: "What tasks of its own server may use at most, as of aegis server",
      engine: "What runs them there: v8, interpreter (default: v8)",
    },
    notes: [
      "Commands: load, start, pause, resume, stop, restart, rm, list, show, logs, history, stats, help,",
      "quit. Tab completes commands, files and tasks. What comes from a pipe is done line by line; the",
      "status is 1 if any of it failed.",
    ],
    examples: [
      { line: "aegis schedule", doc: "Then: load examples/simple.wasm my-task; start my-task; stats; quit" },
      { line: "aegis schedule --server http://127.0.0.1:8080", doc: "At a server that runs" },
    ],
  },
  "task add": {
    summary: "Load a module as a task",
    operand: MODULE,
    passesArguments: true,
    flags: [
      "taskName",
      "function",
      "group",
      "priority",
      "retries",
      "cron",
      "preset",
      "fuelLimit",
      "memoryLimit",
      "timeout",
      "engine",
      "taskPolicy",
      "allowRead",
      "allowWrite",
      "allowNet",
      "allowClock",
      "allowLogging",
      "sensor",
      "allowAlert",
      "allowRandom",
      "allowEnv",
      "start",
      ...CLIENT_FLAGS,
    ],
    limits: true,
    flagDocs: {
      group: "Put it into a group of tasks",
      preset: `Set of limits: ${Object.keys(PRESETS).join(", ")} (default: os)`,
      fuelLimit: `Most instructions, as 10M, or "unlimited" (default: ${PRESETS.os.fuelLimit})`,
      timeout: `Most wall time, in seconds or as 500ms, 2m (default: ${PRESETS.os.timeout})`,
      engine: "What runs the module: v8, interpreter (default: the server's)",
      allowRead: "List a path of the server that it may read",
      allowWrite: "List a path of the server where it may write, make and remove files",
      allowNet: "List a host that it may send HTTP requests to",
      allowClock: "List the time",
      allowLogging: "List the log",
      sensor: "List a sensor: ID as the server has it, ID=21, ID=21,22,23",
      allowAlert: "List its alerts, from that level on",
      allowRandom: "List true random bytes",
      allowEnv: "List a variable of the server's environment",
      taskPolicy: "Its part of the grants: permissive (default), sandbox, strict",
    },
    notes: [
      "No limit can be above the server's own, which its --policy sets, and no grant goes beyond it. What",
      "is listed of a kind takes the place of all that the server grants of it; with --policy strict,",
      "nothing else is granted.",
      "The arguments of a program, which starts at _start, are text; those of other functions are values.",
    ],
    examples: [
      { line: "aegis task add job.wasm --name nightly --cron '0 4 * * *'", doc: "Run it each night" },
      { line: "aegis task add add.wasm -e add --start -- 5 10", doc: "Run it now" },
    ],
  },
  "task list": {
    summary: "List tasks",
    flags: ["state", "group", ...CLIENT_FLAGS],
    flagDocs: { group: "Only tasks of that group" },
    examples: [{ line: "aegis task list --state running", doc: "Those that run" }],
  },
  "task show": {
    summary: "Show a task",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task show nightly", doc: "By its name, or the beginning of its id" }],
  },
  "task start": {
    summary: "Start a task",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task start nightly", doc: "Once more, now" }],
  },
  "task pause": {
    summary: "Have a task stand still",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task pause nightly", doc: "In the midst of what it does" }],
  },
  "task resume": {
    summary: "Let a paused task go on",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task resume nightly", doc: "From where it was" }],
  },
  "task stop": {
    summary: "End what a task does",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task stop nightly", doc: "For good, until it is started" }],
  },
  "task restart": {
    summary: "Start a task anew, whatever it does",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task restart nightly", doc: "From its beginning" }],
  },
  "task rm": {
    summary: "Forget a task and its history",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task rm nightly", doc: "It is stopped first" }],
  },
  "task logs": {
    summary: "Print what a task has logged",
    operand: TASK,
    flags: ["follow", ...CLIENT_FLAGS],
    examples: [{ line: "aegis task logs nightly --follow", doc: "As it comes" }],
  },
  "task history": {
    summary: "List what a task has done",
    operand: TASK,
    flags: CLIENT_FLAGS,
    examples: [{ line: "aegis task history nightly", doc: "The latest first" }],
  },
} as const satisfies Record<string, CommandRow>;
