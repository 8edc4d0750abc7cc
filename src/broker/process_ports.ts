/** A program that was started. What is used of it of a `Deno.ChildProcess`; tests give others. */
export interface Child {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Code: 128 and the signal's number when a signal ended it. Never rejects. */
  readonly status: Promise<{ readonly code: number }>;
  /** @throws when it has ended already, or may not be killed by this process */
  kill(signal: "SIGKILL"): void;
}

/** What the process broker needs of the world. */
export interface ProcessPorts {
  /** Whether Deno lets this Worker run a program; asking must never make Deno ask a person. */
  readonly permitted: (command: string) => boolean;
  /** Starts a program. @throws what the system says when it cannot */
  readonly start: (command: string, args: readonly string[]) => Child;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

/**
 * Deno's programs. There is no shell between, and what the program finds is the same each time: none of this process's
 * variables, the root directory, three pipes.
 */
export const DENO_PROCESS_PORTS: ProcessPorts = {
  permitted(command) {
    try {
      return Deno.permissions.querySync({ name: "run", command }).state === "granted";
    } catch {
      return false; // what Deno cannot read as a program
    }
  },

  start(command, args) {
    return new Deno.Command(command, {
      args: [...args],
      clearEnv: true,
      env: {},
      cwd: "/",
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  },

  wallTime: () => Date.now(),
};
