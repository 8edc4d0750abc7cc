import { type HostIdentity, hostIdentity, sameIdentity } from "./identity.ts";
import type { FileSystem } from "./file_system.ts";
import type { Mount } from "./messages.ts";
import { type Decision, type Refusal, Refused } from "./refusals.ts";

/** What an operation does to something in a mount; a mount has one right for each. */
export type MountAction = "read" | "write" | "create" | "delete";

const MODIFYING = ["write", "create", "delete"] as const satisfies readonly MountAction[];

/** What is said when a right is missing. */
const MISSING: Readonly<Record<MountAction, Refusal>> = {
  read: "notRead",
  write: "notWrite",
  create: "notCreate",
  delete: "notDelete",
};

/** Whether a mount allows an action. */
export function mayDo(mount: Mount, action: MountAction): boolean {
  return mount[action];
}

/** Why a mount does not allow an action; undefined when it does. */
export function refusalOf(mount: Mount, action: MountAction): Refusal | undefined {
  if (mayDo(mount, action)) return undefined;
  const readOnly = action !== "read" && !MODIFYING.some((right) => mayDo(mount, right));
  return readOnly ? "readOnly" : MISSING[action];
}

/** A mount of one sandbox, as long as the sandbox lives. */
export class MountState {
  readonly index: number;
  #grant: Mount;
  /** The directory that was granted; undefined when it is not there, or may not be looked at. */
  readonly root: HostIdentity | undefined;

  constructor(grant: Mount, options: { readonly index: number; readonly fs: FileSystem }) {
    this.index = options.index;
    this.#grant = grant;
    this.root = grant.only === undefined ? grant.identity ?? rootOf(grant.hostPath, options.fs) : undefined;
  }

  get grant(): Mount {
    return this.#grant;
  }

  /** Takes what is no longer granted away; what was never granted stays so, whatever the new grant says. */
  narrow(grant: Mount): void {
    const old = this.#grant;
    const only = old.only === undefined || grant.only === undefined
      ? old.only ?? grant.only
      : old.only.filter((name) => grant.only?.includes(name));
    this.#grant = {
      hostPath: old.hostPath,
      guestPath: old.guestPath,
      read: old.read && grant.read,
      write: old.write && grant.write,
      create: old.create && grant.create,
      delete: old.delete && grant.delete,
      maxFileSize: Math.min(old.maxFileSize, grant.maxFileSize),
      totalBytes: Math.min(old.totalBytes, grant.totalBytes),
      only,
      ...(old.identity === undefined ? {} : { identity: old.identity }),
    };
  }

  /** Where names that were walked from the root stand on this machine. */
  hostPath(names: readonly string[]): string {
    const { hostPath } = this.#grant;
    if (names.length === 0) return hostPath;
    return `${hostPath === "/" ? "" : hostPath}/${names.join("/")}`;
  }

  /** The guest's name for names from the root on, for events. */
  guestPath(names: readonly string[]): string {
    const { guestPath } = this.#grant;
    if (names.length === 0 || (names.length === 1 && names[0] === this.file)) return guestPath;
    return `${guestPath === "/" ? "" : guestPath}/${names.join("/")}`;
  }

  /** What an event tells of an action on names, or on a path as the guest wrote it. */
  decision(action: MountAction, names: readonly string[]): Decision {
    return { action, target: this.guestPath(names), flag: flagOf(this.#grant, action) };
  }

  /** @throws {Refused} when the mount does not allow the action */
  demand(action: MountAction, names: readonly string[]): void {
    const refusal = refusalOf(this.#grant, action);
    if (refusal !== undefined) throw new Refused(refusal, this.decision(action, names));
  }

  /**
   * Sees to it that the system will not ask a person for leave.
   *
   * @throws {Refused} when this thread has no permission
   */
  demandPermission(fs: FileSystem, access: "read" | "write", names: readonly string[]): void {
    if (fs.granted(access, this.hostPath(names))) return;
    throw new Refused("notPermitted", this.decision(access, names));
  }

  /** The name of the one file that was granted; undefined when it was more. The root itself then stands for the file. */
  get file(): string | undefined {
    const { only } = this.#grant;
    return only?.length === 1 ? only[0] : undefined;
  }

  /** Whether something in the root is what was granted; where single files were, and their identity is known. */
  admits(stat: Deno.FileInfo): boolean {
    const { only, identity } = this.#grant;
    return only === undefined || identity === undefined || sameIdentity(hostIdentity(stat), identity);
  }

  /** Whether a name may be looked up in the root. */
  shows(name: string): boolean {
    return this.#grant.only?.includes(name) ?? true;
  }
}

/** The flag that grants what a mount lacks: it names the host's path where the guest has another. */
function flagOf({ hostPath, guestPath }: Mount, action: MountAction): string {
  const same = hostPath === guestPath || !guestPath.startsWith("/");
  if (!same) return `--dir=${hostPath}::${guestPath}`;
  return `--allow-${action === "read" ? "read" : "write"}=${guestPath}`;
}

function rootOf(hostPath: string, fs: FileSystem): HostIdentity | undefined {
  try {
    if (!fs.granted("read", hostPath)) return undefined;
    const stat = fs.lstat(hostPath);
    return stat.isDirectory ? hostIdentity(stat) : undefined;
  } catch {
    return undefined; // whoever asks for something in it gets to know
  }
}

/** Whether one host path is the other, or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
