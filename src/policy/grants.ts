/**
 * Grants as data: what a sandbox may do, one concrete permission each. Nothing here does I/O; who enforces a grant
 * stands beside its type. Every field is resolved: sizes are bytes, times milliseconds, no key is missing.
 */
import type { AlertLevel } from "../core/alert_level.ts";
import type { LogLevel } from "../core/log_level.ts";

/** Enforced by the files broker. A guest sees the directory, or the one file, under its guest path. */
export interface FilesystemGrant {
  /** Tells it from the others. */
  readonly kind: "filesystem";
  /** On this machine, as the embedder wrote it; the sandbox layer makes it absolute and follows its links. */
  readonly hostPath: string;
  /**
   * As the guest names it, without a slash at the end: `/data`, `data`, `.`, `/`. The first two are one directory to a
   * guest's library, as are the last two: a policy holds one of them.
   */
  readonly guestPath: string;
  /** Read contents, list directories, see sizes and times. */
  readonly read: boolean;
  /** Change contents, sizes and times of what exists. */
  readonly write: boolean;
  /** Make files, directories and hard links. */
  readonly create: boolean;
  /** Remove files and directories; renaming needs it where the old name stood, and `create` where the new one does. */
  readonly delete: boolean;
  /** Bytes that a file may have after a write; Infinity for no bound. */
  readonly maxFileSize: number;
  /** Bytes that may be written in all through this grant over a sandbox's life; Infinity for no bound. */
  readonly totalBytes: number;
}

/** Enforced by the network broker: requests to the hosts that match. */
export interface NetworkGrant {
  /** Tells it from the others. */
  readonly kind: "network";
  /** `http`, `https`. */
  readonly schemes: readonly string[];
  /** A name, `*.` and a name for what is below it, an address, or `*` for all public hosts. Lower case. */
  readonly host: string;
  /** Ports, empty for the default port of the scheme. */
  readonly ports: readonly number[];
  /** Upper case; empty for all. */
  readonly methods: readonly string[];
  /** Bytes that a request's or a response's body may have. */
  readonly maxBody: number;
  /** Requests that may be under way at once. */
  readonly connections: number;
}

/** Enforced by the host: the `log` imports. */
export interface LoggingGrant {
  /** Tells it from the others. */
  readonly kind: "logging";
  /** The least important level that is taken. */
  readonly level: LogLevel;
  /** Bytes of one message; what is longer is cut. */
  readonly maxMessage: number;
  /** Messages a second. */
  readonly rate: number;
}

/** What a sensor reads. */
export type SensorSource =
  | { readonly from: "constant"; readonly value: number }
  /** `end`: after the last value comes the first again, or the last for ever. */
  | { readonly from: "series"; readonly values: readonly number[]; readonly end: "repeat" | "hold" }
  /** The last whole number in a file of this machine; the sandbox layer makes the path absolute. */
  | { readonly from: "file"; readonly path: string }
  /** A function of the embedder's. It stays on the host's thread: no broker and no guest is posted such a grant. */
  | { readonly from: "function"; readonly read: () => number | Promise<number> }
  /** What the runtime's sensor of that id reads; in no policy of a runtime or a sandbox. */
  | { readonly from: "runtime" };

/** Enforced by the host: one sensor of the import `read_sensor`. */
export interface SensorGrant {
  /** Tells it from the others. */
  readonly kind: "sensor";
  /** As the guest names it: a whole number from 0 to 2^31-1. */
  readonly id: number;
  /** Frozen. */
  readonly source: SensorSource;
}

/** Enforced by the host: the import `send_alert`. */
export interface AlertGrant {
  /** Tells it from the others. */
  readonly kind: "alert";
  /** The least important level that is taken. */
  readonly level: AlertLevel;
  /** Bytes of one message; what is longer is cut. */
  readonly maxMessage: number;
  /** Alerts a second. */
  readonly rate: number;
  /** The last alerts that are kept where nobody takes them. */
  readonly keep: number;
}

/** Enforced in the guest: what its clock functions read. Without it time is fake, and the same in each run. */
export interface ClockGrant {
  /** Tells it from the others. */
  readonly kind: "clock";
  /** Whether it tells how long things take. */
  readonly monotonic: boolean;
  /** Whether it tells the date. */
  readonly realtime: boolean;
  /** Realtime that stands still: milliseconds since 1970; undefined when it does not. */
  readonly fixed: number | undefined;
  /** Milliseconds to which readings are rounded down; at least a microsecond. */
  readonly resolution: number;
}

/** Enforced by the host, which tells the guest no other variable. */
export interface EnvGrant {
  /** Tells it from the others. */
  readonly kind: "env";
  /** Of the variable. */
  readonly name: string;
  /** Undefined: what the variable is in the host's environment when the sandbox starts, if it is there at all. */
  readonly value: string | undefined;
}

/** Enforced in the guest. Without it random bytes are the same in each run. */
export interface RandomGrant {
  /** Tells it from the others. */
  readonly kind: "random";
  /** Undefined: cryptographically secure bytes. Else the seed of a reproducible sequence. */
  readonly seed: bigint | undefined;
}

/** Running a command of the host. This leaves the sandbox: the command itself is bounded by nothing. */
export interface ProcessGrant {
  /** Tells it from the others. */
  readonly kind: "process";
  /** The name that the guest gives. */
  readonly name: string;
  /** Absolute path of the program. */
  readonly command: string;
  /** Words before those of the guest. */
  readonly args: readonly string[];
  /** Whether the guest may add words. */
  readonly moreArgs: boolean;
}

/** A power that the embedder's own host functions ask for by name. */
export interface CustomGrant {
  /** Tells it from the others. */
  readonly kind: "custom";
  /** As host functions ask for it. */
  readonly name: string;
}

/** One concrete permission. */
export type Grant =
  | FilesystemGrant
  | NetworkGrant
  | LoggingGrant
  | SensorGrant
  | AlertGrant
  | ClockGrant
  | EnvGrant
  | RandomGrant
  | ProcessGrant
  | CustomGrant;

/** A kind of power. */
export type CapabilityKind = Grant["kind"];

/** The grants of a runtime or a sandbox, merged and frozen; nothing is granted by default. */
export interface Policy {
  /** One for each guest path; the order is that in which the guest finds its directories. */
  readonly filesystem: readonly FilesystemGrant[];
  /** A request needs one that matches. */
  readonly network: readonly NetworkGrant[];
  /** Undefined where nothing may be logged. */
  readonly logging: LoggingGrant | undefined;
  /** One for each id. */
  readonly sensor: readonly SensorGrant[];
  /** Undefined where no alert may be sent. */
  readonly alert: AlertGrant | undefined;
  /** Undefined where time is fake. */
  readonly clock: ClockGrant | undefined;
  /** One for each name. */
  readonly env: readonly EnvGrant[];
  /** Undefined where random bytes are the same in each run. */
  readonly random: RandomGrant | undefined;
  /** One for each name. */
  readonly process: readonly ProcessGrant[];
  /** Sorted, each once. */
  readonly custom: readonly string[];
}
