/** What a policy is asked, and what it answers. */
import type { AlertLevel } from "../core/alert_level.ts";
import type { LogLevel } from "../core/log_level.ts";
import type { Grant } from "./grants.ts";

/** A right over files. */
export type FileAction = "read" | "write" | "create" | "delete";

/** To do something with a file or a directory. */
export interface FilesystemRequest {
  /** Tells it from the others. */
  readonly kind: "filesystem";
  /** What is to be done. */
  readonly action: FileAction;
  /** As the guest names it, from its root; `..` is resolved by the text, for the answer alone. */
  readonly path: string;
}

/** One hop of a request: a redirect is another. */
export interface NetworkRequest {
  /** Tells it from the others. */
  readonly kind: "network";
  /** Upper case. */
  readonly method: string;
  /** Without a colon. */
  readonly scheme: string;
  /** In any spelling; what connects must use the same text, or its normalised form. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** To log a message. */
export interface LoggingRequest {
  /** Tells it from the others. */
  readonly kind: "logging";
  /** Of the message. */
  readonly level: LogLevel;
}

/** To read a sensor. */
export interface SensorRequest {
  /** Tells it from the others. */
  readonly kind: "sensor";
  /** As the guest gives it: any whole number of 32 bits with a sign. */
  readonly id: number;
}

/** To send an alert. */
export interface AlertRequest {
  /** Tells it from the others. */
  readonly kind: "alert";
  /** Of the message. */
  readonly level: AlertLevel;
}

/** To read a clock. */
export interface ClockRequest {
  /** Tells it from the others. */
  readonly kind: "clock";
  /** Which one. */
  readonly clock: "monotonic" | "realtime";
}

/** To read a variable of the environment. */
export interface EnvRequest {
  /** Tells it from the others. */
  readonly kind: "env";
  /** Of the variable. */
  readonly name: string;
}

/** To have random bytes that are not the same in each run. */
export interface RandomRequest {
  /** Tells it from the others. */
  readonly kind: "random";
}

/** To run a command of the host. */
export interface ProcessRequest {
  /** Tells it from the others. */
  readonly kind: "process";
  /** The name that its grant gives it. */
  readonly name: string;
  /** Whether the guest adds words of its own. */
  readonly moreArgs: boolean;
}

/** To use a power of the embedder's own. */
export interface CustomRequest {
  /** Tells it from the others. */
  readonly kind: "custom";
  /** As its grant names it. */
  readonly name: string;
}

/** What a guest wants to do. */
export type PolicyRequest =
  | FilesystemRequest
  | NetworkRequest
  | LoggingRequest
  | SensorRequest
  | AlertRequest
  | ClockRequest
  | EnvRequest
  | RandomRequest
  | ProcessRequest
  | CustomRequest;

/** Why something is not allowed, and how it would be. */
export interface Denial {
  /** Tells it from what is allowed. */
  readonly allowed: false;
  /** Names the grant that is missing. */
  readonly reason: string;
  /** The flag of the command that would allow it; undefined where there is none. */
  readonly flag: string | undefined;
  /** What would allow it in the library. */
  readonly hint: string;
}

/** The answer of a policy, with the grant that allows. */
export type Decision = { readonly allowed: true; readonly grant: Grant } | Denial;
