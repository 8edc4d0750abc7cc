/**
 * Starts a compiler with bounds: it and all that it starts are a process group of their own, which is killed as one
 * when the time is over, when this process is asked to end, and when the compiler has ended and left something behind;
 * and with it what has left the group, as far as the system tells.
 */
import { killMarked, MARK } from "./marked_processes.ts";
import type { ToolCommand, ToolEnd } from "./ports.ts";

/** UTF-16 units of each stream that are kept; the rest is read and dropped, so that nothing waits for us. */
const MOST_OUTPUT = 64 * 1024;

/** Bytes of one file that a compiler may write. */
const LARGEST_FILE = 2 * 2 ** 30;

/** Signals that ask a command to end. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * `ulimit` counts memory in KiB, files in blocks of 512 bytes, and holds for what the shell becomes: `-v` for the address
 * space, `-d` for what can be written of it, which Linux counts as it is made so.
 */
const BOUND = 'ulimit -c 0; ulimit -f "$1" || exit 126; ' +
  'if [ "$2" != 0 ]; then ulimit -v "$2" || exit 126; fi; ' +
  'if [ "$3" != 0 ]; then ulimit -d "$3" || exit 126; fi; shift 3; exec "$@"';

/** KiB for `ulimit`, which takes none for no bound. */
function kib(bytes: number | undefined): string {
  return bytes === undefined ? "0" : String(Math.max(1, Math.floor(bytes / 1024)));
}

/** The command behind a shell that sets its bounds; Windows has no such shell, and bounds the time alone. */
function bounded({ program, args, memory, writable }: ToolCommand): readonly [string, readonly string[]] {
  if (Deno.build.os === "windows") return [program, args];
  const bounds = [String(LARGEST_FILE / 512), kib(memory), kib(writable)];
  return ["/bin/sh", ["-c", BOUND, "aegis", ...bounds, program, ...args]];
}

/** Milliseconds that streams may stay open when all of the group were killed: who left the group may hold them. */
const PATIENCE = 2000;

/** Reads a stream to its end, or until nobody waits for it any more. */
function readText(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader(), decoder = new TextDecoder();
  let text = "", cut = false;
  const read = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      if (text.length < MOST_OUTPUT) text += decoder.decode(value, { stream: true });
      else cut = true;
    }
    return cut || text.length > MOST_OUTPUT ? `${text.slice(0, MOST_OUTPUT)}\n…` : text;
  };
  return { text: read(), stop: () => void reader.cancel().catch(() => {}) };
}

/** Kills a process with its group. */
function killGroup(pid: number): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}

/** Calls back when this process is asked to end, which it does not do then. @returns what ends that */
function onSignals(listener: () => void): () => void {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, listener);
  return () => {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, listener);
  };
}

function start(command: ToolCommand, mark: string): Deno.ChildProcess {
  const [program, args] = bounded(command);
  return new Deno.Command(program, {
    args: [...args],
    cwd: command.directory,
    clearEnv: true,
    env: { ...command.environment, [MARK]: mark },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
}

/** Runs a tool to its end. */
export async function runBounded(command: ToolCommand): Promise<ToolEnd> {
  const mark = crypto.randomUUID();
  let overdue = false, interrupted = false, child: Deno.ChildProcess | undefined;
  // Before the start: a signal that came between the two would end this process and leave the other one alone.
  const forget = onSignals(() => {
    interrupted = true;
    if (child !== undefined) killGroup(child.pid);
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const { pid, stdout, stderr, status } = child = start(command, mark);
    timer = setTimeout(() => {
      overdue = true;
      killGroup(pid);
    }, command.time);
    // Its streams end when all that hold them have ended: what it left behind is killed first.
    const streams = [readText(stdout), readText(stderr)] as const;
    const { code } = await status;
    killGroup(pid);
    killMarked(mark);
    const patience = setTimeout(() => streams.forEach(({ stop }) => stop()), PATIENCE);
    const [out, err] = await Promise.all([streams[0].text, streams[1].text]);
    clearTimeout(patience);
    return { status: code, overdue, interrupted, out, err };
  } finally {
    clearTimeout(timer);
    forget();
  }
}
