/** What an audit log says of a request over MCP: the line that stderr gets without one, as the fields of a record. */
import type { AuditNote } from "../sandbox/audit_log.ts";
import type { McpAuditRecord } from "../wrappers/mcp/audit.ts";

/** @param hashes SHA-256 of modules by their names */
export function noteOf(
  { client, kind, name, module, arguments: given, outcome, code, fuel, duration, resultBytes, denials }:
    McpAuditRecord,
  hashes: ReadonlyMap<string, string>,
): AuditNote {
  const hash = module === undefined ? undefined : hashes.get(module);
  return {
    ...(hash === undefined ? {} : { module: hash }),
    detail: {
      session: client.session,
      transport: client.transport,
      ...(client.name === undefined ? {} : { client: client.name }),
      ...(client.version === undefined ? {} : { version: client.version }),
      request: kind,
      name,
      ...(module === undefined ? {} : { of: module }),
      argumentBytes: given.bytes,
      argumentHash: given.sha256,
      outcome,
      ...(code === undefined ? {} : { code }),
      fuel,
      duration: Math.round(duration),
      resultBytes,
      // Each stands in a record of its own.
      denials: denials.reduce((sum, { count }) => sum + count, 0),
    },
  };
}
