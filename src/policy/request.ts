/** What a policy is asked, and what it answers. */
import type { LogLevel } from "../core/log_level.ts";
import type { Grant } from "./grants.ts";

/** A right over files. */
export type FileAction = "read" | "write" | "create" | "delete";

export interface FilesystemRequest {
  readonly kind: "filesystem";
  readonly action: FileAction;
  /** As the guest names it, from its root; `..` is resolved by the text, for the answer alone. */
  readonly path: string;
}

/** One hop of a request: a redirect is another. */
export interface NetworkRequest {
  readonly kind: "network";
  /** Upper case. */
  readonly method: string;
  /** Without a colon. */
  readonly scheme: string;
  /** In any spelling; what connects must use the same text, or its normalised form. */
  readonly host: string;
  readonly port: number;
}

export interface LoggingRequest {
  readonly kind: "logging";
  readonly level: LogLevel;
}

export interface ClockRequest {
  readonly kind: "clock";
  readonly clock: "monotonic" | "realtime";
}

export interface EnvRequest {
  readonly kind: "env";
  readonly name: string;
}

export interface RandomRequest {
  readonly kind: "random";
}

export interface ProcessRequest {
  readonly kind: "process";
  readonly name: string;
  /** Whether the guest adds words of its own. */
  readonly moreArgs: boolean;
}

export interface CustomRequest {
  readonly kind: "custom";
  readonly name: string;
}

/** What a guest wants to do. */
export type PolicyRequest =
  | FilesystemRequest
  | NetworkRequest
  | LoggingRequest
  | ClockRequest
  | EnvRequest
  | RandomRequest
  | ProcessRequest
  | CustomRequest;

/** Why something is not allowed, and how it would be. */
export interface Denial {
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
