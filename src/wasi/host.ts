/** What WASI needs from the side that runs the guest. Every method returns when what it does has ended. */
import type { Operations } from "../protocol/operations.ts";

export interface WasiHost {
  readonly operations: Operations;
  /** Bytes that one operation may carry, in either direction; at least 2048. */
  readonly room: number;
  /**
   * Words that count changes of files, made by any sandbox of the runtime: index `file % length`. What was read ahead
   * of a file is good while its word stays. Length 0 where there are no files.
   */
  readonly changes: Int32Array;
  /** Milliseconds, never going back, in full resolution: for our own ends, not for the guest to see. */
  now(): number;
  /** Milliseconds since 1970, in full resolution. */
  wallTime(): number;
  /** Fills `bytes` with secure random values; at most 65,536 bytes. */
  secureRandom(bytes: Uint8Array): void;
  /** Appends to stdout (1) or stderr (2); copies the bytes. May keep them back for some milliseconds. */
  output(stream: 1 | 2, bytes: Uint8Array): void;
  /** Hands over what was kept back: before anything that may take long, or that a person waits for. */
  flushOutput(): void;
  /** Parks the thread for so many milliseconds, or until the guest is to stop. */
  sleep(milliseconds: number): void;
  /** Ends the guest; what called must return at once, whatever it returns. */
  exit(status: number): void;
  /** Ends what the guest does with the trap of an access outside its memory; what called must return at once. */
  trapOutside(): void;
  /** Whether the guest may go on; asked between the steps of work that can take long. */
  mayGoOn(): boolean;
}

/** A directory that the guest finds open, from descriptor 3 on; the broker's descriptor is its index. */
export interface Preopen {
  readonly guestPath: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly delete: boolean;
}

/** What a guest's clocks read; undefined for a fake clock that starts in the same moment in each run. */
export interface ClockSettings {
  readonly monotonic: boolean;
  readonly realtime: boolean;
  /** Realtime that stands still: milliseconds since 1970. */
  readonly fixed: number | undefined;
  /** Milliseconds to which readings are rounded down. */
  readonly resolution: number;
}

/** What a program is told about itself. */
export interface ProgramWords {
  /** The program's name first. */
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
}

/** What holds for one life of a sandbox. */
export interface WasiSettings extends ProgramWords {
  readonly preopens: readonly Preopen[];
  readonly clock: ClockSettings | undefined;
  /** Seed of the random sequence; undefined for secure bytes. */
  readonly seed: bigint | undefined;
  /** Whether stdin, stdout and stderr are terminals. */
  readonly terminals: readonly [boolean, boolean, boolean];
}
