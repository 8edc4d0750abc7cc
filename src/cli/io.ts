/** What a command may touch: the port through which tests run commands without a process. */
import type { HostProcess, HostStart } from "./host_process.ts";

export interface CommandIo {
  /** Appends to stdout. The text ends with a line break, and is safe to print. */
  readonly out: (text: string) => void;
  /** Appends to stderr, under the same terms. */
  readonly err: (text: string) => void;
  /** Id of this process. */
  readonly pid: number;
  /** Whether stderr is a terminal that wants colours. */
  readonly colour: boolean;
  /** Columns of the terminal that shows a stream; undefined where it is none. */
  readonly columns: (stream: "out" | "err") => number | undefined;
  /**
   * The absolute path of a file, links followed.
   *
   * @throws {AegisError} `InvalidOption`
   */
  readonly locate: (path: string) => string;
  /**
   * Makes a directory that nobody else may enter, unless it is there. @returns its absolute path, links followed
   *
   * @throws {AegisError} `InvalidOption`
   */
  readonly makeDirectory: (path: string) => string;
  /**
   * Reads a file, or stdin for `-`.
   *
   * @param most bytes; what is larger is refused without being read whole
   * @param only `"regular"` refuses pipes and devices, where somebody else may have named the file
   * @throws {AegisError} `InvalidOption`
   */
  readonly read: (path: string, most: number, only?: "regular") => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The first line of a file, cut after 200 bytes; undefined where there is no such file.
   *
   * @throws {AegisError} `InvalidOption`
   */
  readonly firstLine: (path: string) => string | undefined;
  /**
   * Writes a file, and the folders above it that are missing.
   *
   * @throws {AegisError} `InvalidOption`
   */
  readonly write: (path: string, text: string) => void;
  /** Starts the process that holds the sandbox. */
  readonly startHost: (start: HostStart) => HostProcess;
}
