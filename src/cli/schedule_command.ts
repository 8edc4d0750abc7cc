/**
 * `aegis schedule`: tasks by hand, at a prompt with line editing, history and completion. It asks a server, one that runs
 * or one of its own, which ends with it.
 */
import { createInterface } from "node:readline/promises";
import process from "node:process";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { ApiClient, type ApiPlace, readPlace } from "./api_client.ts";
import { failureLines } from "./failure.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { planServer, serverArguments } from "./server_command.ts";
import { styleFor } from "./style.ts";
import { addTask, askTask, type TaskActionName } from "./task_commands.ts";
import { taskTable } from "./task_text.ts";
import { groupDigits } from "../core/group_digits.ts";

/** What can be typed: what stands behind the word, and what it does. */
const PROMPT_COMMANDS = {
  load: { usage: "FILE [NAME]", doc: "Load a module as a task" },
  start: { usage: "TASK", doc: "Start a task, or end its pause" },
  pause: { usage: "TASK", doc: "Have it stand still" },
  resume: { usage: "TASK", doc: "Let it go on" },
  stop: { usage: "TASK", doc: "End what it does" },
  restart: { usage: "TASK", doc: "Start it anew" },
  rm: { usage: "TASK", doc: "Forget it" },
  list: { usage: "", doc: "List tasks" },
  show: { usage: "TASK", doc: "Show a task" },
  logs: { usage: "TASK", doc: "Print what it has logged" },
  history: { usage: "TASK", doc: "List what it has done" },
  stats: { usage: "", doc: "Show counts" },
  help: { usage: "", doc: "Show this" },
  quit: { usage: "", doc: "Leave" },
} as const satisfies Record<string, { readonly usage: string; readonly doc: string }>;

type PromptCommand = keyof typeof PROMPT_COMMANDS;

/** Commands that take a task. */
const TASK_COMMANDS: ReadonlySet<string> = new Set(
  Object.entries(PROMPT_COMMANDS).flatMap(([name, { usage }]) => usage === "TASK" ? [name] : []),
);

/** A line in words; quotes keep spaces together. */
export function splitLine(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) =>
    double ?? single ?? plain ?? ""
  );
}

/** Does what a line says. @returns what to print; undefined at the end */
async function runLine(
  line: string,
  { client, flags, io }: { readonly client: ApiClient; readonly flags: FlagValues; readonly io: CommandIo },
): Promise<string | undefined> {
  const [word, operand, ...more] = splitLine(line);
  if (word === undefined) return "";
  const name = word === "exit" ? "quit" : word === "remove" ? "rm" : word;
  if (!Object.hasOwn(PROMPT_COMMANDS, name)) {
    const near = suggest(name, Object.keys(PROMPT_COMMANDS));
    throw new AegisError("InvalidOption", `Unknown command ${quote(word)}`, {
      suggestion: near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : 'Type "help".',
    });
  }
  const command = name as PromptCommand, { usage } = PROMPT_COMMANDS[command]; // as was tested
  if (usage !== "" && operand === undefined) {
    throw new AegisError("InvalidOption", `Cannot ${command} nothing: type "${command} ${usage}"`);
  }
  const asked = { client, operand: operand ?? "", flags, args: [], io };
  switch (command) {
    case "quit":
      return undefined;
    case "help":
      return Object.entries(PROMPT_COMMANDS)
        .map(([each, row]) => `  ${`${each} ${row.usage}`.padEnd(20)} ${row.doc}\n`).join("");
    case "stats":
      return statsText(await client.ask("GET", "/stats") as StatsJson); // as the document of the API has it
    case "load": {
      const [taskName] = more;
      return taskTable([
        await addTask({ ...asked, flags: taskName === undefined ? flags : { ...flags, taskName } }),
      ]);
    }
    default:
      return (await askTask(command satisfies TaskActionName, asked)).text;
  }
}

interface StatsJson {
  readonly tasks: number;
  readonly states: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly failures: number;
  readonly fuel: string;
  readonly hostCalls: number;
}

function statsText({ tasks, states, executions, failures, fuel, hostCalls }: StatsJson): string {
  const present = Object.entries(states).filter(([, count]) => count > 0).map(([state, count]) =>
    `${count} ${state}`
  );
  const lines = [
    ["Tasks", `${tasks}${present.length === 0 ? "" : `: ${present.join(", ")}`}`],
    ["Runs", `${executions}, ${failures} failed`],
    ["Fuel", groupDigits(fuel)],
    ["Host calls", groupDigits(String(hostCalls))],
  ];
  return lines.map(([label = "", value]) => `${label.padEnd(11)} ${value}\n`).join("");
}

/** What a line can go on with: commands, tasks, files. @returns the candidates, and the part that they replace */
export async function completions(line: string, client: ApiClient): Promise<[string[], string]> {
  const words = line.split(/\s+/), last = words.at(-1) ?? "", [first = ""] = words;
  const matching = (
    all: readonly string[],
  ): [string[], string] => [all.filter((one) => one.startsWith(last)), last];
  if (words.length === 1) return matching(Object.keys(PROMPT_COMMANDS).map((name) => `${name} `));
  if (first === "load" && words.length === 2) return matching(filesBelow(last));
  if (!TASK_COMMANDS.has(first) || words.length !== 2) return [[], last];
  const { items } = await client.ask("GET", "/tasks?limit=1000") as { items: { id: string; name: string }[] };
  return matching([...new Set(items.flatMap(({ id, name }) => /\s/.test(name) ? [id] : [name, id]))]);
}

/** Modules and directories that a path may go on with. */
function filesBelow(path: string): string[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  try {
    return [...Deno.readDirSync(folder || ".")]
      .filter(({ name, isFile }) => !isFile || /\.wa[st]m?$/.test(name))
      .map(({ name, isDirectory }) => `${folder}${name}${isDirectory ? "/" : ""}`);
  } catch {
    return [];
  }
}

/** Runs the command; the result is its exit status. */
export async function schedule({ flags }: ParsedCommand, io: CommandIo): Promise<number> {
  if (flags.server !== undefined) return await converse(await readPlace(flags, io), flags, io);
  await using own = await startOwnServer(flags, io);
  return await converse(own.place, flags, io);
}

async function converse(place: ApiPlace, flags: FlagValues, io: CommandIo): Promise<number> {
  const client = new ApiClient(place), style = styleFor(io.colour), terminal = Deno.stdin.isTerminal();
  await client.ask("GET", "/stats"); // whether it is there, and lets us in
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: terminal && Deno.stdout.isTerminal(),
    historySize: 1000,
    prompt: "aegis> ",
    completer: (line) => completions(line, client).catch((): [string[], string] => [[], line]),
  });
  if (terminal) io.out('Type "help" for what can be typed; Tab completes it.\n');
  if (terminal) lines.prompt();
  let failed = false;
  for await (const line of lines) {
    try {
      const text = await runLine(line, { client, flags, io });
      if (text === undefined) break;
      io.out(text);
    } catch (error) {
      failed = true;
      io.err(failureLines(error, style));
    }
    if (terminal) lines.prompt();
  }
  lines.close();
  return failed && !terminal ? 1 : 0;
}

/** A server of this command alone: in memory, on a port that is free, with a token that nobody else knows. */
async function startOwnServer(
  flags: FlagValues,
  io: CommandIo,
): Promise<AsyncDisposable & { readonly place: ApiPlace }> {
  if (Deno.build.standalone) {
    throw new AegisError(
      "UnsupportedPlatform",
      "Cannot start a server of its own: this is a compiled program, which has no deno to start",
      { field: "server", suggestion: "Start one with aegis server, and name it with --server." },
    );
  }
  const { plan, environment } = await planServer({ ...flags, port: 0n }, io, { data: null, json: true });
  const { command, args } = serverArguments({ ...plan, grace: 0 });
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...environment },
    stdin: "piped", // which ends with this process, or before: then the server ends, too
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const [line = ""] = await firstLine(child.stdout);
  if (line === "") throw new AegisError("GuestFault", "The server of this command did not start");
  const { url, token } = JSON.parse(line) as { url: string; token: string }; // as server_host.ts prints it
  return {
    place: { url, token },
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close().catch(() => {}); // it may have ended by itself
      await child.status;
    },
  };
}

/** The first line of a stream, which is read on and forgotten. */
async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string[]> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) return [];
    text += value;
  }
  void (async () => {
    while (!(await reader.read()).done); // so that it never waits for us
  })();
  return text.split("\n");
}
