/**
 * What a broker's process reports, read field by field: a broker talks to strangers, and what it says goes on to the
 * host's own thread, where nothing is to be missing.
 */
import { WireError } from "./wire.ts";
import type { BrokerReport } from "../broker/messages.ts";
import type { AuditEvent } from "../core/audit.ts";

/** Types of the fields of an event. */
const EVENT_FIELDS: Readonly<Record<keyof AuditEvent, string>> = {
  time: "number",
  sandbox: "string",
  capability: "string",
  action: "string",
  target: "string",
  allowed: "boolean",
  standIn: "boolean",
  reason: "string",
  flag: "string",
  count: "number",
};

/** Those that may be absent. */
const OPTIONAL: ReadonlySet<string> = new Set<keyof AuditEvent>(["standIn", "reason", "flag", "count"]);

/** @throws {WireError} for what no broker of ours reports */
export function readReport(value: unknown): BrokerReport {
  const report = recordOf(value), { kind, slot, events } = report;
  switch (kind) {
    case "ready":
    case "closed":
      return { kind };
    case "told":
    case "detached":
      if (typeof slot !== "number") break;
      return { kind, slot };
    case "audit":
      if (!Array.isArray(events)) break;
      return { kind, events: events.map(readEvent) };
  }
  throw new WireError("Cannot take a report that there is not");
}

function readEvent(value: unknown): AuditEvent {
  const event = recordOf(value), read: Record<string, unknown> = {};
  for (const [field, type] of Object.entries(EVENT_FIELDS)) {
    const found = event[field];
    if (found === undefined && OPTIONAL.has(field)) continue;
    const given: string = typeof found;
    if (given !== type) throw new WireError(`Cannot take an event whose ${field} is no ${type}`);
    read[field] = found;
  }
  return read as unknown as AuditEvent; // each of its fields was looked at
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>; // read by name alone
  throw new WireError("Cannot take a report that is no record");
}
