/**
 * Reading and writing. This is the hot path: a read that was read ahead allocates one view and takes 0.3 µs, while an
 * operation of the broker takes some microseconds, so numbers carry both results here: 0 and above are bytes moved,
 * below are error numbers, negated.
 */
import type { Caller, WasiFunctions } from "./caller.ts";
import type { FileDescriptor, StreamDescriptor } from "./descriptors.ts";
import { FD_FLAGS, LARGEST_OFFSET } from "./file_flags.ts";
import { RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { APPEND } from "../protocol/operations.ts";

/** Bytes that an operation moves at least, if the file has them: a shorter answer to more tells nothing of its end. */
const SURE = 64 * 1024;

/** A file or stream that can be read, or written; else an error number. POSIX has `badf` for the wrong direction. */
function opened(caller: Caller, fd: number, right: number): FileDescriptor | StreamDescriptor | number {
  const descriptor = caller.process.descriptors.get(fd);
  if (descriptor === undefined) return ERRNO.badf;
  if (descriptor.kind !== "file" && descriptor.kind !== "stream") return ERRNO.isdir;
  return (descriptor.rights & right) === 0 ? ERRNO.badf : descriptor;
}

/** Like `opened()`, for what works at an offset of the guest's choice. */
function positioned(caller: Caller, fd: number, right: number): FileDescriptor | number {
  const descriptor = opened(caller, fd, right);
  if (typeof descriptor === "number") return descriptor;
  if (descriptor.kind === "stream") return ERRNO.spipe;
  return (descriptor.rights & RIGHTS.fd_seek) === 0 ? ERRNO.notcapable : descriptor;
}

/** The pieces of memory and the place of the count, checked. Returns an error number. */
function prepare(caller: Caller, pieces: { at: number; count: number }, result: number): number {
  const { memory, process } = caller;
  if (!memory.holds(result, 4)) return ERRNO.fault;
  return process.iovecs.load(memory, pieces.at, pieces.count);
}

/** Ends a call that moved `count` bytes, or failed. */
function finish(caller: Caller, count: number, result: number): number {
  if (count < 0) return -count;
  caller.memory.setU32(result, count);
  return ERRNO.success;
}

/** Reads into the pieces; less than they hold at the end of the file alone, or when the guest is to stop. */
function readFile(caller: Caller, file: FileDescriptor, offset: number): number {
  const { memory, process } = caller, { iovecs, readAheads, host } = process, { ahead } = file;
  let done = 0;
  while (iovecs.remaining > 0) {
    const held = readAheads.held(ahead, offset + done);
    if (held !== undefined) {
      done += iovecs.scatter(memory, held);
      continue;
    }
    if (done > 0 && !host.mayGoOn()) break;
    const window = readAheads.wish(ahead, offset, iovecs.remaining), at = offset + done;
    const length = window > 0 ? window : Math.min(iovecs.remaining, host.room);
    const stamp = window > 0 ? readAheads.stamp(ahead.file) : 0;
    const answer = caller.perform("read", { descriptor: file.handle, offset: at, length });
    if (answer.reply === undefined) {
      if (done === 0) return -answer.errno;
      break;
    }
    const { bytes } = answer.reply;
    if (window > 0) readAheads.keep(ahead, bytes, { offset: at, stamp });
    done += iovecs.scatter(memory, bytes);
    if (bytes.length < Math.min(length, SURE)) break;
  }
  readAheads.note(ahead, offset, done);
  return done;
}

/** Reads standard input once: what is there, however little. */
function readInput(caller: Caller, stream: StreamDescriptor): number {
  const { memory, process } = caller, { iovecs, host } = process;
  if (iovecs.remaining === 0) return 0;
  host.flushOutput();
  if ((stream.flags & FD_FLAGS.nonblock) !== 0) {
    const polled = caller.perform("pollInput", { timeout: 0 });
    if (polled.reply === undefined) return -polled.errno;
    if (polled.reply.ready === 0) return -ERRNO.again;
  }
  const answer = caller.perform("readInput", { length: Math.min(iovecs.remaining, host.room) });
  return answer.reply === undefined ? -answer.errno : iovecs.scatter(memory, answer.reply.bytes);
}

/** Writes the pieces; less than they hold when something fails behind the first bytes, or the guest is to stop. */
function writeFile(
  caller: Caller,
  file: FileDescriptor,
  { offset, moves }: { readonly offset: number; readonly moves: boolean },
): number {
  const { memory, process } = caller, { iovecs, readAheads, host } = process;
  const appends = (file.flags & FD_FLAGS.append) !== 0;
  let done = 0;
  while (iovecs.remaining > 0 && (done === 0 || host.mayGoOn())) {
    // The length is taken now: should the memory grow meanwhile, the view of it has none any more.
    const bytes = iovecs.next(memory, host.room), { length } = bytes;
    const at = appends ? APPEND : offset + done;
    const answer = caller.perform("write", { descriptor: file.handle, offset: at, bytes });
    readAheads.forget(file.ahead.file);
    if (answer.reply === undefined) {
      if (done === 0) return -answer.errno;
      break;
    }
    const { written, end } = answer.reply;
    done += Math.min(written, length);
    if (moves) file.position = end;
    if (written < length) break;
  }
  return done > 0 ? synchronised(caller, file, done) : done;
}

/** Has what was written reach the disk if the descriptor promises that. */
function synchronised(caller: Caller, file: FileDescriptor, count: number): number {
  const { dsync, rsync, sync } = FD_FLAGS;
  if ((file.flags & (dsync | rsync | sync)) === 0) return count;
  const metadata = (file.flags & (rsync | sync)) === 0 ? 0 : 1;
  const { errno } = caller.perform("sync", { descriptor: file.handle, metadata });
  return errno === ERRNO.success ? count : -errno;
}

/** Hands the pieces to the output. */
function writeOutput(caller: Caller, stream: 1 | 2): number {
  const { memory, process } = caller, { iovecs, host } = process;
  let done = 0;
  while (iovecs.remaining > 0 && (done === 0 || host.mayGoOn())) {
    const bytes = iovecs.take(memory, host.room);
    done += bytes.length;
    host.output(stream, bytes);
  }
  return done;
}

/** Reading, writing, and where. */
export const FD_IO: WasiFunctions<
  "fd_read" | "fd_pread" | "fd_write" | "fd_pwrite" | "fd_seek" | "fd_tell"
> = {
  fd_read(caller, fd, iovecs, count, result) {
    const descriptor = opened(caller, fd, RIGHTS.fd_read);
    if (typeof descriptor === "number") return descriptor;
    const errno = prepare(caller, { at: iovecs, count }, result);
    if (errno !== ERRNO.success) return errno;
    if (descriptor.kind === "stream") return finish(caller, readInput(caller, descriptor), result);
    const done = readFile(caller, descriptor, descriptor.position);
    if (done > 0) descriptor.position += done;
    return finish(caller, done, result);
  },

  fd_pread(caller, fd, iovecs, count, offset, result) {
    const file = positioned(caller, fd, RIGHTS.fd_read);
    if (typeof file === "number") return file;
    const errno = prepare(caller, { at: iovecs, count }, result);
    if (errno !== ERRNO.success) return errno;
    if (offset > LARGEST_OFFSET) return ERRNO.inval;
    return finish(caller, readFile(caller, file, Number(offset)), result);
  },

  fd_write(caller, fd, iovecs, count, result) {
    const descriptor = opened(caller, fd, RIGHTS.fd_write);
    if (typeof descriptor === "number") return descriptor;
    const errno = prepare(caller, { at: iovecs, count }, result);
    if (errno !== ERRNO.success) return errno;
    if (descriptor.kind === "stream") {
      return finish(
        caller,
        descriptor.stream === 0 ? -ERRNO.badf : writeOutput(caller, descriptor.stream),
        result,
      );
    }
    const done = writeFile(caller, descriptor, { offset: descriptor.position, moves: true });
    return finish(caller, done, result);
  },

  fd_pwrite(caller, fd, iovecs, count, offset, result) {
    const file = positioned(caller, fd, RIGHTS.fd_write);
    if (typeof file === "number") return file;
    const errno = prepare(caller, { at: iovecs, count }, result);
    if (errno !== ERRNO.success) return errno;
    if (offset > LARGEST_OFFSET) return ERRNO.fbig;
    return finish(caller, writeFile(caller, file, { offset: Number(offset), moves: false }), result);
  },

  fd_seek(caller, fd, offset, whence, result) {
    const { memory, process, abi } = caller, file = process.descriptors.file(fd, RIGHTS.fd_seek);
    if (typeof file === "number") return file;
    if (!memory.holds(result, 8)) return ERRNO.fault;
    const from = abi.whence[whence];
    if (from === undefined) return ERRNO.inval;
    let base = from === "current" ? file.position : 0;
    if (from === "end") {
      const { errno, reply } = caller.perform("stat", { descriptor: file.handle });
      if (reply === undefined) return errno;
      base = reply.size;
    }
    const position = BigInt(base) + BigInt.asIntN(64, offset);
    if (position < 0n) return ERRNO.inval;
    if (position > LARGEST_OFFSET) return ERRNO.overflow;
    file.position = Number(position);
    memory.setU64(result, position);
    return ERRNO.success;
  },

  fd_tell(caller, fd, result) {
    const { memory, process } = caller;
    const file = process.descriptors.file(fd, RIGHTS.fd_tell | RIGHTS.fd_seek);
    if (typeof file === "number") return file;
    if (!memory.holds(result, 8)) return ERRNO.fault;
    memory.setU64(result, BigInt(file.position));
    return ERRNO.success;
  },
};
