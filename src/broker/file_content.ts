/** Operations on what is in an open file. */
import { checkAmount, MOST_MOVED } from "./amount.ts";
import type { FileOperation } from "./file_operation.ts";
import { openDirectory } from "./metadata.ts";
import { mayDo } from "./mount.ts";
import type { OpenFile } from "./open_files.ts";
import type { Growth } from "./quotas.ts";
import type { SandboxFiles } from "./sandbox_files.ts";
import { APPEND, OperationError } from "../protocol/operations.ts";

export const read: FileOperation<"read"> = (sandbox, { descriptor, offset, length }) => {
  const open = sandbox.open.file(descriptor), { file, mount, names } = open;
  if (!open.readable) throw new OperationError("badf");
  mount.demand("read", names);
  checkAmount(offset);
  if (length === 0) return { bytes: new Uint8Array() };
  const allowed = sandbox.quotas.allowRead(Math.min(length, MOST_MOVED), mount.decision("read", names));
  // The system reads into the frame itself.
  const place = sandbox.channel.contentPlace(allowed);
  file.seekSync(offset, Deno.SeekMode.Start);
  const count = file.readSync(place) ?? 0;
  sandbox.quotas.countRead(count);
  return { bytes: place.subarray(0, count) };
};

export const write: FileOperation<"write"> = (sandbox, { descriptor, offset: asked, bytes }) => {
  const open = sandbox.open.file(descriptor), { file } = open;
  demandWriting(open);
  if (!open.writable) throw new OperationError("badf");
  const size = file.seekSync(0, Deno.SeekMode.End), offset = asked === APPEND ? size : checkAmount(asked);
  if (bytes.length === 0) return { written: 0, end: offset };
  const growth = growthOf(open, { size, offset, length: Math.min(bytes.length, MOST_MOVED) });
  const allowed = sandbox.quotas.allowWrite(growth);
  if (offset !== size) file.seekSync(offset, Deno.SeekMode.Start);
  const written = writeAll(open, bytes.subarray(0, allowed), (count) => {
    sandbox.quotas.countWrite(growth, count);
    sandbox.changed(open.token);
  });
  return { written, end: offset + written };
};

/** Writes until all is written or the system takes no more; `count` is told before that leads to an error. */
function writeAll({ file }: OpenFile, bytes: Uint8Array, count: (written: number) => void): number {
  let written = 0;
  try {
    while (written < bytes.length) {
      const now = file.writeSync(bytes.subarray(written));
      if (now === 0) break;
      written += now;
    }
  } catch (error) {
    if (written === 0) throw error; // else the next write will say so
  } finally {
    if (written > 0) count(written);
  }
  if (written === 0) throw new OperationError("io");
  return written;
}

export const setSize: FileOperation<"setSize"> = (sandbox, { descriptor, size }) => {
  const open = sandbox.open.file(descriptor);
  demandWriting(open);
  if (!open.writable) throw new OperationError("inval");
  resize(sandbox, open, checkAmount(size));
  return {};
};

export const allocate: FileOperation<"allocate"> = (sandbox, { descriptor, offset, length }) => {
  const open = sandbox.open.file(descriptor);
  demandWriting(open);
  if (!open.writable) throw new OperationError("badf");
  const end = checkAmount(checkAmount(offset) + checkAmount(length));
  if (length === 0) throw new OperationError("inval");
  if (end > open.file.seekSync(0, Deno.SeekMode.End)) resize(sandbox, open, end);
  return {};
};

function resize(sandbox: SandboxFiles, open: OpenFile, size: number): void {
  const old = open.file.seekSync(0, Deno.SeekMode.End), { quotas } = sandbox;
  if (size === old) return;
  if (size < old) {
    open.file.truncateSync(size);
  } else {
    const growth = growthOf(open, { size: old, offset: old, length: size - old });
    quotas.allowGrowth(growth);
    open.file.truncateSync(size);
    quotas.countGrowth(growth);
  }
  sandbox.changed(open.token);
}

export const sync: FileOperation<"sync"> = (sandbox, { descriptor, metadata }) => {
  const open = sandbox.open.get(descriptor);
  if (open.kind === "directory") {
    open.mount.demand("read", open.names);
    sandbox.locked(() => openDirectory(sandbox, descriptor, (file) => file.syncSync()));
    return {};
  }
  if (open.writable) demandWriting(open);
  else open.mount.demand("read", open.names);
  // What a guest cannot have written is not its to wait for.
  if (!open.writable) return {};
  sandbox.unhurried(() => metadata === 0 ? open.file.syncDataSync() : open.file.syncSync());
  return {};
};

/** A file that was made by this very open may be filled by who may create. */
function demandWriting({ mount, names, created }: OpenFile): void {
  if (!created || !mayDo(mount.grant, "create")) mount.demand("write", names);
}

function growthOf({ mount, names }: OpenFile, extent: Pick<Growth, "size" | "offset" | "length">): Growth {
  return { mount, decision: mount.decision("write", names), ...extent };
}
