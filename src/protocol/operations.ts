/**
 * The operations that a guest asks others for; how they are encoded stands in `operation_frames.ts`. The guest writes a request and gives
 * the turn to the side that the row names; it waits until that side has written a reply and given the turn back. A
 * reply begins with an error number; its fields follow only after `success`.
 *
 * A row holds facts; what an operation does stands where it is done, and how it is called stands in `wasi`.
 */
import type { ERRNO, ErrnoName } from "./errno.ts";

/**
 * Types of fields. `f64` carries sizes and offsets up to 2^53, `i64` nanoseconds. `bytes` and `text` are
 * length-prefixed; a reply's `bytes` are read in place, by who gets them, before the next operation.
 */
export interface FieldTypes {
  u8: number;
  u32: number;
  f64: number;
  i64: bigint;
  text: string;
  bytes: Uint8Array;
  entries: readonly DirectoryEntry[];
}

/** An entry of a directory, as `readDirectory` returns it. */
export interface DirectoryEntry {
  readonly name: string;
  readonly inode: bigint;
  /** A value of {@linkcode FILE_TYPES}. */
  readonly type: number;
}

/** What a file is; the numbers of WASI's `filetype`. */
export const FILE_TYPES = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** Bits of `flags` of `open`. */
export const OPEN_FLAGS = {
  read: 1,
  write: 2,
  create: 4,
  exclusive: 8,
  truncate: 16,
  /** Fail unless it is a directory. */
  directory: 32,
  /** Follow a symbolic link that the path ends in. */
  follow: 64,
} as const;

/** Bits of `flags` of `setTimes`: which times are set, and whether to the time given or to now. */
export const TIME_FLAGS = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

/** Bytes of the name of a channel. */
export const LONGEST_CHANNEL_NAME = 256;

/** An offset that stands for the end of the file at that moment. */
export const APPEND = -1;

const STAT = {
  device: "i64",
  inode: "i64",
  type: "u8",
  links: "f64",
  size: "f64",
  /** Nanoseconds since 1970. */
  accessed: "i64",
  modified: "i64",
  changed: "i64",
} as const;

/**
 * Who performs an operation.
 *
 *     host     the thread that made the sandbox: its input and output
 *     files    the files broker           net  the network broker
 *     process  the process broker
 */
export type Performer = "host" | "files" | "net" | "process";

/** A performer that is a broker: each has a turn of its own. */
export type BrokerPerformer = Exclude<Performer, "host">;

/** The facts of an operation. */
export interface OperationRow {
  readonly code: number;
  readonly by: Performer;
  /**
   * Whether it only closes what is open. That is done for a guest that is to stop as well, or its next life would begin
   * with it. @default false
   */
  readonly closes?: true;
  readonly request: Readonly<Record<string, keyof FieldTypes>>;
  readonly reply: Readonly<Record<string, keyof FieldTypes>>;
}

/**
 * Every operation. `descriptor` and `directory` are numbers of the broker's own: 0 … n-1 are the preopened
 * directories in the order of the grants, and stay open; `path` is relative to a directory, `/` between components.
 */
export const OPERATIONS = {
  /** Reads standard input; no bytes at its end. Waits until there are some. */
  readInput: { code: 1, by: "host", request: { length: "u32" }, reply: { bytes: "bytes" } },
  /** Waits until standard input can be read without waiting; `ready` is 0 when the time (milliseconds) ran out first. */
  pollInput: { code: 2, by: "host", request: { timeout: "f64" }, reply: { ready: "u8" } },
  /** Pieces of output, in order: one byte 1 (stdout) or 2 (stderr), a u32 length, the bytes. */
  writeOutput: { code: 3, by: "host", request: { pieces: "bytes" }, reply: {} },
  /** One message for the log. Level: 0 error, 1 warn, 2 info, 3 debug, 4 trace. */
  log: { code: 4, by: "host", request: { level: "u8", message: "text" }, reply: {} },
  /** The guest wants a file that lies in none of its directories; always refused, so that the refusal is recorded. */
  refusedFile: { code: 5, by: "host", request: { write: "u8", path: "text" }, reply: {} },
  /** The guest wants to send a request, and no broker serves it; always refused, in the same way. */
  refusedRequest: { code: 6, by: "host", request: { method: "text", url: "text" }, reply: {} },
  /** The guest wants to run a command, and no broker serves it; always refused, in the same way. */
  refusedCommand: { code: 7, by: "host", request: { name: "text" }, reply: {} },
  /** Opens a channel that the host has opened under that name. */
  channelOpen: { code: 8, by: "host", request: { name: "text" }, reply: { channel: "u32" } },
  /** Sends a message; `wait` is 0 to fail with `again` rather than to wait for room. */
  channelSend: {
    code: 9,
    by: "host",
    request: { channel: "u32", wait: "u8", bytes: "bytes" },
    reply: {},
  },
  /**
   * The next message; `wait` as in `channelSend`. One that is longer than `room` stays where it is: only its length is
   * told then.
   */
  channelReceive: {
    code: 10,
    by: "host",
    request: { channel: "u32", wait: "u8", room: "u32" },
    reply: { length: "u32", bytes: "bytes" },
  },
  channelClose: { code: 11, by: "host", request: { channel: "u32" }, reply: {} },
  /** The guest is watched: what is seen, by a kind of `WATCHED`, and what it shall do. */
  watched: {
    code: 12,
    by: "host",
    request: { kind: "u8", bytes: "bytes" },
    reply: { bytes: "bytes" },
  },
  /** Reads a sensor. `id` and `value` are the bits of an i32; `reading` counts those of this sensor before it, in this life. */
  readSensor: { code: 13, by: "host", request: { id: "u32", reading: "f64" }, reply: { value: "u32" } },
  /** One alert. Level: 0 info, 1 warning, 2 error, 3 critical; others are refused. */
  sendAlert: { code: 14, by: "host", request: { level: "u32", message: "text" }, reply: {} },
  /** The guest uses what it was given at its start, for the first time in its life: a number of `POWERS`. */
  used: { code: 15, by: "host", request: { power: "u8" }, reply: {} },

  open: {
    code: 20,
    by: "files",
    request: { directory: "u32", path: "text", flags: "u32" },
    /** `file` is the same for all descriptors of one file. */
    reply: { descriptor: "u32", type: "u8", file: "u32" },
  },
  close: { code: 21, by: "files", request: { descriptor: "u32" }, reply: {} },
  /** Closes all that the sandbox has opened. */
  closeAll: { code: 22, by: "files", closes: true, request: {}, reply: {} },
  /** Fewer bytes than asked for at the end of the file, or when it is more than 64 KiB. */
  read: {
    code: 23,
    by: "files",
    request: { descriptor: "u32", offset: "f64", length: "u32" },
    reply: { bytes: "bytes" },
  },
  write: {
    code: 24,
    by: "files",
    /** `offset` may be {@linkcode APPEND}. */
    request: { descriptor: "u32", offset: "f64", bytes: "bytes" },
    /** `end` is the offset behind the last byte that was written. */
    reply: { written: "u32", end: "f64" },
  },
  stat: { code: 25, by: "files", request: { descriptor: "u32" }, reply: STAT },
  statAt: {
    code: 26,
    by: "files",
    request: { directory: "u32", path: "text", follow: "u8" },
    reply: STAT,
  },
  setSize: { code: 27, by: "files", request: { descriptor: "u32", size: "f64" }, reply: {} },
  /** Sees to it that the file is at least `offset + length` long. */
  allocate: {
    code: 28,
    by: "files",
    request: { descriptor: "u32", offset: "f64", length: "f64" },
    reply: {},
  },
  setTimes: {
    code: 29,
    by: "files",
    /** Nanoseconds since 1970; `flags` of {@linkcode TIME_FLAGS}. */
    request: { descriptor: "u32", accessed: "i64", modified: "i64", flags: "u8" },
    reply: {},
  },
  setTimesAt: {
    code: 30,
    by: "files",
    request: { directory: "u32", path: "text", follow: "u8", accessed: "i64", modified: "i64", flags: "u8" },
    reply: {},
  },
  /** `metadata`: 0 when the content alone must have reached the disk. */
  sync: { code: 31, by: "files", request: { descriptor: "u32", metadata: "u8" }, reply: {} },
  /**
   * Entries from the `cookie`th on, `.` and `..` first; none at the end. The listing is taken at cookie 0 and stays
   * as it is until cookie 0 is asked for again, so cookies are stable.
   */
  readDirectory: {
    code: 32,
    by: "files",
    request: { descriptor: "u32", cookie: "f64", most: "u32" },
    reply: { entries: "entries" },
  },
  createDirectory: { code: 33, by: "files", request: { directory: "u32", path: "text" }, reply: {} },
  removeDirectory: { code: 34, by: "files", request: { directory: "u32", path: "text" }, reply: {} },
  unlink: { code: 35, by: "files", request: { directory: "u32", path: "text" }, reply: {} },
  rename: {
    code: 36,
    by: "files",
    request: { directory: "u32", path: "text", toDirectory: "u32", toPath: "text" },
    reply: {},
  },
  link: {
    code: 37,
    by: "files",
    request: { directory: "u32", path: "text", follow: "u8", toDirectory: "u32", toPath: "text" },
    reply: {},
  },
  readLink: { code: 38, by: "files", request: { directory: "u32", path: "text" }, reply: { target: "text" } },
  symlink: {
    code: 39,
    by: "files",
    request: { target: "text", directory: "u32", path: "text" },
    reply: {},
  },

  /**
   * Sends an HTTP request and waits for the head of the response. `headers` are lines `name: value`, each with a
   * line break behind it, in the request as in the reply.
   */
  httpRequest: {
    code: 60,
    by: "net",
    request: { method: "text", url: "text", headers: "text", body: "bytes" },
    reply: { response: "u32", status: "u32", headers: "text" },
  },
  /** The next bytes of the body, none at its end. */
  httpRead: { code: 61, by: "net", request: { response: "u32", length: "u32" }, reply: { bytes: "bytes" } },
  httpClose: { code: 62, by: "net", closes: true, request: { response: "u32" }, reply: {} },

  /**
   * Runs a command of the host and waits until it has ended. `words`: those of the guest, each with a NUL behind it.
   * `status` is that of its exit, 128 and the signal's number when a signal ended it; `stdout` and `stderr` are the bytes
   * that were kept, `truncated` is 1 when it printed more.
   */
  processRun: {
    code: 80,
    by: "process",
    request: { name: "text", words: "text", input: "bytes" },
    reply: { process: "u32", status: "u32", stdout: "f64", stderr: "f64", truncated: "u8" },
  },
  /** What a command has printed, from an offset on: `stream` is 1 for stdout, 2 for stderr. No bytes at its end. */
  processRead: {
    code: 81,
    by: "process",
    request: { process: "u32", stream: "u8", offset: "f64", length: "u32" },
    reply: { bytes: "bytes" },
  },
  processClose: { code: 82, by: "process", closes: true, request: { process: "u32" }, reply: {} },
} as const satisfies Record<string, OperationRow>;

/** The name of an operation. */
export type OperationName = keyof typeof OPERATIONS;

/** The names of the operations that one side performs. */
export type OperationsBy<Side extends Performer> = {
  [Name in OperationName]: (typeof OPERATIONS)[Name]["by"] extends Side ? Name : never;
}[OperationName];

type Fields<Row> = {
  readonly [Field in keyof Row]: Row[Field] extends keyof FieldTypes ? FieldTypes[Row[Field]]
    : never;
};

/** What is asked with an operation. */
export type RequestOf<Name extends OperationName> = Fields<(typeof OPERATIONS)[Name]["request"]>;

/** What an operation that succeeded says. */
export type ReplyOf<Name extends OperationName> = Fields<(typeof OPERATIONS)[Name]["reply"]>;

/** What was refused for want of a grant: texts for the embedder, in which the guest may have had a say. */
export interface MissingGrant {
  /** Kind of the capability. */
  readonly capability: string;
  /** What was to be done. */
  readonly action: string;
  /** Why it was refused. */
  readonly reason: string;
  /** What would grant it; empty when nothing would. */
  readonly hint: string;
}

/**
 * How an operation ended. After `again`, `retryAfter` says in how many milliseconds the same request goes through.
 * `missing`: it was refused for want of a grant, which may end the guest.
 */
export type Answer<Name extends OperationName> =
  | {
    readonly errno: typeof ERRNO.success;
    readonly reply: ReplyOf<Name>;
    readonly retryAfter?: never;
    readonly missing?: never;
  }
  | {
    readonly errno: number;
    readonly reply?: never;
    readonly retryAfter?: number;
    readonly missing?: MissingGrant | undefined;
  };

/** The port through which a guest's side has operations performed; each call returns when it has ended. */
export interface Operations {
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name>;
}

/** An operation that fails with an error number, thrown by who performs it. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  /** Milliseconds after which the same request goes through; with `again` alone. */
  readonly retryAfter: number = 0;
  /** The grant for want of which it fails, if that is why. */
  readonly missing: MissingGrant | undefined;

  constructor(readonly errno: ErrnoName, missing?: MissingGrant) {
    super(errno);
    this.missing = missing;
  }
}

const BY_CODE: ReadonlyMap<number, OperationName> = new Map(
  Object.entries(OPERATIONS).map(([name, row]) => [row.code, name as OperationName]), // its own keys
);

/** The operation of a code; undefined for a code that none has. */
export function operationOf(code: number): OperationName | undefined {
  return BY_CODE.get(code);
}

/** Whether an operation is done for a guest that is to stop, too. */
export function closes(name: OperationName): boolean {
  const row: OperationRow = OPERATIONS[name];
  return row.closes === true;
}

/** Bytes of a frame that a request or a reply takes at most beside its `bytes`, with paths of the usual length. */
export const OPERATION_OVERHEAD = 64;
