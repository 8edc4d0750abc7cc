/**
 * Starts a compiler with bounds: it and all that it starts are a process group of their own, which is killed as one
 * when the time is over, when this process is asked to end, and when the compiler has ended and left something behind.
 */
import type { ToolCommand, ToolEnd } from "./ports.ts";

/** UTF-16 units of each stream that are kept; the rest is read and dropped, so that nothing waits for us. */
const MOST_OUTPUT = 64 * 1024;

/** Bytes of one file that a compiler may write. */
const LARGEST_FILE = 2 * 2 ** 30;

/** Signals that ask a command to end. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** `ulimit` counts memory in KiB, files in blocks of 512 bytes, and holds for what the shell becomes. */
const BOUND =
  'ulimit -c 0; ulimit -f "$1" || exit 126; if [ "$2" != 0 ]; then ulimit -v "$2" || exit 126; fi; shift 2; exec "$@"';

/** The command behind a shell that sets its bounds; Windows has no such shell, and bounds the time alone. */
function bounded({ program, args, memory }: ToolCommand): readonly [string, readonly string[]] {
  if (Deno.build.os === "windows") return [program, args];
  const kib = memory === undefined ? 0 : Math.max(1, Math.floor(memory / 1024));
  return ["/bin/sh", ["-c", BOUND, "aegis", String(LARGEST_FILE / 512), String(kib), program, ...args]];
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

/** Kills a process and all that it has started; whether any was there. */
function killGroup(pid: number): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}

/** Runs a tool to its end. */
export async function runBounded(command: ToolCommand): Promise<ToolEnd> {
  const [program, args] = bounded(command);
  let overdue = false, interrupted = false;
  const end = () => {
    interrupted = true;
    killGroup(child.pid);
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, end);
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: command.directory,
    clearEnv: true,
    env: { ...command.environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const timer = setTimeout(() => {
    overdue = true;
    killGroup(child.pid);
  }, command.time);
  try {
    // Its streams end when all that hold them have ended: what it left behind is killed first.
    const streams = [readText(child.stdout), readText(child.stderr)] as const;
    const { code } = await child.status;
    killGroup(child.pid);
    const patience = setTimeout(() => streams.forEach(({ stop }) => stop()), PATIENCE);
    const [out, err] = await Promise.all([streams[0].text, streams[1].text]);
    clearTimeout(patience);
    return { status: code, overdue, interrupted, out, err };
  } finally {
    clearTimeout(timer);
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, end);
  }
}
