/**
 * Runs a program that may do anything, since a defence is off: within a time and an amount of memory, in a namespace where the
 * whole disk but one folder is read-only, and where all processes end with the first. Needs root on Linux.
 */

/** How a run ended: by itself, or because it took too long or too much. */
export interface Ended {
  readonly reason: "exit" | "time" | "memory";
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Resident bytes of all its processes. */
const MOST_MEMORY = 4 * 2 ** 30;

/** Milliseconds between two looks at its processes. */
const LOOK = 400;

/** The end of what it prints is kept, in characters; a guest may flood it. */
const MOST_OUTPUT = 4_000_000;

const PAGE = 4096;

/** Makes all but some folders read-only, and runs the rest of the words. The shell stays, to be who ends last. */
const CONFINE = `set -e
mount --make-rprivate /
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done
shift
mount -o remount,bind,ro /
"$@"`;

/** A process that runs now. */
interface Process {
  readonly parent: number;
  readonly memory: number;
}

function processes(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/stat`);
      // The name in parentheses may hold anything; what follows are fields 3 and up: parent is 4, resident pages are 24.
      const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
      found.set(Number(name), { parent: Number(fields[1]), memory: Number(fields[21]) * PAGE });
    } catch {
      // It has ended.
    }
  }
  return found;
}

/** Resident bytes of a process and all below it: in its namespace nothing gets another parent outside. */
function memoryOf(root: number): number {
  const all = processes();
  const isBelow = (pid: number): boolean => pid === root || pid > 1 && isBelow(all.get(pid)?.parent ?? 0);
  return [...all].reduce((sum, [pid, { memory }]) => isBelow(pid) ? sum + memory : sum, 0);
}

async function readEnd(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.length > 2 * MOST_OUTPUT) text = text.slice(-MOST_OUTPUT);
  }
  return text;
}

/** Runs a program to its end or to that of its bounds. Nothing of it is left afterwards. @param writable folders that it may write to */
export async function runBounded(
  program: readonly string[],
  { seconds, writable, cwd, env, gently = false }: {
    /** Whether it gets one processor, when nobody else wants it. */
    readonly gently?: boolean;
    readonly writable: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly seconds: number;
  },
): Promise<Ended> {
  const started = performance.now();
  const child = new Deno.Command("unshare", {
    args: [
      ...["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...["sh", "-c", CONFINE, "sh", ...writable, "--"],
      // Should this process be killed, the other ends all the same, a little later.
      ...["timeout", "--signal=KILL", String(seconds + 30)],
      ...gently ? ["nice", "-n", "19", "taskset", "--cpu-list", "0"] : [],
      ...program,
    ],
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let reason: Ended["reason"] = "exit";
  const end = (why: Ended["reason"]) => {
    reason = why;
    child.kill("SIGKILL");
  };
  const watch = setInterval(() => {
    if (memoryOf(child.pid) > MOST_MEMORY) end("memory");
    else if (performance.now() - started > seconds * 1000) end("time");
  }, LOOK);
  const output = Promise.all([readEnd(child.stdout), readEnd(child.stderr)]);
  await child.status;
  clearInterval(watch);
  const [stdout, stderr] = await output;
  return { reason, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}
