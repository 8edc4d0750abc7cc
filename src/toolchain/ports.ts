/** What the toolchain may touch of the machine: tests give one in memory, the command that of the system. */

/** A program to start, with its bounds. */
export interface ToolCommand {
  /** The absolute path of it. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where it works. */
  readonly directory: string;
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds of wall time until it and all that it started are killed. */
  readonly time: number;
  /** Bytes of address space for each of its processes; undefined for what reserves more of it than it uses. */
  readonly memory: number | undefined;
  /** Bytes that each of its processes may write to, where the address space is not bounded; Linux alone counts them. */
  readonly writable?: number;
}

/** How it ended. */
export interface ToolEnd {
  /** As a shell tells it: 128 and the signal's number when a signal ended it. */
  readonly status: number;
  /** Whether it was killed for taking too long. */
  readonly overdue: boolean;
  /** Whether it was killed because this process was asked to end. */
  readonly interrupted: boolean;
  /** What it printed, cut where it is long. Whoever wrote the source can choose it: it is not safe to print. */
  readonly out: string;
  readonly err: string;
}

/** See above. All paths are absolute. */
export interface ToolchainPorts {
  /** This machine's `deno`, which compiles AssemblyScript. */
  readonly deno: () => string | undefined;
  /** The path of a program that the variable PATH leads to. */
  readonly find: (program: string) => string | undefined;
  /** A variable of the environment. */
  readonly variable: (name: string) => string | undefined;
  readonly run: (command: ToolCommand) => Promise<ToolEnd>;
  /** Where a path leads, links followed; undefined where nothing is. */
  readonly real: (path: string) => string | undefined;
  readonly isFolder: (path: string) => boolean;
  /** Names in a folder. */
  readonly list: (folder: string) => readonly string[];
  /** @param most bytes; what is larger is refused */
  readonly read: (path: string, most: number) => Uint8Array<ArrayBuffer>;
  /** Puts a file there at once: who reads it gets the old one or the new one, whole. */
  readonly write: (path: string, bytes: Uint8Array) => void;
  /** A new folder that nobody else may enter. */
  readonly makeFolder: () => string;
  readonly removeFolder: (folder: string) => void;
}
