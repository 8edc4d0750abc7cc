/** Runs a driver in a process of its own, with an end to its time and its memory. */
import { type Ask, type Exit, readSeen, type Seen } from "./seen.ts";

/** Milliseconds that a process may take, and bytes that it may have in memory. */
const PATIENCE = 30_000, MEMORY = 3 * 2 ** 30;

/** Bytes that a process has in memory; 0 where the system does not tell. */
async function residentBytes(pid: number): Promise<number> {
  try {
    return Number((await Deno.readTextFile(`/proc/${pid}/statm`)).split(" ")[1]) * 4096;
  } catch {
    return 0; // it has just ended, or this is no Linux
  }
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

/** Waits for a process, and ends it when it takes too long or too much. */
async function exitOf(child: Deno.ChildProcess, stderr: Promise<string>, patience: number): Promise<Exit> {
  let over: Exit | undefined, runs = true;
  const end = (exit: Exit) => {
    if (!runs || over !== undefined) return;
    over = exit;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(
    () => end({ how: "hung", text: `its process had not ended after ${patience / 1000} s` }),
    patience,
  );
  const watch = setInterval(async () => {
    if (await residentBytes(child.pid) > MEMORY) {
      end({ how: "died", text: `its process had more than ${MEMORY / 2 ** 30} GiB` });
    }
  }, 200);
  const { success, signal, code } = await child.status;
  runs = false;
  clearTimeout(timer);
  clearInterval(watch);
  if (over !== undefined) return over;
  if (success) return { how: "ended", text: "" };
  if (signal !== null) return { how: "died", text: `its process ended by ${signal}` };
  const lines = (await stderr).trim().split("\n"), told = lines.find((line) => /error\b/i.test(line));
  return { how: "failed", text: `exit status ${code}: ${(told ?? lines.at(-1) ?? "").trim()}` };
}

export async function runDriver(
  command: readonly string[],
  ask: Ask,
  { patience = PATIENCE } = {},
): Promise<Seen> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args: [...args, JSON.stringify(ask)],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = readAll(child.stdout), stderr = readAll(child.stderr);
  const exit = await exitOf(child, stderr, patience);
  return readSeen(await stdout, exit);
}
