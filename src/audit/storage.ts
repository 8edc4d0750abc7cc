/** Where a log is kept: the port between what is written and files. One process has it at a time. */
export interface AuditStorage {
  /** What is there when it is opened. */
  readonly found: FoundLog;
  /** Appends to the file that is written to. */
  append(bytes: Uint8Array): void;
  /** Writes over the head. */
  writeHead(text: string): void;
  /**
   * Puts the file away and begins another one.
   *
   * @param dropped told of the oldest line that is kept as soon as older ones are gone, whatever fails afterwards
   * @throws what the system says where this process may not do so
   */
  rotate(dropped: (oldest: Uint8Array) => void): void;
  /** Hands all that was written to the disk. */
  sync(): void;
  close(): void;
}

/** What is there of a log. */
export interface FoundLog {
  /** Undefined where there is none. */
  readonly head: string | undefined;
  /** Bytes of the file that is written to. */
  readonly size: number;
  /** Its last bytes, with {@linkcode TAIL_SIZE} the last lines at least. */
  readonly tail: Uint8Array;
  /** The same of the file before, where this one is empty. */
  readonly olderTail: Uint8Array;
}

/** Bytes that hold a line that was torn and the one before. */
export const TAIL_SIZE = 128 * 1024;
