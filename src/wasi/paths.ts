/** What is done to paths, beside opening them. Where a path may lead is the broker's to decide. */
import type { Caller, WasiFunctions } from "./caller.ts";
import { FOLLOW } from "./file_flags.ts";
import { badTimes, writeFilestat } from "./filestat.ts";
import { type GivenPath, placeOf } from "./place.ts";
import { RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";

const ENCODER = new TextEncoder();

/** An operation that a directory and a path are all of. Returns an error number. */
function changeAt(
  caller: Caller,
  given: GivenPath,
  change: { name: "createDirectory" | "removeDirectory" | "unlink"; right: number },
): number {
  const place = placeOf(caller, given, { rights: change.right, write: true });
  if (typeof place === "number") return place;
  return caller.perform(change.name, { directory: place.directory, path: place.path }).errno;
}

export const PATHS: WasiFunctions<
  | "path_create_directory"
  | "path_filestat_get"
  | "path_filestat_set_times"
  | "path_link"
  | "path_readlink"
  | "path_remove_directory"
  | "path_rename"
  | "path_symlink"
  | "path_unlink_file"
> = {
  path_create_directory(caller, fd, at, length) {
    const right = RIGHTS.path_create_directory;
    return changeAt(caller, { fd, at, length }, { name: "createDirectory", right });
  },

  path_remove_directory(caller, fd, at, length) {
    const right = RIGHTS.path_remove_directory;
    return changeAt(caller, { fd, at, length }, { name: "removeDirectory", right });
  },

  path_unlink_file(caller, fd, at, length) {
    return changeAt(caller, { fd, at, length }, { name: "unlink", right: RIGHTS.path_unlink_file });
  },

  path_filestat_get(caller, fd, lookup, at, length, result) {
    const { memory, abi } = caller;
    if (!memory.holds(result, abi.filestat.size)) return ERRNO.fault;
    if (lookup > FOLLOW) return ERRNO.inval;
    const place = placeOf(caller, { fd, at, length }, { rights: RIGHTS.path_filestat_get, write: false });
    if (typeof place === "number") return place;
    const { directory, path } = place;
    const { errno, reply } = caller.perform("statAt", { directory, path, follow: lookup });
    if (reply !== undefined) writeFilestat(memory, result, { stat: reply, abi });
    return errno;
  },

  path_filestat_set_times(caller, fd, lookup, at, length, accessed, modified, flags) {
    if (lookup > FOLLOW || badTimes(flags, accessed, modified)) return ERRNO.inval;
    const place = placeOf(caller, { fd, at, length }, {
      rights: RIGHTS.path_filestat_set_times,
      write: true,
    });
    if (typeof place === "number") return place;
    const { directory, path } = place;
    return caller.perform("setTimesAt", { directory, path, follow: lookup, accessed, modified, flags }).errno;
  },

  path_link(caller, fd, lookup, at, length, toFd, toAt, toLength) {
    if (lookup > FOLLOW) return ERRNO.inval;
    const from = placeOf(caller, { fd, at, length }, { rights: RIGHTS.path_link_source, write: true });
    if (typeof from === "number") return from;
    const given = { fd: toFd, at: toAt, length: toLength };
    const to = placeOf(caller, given, { rights: RIGHTS.path_link_target, write: true });
    if (typeof to === "number") return to;
    return caller.perform("link", {
      directory: from.directory,
      path: from.path,
      follow: lookup,
      toDirectory: to.directory,
      toPath: to.path,
    }).errno;
  },

  path_rename(caller, fd, at, length, toFd, toAt, toLength) {
    const from = placeOf(caller, { fd, at, length }, { rights: RIGHTS.path_rename_source, write: true });
    if (typeof from === "number") return from;
    const given = { fd: toFd, at: toAt, length: toLength };
    const to = placeOf(caller, given, { rights: RIGHTS.path_rename_target, write: true });
    if (typeof to === "number") return to;
    return caller.perform("rename", {
      directory: from.directory,
      path: from.path,
      toDirectory: to.directory,
      toPath: to.path,
    }).errno;
  },

  /** Puts the beginning of the link's text into the buffer if it does not hold all. */
  path_readlink(caller, fd, at, length, buffer, size, result) {
    const { memory } = caller;
    if (!memory.holds(buffer, size) || !memory.holds(result, 4)) return ERRNO.fault;
    const place = placeOf(caller, { fd, at, length }, { rights: RIGHTS.path_readlink, write: false });
    if (typeof place === "number") return place;
    const { errno, reply } = caller.perform("readLink", { directory: place.directory, path: place.path });
    if (reply === undefined) return errno;
    const text = ENCODER.encode(reply.target).subarray(0, size);
    memory.put(buffer, text);
    memory.setU32(result, text.length);
    return ERRNO.success;
  },

  /** The target is only text here: nobody follows it now. */
  path_symlink(caller, targetAt, targetLength, fd, at, length) {
    const target = caller.path(targetAt, targetLength);
    if (typeof target === "number") return target;
    const place = placeOf(caller, { fd, at, length }, { rights: RIGHTS.path_symlink, write: true });
    if (typeof place === "number") return place;
    return caller.perform("symlink", { target, directory: place.directory, path: place.path }).errno;
  },
};
