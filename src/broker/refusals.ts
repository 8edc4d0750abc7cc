import type { AuditEvent } from "../core/audit.ts";
import type { ErrnoName } from "../protocol/errno.ts";
import { OperationError } from "../protocol/operations.ts";

/**
 * Why the broker refuses what the system would have done, and the error number that the guest gets. A path that leads out
 * of its directory is `perm`, as in wasmtime; `notcapable` says that the broker itself was not given the power. `flag`: whether
 * a larger grant would help.
 */
export const REFUSALS = {
  escape: { errno: "perm", reason: "the path leads out of the directory that was granted", flag: false },
  notRead: { errno: "acces", reason: "the directory was granted without reading", flag: true },
  readOnly: { errno: "rofs", reason: "the directory was granted for reading only", flag: true },
  notWrite: { errno: "acces", reason: "the directory was granted without writing", flag: true },
  notCreate: { errno: "acces", reason: "the directory was granted without creating", flag: true },
  notDelete: { errno: "acces", reason: "the directory was granted without deleting", flag: true },
  otherName: { errno: "acces", reason: "single files were granted, and this is none of them", flag: true },
  special: { errno: "acces", reason: "only regular files and directories can be opened", flag: false },
  symlink: { errno: "perm", reason: "symbolic links cannot be made", flag: false },
  acrossMounts: {
    errno: "xdev",
    reason: "files cannot be linked or renamed from one grant into another",
    flag: false,
  },
  notPermitted: { errno: "notcapable", reason: "the files broker has no permission for it", flag: true },
  openFiles: { errno: "mfile", reason: "the limit openFiles is reached", flag: false },
  fileSize: { errno: "fbig", reason: "the file would be larger than a file may be", flag: false },
  created: { errno: "dquot", reason: "the files that may be made are used up", flag: false },
  written: { errno: "dquot", reason: "the bytes that may be written are used up", flag: false },
  read: { errno: "dquot", reason: "the bytes that may be read are used up", flag: false },
} as const satisfies Record<string, { errno: ErrnoName; reason: string; flag: boolean }>;

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
    super(REFUSALS[refusal].errno);
  }
}
