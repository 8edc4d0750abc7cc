/** Where guests are recorded, as a part of the plan of the process that runs them. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { DIRECTORY_RIGHTS, type FileRight, type PlanDirectory } from "../manifest/grants.ts";
import { auditFiles, auditPath } from "../sandbox/audit_paths.ts";
import { checkAuditPlace, type Granted } from "../sandbox/audit_place.ts";
import { basename, dirname } from "../sandbox/path.ts";
import type { FlagValues } from "./flags.ts";
import type { HostPermissions } from "./guest_permissions.ts";
import type { GuestPlan } from "./guest_plan.ts";
import type { KeptPaths } from "./host_permissions.ts";
import type { CommandIo } from "./io.ts";
import { record, text, textOrNull } from "./plan_fields.ts";
import { STDIN } from "./read_input.ts";

/** Where guests are recorded. */
export interface AuditPlan {
  /** Absolute, its folder without links. */
  readonly path: string;
  /** As the person wrote it. */
  readonly shown: string;
  /** Absolute and without links; `null` for a chain without a key. */
  readonly keyFile: string | null;
}

/** What a log has to lie apart from. */
export interface Surroundings {
  readonly guests: readonly Pick<GuestPlan, "grants">[];
  /** Files that the process reads or writes for something else. */
  readonly files?: readonly string[];
  /** What everybody may read who asks; `null` for nothing. */
  readonly served?: string | null;
}

/**
 * Looks at all that can be looked at before there is a file: what is refused here leaves none behind.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function planAudit(
  { audit, auditKey }: FlagValues,
  { locate }: Pick<CommandIo, "locate">,
  { guests, files: others = [], served = null }: Surroundings,
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
      `Cannot write the audit log to ${quote(taken)}: that file is used for something else`,
      { field: "audit", suggestion: "Choose another name." },
    );
  }
  const comma = files.find((file) => file.includes(","));
  if (comma !== undefined) {
    throw new AegisError(
      "InvalidOption",
      `Cannot use ${quote(comma)}: a path with a comma cannot be granted`,
      { field: "audit", suggestion: "Choose another name." },
    );
  }
  checkApart(plan, guests, served);
  return plan;
}

/** What the process that opens the log checks again, and less well: it may not look at the directories above it. */
function checkApart(
  plan: AuditPlan,
  guests: readonly Pick<GuestPlan, "grants">[],
  served: string | null,
): void {
  const { path, keyFile } = plan, place = { files: auditFiles(path), keyFile: keyFile ?? undefined };
  checkAuditPlace(place, guests.flatMap(({ grants }) => grants.directories.map(grantedPlace)));
  // Whoever asks may read what is served, and the log says who else has asked.
  if (served === null) return;
  const whole = { host: served, guest: "/", rights: "full" } as const;
  try {
    checkAuditPlace({ files: pathsOf(plan) }, [grantedPlace(whole)]);
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    throw new AegisError(
      "InvalidOption",
      `Cannot keep the audit log or its key in ${quote(served)}: what is there is served`,
      { field: "audit", suggestion: "Put both where nothing is served from." },
    );
  }
}

/** A grant as the library sees it: what is there is looked at, where that can be done. */
export function grantedPlace({ host, rights }: Pick<PlanDirectory, "host" | "rights">): Granted {
  const named: readonly FileRight[] = typeof rights === "string" ? DIRECTORY_RIGHTS[rights] : rights;
  const may = {
    write: named.includes("write"),
    create: named.includes("create"),
    delete: named.includes("delete"),
  };
  const found = look(host);
  const identity = found === undefined ? undefined : { device: found.dev, inode: found.ino ?? -1 };
  return found?.isFile
    ? { ...may, hostPath: dirname(host), only: [basename(host)], identity }
    : { ...may, hostPath: host, only: undefined, identity };
}

function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined; // the process that is started says what is wrong with it
  }
}

function pathsOf({ path, keyFile }: AuditPlan): string[] {
  return [...auditFiles(path), ...keyFile === null ? [] : [keyFile]];
}

/** What a process needs to open the log. */
export function auditPermissions(plan: AuditPlan | null): Partial<HostPermissions> {
  return plan === null ? {} : { read: pathsOf(plan), write: auditFiles(plan.path) };
}

/** What a process keeps that serves, to put files away that are full. Of the key it has what it needs. */
export function auditKept(plan: AuditPlan | null): KeptPaths {
  return plan === null ? {} : { read: auditFiles(plan.path), write: auditFiles(plan.path) };
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
