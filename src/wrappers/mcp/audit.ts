/**
 * One record for each call, resource and prompt: who asked for what, how it ended, what it used. Arguments are not in it,
 * only how many bytes they have and their SHA-256: enough to find the same call again, for those who have its arguments.
 */
import { toHex } from "../../core/bytes.ts";
import type { AuditEvent } from "../../core/audit.ts";
import { cutText } from "../../core/cut.ts";
import { cleanLine } from "./clean_text.ts";

/** Denials that a record has; characters of a target, and of what a client says of itself. */
const MOST_DENIALS = 20, LONGEST_TARGET = 200, LONGEST_CLIENT = 100;

/** Who asks, as far as it is known. */
export interface McpClient {
  /** Number of the session in this server, from 1. */
  readonly session: number;
  /** How it asks. */
  readonly transport: "stdio" | "http" | "other";
  /** What it says of itself, which may be anything. */
  readonly name?: string;
  /** Likewise. */
  readonly version?: string;
}

/** Something that was denied in a call. */
export interface McpDenial {
  /** Kind of the capability. */
  readonly capability: string;
  /** What was to be done. */
  readonly action: string;
  /** In the guest's terms, cut at 200 characters. */
  readonly target: string;
  /** How often. */
  readonly count: number;
}

/** What is told of a request. */
export interface McpAuditRecord {
  /** ISO 8601, in UTC. */
  readonly time: string;
  /** Who asked. */
  readonly client: McpClient;
  /** What for. */
  readonly kind: "tool" | "resource" | "prompt";
  /** Of the tool or prompt, or the URI; what a client made up is cut. */
  readonly name: string;
  /** Undefined where there is no such tool. */
  readonly module?: string;
  /** Of its arguments, as JSON. */
  readonly arguments: { readonly bytes: number; readonly sha256: string };
  /** `ok`; `error` for a call that was made and failed; `refused` for one that was not made; `cancelled`. */
  readonly outcome: "ok" | "error" | "refused" | "cancelled";
  /** Why, where it is not `ok`. */
  readonly code?: string;
  /** Units that the guest burnt. */
  readonly fuel: number;
  /** Milliseconds, waiting for a guest included. */
  readonly duration: number;
  /** Bytes of the result, as JSON. */
  readonly resultBytes: number;
  /** What the guest was denied, the last 20. */
  readonly denials: readonly McpDenial[];
}

/** Size and SHA-256 of what JSON says of a value. */
export async function fingerprint(value: unknown): Promise<McpAuditRecord["arguments"]> {
  const bytes = new TextEncoder().encode(JSON.stringify(value) ?? "");
  return { bytes: bytes.length, sha256: toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) };
}

/** Denials as a record has them. */
export function auditDenials(denials: readonly AuditEvent[]): readonly McpDenial[] {
  return denials.slice(-MOST_DENIALS).map(({ capability, action, target, count = 1 }) => ({
    capability,
    action,
    target: cleanLine(target, LONGEST_TARGET),
    count,
  }));
}

/** Fuel as a number; JSON has no larger ones. */
export function auditFuel(fuel: bigint): number {
  return Number(fuel);
}

/** A name that a client made up. */
export function auditName(name: string): string {
  return cleanLine(cutText(name, LONGEST_TARGET), LONGEST_TARGET);
}

/** What a client says of itself. */
export function auditClient(client: McpClient): McpClient {
  const { name, version } = client;
  return {
    ...client,
    ...(name === undefined ? {} : { name: cleanLine(name, LONGEST_CLIENT) }),
    ...(version === undefined ? {} : { version: cleanLine(version, LONGEST_CLIENT) }),
  };
}
