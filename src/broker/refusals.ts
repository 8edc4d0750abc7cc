import type { AuditEvent } from "../core/audit.ts";
import { cutText } from "../core/cut.ts";
import { quote } from "../core/quote.ts";
import type { ErrnoName } from "../protocol/errno.ts";
import { type MissingGrant, OperationError } from "../protocol/operations.ts";

/**
 * Why the broker refuses what the system would have done, and the error number that the guest gets. A path that leads out
 * of its directory is `perm`, as in wasmtime; `notcapable` says that the broker itself was not given the power. `flag`: whether
 * a larger grant would help. `grant`: whether it is refused for want of a grant, rather than for a quota or for what nobody
 * is granted.
 */
export const REFUSALS = {
  escape: {
    errno: "perm",
    reason: "the path leads out of the directory that was granted",
    flag: false,
    grant: true,
  },
  notRead: { errno: "acces", reason: "the directory was granted without reading", flag: true, grant: true },
  readOnly: { errno: "rofs", reason: "the directory was granted for reading only", flag: true, grant: true },
  notWrite: { errno: "acces", reason: "the directory was granted without writing", flag: true, grant: true },
  notCreate: {
    errno: "acces",
    reason: "the directory was granted without creating",
    flag: true,
    grant: true,
  },
  notDelete: {
    errno: "acces",
    reason: "the directory was granted without deleting",
    flag: true,
    grant: true,
  },
  otherName: {
    errno: "acces",
    reason: "single files were granted, and this is none of them",
    flag: true,
    grant: true,
  },
  special: {
    errno: "acces",
    reason: "only regular files and directories can be opened",
    flag: false,
    grant: false,
  },
  symlink: { errno: "perm", reason: "symbolic links cannot be made", flag: false, grant: false },
  acrossMounts: {
    errno: "xdev",
    reason: "files cannot be linked or renamed from one grant into another",
    flag: false,
    grant: false,
  },
  notPermitted: {
    errno: "notcapable",
    reason: "the files broker has no permission for it",
    flag: true,
    grant: true,
  },
  openFiles: { errno: "mfile", reason: "the limit openFiles is reached", flag: false, grant: false },
  fileSize: {
    errno: "fbig",
    reason: "the file would be larger than a file may be",
    flag: false,
    grant: false,
  },
  created: { errno: "dquot", reason: "the files that may be made are used up", flag: false, grant: false },
  written: { errno: "dquot", reason: "the bytes that may be written are used up", flag: false, grant: false },
  read: { errno: "dquot", reason: "the bytes that may be read are used up", flag: false, grant: false },
} as const satisfies Record<string, { errno: ErrnoName; reason: string; flag: boolean; grant: boolean }>;

/** The name of a reason. */
export type Refusal = keyof typeof REFUSALS;

/** What a decision was about, as an event tells it. */
export interface Decision extends Pick<AuditEvent, "action" | "target"> {
  /** The flag that would allow it. */
  readonly flag: string;
}

/** An operation that was refused, and what is told of it. */
export class Refused extends OperationError {
  constructor(readonly refusal: Refusal, readonly decision: Decision) {
    super(REFUSALS[refusal].errno, missingOf(refusal, decision));
  }
}

/** Longest path that is told with a reason, in UTF-16 units. */
const LONGEST_PATH = 60;

function missingOf(refusal: Refusal, { action, target, flag }: Decision): MissingGrant | undefined {
  const row = REFUSALS[refusal];
  if (!row.grant) return undefined;
  const reason = `${row.reason}: ${quote(cutText(target, LONGEST_PATH))}`;
  return { capability: "filesystem", action, reason, hint: row.flag ? `Grant it: ${flag}.` : "" };
}
