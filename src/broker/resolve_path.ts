/**
 * Containment: leads a guest's path to a place inside a mount, name by name, and refuses what leads out. Every name is looked
 * at before it is used, a link is followed by us and never by the system, and `..` takes back a name that was walked.
 *
 * Not to be seen from here: a file inside that is a hard link to one outside, or a directory that another file system is
 * mounted on. Both were made by the host.
 */
import { type HostIdentity, hostIdentity, sameIdentity } from "./identity.ts";
import type { FileSystem } from "./file_system.ts";
import type { MountAction, MountState } from "./mount.ts";
import { Refused } from "./refusals.ts";
import { OperationError } from "../protocol/operations.ts";

/** Links that one path may lead through, as on Linux. */
const MOST_LINKS = 40;

/** Bytes of a path, as on Linux; how long a name in it may be is the file system's to say. */
const LONGEST_PATH = 4096;

/** Names that are looked at for one path, links included; deep ones take 5 µs each. */
const MOST_STEPS = 256;

/** A directory that paths begin in. */
export interface StartDirectory {
  readonly mount: MountState;
  /** Names from the mount's root, all of directories. */
  readonly names: readonly string[];
  /** Undefined for a directory that is made up. */
  readonly identity: HostIdentity | undefined;
}

/** A path to be resolved. */
export interface Wanted {
  readonly start: StartDirectory;
  /** As the guest wrote it; undefined for the directory itself. */
  readonly path: string | undefined;
  /**
   * What becomes of a link that the path ends in.
   *
   *     follow   it is followed
   *     look     it is what is wanted, unless a slash stands behind it
   *     name     it is what is wanted: the name itself is made or removed
   */
  readonly last: "follow" | "look" | "name";
  /** What it is wanted for, as an event tells it. */
  readonly action: MountAction;
}

/** What a path leads to. */
export interface Found {
  readonly mount: MountState;
  /** Names from the mount's root, without links and dots. */
  readonly names: readonly string[];
  readonly kind: "missing" | "directory" | "regular" | "link" | "special";
  /** Undefined for what is missing, and for a directory that is made up. */
  readonly stat: Deno.FileInfo | undefined;
  /** Whether a slash stands behind it, so that only a directory is meant. */
  readonly slash: boolean;
  /** The last name as it was written, when it was `.` or `..`. */
  readonly dots: "." | ".." | undefined;
  /** When one of the directories on the way was changed last; milliseconds since 1970, whole seconds. */
  readonly changed: number;
}

/**
 * @throws {Refused} `escape`, `notPermitted`
 * @throws {OperationError} `noent`, `notdir`, `loop`, `nametoolong`, `inval` for a NUL
 */
export function resolvePath(fs: FileSystem, wanted: Wanted): Found {
  return new Walk(fs, wanted).run();
}

class Walk {
  readonly #fs: FileSystem;
  readonly #wanted: Wanted;
  readonly #mount: MountState;
  /** What was walked: real directories. */
  readonly #names: string[] = [];
  /** What is still to walk, the next name last. */
  #ahead: string[] = [];
  #slash = false;
  #dots: "." | ".." | undefined;
  #links = 0;
  #steps = 0;
  #changed = -Infinity;
  #stat: Deno.FileInfo | undefined;

  constructor(fs: FileSystem, wanted: Wanted) {
    this.#fs = fs;
    this.#wanted = wanted;
    this.#mount = wanted.start.mount;
    const { path } = wanted;
    if (path === undefined) return;
    checkPath(path);
    if (path.startsWith("/")) this.#escape();
    const last = path.slice(path.lastIndexOf("/") + 1), { file } = this.#mount;
    this.#slash = last === "";
    this.#ahead = namesOf(path);
    if (file !== undefined && this.#ahead.every((name) => name === ".")) this.#ahead = [file];
    else if (last === "." || last === "..") this.#dots = last;
  }

  run(): Found {
    this.#begin();
    for (let name = this.#ahead.pop(); name !== undefined; name = this.#ahead.pop()) {
      if (name === ".") continue;
      if (name === "..") {
        this.#up();
        continue;
      }
      const found = this.#step(name);
      if (found !== undefined) return found;
    }
    return this.#found("directory", this.#names, this.#place());
  }

  /** Walks from the root to where the path begins; nothing on this way may have become a link. */
  #begin(): void {
    const { start } = this.#wanted;
    if (this.#mount.grant.only === undefined) {
      this.#mount.demandPermission(this.#fs, "read", []);
      const stat = this.#lstat([]);
      const { root } = this.#mount;
      if (!root || !stat.isDirectory || !sameIdentity(hostIdentity(stat), root)) {
        throw new OperationError("noent");
      }
      this.#enter(stat);
    }
    for (const name of start.names) {
      const stat = this.#lstat([...this.#names, name]);
      if (!stat.isDirectory) throw new OperationError("noent");
      this.#names.push(name);
      this.#enter(stat);
    }
    const identity = this.#stat === undefined ? undefined : hostIdentity(this.#stat);
    const same = identity === undefined || start.identity === undefined
      ? identity === start.identity
      : sameIdentity(identity, start.identity);
    if (!same) throw new OperationError("noent");
  }

  #up(): void {
    if (this.#names.length === 0) this.#escape();
    this.#names.pop();
    this.#stat = undefined; // looked at again should the path end here
  }

  /** Takes one name; what it leads to when the path ends with it. */
  #step(name: string): Found | undefined {
    const names = [...this.#names, name], last = this.#ahead.length === 0;
    const stat = this.#look(names);
    if (stat === undefined) {
      if (!last) throw new OperationError("noent");
      return this.#found("missing", names, undefined);
    }
    if (stat.isSymlink) {
      const { last: how } = this.#wanted;
      if (last && (how === "name" || (how === "look" && !this.#slash))) {
        return this.#found("link", names, stat);
      }
      this.#follow(names);
      return undefined;
    }
    if (stat.isDirectory) {
      // Where single files were granted there is nothing to enter.
      if (this.#mount.grant.only !== undefined) this.#refuse("otherName");
      this.#names.push(name);
      this.#enter(stat);
      return undefined;
    }
    if (!last) throw new OperationError("notdir");
    return this.#found(stat.isFile ? "regular" : "special", names, stat);
  }

  #look(names: readonly string[]): Deno.FileInfo | undefined {
    const { only } = this.#mount.grant, [name = ""] = names;
    if (only !== undefined) {
      if (!this.#mount.shows(name)) return undefined;
      this.#mount.demandPermission(this.#fs, "read", names);
    }
    try {
      const stat = this.#lstat(names);
      // The way to a single file is none of the broker's to look at: the file itself must be the one that was granted.
      return this.#mount.admits(stat) ? stat : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  #follow(names: readonly string[]): void {
    if (++this.#links > MOST_LINKS) throw new OperationError("loop");
    const target = this.#fs.readLink(this.#mount.hostPath(names));
    checkPath(target);
    if (target.startsWith("/")) this.#escape();
    if (this.#ahead.length === 0) this.#slash ||= target.endsWith("/");
    this.#ahead.push(...namesOf(target));
  }

  #lstat(names: readonly string[]): Deno.FileInfo {
    if (++this.#steps > MOST_STEPS) throw new OperationError("nametoolong");
    return this.#fs.lstat(this.#mount.hostPath(names));
  }

  #enter(stat: Deno.FileInfo): void {
    this.#stat = stat;
    this.#changed = Math.max(this.#changed, stat.ctime?.getTime() ?? Infinity);
  }

  #found(kind: Found["kind"], names: readonly string[], stat: Found["stat"]): Found {
    return {
      mount: this.#mount,
      names: [...names],
      kind,
      stat,
      slash: this.#slash,
      dots: this.#dots,
      changed: this.#changed,
    };
  }

  /** The directory that the path ended in. */
  #place(): Deno.FileInfo | undefined {
    if (this.#stat !== undefined || this.#mount.grant.only !== undefined) return this.#stat;
    return this.#lstat(this.#names);
  }

  #escape(): never {
    this.#refuse("escape");
  }

  #refuse(refusal: "escape" | "otherName"): never {
    const { start, action, path } = this.#wanted;
    throw new Refused(
      refusal,
      this.#mount.decision(action, path === undefined ? start.names : [...start.names, path]),
    );
  }
}

/** Names of a path, the first one last; a backslash is a character like others. */
function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "").reverse();
}

const ENCODER = new TextEncoder();

function checkPath(path: string): void {
  if (path === "") throw new OperationError("noent");
  // Most paths are too short to be encoded for it.
  const long = path.length > LONGEST_PATH ||
    (path.length * 3 > LONGEST_PATH && ENCODER.encode(path).length > LONGEST_PATH);
  if (long) throw new OperationError("nametoolong");
  if (path.includes("\0")) throw new OperationError("inval");
}
