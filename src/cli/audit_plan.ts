/** Where a run is recorded, as a part of the run plan. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { auditFiles, auditPath } from "../sandbox/audit_files.ts";
import type { FlagValues } from "./flags.ts";
import type { HostPermissions } from "./guest_permissions.ts";
import type { CommandIo } from "./io.ts";
import { record, text, textOrNull } from "./plan_fields.ts";
import { STDIN } from "./read_input.ts";

/** Where a run is recorded. */
export interface AuditPlan {
  /** Absolute, its folder without links. */
  readonly path: string;
  /** As the person wrote it. */
  readonly shown: string;
  /** Absolute and without links; `null` for a chain without a key. */
  readonly keyFile: string | null;
}

/**
 * @param others files that the run writes, too
 * @throws {AegisError} `InvalidOption`
 */
export function planAudit(
  { audit, auditKey }: FlagValues,
  { locate }: Pick<CommandIo, "locate">,
  others: readonly string[],
): AuditPlan | null {
  if (audit === undefined) {
    if (auditKey === undefined) return null;
    throw new AegisError("InvalidOption", "Cannot use --audit-key without --audit", {
      field: "auditKey",
      suggestion: "Name the log with --audit FILE.",
    });
  }
  if (audit === "" || audit === STDIN) {
    throw new AegisError("InvalidOption", "Cannot write an audit log without the name of a file", {
      field: "audit",
    });
  }
  const plan = {
    path: auditPath(audit, locate),
    shown: audit,
    keyFile: auditKey === undefined ? null : locate(auditKey),
  };
  const files = pathsOf(plan), taken = files.find((file) => others.includes(file));
  if (taken !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot write the audit log to ${quote(taken)}: the run writes something else there`,
      {
        field: "audit",
      },
    );
  }
  const comma = files.find((file) => file.includes(","));
  if (comma === undefined) return plan;
  throw new AegisError("InvalidOption", `Cannot use ${quote(comma)}: a path with a comma cannot be granted`, {
    field: "audit",
    suggestion: "Choose another name.",
  });
}

function pathsOf({ path, keyFile }: AuditPlan): string[] {
  return [...auditFiles(path), ...keyFile === null ? [] : [keyFile]];
}

/** What a process needs to open the log. */
export function auditPermissions(plan: AuditPlan | null): Partial<HostPermissions> {
  return plan === null ? {} : { read: pathsOf(plan), write: auditFiles(plan.path) };
}

/** @throws {AegisError} `InvalidOption` */
export function decodeAudit(decoded: unknown): AuditPlan | null {
  if (decoded === null) return null;
  const plan = record(decoded, "audit");
  return {
    path: text(plan["path"], "audit.path"),
    shown: text(plan["shown"], "audit.shown"),
    keyFile: textOrNull(plan["keyFile"], "audit.keyFile"),
  };
}
