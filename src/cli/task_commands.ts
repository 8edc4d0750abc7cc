/** `aegis task …`: what can be asked of the tasks of a server. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { givenLimits } from "../manifest/limits.ts";
import { basename } from "../sandbox/path.ts";
import { TASK_STATES, type TaskState } from "../tasks/task_states.ts";
import { ApiClient, readPlace } from "./api_client.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { LARGEST_MODULE, toBinary } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { STDIN } from "./read_input.ts";
import { serverEvents } from "./server_events.ts";
import { taskArguments } from "./task_arguments.ts";
import { taskGrants } from "./task_grant_flags.ts";
import {
  type ExecutionJson,
  historyTable,
  type LogLineJson,
  logText,
  type ScheduleJson,
  type TaskJson,
  taskTable,
  taskText,
} from "./task_text.ts";

/** A request, and how its answer reads. */
interface Answer {
  readonly data: unknown;
  readonly text: string;
}

/** What the words of a command ask for. */
interface Asked {
  readonly client: ApiClient;
  readonly operand: string;
  readonly flags: FlagValues;
  /** What followed `--`. */
  readonly args: readonly string[];
  readonly io: CommandIo;
}

/** Tasks that are looked through for a name. */
const MOST_LISTED = 1000;

/**
 * The task that somebody means: by its id, the beginning of it, or its name.
 *
 * @throws {AegisError} `NotFound`; `InvalidOption` where several are meant
 */
async function findTask(client: ApiClient, word: string): Promise<TaskJson> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(word)) {
    return await client.ask("GET", `/tasks/${word}`) as TaskJson; // as the document of the API has it, here and below
  }
  const tasks = await listTasks(client, {}), named = tasks.filter(({ name }) => name === word);
  const found = named.length > 0 ? named : tasks.filter(({ id }) => word.length >= 4 && id.startsWith(word));
  const [task, other] = found;
  if (task === undefined) {
    throw new AegisError("NotFound", `There is no task ${quote(word)}`, {
      suggestion: "See: aegis task list",
    });
  }
  if (other === undefined) return task;
  throw new AegisError(
    "InvalidOption",
    `Cannot tell which task is meant: ${found.length} are called ${quote(word)}`,
    {
      suggestion: `Give an id: ${found.slice(0, 3).map(({ id }) => id).join(", ")}.`,
    },
  );
}

async function listTasks(
  client: ApiClient,
  { state, group }: Pick<FlagValues, "state" | "group">,
): Promise<TaskJson[]> {
  const query = new URLSearchParams({ limit: String(MOST_LISTED) });
  if (state !== undefined) query.set("state", state.join(","));
  if (group !== undefined) query.set("group", group);
  return (await client.ask("GET", `/tasks?${query}`) as { items: TaskJson[] }).items;
}

/** Asks something of one task. */
function changing(action: "start" | "pause" | "resume" | "stop" | "restart") {
  return async ({ client, operand }: Asked): Promise<Answer> => {
    const { id } = await findTask(client, operand),
      task = await client.ask("POST", `/tasks/${id}/${action}`) as TaskJson;
    return { data: task, text: taskTable([task]) };
  };
}

/** Loads a module as a task. */
export async function addTask(asked: Asked): Promise<TaskJson> {
  const { client, operand, flags, args, io } = asked;
  const { function: name, group, priority, retries, preset, engine } = flags;
  const { bytes } = await toBinary(await io.read(operand, LARGEST_MODULE), operand);
  const given = taskArguments(args, { bytes, name }),
    file = operand === STDIN ? "stdin" : basename(operand).slice(0, 200).toWellFormed();
  const kept = await client.ask("POST", `/modules?name=${encodeURIComponent(file)}`, { bytes });
  const set = Object.entries(givenLimits(flags)).map(([limit, value]: [string, unknown]) =>
    [
      limit,
      value === Infinity ? "unlimited" : typeof value === "bigint" ? String(value) : value as Json,
    ] as const
  );
  const task = await client.ask("POST", "/tasks", {
    json: {
      module: (kept as { hash: string }).hash,
      name: flags.taskName ?? file,
      ...given,
      ...Object.fromEntries(
        Object.entries({ function: name, group, priority, preset, engine }).filter(([, value]) =>
          value !== undefined
        ),
      ),
      ...(set.length === 0 ? {} : { limits: Object.fromEntries(set) }),
      ...(retries === undefined ? {} : { retries: { count: Number(retries) } }),
      ...(flags.taskPolicy === undefined ? {} : { policy: flags.taskPolicy }),
      ...taskGrants(flags),
    },
  }) as TaskJson;
  if (flags.cron !== undefined) {
    try {
      await client.ask("POST", "/schedules", { json: { task: task.id, cron: flags.cron } });
    } catch (error) {
      await client.ask("DELETE", `/tasks/${task.id}`); // it is not what was asked for
      throw error;
    }
  }
  return flags.start ? await client.ask("POST", `/tasks/${task.id}/start`) as TaskJson : task;
}

/** Prints lines as they come, until the task is active no more. */
async function follow({ client, io }: Asked, id: string): Promise<void> {
  const leaving = new AbortController();
  const response = await client.open("GET", `/events?task=${id}`, { signal: leaving.signal });
  try {
    // What came before the events did; lines that came in between are in both.
    const task = await client.ask("GET", `/tasks/${id}`) as TaskJson;
    let execution = 0, printed = 0;
    if (task.executions > 0 || isActive(task.state)) {
      const log = await client.ask("GET", `/tasks/${id}/logs`) as { execution: number; lines: LogLineJson[] };
      for (const line of log.lines) io.out(logText(line));
      [execution, printed] = [log.execution, log.lines.length];
    }
    if (!isActive(task.state)) return;
    for await (const { type, data } of serverEvents(response)) {
      if (type === "task_state" && !isActive((data as { to: string }).to)) return;
      if (type !== "log") continue;
      const told = data as { execution: number; index: number; line: LogLineJson };
      if (told.execution > execution || told.index >= printed) io.out(logText(told.line));
    }
    throw new AegisError("Closed", "The server has ended the connection", { suggestion: "Follow it again." });
  } finally {
    leaving.abort();
    await response.body?.cancel().catch(() => {}); // it was cut off just now
  }
}

function isActive(state: string): boolean {
  return Object.hasOwn(TASK_STATES, state) && TASK_STATES[state as TaskState].active; // as was tested
}

const ACTIONS = {
  add: async (asked: Asked): Promise<Answer> => {
    const task = await addTask(asked);
    return { data: task, text: taskTable([task]) };
  },
  list: async ({ client, flags }: Asked): Promise<Answer> => {
    const tasks = await listTasks(client, flags);
    return { data: tasks, text: taskTable(tasks) };
  },
  show: async ({ client, operand }: Asked): Promise<Answer> => {
    const task = await findTask(client, operand);
    const { items: schedules } = await client.ask("GET", `/schedules?task=${task.id}`) as {
      items: ScheduleJson[];
    };
    return { data: { ...task, schedules }, text: taskText(task, schedules) };
  },
  start: changing("start"),
  pause: changing("pause"),
  resume: changing("resume"),
  stop: changing("stop"),
  restart: changing("restart"),
  rm: async ({ client, operand }: Asked): Promise<Answer> => {
    const { id, name } = await findTask(client, operand);
    await client.ask("DELETE", `/tasks/${id}`);
    return { data: { id, name }, text: `Removed ${id}\n` };
  },
  logs: async (asked: Asked): Promise<Answer> => {
    const { client, operand, flags } = asked, { id } = await findTask(client, operand);
    if (flags.follow) {
      await follow(asked, id);
      return { data: undefined, text: "" };
    }
    const log = await client.ask("GET", `/tasks/${id}/logs`) as { lines: LogLineJson[]; cut: number };
    const cut = log.cut === 0 ? "" : `… and ${log.cut} more lines, which were not kept\n`;
    return { data: log, text: log.lines.map(logText).join("") + cut };
  },
  history: async ({ client, operand }: Asked): Promise<Answer> => {
    const { id } = await findTask(client, operand);
    const { items } = await client.ask("GET", `/tasks/${id}/executions?limit=100`) as {
      items: ExecutionJson[];
    };
    return { data: items, text: historyTable(items) };
  },
} as const;

/** Name of a command behind `task`. */
export type TaskActionName = keyof typeof ACTIONS;

/** Asks, and gives what a person reads. */
export function askTask(action: TaskActionName, asked: Asked): Promise<Answer> {
  return ACTIONS[action](asked);
}

/** The command of that name. */
export function taskCommand(
  action: TaskActionName,
): (parsed: ParsedCommand, io: CommandIo) => Promise<number> {
  return async ({ flags, operand = "", args }, io) => {
    const client = new ApiClient(await readPlace(flags, io));
    const { data, text } = await askTask(action, { client, operand, flags, args, io }),
      { format = "human", quiet } = flags;
    if (format !== "human" && data !== undefined) io.out(jsonText(data as Json, format)); // it came as JSON
    else if (!quiet || action === "logs" || action === "history") io.out(text);
    return 0;
  };
}
