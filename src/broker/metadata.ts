/** Operations on what the file system knows of files. */
import type { OpenedFile } from "./file_system.ts";
import type { FileOperation } from "./file_operation.ts";
import { hostIdentity, sameIdentity } from "./identity.ts";
import { mayDo, type MountState } from "./mount.ts";
import { Refused } from "./refusals.ts";
import type { Found } from "./resolve_path.ts";
import type { SandboxFiles, Sighting } from "./sandbox_files.ts";
import {
  FILE_TYPES,
  OperationError,
  type ReplyOf,
  type RequestOf,
  TIME_FLAGS,
} from "../protocol/operations.ts";

type Stat = ReplyOf<"stat">;

export const stat: FileOperation<"stat"> = (sandbox, { descriptor }) => {
  const open = sandbox.open.get(descriptor);
  if (open.kind === "file") {
    // Who writes a file gets to know its size anyway.
    const writes = open.writable &&
      (mayDo(open.mount.grant, "write") || open.created && mayDo(open.mount.grant, "create"));
    if (!writes) open.mount.demand("read", open.names);
    return statReply(sandbox, open.file.statSync());
  }
  open.mount.demand("read", open.names);
  const place = { directory: descriptor, path: undefined };
  return sandbox.locked(() =>
    replyOf(sandbox, sandbox.find(place, { last: "follow", action: "read" }).found)
  );
};

export const statAt: FileOperation<"statAt"> = (sandbox, request) => {
  sandbox.demand(request, "read");
  return sandbox.locked(() => {
    const sighting = sandbox.find(request, { last: request.follow ? "follow" : "look", action: "read" });
    const { found } = sighting;
    demandThere(found);
    sighting.prove();
    sandbox.allowed(found.mount.decision("read", found.names));
    return replyOf(sandbox, found);
  });
};

export const readLink: FileOperation<"readLink"> = (sandbox, request) => {
  sandbox.demand(request, "read");
  return sandbox.locked(() => {
    const { found } = sandbox.find(request, { last: "look", action: "read" }), { mount, names } = found;
    demandThere(found);
    if (found.kind !== "link") throw new OperationError("inval");
    const target = sandbox.shared.fs.readLink(mount.hostPath(names));
    // It could not be followed, and tells of the host.
    if (target.startsWith("/")) throw new Refused("escape", mount.decision("read", names));
    sandbox.allowed(mount.decision("read", names));
    return { target };
  });
};

type Times = Pick<RequestOf<"setTimes">, "accessed" | "modified" | "flags">;

export const setTimes: FileOperation<"setTimes"> = (sandbox, request) => {
  const open = sandbox.open.get(request.descriptor);
  open.mount.demand("write", open.names);
  const set = timeSetter(sandbox, request);
  // The system would let whoever has a file open set its times.
  open.mount.demandPermission(sandbox.shared.fs, "write", open.names);
  if (open.kind === "file") set(open.file);
  else sandbox.locked(() => openDirectory(sandbox, request.descriptor, set));
  return {};
};

export const setTimesAt: FileOperation<"setTimesAt"> = (sandbox, request) => {
  sandbox.demand(request, "write");
  const set = timeSetter(sandbox, request);
  sandbox.locked(() => {
    const sighting = sandbox.find(request, { last: request.follow ? "follow" : "look", action: "write" });
    const { found } = sighting, { mount, names } = found;
    demandThere(found);
    // The system offers no way to set the times of a link itself.
    if (found.kind === "link") throw new OperationError("notsup");
    if (found.kind === "special") throw new Refused("special", mount.decision("write", names));
    withOpened(sandbox, sighting, set);
    sandbox.allowed(mount.decision("write", names));
  });
  return {};
};

/** Opens a directory that a guest has open for as long as it takes to do something. Only while the path lock is held. */
export function openDirectory(
  sandbox: SandboxFiles,
  descriptor: number,
  use: (file: OpenedFile) => void,
): void {
  const sighting = sandbox.find({ directory: descriptor, path: undefined }, {
    last: "follow",
    action: "write",
  });
  if (sighting.found.stat === undefined) throw new OperationError("notsup"); // a directory that is made up
  withOpened(sandbox, sighting, use);
}

/** Opens what a path led to for as long as it takes to do something that needs no right to its content. */
function withOpened(
  sandbox: SandboxFiles,
  { found, prove }: Sighting,
  use: (file: OpenedFile) => void,
): void {
  const { fs } = sandbox.shared, { mount, names } = found;
  mount.demandPermission(fs, "read", names);
  mount.demandPermission(fs, "write", names);
  const file = fs.open(mount.hostPath(names), { read: true });
  try {
    const same = found.stat !== undefined &&
      sameIdentity(hostIdentity(file.statSync()), hostIdentity(found.stat));
    if (!same) throw new OperationError("noent");
    prove();
    use(file);
  } finally {
    file.close();
  }
}

/** @throws {OperationError} `noent`; `notdir` when a slash stands behind something else than a directory */
function demandThere(found: Found): void {
  if (found.kind === "missing") throw new OperationError("noent");
  if (found.slash && found.kind !== "directory") throw new OperationError("notdir");
}

/** What sets the times of an open file; a time that is not set stays, in whole milliseconds. */
function timeSetter(sandbox: SandboxFiles, times: Times): (file: OpenedFile) => void {
  const { flags } = times, { accessed, accessedNow, modified, modifiedNow } = TIME_FLAGS;
  const all = accessed | accessedNow | modified | modifiedNow;
  const both = (bits: number) => (flags & bits) === bits;
  if ((flags & ~all) !== 0 || both(accessed | accessedNow) || both(modified | modifiedNow)) {
    throw new OperationError("inval");
  }
  return (file) => {
    if (flags === 0) return;
    const stat = file.statSync(), now = new Date(sandbox.shared.clock.wall());
    const pick = (set: number, setNow: number, value: bigint, old: Date | null) =>
      flags & set ? dateOf(value) : flags & setNow ? now : old ?? now;
    file.utimeSync(
      pick(accessed, accessedNow, times.accessed, stat.atime),
      pick(modified, modifiedNow, times.modified, stat.mtime),
    );
    const { fineTimes, identity } = sandbox.shared;
    fineTimes.note(identity.inode(hostIdentity(stat)), {
      accessed: flags & accessed ? notBefore1970(times.accessed) : undefined,
      modified: flags & modified ? notBefore1970(times.modified) : undefined,
    });
  };
}

const NANOSECONDS = 1_000_000n, LAST_TIME = 2n ** 63n - 1n;

/** Whole milliseconds: as seconds, which the system also takes, one in a hundred would not come back as it was. */
function dateOf(nanoseconds: bigint): Date {
  return new Date(Number(notBefore1970(nanoseconds) / NANOSECONDS));
}

/** Guests read times as unsigned numbers. */
function notBefore1970(nanoseconds: bigint): bigint {
  return nanoseconds < 0n ? 0n : nanoseconds;
}

/** Nanoseconds since 1970; times before that, and after what 63 bits can say, become the nearest that they can. */
function nanosecondsOf(date: Date | null): bigint {
  const milliseconds = date?.getTime() ?? 0;
  if (!(milliseconds > 0)) return 0n;
  const nanoseconds = BigInt(Math.floor(milliseconds)) * NANOSECONDS;
  return nanoseconds < LAST_TIME ? nanoseconds : LAST_TIME;
}

/** What a file is, a value of {@linkcode FILE_TYPES}; preview 1 has no number for a FIFO. */
export function fileTypeOf(
  stat: Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink"> & Partial<Deno.FileInfo>,
): number {
  if (stat.isFile) return FILE_TYPES.regularFile;
  if (stat.isDirectory) return FILE_TYPES.directory;
  if (stat.isSymlink) return FILE_TYPES.symbolicLink;
  if (stat.isBlockDevice) return FILE_TYPES.blockDevice;
  if (stat.isCharDevice) return FILE_TYPES.characterDevice;
  return stat.isSocket ? FILE_TYPES.socketStream : FILE_TYPES.unknown;
}

function statReply(sandbox: SandboxFiles, stat: Deno.FileInfo): Stat {
  const { identity, fineTimes } = sandbox.shared, host = hostIdentity(stat), inode = identity.inode(host);
  return {
    device: identity.device(host),
    inode,
    type: fileTypeOf(stat),
    links: stat.nlink ?? 1,
    size: stat.size,
    accessed: fineTimes.exact(inode, "accessed", nanosecondsOf(stat.atime)),
    modified: fineTimes.exact(inode, "modified", nanosecondsOf(stat.mtime)),
    changed: nanosecondsOf(stat.ctime),
  };
}

function replyOf(sandbox: SandboxFiles, { mount, stat }: Found): Stat {
  return stat === undefined ? madeUp(sandbox, mount) : statReply(sandbox, stat);
}

/** A directory that shows single files, and is none on the host's side that could be looked at. */
function madeUp(sandbox: SandboxFiles, { index }: MountState): Stat {
  const inode = sandbox.shared.identity.place(sandbox.slot, index), type = FILE_TYPES.directory;
  return { device: inode, inode, type, links: 1, size: 0, accessed: 0n, modified: 0n, changed: 0n };
}

/** The inode number that a guest sees for what a path led to. */
export function inodeOf(sandbox: SandboxFiles, found: Found): bigint {
  return replyOf(sandbox, found).inode;
}
