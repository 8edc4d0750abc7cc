/** What can be said and changed about a descriptor, beside reading and writing. */
import type { Caller, WasiFunctions } from "./caller.ts";
import { type Descriptor, type FileDescriptor, handleOf } from "./descriptors.ts";
import { ALL_FD_FLAGS, LARGEST_OFFSET } from "./file_flags.ts";
import { badTimes, bareStat, writeFilestat } from "./filestat.ts";
import { knownRights, RIGHTS, within } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FILE_TYPES } from "../protocol/operations.ts";

/** Bytes of an `fdstat`: u8 type | 2 u16 flags | 8 u64 rights | 16 u64 inheriting rights. */
const FDSTAT_SIZE = 24;

/** Bytes of a `prestat`: u8 0 for a directory | 4 u32 length of its name. */
const PRESTAT_SIZE = 8;

/** The kinds of advice are numbered from 0. */
const MOST_ADVICE = 5;

const GREATEST_I64 = 2n ** 63n - 1n;

/** The type that a guest sees. A stream that is no terminal is nothing in particular. */
function typeOf(descriptor: Descriptor): (typeof FILE_TYPES)[keyof typeof FILE_TYPES] {
  if (descriptor.kind === "file") return FILE_TYPES.regularFile;
  if (descriptor.kind !== "stream") return FILE_TYPES.directory;
  return descriptor.terminal ? FILE_TYPES.characterDevice : FILE_TYPES.unknown;
}

/** Writes a file's content to the disk, and with `metadata` what is known about it, too. Returns an error number. */
function synchronise(caller: Caller, fd: number, wanted: { rights: number; metadata: 0 | 1 }): number {
  const descriptor = caller.process.descriptors.get(fd);
  if (descriptor === undefined) return ERRNO.badf;
  const handle = handleOf(descriptor);
  if (handle === undefined) return ERRNO.inval;
  if ((descriptor.rights & wanted.rights) === 0) return ERRNO.notcapable;
  return caller.perform("sync", { descriptor: handle, metadata: wanted.metadata }).errno;
}

/** The file that a range is about, given that the range can exist; else an error number. */
function rangeOf(
  caller: Caller,
  fd: number,
  { right, offset, length }: { right: number; offset: bigint; length: bigint },
): FileDescriptor | number {
  const file = caller.process.descriptors.file(fd, right);
  if (typeof file === "number") return file;
  return offset > GREATEST_I64 || length > GREATEST_I64 ? ERRNO.inval : file;
}

/** The name of a preopened directory; undefined for all else. */
function guestPathOf(caller: Caller, fd: number): Uint8Array | undefined {
  const descriptor = caller.process.descriptors.get(fd);
  return descriptor !== undefined && "guestPath" in descriptor ? descriptor.guestPath : undefined;
}

export const FD_METADATA: WasiFunctions<
  | "fd_advise"
  | "fd_allocate"
  | "fd_close"
  | "fd_datasync"
  | "fd_fdstat_get"
  | "fd_fdstat_set_flags"
  | "fd_fdstat_set_rights"
  | "fd_filestat_get"
  | "fd_filestat_set_size"
  | "fd_filestat_set_times"
  | "fd_prestat_get"
  | "fd_prestat_dir_name"
  | "fd_renumber"
  | "fd_sync"
> = {
  /** Advice is checked and not followed: reading ahead goes by what a program does. */
  fd_advise(caller, fd, offset, length, advice) {
    const file = rangeOf(caller, fd, { right: RIGHTS.fd_advise, offset, length });
    if (typeof file === "number") return file;
    return advice > MOST_ADVICE ? ERRNO.inval : ERRNO.success;
  },

  fd_allocate(caller, fd, offset, length) {
    const file = rangeOf(caller, fd, { right: RIGHTS.fd_allocate, offset, length });
    if (typeof file === "number") return file;
    if (length === 0n) return ERRNO.inval;
    if (offset + length > LARGEST_OFFSET) return ERRNO.fbig;
    caller.process.readAheads.forget(file.ahead.file);
    return caller.perform("allocate", {
      descriptor: file.handle,
      offset: Number(offset),
      length: Number(length),
    }).errno;
  },

  /** Streams and preopened directories can be closed, too; their numbers are free then. */
  fd_close({ process }, fd) {
    const descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    process.descriptors.remove(fd);
    return process.discard(descriptor);
  },

  fd_datasync(caller, fd) {
    return synchronise(caller, fd, { rights: RIGHTS.fd_datasync | RIGHTS.fd_sync, metadata: 0 });
  },

  fd_fdstat_get({ memory, process }, fd, result) {
    const descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if (!memory.holds(result, FDSTAT_SIZE)) return ERRNO.fault;
    memory.fill(result, FDSTAT_SIZE);
    memory.setU8(result, typeOf(descriptor));
    memory.setU16(result + 2, descriptor.flags);
    memory.setU64(result + 8, BigInt(descriptor.rights));
    memory.setU64(result + 16, BigInt(descriptor.inheriting));
    return ERRNO.success;
  },

  fd_fdstat_set_flags({ process }, fd, flags) {
    const descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if ((descriptor.rights & RIGHTS.fd_fdstat_set_flags) === 0) return ERRNO.notcapable;
    if (flags > ALL_FD_FLAGS) return ERRNO.inval;
    descriptor.flags = flags;
    return ERRNO.success;
  },

  /** Rights can be given up alone. */
  fd_fdstat_set_rights({ process }, fd, rights, inheriting) {
    const descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if (!within(rights, descriptor.rights) || !within(inheriting, descriptor.inheriting)) {
      return ERRNO.notcapable;
    }
    descriptor.rights = knownRights(rights);
    descriptor.inheriting = knownRights(inheriting);
    return ERRNO.success;
  },

  fd_filestat_get(caller, fd, result) {
    const { memory, process, abi } = caller, descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if (!memory.holds(result, abi.filestat.size)) return ERRNO.fault;
    if ((descriptor.rights & RIGHTS.fd_filestat_get) === 0) return ERRNO.notcapable;
    const handle = handleOf(descriptor);
    if (handle === undefined) {
      writeFilestat(memory, result, { stat: bareStat(typeOf(descriptor)), abi });
      return ERRNO.success;
    }
    const { errno, reply } = caller.perform("stat", { descriptor: handle });
    if (reply !== undefined) writeFilestat(memory, result, { stat: reply, abi });
    return errno;
  },

  fd_filestat_set_size(caller, fd, size) {
    const file = caller.process.descriptors.file(fd, RIGHTS.fd_filestat_set_size);
    if (typeof file === "number") return file;
    if (size > LARGEST_OFFSET) return ERRNO.fbig;
    caller.process.readAheads.forget(file.ahead.file);
    return caller.perform("setSize", { descriptor: file.handle, size: Number(size) }).errno;
  },

  fd_filestat_set_times(caller, fd, accessed, modified, flags) {
    const descriptor = caller.process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if ((descriptor.rights & RIGHTS.fd_filestat_set_times) === 0) return ERRNO.notcapable;
    if (badTimes(flags, accessed, modified)) return ERRNO.inval;
    const handle = handleOf(descriptor);
    if (handle === undefined) return ERRNO.notcapable;
    return caller.perform("setTimes", { descriptor: handle, accessed, modified, flags }).errno;
  },

  fd_prestat_get(caller, fd, result) {
    const name = guestPathOf(caller, fd), { memory } = caller;
    if (name === undefined) return ERRNO.badf;
    if (!memory.holds(result, PRESTAT_SIZE)) return ERRNO.fault;
    memory.setU32(result, 0);
    memory.setU32(result + 4, name.length);
    return ERRNO.success;
  },

  fd_prestat_dir_name(caller, fd, at, length) {
    const name = guestPathOf(caller, fd), { memory } = caller;
    if (name === undefined) return ERRNO.badf;
    if (!memory.holds(at, length)) return ERRNO.fault;
    if (length < name.length) return ERRNO.nametoolong;
    memory.put(at, name);
    return ERRNO.success;
  },

  /** The number `to` must be in use; what it named, be it a stream or a preopened directory, is closed. */
  fd_renumber({ process }, from, to) {
    const { descriptors } = process, replaced = descriptors.get(to);
    if (descriptors.get(from) === undefined || replaced === undefined) return ERRNO.badf;
    if (from === to) return ERRNO.success;
    descriptors.move(from, to);
    process.discard(replaced);
    return ERRNO.success;
  },

  fd_sync(caller, fd) {
    return synchronise(caller, fd, { rights: RIGHTS.fd_sync, metadata: 1 });
  },
};
