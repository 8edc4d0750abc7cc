/**
 * The host process as its parent sees it: started, waited for, sent the signals that the parent gets, and killed when
 * it outlives its deadline.
 */

export interface HostStart {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of this process that it gets, where it is not to have all. */
  readonly inherit?: readonly string[];
  /** Milliseconds until it is killed; `undefined` when it may wait for a person. */
  readonly deadline: number | undefined;
  /**
   * How signals of this process are passed on. By `"signal"` unless told. By `"input"` each is a byte on the host process's
   * standard input, which ends when this process does: so it tells what a terminal sent to both processes, or a supervisor
   * to all, from what was passed on, however late that comes.
   */
  readonly passOn?: "signal" | "input";
}

/** How it ended. */
export interface HostEnd {
  /** As a shell tells it: 128 and the signal's number when a signal ended it. */
  readonly status: number;
  readonly signal: string | null;
  /** Whether it was killed for outliving its deadline. */
  readonly overdue: boolean;
  /** Signals that this process got and passed on. */
  readonly forwarded: readonly string[];
}

export interface HostProcess {
  readonly ended: Promise<HostEnd>;
}

/** Signals that ask a command to end. Windows knows two of them. */
export const ENDING_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Milliseconds for which listeners stay after their work: a signal that was sent to two processes can be on its way in one
 * while the other, which heard it, has already ended; where the last listener is gone it ends the process as if none had been.
 */
const SIGNAL_DELAY = 1000;

/** Calls `listener` for each signal that asks this process to end. @returns what stops that, a little later */
export function hearEndingSignals(listener: (signal: Deno.Signal) => void): () => void {
  const heard = ENDING_SIGNALS.map((signal) => ({ signal, hear: () => listener(signal) }));
  for (const { signal, hear } of heard) Deno.addSignalListener(signal, hear);
  const stop = () => {
    for (const { signal, hear } of heard) Deno.removeSignalListener(signal, hear);
  };
  return () => Deno.unrefTimer(setTimeout(stop, SIGNAL_DELAY));
}

/** Those of some variables that are set. */
function variablesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Starts the host process on the streams of this one. */
export function startHostProcess(start: HostStart): HostProcess {
  const forwarded: string[] = [], byInput = start.passOn === "input";
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It ended in between.
    }
  };
  // Before the start: a signal that came between the two would end this process and leave the other one alone.
  const stopHearing = hearEndingSignals((signal) => {
    forwarded.push(signal);
    if (input === undefined) kill(signal);
    else input.write(Uint8Array.of(forwarded.length)).catch(() => {}); // it ended in between
  });
  const child = new Deno.Command(start.command, {
    args: [...start.args],
    clearEnv: start.inherit !== undefined,
    env: { ...variablesOf(start.inherit ?? []), ...start.environment },
    stdin: byInput ? "piped" : "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const input = byInput ? child.stdin.getWriter() : undefined;
  let overdue = false;
  const timer = start.deadline === undefined ? undefined : setTimeout(() => {
    overdue = true;
    kill("SIGKILL");
  }, start.deadline);

  const ended = child.status.then((status): HostEnd => {
    clearTimeout(timer);
    input?.close().catch(() => {});
    stopHearing();
    return { status: status.code, signal: status.signal, overdue, forwarded };
  });
  return { ended };
}
