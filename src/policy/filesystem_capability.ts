import { AegisError } from "../core/errors.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";
import { Capability, checkKeys, checkList } from "./capability.ts";
import type { FilesystemGrant } from "./grants.ts";
import { parseGuestPath } from "./guest_path.ts";
import { checkHostPath } from "./host_path.ts";

/**
 * A directory or a file of this machine. As text, the guest finds it under the same path; a path with `..` needs both
 * names.
 */
export type GrantedPath = string | {
  /** On this machine. */
  readonly host: string;
  /** As the guest names it. */
  readonly guest: string;
};

/** Bounds of what is written. */
export interface FilesystemOptions {
  /** Size that a file may have after a write. @default no bound */
  readonly maxFileSize?: ByteSize;
  /** What may be written in all through each path over a sandbox's life. @default no bound */
  readonly totalBytes?: ByteSize;
}

/** Rights one by one; what is not named is not granted. */
export interface FilesystemRights extends FilesystemOptions {
  /** What they are rights over. */
  readonly paths: readonly GrantedPath[];
  /** Read contents, list directories, see sizes and times. @default false */
  readonly read?: boolean;
  /** Change contents, sizes and times of what exists. @default false */
  readonly write?: boolean;
  /** Make files, directories and hard links. @default false */
  readonly create?: boolean;
  /** Remove and rename. @default false */
  readonly delete?: boolean;
}

/** Rights over files, the columns of a filesystem grant. */
const RIGHTS = {
  readOnly: { read: true, write: false, create: false, delete: false },
  writeOnly: { read: false, write: true, create: true, delete: false },
  readWrite: { read: true, write: true, create: true, delete: false },
  full: { read: true, write: true, create: true, delete: true },
} as const;

type Rights = Pick<FilesystemGrant, "read" | "write" | "create" | "delete">;

const OPTION_KEYS = ["maxFileSize", "totalBytes"] as const;
const RIGHT_KEYS = ["paths", "read", "write", "create", "delete", ...OPTION_KEYS] as const;

function readPath(path: GrantedPath): { hostPath: string; guestPath: string } {
  if (typeof path !== "object" || path === null) {
    const hostPath = checkHostPath(path);
    return { hostPath, guestPath: parseGuestPath(hostPath.replace(/\/{2,}/g, "/")) };
  }
  checkKeys(path, { field: "filesystem.paths", allowed: ["host", "guest"] });
  return { hostPath: checkHostPath(path.host), guestPath: parseGuestPath(path.guest) };
}

function readBound(size: ByteSize | undefined, field: string): number {
  return size === undefined ? Infinity : parseByteSize(size, field);
}

function readGrants(
  paths: readonly GrantedPath[],
  { rights, options }: { readonly rights: Rights; readonly options: FilesystemOptions },
): FilesystemGrant[] {
  const maxFileSize = readBound(options.maxFileSize, "filesystem.maxFileSize");
  const totalBytes = readBound(options.totalBytes, "filesystem.totalBytes");
  return checkList(paths, { field: "filesystem.paths" }).map((path) => ({
    kind: "filesystem",
    ...readPath(path),
    ...rights,
    maxFileSize,
    totalBytes,
  }));
}

/** Files and directories that a guest may use. All methods throw `InvalidOption`. */
export class FilesystemCapability extends Capability<"filesystem"> {
  private constructor(grants: readonly FilesystemGrant[]) {
    super("filesystem", grants);
  }

  static #preset(
    name: keyof typeof RIGHTS,
    paths: readonly GrantedPath[],
    options: FilesystemOptions,
  ): FilesystemCapability {
    checkKeys(options, { field: "filesystem", allowed: OPTION_KEYS });
    return new FilesystemCapability(readGrants(paths, { rights: RIGHTS[name], options }));
  }

  /** Read files, list directories, see sizes and times. */
  static readOnly(paths: readonly GrantedPath[]): FilesystemCapability {
    return FilesystemCapability.#preset("readOnly", paths, {});
  }

  /** Make files and directories and write to them, and read none: for results. */
  static writeOnly(paths: readonly GrantedPath[], options: FilesystemOptions = {}): FilesystemCapability {
    return FilesystemCapability.#preset("writeOnly", paths, options);
  }

  /** Read, write and make, but remove nothing: what a guest spoils it has overwritten, not unlinked. */
  static readWrite(paths: readonly GrantedPath[], options: FilesystemOptions = {}): FilesystemCapability {
    return FilesystemCapability.#preset("readWrite", paths, options);
  }

  /** Read, write, make, remove and rename. */
  static full(paths: readonly GrantedPath[], options: FilesystemOptions = {}): FilesystemCapability {
    return FilesystemCapability.#preset("full", paths, options);
  }

  /** The rights that are named, of which there is at least one. */
  static custom(options: FilesystemRights): FilesystemCapability {
    checkKeys(options, { field: "filesystem", allowed: RIGHT_KEYS });
    const rights = {
      read: options.read === true,
      write: options.write === true,
      create: options.create === true,
      delete: options.delete === true,
    };
    if (!Object.values(rights).includes(true)) {
      const suggestion = "Set read, write, create or delete to true.";
      throw new AegisError("InvalidOption", `Cannot grant paths without a right. ${suggestion}`, {
        field: "filesystem",
        suggestion,
      });
    }
    return new FilesystemCapability(readGrants(options.paths, { rights, options }));
  }
}
