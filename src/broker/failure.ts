/**
 * What a guest learns of a failure: an error number, never a message, since messages name host paths. What is not known
 * is `io`.
 */
import type { ErrnoName } from "../protocol/errno.ts";
import { FrameError } from "../protocol/frame.ts";
import { OperationError } from "../protocol/operations.ts";

/** By `code` of the error, where the system gave one. */
const BY_CODE: ReadonlyMap<unknown, ErrnoName> = new Map<unknown, ErrnoName>([
  ["EACCES", "acces"],
  ["EAGAIN", "again"],
  ["EBADF", "badf"],
  ["EBUSY", "busy"],
  ["EDQUOT", "dquot"],
  ["EEXIST", "exist"],
  ["EFBIG", "fbig"],
  ["EINTR", "intr"],
  ["EINVAL", "inval"],
  ["EIO", "io"],
  ["EISDIR", "isdir"],
  ["ELOOP", "loop"],
  ["EMFILE", "nfile"],
  ["EMLINK", "mlink"],
  ["ENAMETOOLONG", "nametoolong"],
  ["ENFILE", "nfile"],
  ["ENOENT", "noent"],
  ["ENOMEM", "nomem"],
  ["ENOSPC", "nospc"],
  ["ENOSYS", "nosys"],
  ["ENOTDIR", "notdir"],
  ["ENOTEMPTY", "notempty"],
  ["ENOTSUP", "notsup"],
  ["EOPNOTSUPP", "notsup"],
  ["EPERM", "perm"],
  ["EROFS", "rofs"],
  ["ESPIPE", "spipe"],
  ["ETXTBSY", "txtbsy"],
  ["EXDEV", "xdev"],
]);

/** By the class of the error, where there was no code. */
const BY_NAME: ReadonlyMap<string, ErrnoName> = new Map<string, ErrnoName>([
  ["AlreadyExists", "exist"],
  ["BadResource", "badf"],
  ["Busy", "busy"],
  ["FilesystemLoop", "loop"],
  ["IsADirectory", "isdir"],
  ["NotADirectory", "notdir"],
  ["NotCapable", "notcapable"],
  ["NotFound", "noent"],
  ["NotSupported", "notsup"],
  ["PermissionDenied", "acces"],
  ["WouldBlock", "again"],
]);

/** By the system's number, for those that come without a code; these are the same on every Unix. */
const BY_NUMBER: ReadonlyMap<string | undefined, ErrnoName> = new Map<string, ErrnoName>([
  ["23", "nfile"],
  ["24", "nfile"],
  ["26", "txtbsy"],
  ["27", "fbig"],
  ["28", "nospc"],
  ["30", "rofs"],
  ["31", "mlink"],
]);

/**
 * The error number for anything that was thrown. That this process has too many files open is `nfile`, since `mfile` says
 * that the guest has.
 */
export function errnoOf(error: unknown): ErrnoName {
  if (error instanceof OperationError) return error.errno;
  if (error instanceof FrameError) return "inval";
  if (!(error instanceof Error)) return "io";
  const code = "code" in error ? BY_CODE.get(error.code) : undefined;
  return code ?? BY_NAME.get(error.name) ?? BY_NUMBER.get(/\(os error (\d+)\)/.exec(error.message)?.[1]) ??
    "io";
}
