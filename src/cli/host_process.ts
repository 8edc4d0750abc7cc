/**
 * The host process as its parent sees it: started, waited for, sent the signals that the parent gets, and killed when
 * it outlives its deadline.
 */

export interface HostStart {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds until it is killed; `undefined` when it may wait for a person. */
  readonly deadline: number | undefined;
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
const FORWARDED: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Starts the host process on the streams of this one. */
export function startHostProcess(start: HostStart): HostProcess {
  const forwarded: string[] = [];
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It ended in between.
    }
  };
  // Before the start: a signal that came between the two would end this process and leave the other one alone.
  const listeners = FORWARDED.map((signal) => {
    const listener = () => {
      forwarded.push(signal);
      kill(signal);
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  const child = new Deno.Command(start.command, {
    args: [...start.args],
    env: { ...start.environment },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  let overdue = false;
  const timer = start.deadline === undefined ? undefined : setTimeout(() => {
    overdue = true;
    kill("SIGKILL");
  }, start.deadline);

  const ended = child.status.then((status): HostEnd => {
    clearTimeout(timer);
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    return { status: status.code, signal: status.signal, overdue, forwarded };
  });
  return { ended };
}
