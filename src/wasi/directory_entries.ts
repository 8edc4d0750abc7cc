import type { Caller, WasiFunctions } from "./caller.ts";
import type { DirectoryDescriptor, RootDescriptor } from "./descriptors.ts";
import { RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { type DirectoryEntry, FILE_TYPES, OPERATION_OVERHEAD } from "../protocol/operations.ts";

/** Bytes of a `dirent`: u64 next cookie | 8 u64 inode | 16 u32 length of the name | 20 u8 type; the name follows. */
const DIRENT_SIZE = 24;

/** Entries that one operation fetches at most, and bytes that one takes in it at most: names have 255. */
const MOST_ENTRIES = 256, ENTRY_SIZE = 300;

/** What the `/` that holds nothing holds. */
const ROOT_ENTRIES: readonly DirectoryEntry[] = [".", ".."].map((name) => ({
  name,
  inode: 0n,
  type: FILE_TYPES.directory,
}));

const ENCODER = new TextEncoder();

/** A place in the guest's memory that is being filled. */
interface Buffer {
  readonly at: number;
  readonly size: number;
  used: number;
}

/** Appends what fits of bytes. */
function append(caller: Caller, buffer: Buffer, bytes: Uint8Array): void {
  const count = Math.min(bytes.length, buffer.size - buffer.used);
  caller.memory.put(buffer.at + buffer.used, count === bytes.length ? bytes : bytes.subarray(0, count));
  buffer.used += count;
}

/** Appends what fits of an entry; its cookie is one more than its index. */
function appendEntry(
  caller: Caller,
  buffer: Buffer,
  { entry, index }: { readonly entry: DirectoryEntry; readonly index: number },
): void {
  const name = ENCODER.encode(entry.name), head = new DataView(new ArrayBuffer(DIRENT_SIZE));
  head.setBigUint64(0, BigInt(index + 1), true);
  head.setBigUint64(8, entry.inode, true);
  head.setUint32(16, name.length, true);
  head.setUint32(20, entry.type, true);
  append(caller, buffer, new Uint8Array(head.buffer));
  append(caller, buffer, name);
}

/**
 * The entries from `index` on, at least one, none at the end; those fetched last serve again. The broker takes the
 * listing anew when entry 0 is asked for, and so do we.
 *
 * @returns an error number
 */
function entriesFrom(
  caller: Caller,
  directory: DirectoryDescriptor | RootDescriptor,
  index: number,
): readonly DirectoryEntry[] | number {
  if (directory.kind === "root") return ROOT_ENTRIES.slice(index);
  const { listing } = directory;
  if (index > 0 && listing !== undefined) {
    const from = index - listing.start;
    if (from >= 0 && from < listing.entries.length) return listing.entries.slice(from);
  }
  const { room } = caller.process.host;
  const most = Math.max(1, Math.min(MOST_ENTRIES, Math.floor((room - OPERATION_OVERHEAD) / ENTRY_SIZE)));
  const { errno, reply } = caller.perform("readDirectory", {
    descriptor: directory.handle,
    cookie: index,
    most,
  });
  if (reply === undefined) return errno;
  directory.listing = { start: index, entries: reply.entries };
  return reply.entries;
}

/** Fills the buffer with entries from `index` on. Returns an error number. */
function list(
  caller: Caller,
  directory: DirectoryDescriptor | RootDescriptor,
  { buffer, index }: { buffer: Buffer; index: number },
): number {
  for (let next = index; buffer.used < buffer.size;) {
    const entries = entriesFrom(caller, directory, next);
    if (typeof entries === "number") return buffer.used > 0 ? ERRNO.success : entries;
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (buffer.used >= buffer.size) break;
      appendEntry(caller, buffer, { entry, index: next++ });
    }
    if (!caller.process.host.mayGoOn()) break;
  }
  return ERRNO.success;
}

export const DIRECTORY_ENTRIES: WasiFunctions<"fd_readdir"> = {
  /** A buffer that is not full says that the directory has ended; in a full one the last entry may be cut. */
  fd_readdir(caller, fd, at, size, cookie, result) {
    const { memory, process } = caller, descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) return ERRNO.badf;
    if (descriptor.kind === "file" || descriptor.kind === "stream") return ERRNO.notdir;
    if ((descriptor.rights & RIGHTS.fd_readdir) === 0) return ERRNO.notcapable;
    if (!memory.holds(at, size) || !memory.holds(result, 4)) return ERRNO.fault;
    const buffer: Buffer = { at, size, used: 0 };
    // No listing has so many entries: one that begins there has ended.
    if (cookie <= Number.MAX_SAFE_INTEGER) {
      const errno = list(caller, descriptor, { buffer, index: Number(cookie) });
      if (errno !== ERRNO.success) return errno;
    }
    memory.setU32(result, buffer.used);
    return ERRNO.success;
  },
};
