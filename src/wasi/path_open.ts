import type { Caller, WasiFunctions } from "./caller.ts";
import { openedDescriptor } from "./descriptors.ts";
import { ALL_FD_FLAGS, ALL_OPEN_BITS, FOLLOW, OPEN_BITS } from "./file_flags.ts";
import { type Place, placeOf } from "./place.ts";
import { knownRights, RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FILE_TYPES, OPEN_FLAGS } from "../protocol/operations.ts";

/** How a path is to be opened: bits of the specification. */
interface Opening {
  readonly lookup: number;
  readonly bits: number;
  readonly flags: number;
  /** Rights asked for, those dropped that the directory does not pass on. */
  readonly rights: number;
  readonly inheriting: number;
}

/** Whether bits mean nothing, or contradict each other: no directory is made or emptied by opening it. */
function contradicts(lookup: number, bits: number, flags: number): boolean {
  if (lookup > FOLLOW || bits > ALL_OPEN_BITS || flags > ALL_FD_FLAGS) return true;
  const { create, directory, exclusive, truncate } = OPEN_BITS;
  return (bits & directory) !== 0 && (bits & (create | exclusive | truncate)) !== 0;
}

/** Whether to open for writing: to truncate is to write, whatever the rights say. */
function writes({ bits, rights }: Opening): boolean {
  return (rights & RIGHTS.fd_write) !== 0 || (bits & OPEN_BITS.truncate) !== 0;
}

/** The flags of the operation. What is opened for nothing is opened for reading, as the system wants one of both. */
function openFlags(opening: Opening): number {
  const { bits, lookup, rights } = opening, writing = writes(opening), creating = bits & OPEN_BITS.create;
  return ((rights & RIGHTS.fd_read) !== 0 || !writing ? OPEN_FLAGS.read : 0) |
    (writing ? OPEN_FLAGS.write : 0) |
    (creating !== 0 ? OPEN_FLAGS.create : 0) |
    (creating !== 0 && (bits & OPEN_BITS.exclusive) !== 0 ? OPEN_FLAGS.exclusive : 0) |
    ((bits & OPEN_BITS.truncate) !== 0 ? OPEN_FLAGS.truncate : 0) |
    ((bits & OPEN_BITS.directory) !== 0 ? OPEN_FLAGS.directory : 0) |
    (lookup === FOLLOW ? OPEN_FLAGS.follow : 0);
}

/** Opens and gives a number; a negated error number when that fails. */
function open(caller: Caller, place: Place, opening: Opening): number {
  const { process } = caller, { directory, path } = place;
  // Before it is asked for: an answer that never comes back must not leave it open in the next life.
  process.opened = true;
  const { errno, reply } = caller.perform("open", { directory, path, flags: openFlags(opening) });
  if (reply === undefined) return -errno;
  const descriptor = openedDescriptor(reply, { ...opening, origin: place.origin }),
    isDirectory = reply.type === FILE_TYPES.directory;
  if (isDirectory ? writes(opening) : (opening.bits & OPEN_BITS.directory) !== 0) {
    process.discard(descriptor);
    return isDirectory ? -ERRNO.isdir : -ERRNO.notdir;
  }
  if ((opening.bits & OPEN_BITS.truncate) !== 0) process.readAheads.forget(reply.file);
  return process.descriptors.add(descriptor);
}

export const PATH_OPEN: WasiFunctions<"path_open"> = {
  /**
   * Rights that the directory does not pass on are dropped, not refused: many programs ask for all there are, and see
   * with `fd_fdstat_get` what they got.
   */
  path_open(caller, fd, lookup, at, length, bits, rights, inheriting, flags, result) {
    const { memory, process } = caller;
    if (!memory.holds(result, 4)) return ERRNO.fault;
    if (contradicts(lookup, bits, flags)) return ERRNO.inval;
    const needs = RIGHTS.path_open | ((bits & OPEN_BITS.create) !== 0 ? RIGHTS.path_create_file : 0) |
      ((bits & OPEN_BITS.truncate) !== 0 ? RIGHTS.path_filestat_set_size : 0);
    const write = (bits & (OPEN_BITS.create | OPEN_BITS.truncate)) !== 0 ||
      (knownRights(rights) & RIGHTS.fd_write) !== 0;
    const place = placeOf(caller, { fd, at, length }, { rights: needs, write });
    if (typeof place === "number") return place;
    if (!process.descriptors.hasRoom) return ERRNO.mfile;
    const opened = open(caller, place, {
      lookup,
      bits,
      flags,
      rights: knownRights(rights) & place.inheriting,
      inheriting: knownRights(inheriting) & place.inheriting,
    });
    if (opened < 0) return -opened;
    memory.setU32(result, opened);
    return ERRNO.success;
  },
};
