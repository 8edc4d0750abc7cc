/**
 * What happens to a sandbox, as plain data that can be kept, sent and written down.
 * Texts in them may be of the guest's choosing: whoever shows them on a terminal or a page quotes them first.
 */
import type { AlertLevel } from "./alert_level.ts";
import type { AuditEvent } from "./audit.ts";
import type { ErrorCode } from "./errors.ts";
import type { LogLevel } from "./log_level.ts";
import type { Usage } from "./metrics.ts";
import type { Outcome } from "./outcome.ts";

/** Types of events, with the level at which a log has them. */
export const EVENT_TYPES = {
  module_loaded: { level: "info" },
  execution_started: { level: "debug" },
  host_function_called: { level: "debug" },
  /** One that was denied is a `warn`. */
  capability_checked: { level: "debug" },
  /** One of level `error` or `critical` is an `error`, one of level `info` an `info`. */
  alert_sent: { level: "warn" },
  memory_grew: { level: "debug" },
  fuel_consumed: { level: "trace" },
  execution_completed: { level: "info" },
  error: { level: "error" },
} as const satisfies Record<string, { readonly level: LogLevel }>;

/** The type of an event: a key of {@linkcode EVENT_TYPES}. */
export type EventType = keyof typeof EVENT_TYPES;

/** What every event says. */
export interface EventOrigin {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id of the sandbox. */
  readonly sandbox: string;
}

/** A sandbox has loaded a module. */
export interface ModuleLoadedEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "module_loaded";
  /** SHA-256 of the module's bytes in hexadecimal, as `AegisModule.hash`. */
  readonly module: string;
  /** The name under which other modules import from it, or else that which it was read under. */
  readonly name?: string;
  /** Milliseconds that linking, instantiation and the start function took. */
  readonly duration: number;
}

/** A call begins; it does not wait behind others any more. */
export interface ExecutionStartedEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "execution_started";
  /** Number of the call in its sandbox, from 1; a reset does not begin anew. */
  readonly execution: number;
  /** Name of the exported function. */
  readonly function: string;
  /** Rows of arguments; absent for a call that is no batch. */
  readonly rows?: number;
}

/** A guest has called a function of the host, and the function has ended. Inline functions are none of the host's. */
export interface HostFunctionCalledEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "host_function_called";
  /** Number of the call in which it happened; of the one before, or 0, while a module is loaded. */
  readonly execution: number;
  /** The first of the names under which it was registered. */
  readonly module: string;
  /** The second one. */
  readonly name: string;
  /** Milliseconds until it returned, or its promise was settled. */
  readonly duration: number;
  /** Whether it threw, or was not waited for since the guest was stopped. */
  readonly failed: boolean;
}

/** It was decided whether a guest may do something. */
export interface CapabilityCheckedEvent extends AuditEvent {
  /** Tells it from the others. */
  readonly type: "capability_checked";
}

/** A guest has sent an alert, and was granted to. */
export interface AlertSentEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "alert_sent";
  /** Number of the call in which it did; of the one before, or 0, while a module is loaded. */
  readonly execution: number;
  /** How important the guest says that it is. */
  readonly level: AlertLevel;
  /** The guest's text, at most 1,024 characters. */
  readonly message: string;
}

/** The memories of a sandbox have become larger. Growths between two looks at the meters are one event. */
export interface MemoryGrewEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "memory_grew";
  /** Number of the call in which it was seen. */
  readonly execution: number;
  /** Bytes of all memories together, before. */
  readonly from: number;
  /** The same by now. */
  readonly to: number;
}

/** A guest has burnt fuel. */
export interface FuelConsumedEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "fuel_consumed";
  /** Number of the call that burnt it. */
  readonly execution: number;
  /** Units since the event before, or since the call began. */
  readonly units: bigint;
  /** Units since the sandbox was made or last reset. */
  readonly total: bigint;
}

/** A call has ended: the last event of its number, but for decisions of the brokers, which come when they are told. */
export interface ExecutionCompletedEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "execution_completed";
  /** Number of the call. */
  readonly execution: number;
  /** Name of the exported function. */
  readonly function: string;
  /** How it ended; `refused` when the guest never got it, since its arguments do not fit into a frame for instance. */
  readonly outcome: Outcome["kind"] | "refused";
  /** What this call used. */
  readonly usage: Usage;
}

/** A call, a load or a reset has no result: its outcome is none, or it was refused. An exit with status 0 is no error. */
export interface ErrorEvent extends EventOrigin {
  /** Tells it from the others. */
  readonly type: "error";
  /** That of the error which is thrown; `HostFunctionFailed` for what is no `AegisError`. */
  readonly code: ErrorCode;
  /** At most 1,024 characters. */
  readonly message: string;
  /** Number of the call; absent when none had begun. */
  readonly execution?: number;
}

/** Something that happened to a sandbox. */
export type AegisEvent =
  | ModuleLoadedEvent
  | ExecutionStartedEvent
  | HostFunctionCalledEvent
  | CapabilityCheckedEvent
  | AlertSentEvent
  | MemoryGrewEvent
  | FuelConsumedEvent
  | ExecutionCompletedEvent
  | ErrorEvent;

/** The events of one type. */
export type EventOf<Type extends EventType> = Extract<AegisEvent, { readonly type: Type }>;

/** Whether a text is the type of an event. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_TYPES, type);
}
