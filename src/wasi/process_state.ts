/**
 * The state of a WASI program as plain data, and back into another life: descriptors, clocks, the random sequence. Files
 * and directories that were open are opened again by the paths that they were opened by, under what is granted then.
 */
import type { ClockState } from "./clocks.ts";
import { type Descriptor, MOST_DESCRIPTORS, openedDescriptor, type Origin } from "./descriptors.ts";
import type { Process } from "./process.ts";
import type { RandomState } from "./random.ts";
import type { SensorState } from "./sensor_imports.ts";
import { RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { OPEN_FLAGS } from "../protocol/operations.ts";

/** A descriptor that was open. */
export interface DescriptorState {
  readonly fd: number;
  readonly kind: Descriptor["kind"];
  readonly rights: number;
  readonly inheriting: number;
  readonly flags: number;
  /** Of a stream its number, 0 to 2. */
  readonly stream?: number;
  /** Of what lies in a preopened directory: how that is named to the guest, and the path from there on; empty for itself. */
  readonly mount?: Uint8Array;
  readonly path?: string;
  readonly position?: number;
}

export interface ProcessState {
  readonly descriptors: readonly DescriptorState[];
  readonly clocks: ClockState;
  /** Absent where bytes are secure. */
  readonly random?: RandomState;
  /** Absent where no sensor was read. */
  readonly sensors?: readonly SensorState[];
}

/** Something that was open and could not be opened again. */
export interface LostFile {
  readonly fd: number;
  /** As the guest names it. */
  readonly path: string;
  /** Of WASI. */
  readonly errno: number;
}

const DECODER = new TextDecoder();

export function saveProcess(process: Process): ProcessState {
  const entries = [...process.descriptors.entries()], { random } = process;
  const mounts = new Map<number, Uint8Array>();
  for (const descriptor of process.preopens()) mounts.set(descriptor.handle, descriptor.guestPath);
  return {
    descriptors: entries.map(([fd, descriptor]) => stateOf(fd, descriptor, mounts)),
    clocks: process.clocks.save(),
    ...(random === undefined ? {} : { random: random.save() }),
  };
}

function stateOf(
  fd: number,
  descriptor: Descriptor,
  mounts: ReadonlyMap<number, Uint8Array>,
): DescriptorState {
  const { kind, rights, inheriting, flags } = descriptor, shared = { fd, kind, rights, inheriting, flags };
  switch (descriptor.kind) {
    case "stream":
      return { ...shared, stream: descriptor.stream };
    case "root":
      return shared;
    case "directory":
    case "file": {
      const { preopen, path } = descriptor.origin, mount = mounts.get(preopen) ?? new Uint8Array();
      return descriptor.kind === "file"
        ? { ...shared, mount, path, position: descriptor.position }
        : { ...shared, mount, path };
    }
  }
}

/** Puts a state in the place of what the life began with. @returns what could not be opened again: its numbers are free */
export function restoreProcess(process: Process, state: ProcessState): LostFile[] {
  const lost: LostFile[] = [], entries: [number, Descriptor][] = [];
  for (const item of state.descriptors.slice(0, MOST_DESCRIPTORS)) {
    if (!Number.isInteger(item.fd) || item.fd < 0 || item.fd >= MOST_DESCRIPTORS) continue;
    const found = reopen(process, item);
    if (typeof found !== "number") entries.push([item.fd, found]);
    else lost.push({ fd: item.fd, path: guestPath(item), errno: found });
  }
  process.descriptors.replace(entries);
  process.clocks.restore(state.clocks);
  if (state.random !== undefined) process.random?.restore(state.random);
  return lost;
}

function guestPath({ mount, path }: DescriptorState): string {
  const base = DECODER.decode(mount ?? new Uint8Array());
  return path === undefined || path === "" ? base : `${base === "/" ? "" : base}/${path}`;
}

/** The descriptor, or an error number. Rights are those it had, as far as what it stands for has them today. */
function reopen(process: Process, item: DescriptorState): Descriptor | number {
  const { rights, inheriting, flags } = item;
  if (item.kind === "stream" || item.kind === "root") {
    const fresh = process.found(item.kind, item.stream);
    return fresh === undefined ? ERRNO.badf : { ...fresh, rights: rights & fresh.rights, flags };
  }
  const directory = process.preopens().find((each) =>
    sameBytes(each.guestPath, item.mount ?? new Uint8Array())
  );
  if (directory === undefined || item.path === undefined) return ERRNO.notcapable;
  const allowed = {
    rights: rights & (directory.rights | directory.inheriting),
    inheriting: inheriting & directory.inheriting,
    flags,
  };
  if (item.path === "") return { ...directory, ...allowed, listing: undefined };
  const origin: Origin = { preopen: directory.handle, path: item.path };
  const { errno, reply } = process.openAgain(directory.handle, item.path, openFlags(item));
  if (reply === undefined) return errno;
  const opened = openedDescriptor(reply, { ...allowed, origin });
  if (opened.kind !== item.kind) {
    process.discard(opened);
    return opened.kind === "directory" ? ERRNO.isdir : ERRNO.notdir;
  }
  if (opened.kind === "file") opened.position = Math.max(0, item.position ?? 0);
  return opened;
}

/** Never creates and never empties: what was there then is to be there now. */
function openFlags({ kind, rights }: DescriptorState): number {
  const writing = kind === "file" && (rights & RIGHTS.fd_write) !== 0;
  return ((rights & RIGHTS.fd_read) !== 0 || !writing ? OPEN_FLAGS.read : 0) |
    (writing ? OPEN_FLAGS.write : 0) |
    (kind === "directory" ? OPEN_FLAGS.directory : 0) | OPEN_FLAGS.follow;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
