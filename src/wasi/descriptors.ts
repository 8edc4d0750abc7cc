import type { Preopen } from "./host.ts";
import { ReadAhead } from "./read_ahead.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, INHERITED_RIGHTS, INPUT_RIGHTS, OUTPUT_RIGHTS } from "./rights.ts";
import { ERRNO } from "../protocol/errno.ts";
import { type DirectoryEntry, FILE_TYPES } from "../protocol/operations.ts";

/** Descriptors of a guest at most, besides what the broker allows. */
export const MOST_DESCRIPTORS = 16_384;

/** What every descriptor has: bits of `RIGHTS` and of `fdflags`, which the guest can change. */
interface Shared {
  rights: number;
  inheriting: number;
  flags: number;
}

/** Standard input (0), output (1) or error (2). */
export interface StreamDescriptor extends Shared {
  readonly kind: "stream";
  readonly stream: 0 | 1 | 2;
  readonly terminal: boolean;
}

/** By which path something was opened: that of a preopened directory, by its number, and the path from there on. */
export interface Origin {
  readonly preopen: number;
  readonly path: string;
}

/** Entries of a directory that were fetched together: those from `start` on, as the last listing has them. */
interface DirectoryListing {
  readonly start: number;
  readonly entries: readonly DirectoryEntry[];
}

/** A directory that the broker holds open. */
export interface DirectoryDescriptor extends Shared {
  readonly kind: "directory";
  /** The broker's descriptor. */
  readonly handle: number;
  /** How a preopened directory is named to the guest. */
  readonly guestPath: Uint8Array | undefined;
  readonly origin: Origin;
  /** What was read of it last. */
  listing: DirectoryListing | undefined;
}

/** A regular file. */
export interface FileDescriptor extends Shared {
  readonly kind: "file";
  readonly handle: number;
  readonly origin: Origin;
  readonly ahead: ReadAhead;
  position: number;
}

/**
 * The directory `/` where none was granted. It holds nothing, and every path below it is refused. Without it libc
 * itself would tell a program that the file does not exist, and nobody would hear what the program wanted.
 */
export interface RootDescriptor extends Shared {
  readonly kind: "root";
  readonly guestPath: Uint8Array;
}

export type Descriptor = StreamDescriptor | DirectoryDescriptor | FileDescriptor | RootDescriptor;

/** The broker's descriptor behind one of the guest's; undefined where there is none. */
export function handleOf(descriptor: Descriptor): number | undefined {
  return "handle" in descriptor ? descriptor.handle : undefined;
}

/** A descriptor for what was opened. */
export function openedDescriptor(
  reply: { readonly descriptor: number; readonly file: number; readonly type: number },
  granted: {
    readonly rights: number;
    readonly inheriting: number;
    readonly flags: number;
    readonly origin: Origin;
  },
): DirectoryDescriptor | FileDescriptor {
  const { rights, inheriting, flags, origin } = granted, handle = reply.descriptor;
  if (reply.type === FILE_TYPES.directory) {
    const own = rights & DIRECTORY_RIGHTS;
    return {
      kind: "directory",
      handle,
      rights: own,
      inheriting,
      flags,
      guestPath: undefined,
      origin,
      listing: undefined,
    };
  }
  const ahead = new ReadAhead(reply.file);
  return {
    kind: "file",
    handle,
    rights: rights & FILE_RIGHTS,
    inheriting: 0,
    flags,
    origin,
    ahead,
    position: 0,
  };
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

function componentsOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** What a guest finds open: its streams, from 3 on its directories in the order of the grants, and `/` behind them. */
function preopened(
  preopens: readonly Preopen[],
  terminals: readonly [boolean, boolean, boolean],
): Descriptor[] {
  const streams = ([0, 1, 2] as const).map((stream): StreamDescriptor => ({
    kind: "stream",
    stream,
    terminal: terminals[stream],
    rights: stream === 0 ? INPUT_RIGHTS : OUTPUT_RIGHTS,
    inheriting: 0,
    flags: 0,
  }));
  const shared = { rights: DIRECTORY_RIGHTS, inheriting: INHERITED_RIGHTS, flags: 0 };
  const directories = preopens.map((preopen, handle): DirectoryDescriptor => ({
    ...shared,
    kind: "directory",
    handle,
    guestPath: ENCODER.encode(preopen.guestPath),
    origin: { preopen: handle, path: "" },
    listing: undefined,
  }));
  if (preopens.some((preopen) => preopen.guestPath === "/")) return [...streams, ...directories];
  return [...streams, ...directories, { ...shared, kind: "root", guestPath: ENCODER.encode("/") }];
}

/** A guest's descriptors by number. */
export class Descriptors {
  readonly #initial: () => Descriptor[];
  #table: (Descriptor | undefined)[];
  /** No number below it is free. */
  #lowest = 0;
  #count: number;

  constructor(preopens: readonly Preopen[], terminals: readonly [boolean, boolean, boolean]) {
    this.#initial = () => preopened(preopens, terminals);
    this.#table = this.#initial();
    this.#count = this.#table.length;
  }

  /** Begins a life: what a guest finds open, and nothing else. */
  reset(): void {
    this.#table = this.#initial();
    this.#count = this.#table.length;
    this.#lowest = 0;
  }

  /** All that are in use, with their numbers. */
  *entries(): Iterable<readonly [fd: number, descriptor: Descriptor]> {
    for (const [fd, descriptor] of this.#table.entries()) {
      if (descriptor !== undefined) yield [fd, descriptor];
    }
  }

  /** Puts these in the place of all that there are; numbers are below {@linkcode MOST_DESCRIPTORS}. */
  replace(entries: Iterable<readonly [fd: number, descriptor: Descriptor]>): void {
    this.#table = [];
    this.#count = this.#lowest = 0;
    for (const [fd, descriptor] of entries) {
      this.#table[fd] = descriptor;
      this.#count++;
    }
  }

  get(fd: number): Descriptor | undefined {
    return this.#table[fd];
  }

  /** Whether one more fits. */
  get hasRoom(): boolean {
    return this.#count < MOST_DESCRIPTORS;
  }

  /** Gives a descriptor the smallest number that is free. */
  add(descriptor: Descriptor): number {
    while (this.#table[this.#lowest] !== undefined) this.#lowest++;
    this.#table[this.#lowest] = descriptor;
    this.#count++;
    return this.#lowest++;
  }

  /** Frees a number that is in use. */
  remove(fd: number): void {
    if (this.#table[fd] === undefined) return;
    this.#table[fd] = undefined;
    this.#count--;
    this.#lowest = Math.min(this.#lowest, fd);
  }

  /** Puts the descriptor `from` in the place of `to`, which frees `from`; both are in use and differ. */
  move(from: number, to: number): void {
    this.#table[to] = this.#table[from];
    this.#count--;
    this.#table[from] = undefined;
    this.#lowest = Math.min(this.#lowest, from);
  }

  /**
   * The directory found open under the longest name that a path from the root lies in, and the path from there on. Old
   * libraries take `/` although another name fits better, and ones of today where a path begins with `./`. A path with
   * `..` is in none: what that leads to is for the broker to find out.
   */
  preopenOf(path: string): { readonly directory: DirectoryDescriptor; readonly rest: string } | undefined {
    const names = componentsOf(path);
    let best: DirectoryDescriptor | undefined, length = -1;
    if (names.includes("..")) return undefined;
    for (const descriptor of this.#table) {
      if (descriptor?.kind !== "directory" || descriptor.guestPath === undefined) continue;
      const mount = componentsOf(DECODER.decode(descriptor.guestPath));
      if (mount.length <= length || mount.some((name, index) => name !== names[index])) continue;
      best = descriptor;
      length = mount.length;
    }
    const rest = names.slice(length).join("/") || ".";
    return best && { directory: best, rest: path.endsWith("/") ? `${rest}/` : rest };
  }

  /** The regular file of that number if it has one of the rights; else an error number. */
  file(fd: number, rights: number): FileDescriptor | number {
    const descriptor = this.#table[fd];
    if (descriptor === undefined) return ERRNO.badf;
    if (descriptor.kind === "stream") return ERRNO.spipe;
    if (descriptor.kind !== "file") return ERRNO.isdir;
    return (descriptor.rights & rights) === 0 ? ERRNO.notcapable : descriptor;
  }
}
