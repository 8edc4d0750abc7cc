/** What is recorded of an event of a sandbox. Texts are still as they came: whoever records them takes secrets out and cuts. */
import { AUDIT_KINDS, type AuditKind } from "./kinds.ts";
import type { AuditDetail, AuditEntry } from "./record.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { AegisEvent, EventType } from "../core/events.ts";

/** The kind of a failure, where its code says more than that there was one. */
const KIND_OF_CODE: Partial<Record<ErrorCode, AuditKind>> = {
  OutOfFuel: "limit_hit",
  Timeout: "limit_hit",
  CpuTimeExceeded: "limit_hit",
  MemoryExceeded: "limit_hit",
  StackOverflow: "limit_hit",
  HostCallsExceeded: "limit_hit",
  Trap: "guest_trapped",
  AbiViolation: "guest_trapped",
  GuestFault: "guest_trapped",
  CapabilityDenied: "guest_stopped",
  Cancelled: "guest_stopped",
};

/** The types of events of which something is recorded. */
export const RECORDED_EVENTS = [
  "module_loaded",
  "execution_started",
  "host_function_called",
  "capability_checked",
  "alert_sent",
  "execution_completed",
  "error",
] as const satisfies readonly EventType[];

/** @returns undefined for what is not recorded */
export function entryOfEvent(event: AegisEvent): AuditEntry | undefined {
  switch (event.type) {
    case "module_loaded":
      return entry("module_loaded", event, event.name === undefined ? {} : { name: event.name });
    case "execution_started":
      return entry("call_started", event, { function: event.function });
    case "execution_completed":
      return entry("call_completed", event, {
        function: event.function,
        outcome: event.outcome,
        fuel: String(event.usage.fuelConsumed),
        duration: Math.round(event.usage.duration),
      });
    case "host_function_called":
      return entry("host_call", event, {
        function: `${event.module}.${event.name}`,
        ...(event.failed ? { failed: true } : {}),
      });
    case "capability_checked": {
      const { capability, action, target, allowed, standIn, reason } = event;
      const detail = { capability, action, target, ...(reason === undefined ? {} : { reason }) };
      return entry(allowed ? "grant_allowed" : standIn ? "grant_replaced" : "grant_denied", event, detail);
    }
    case "alert_sent":
      return entry("alert", event, { level: event.level, message: event.message });
    case "error":
      return entry(KIND_OF_CODE[event.code] ?? "call_failed", event, {
        code: event.code,
        message: event.message,
      });
    default:
      return undefined;
  }
}

function entry(
  kind: AuditKind,
  event: {
    readonly time: number;
    readonly sandbox: string;
    readonly execution?: number;
    readonly count?: number;
  },
  detail: AuditDetail,
): AuditEntry {
  const { time, sandbox, execution, count = 1 } = event;
  return {
    kind,
    severity: AUDIT_KINDS[kind].severity,
    time,
    sandbox,
    ...(execution === undefined ? {} : { execution }),
    ...(count === 1 ? {} : { count }),
    detail,
  };
}
