import type { OpenedFile } from "./file_system.ts";
import { hostIdentity } from "./identity.ts";
import { isWithin, type MountState } from "./mount.ts";
import { Refused } from "./refusals.ts";
import type { Found, StartDirectory } from "./resolve_path.ts";
import { OperationError } from "../protocol/operations.ts";

/** A regular file that a guest has open. */
export interface OpenFile {
  readonly kind: "file";
  readonly mount: MountState;
  /** Names under which it was opened, for events. */
  readonly names: readonly string[];
  readonly file: OpenedFile;
  /** What it was opened for; what the mount allows is asked at each operation. */
  readonly readable: boolean;
  readonly writable: boolean;
  /** Whether this open has made it: then the right to create is the right to fill it. */
  readonly created: boolean;
  /** 32 bits, the same for all that have the file open. */
  readonly token: number;
}

/** A directory that a guest has open. The system knows nothing of it. */
export interface OpenDirectory extends StartDirectory {
  readonly kind: "directory";
  /** Changed by a rename of this directory, or of one above it; undefined when it has left the mount. */
  names: readonly string[];
  gone: boolean;
  /** Names in it when it was last listed from the start, `.` and `..` not among them. */
  listing: readonly Listed[] | undefined;
}

/** A name in a listing. */
export type Listed = Pick<Deno.DirEntry, "name" | "isFile" | "isDirectory" | "isSymlink">;

/** Names that the listings of one sandbox may have together. */
const MOST_LISTED = 200_000;

/** What one sandbox has open. */
export class OpenFiles {
  readonly #mounts: readonly MountState[];
  readonly #most: number;
  readonly #open: Map<number, OpenFile | OpenDirectory> = new Map();
  /** Numbers below `#next` that are free; the next one is the last. */
  #free: number[] = [];
  #next = 0;
  /** How many are open beside the mounts. */
  #count = 0;

  constructor(mounts: readonly MountState[], most: number) {
    this.#mounts = mounts;
    this.#most = most;
    this.#openMounts();
  }

  #openMounts(): void {
    for (const mount of this.#mounts) this.#open.set(mount.index, openDirectory(mount));
    this.#next = this.#mounts.length;
    this.#free = [];
    this.#count = 0;
  }

  /** @throws {OperationError} `badf` */
  get(descriptor: number): OpenFile | OpenDirectory {
    const open = this.#open.get(descriptor);
    if (open === undefined) throw new OperationError("badf");
    return open;
  }

  /** @throws {OperationError} `badf`, `isdir` */
  file(descriptor: number): OpenFile {
    const open = this.get(descriptor);
    if (open.kind !== "file") throw new OperationError("isdir");
    return open;
  }

  /** @throws {OperationError} `badf`, `notdir`, `noent` for one that is no longer there */
  directory(descriptor: number): OpenDirectory {
    const open = this.get(descriptor);
    if (open.kind !== "directory") throw new OperationError("notdir");
    if (open.gone) throw new OperationError("noent");
    return open;
  }

  /** @throws {Refused} `openFiles`: nothing more may be opened */
  demandRoom(found: Found): void {
    if (this.#count >= this.#most) throw new Refused("openFiles", found.mount.decision("read", found.names));
  }

  add(open: OpenFile | OpenDirectory): number {
    const descriptor = this.#free.pop() ?? this.#next++;
    this.#open.set(descriptor, open);
    this.#count++;
    return descriptor;
  }

  /** @throws {OperationError} `badf` */
  close(descriptor: number): void {
    const open = this.get(descriptor);
    this.#open.delete(descriptor);
    if (descriptor >= this.#mounts.length) {
      this.#free.push(descriptor);
      this.#count--;
    }
    if (open.kind === "file") open.file.close();
  }

  /** Closes everything, and opens the mounts again. */
  closeAll(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#openMounts();
    for (const each of open) {
      try {
        if (each.kind === "file") each.file.close();
      } catch {
        // It cannot be closed any better.
      }
    }
  }

  /** @throws {OperationError} `nomem`: the sandbox's listings are too long already */
  setListing(directory: OpenDirectory, listing: readonly Listed[]): void {
    directory.listing = undefined;
    let listed = listing.length;
    for (const open of this.#open.values()) {
      if (open.kind === "directory") listed += open.listing?.length ?? 0;
    }
    if (listed > MOST_LISTED) throw new OperationError("nomem");
    directory.listing = listing;
  }

  /** A directory has got another host path: those that are open at it or below it follow. */
  follow(from: string, to: string): void {
    for (const open of this.#open.values()) {
      if (open.kind !== "directory" || open.names.length === 0) continue;
      const path = open.mount.hostPath(open.names);
      if (!isWithin(path, from)) continue;
      const moved = to + path.slice(from.length), root = open.mount.hostPath([]);
      if (isWithin(moved, root)) {
        open.names = moved.slice(root.length).split("/").filter((name) => name !== "");
      } else open.gone = true;
    }
  }
}

/** A mount's root as a guest finds it. */
function openDirectory(mount: MountState): OpenDirectory {
  return { kind: "directory", mount, names: [], identity: mount.root, gone: false, listing: undefined };
}

/** A directory that a path led to, to be opened. */
export function directoryAt({ mount, names, stat }: Found): OpenDirectory {
  const identity = stat === undefined ? undefined : hostIdentity(stat);
  return { kind: "directory", mount, names, identity, gone: false, listing: undefined };
}
