/** Filesystem grants to directories: paths made absolute and freed of links. */
import { basename, dirname } from "./path.ts";
import type { Mount } from "../broker/messages.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { FilesystemGrant } from "../policy/grants.ts";

/** How paths of this machine are looked at; the default is Deno. */
export interface PathPorts {
  readonly os: string;
  readonly realPath: (path: string) => string;
  /** What is at a path; links not followed. */
  readonly look: (path: string) => Look;
}

/** What is at a path, and its numbers on this machine. */
export interface Look {
  readonly kind: "directory" | "file" | "other";
  readonly device: number;
  readonly inode: number;
}

const SYSTEM_PATHS: PathPorts = {
  os: Deno.build.os,
  realPath: (path) => Deno.realPathSync(path),
  look: (path) => {
    const { isDirectory, isFile, dev, ino } = Deno.lstatSync(path);
    return { kind: isDirectory ? "directory" : isFile ? "file" : "other", device: dev, inode: ino ?? -1 };
  },
};

function refuse(path: string, reason: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", `Cannot grant ${quote(path)}: ${reason}`, {
    field: "filesystem",
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/**
 * The same grants with host paths that are absolute and have no links.
 *
 * @throws {AegisError} `InvalidOption` for what does not exist or is neither file nor directory, `UnsupportedPlatform`
 */
export function resolveGrants(
  grants: readonly FilesystemGrant[],
  ports: PathPorts = SYSTEM_PATHS,
): FilesystemGrant[] {
  if (grants.length > 0 && ports.os === "windows") {
    throw new AegisError(
      "UnsupportedPlatform",
      "Cannot grant files on Windows: containment is not tested there",
      {
        field: "filesystem",
      },
    );
  }
  return grants.map((grant) => {
    const hostPath = realPath(grant.hostPath, ports);
    if (hostPath.includes(",")) {
      throw refuse(
        grant.hostPath,
        "a path with a comma cannot be granted",
        "Rename it, or grant what is above it.",
      );
    }
    return Object.freeze({ ...grant, hostPath });
  });
}

function realPath(path: string, ports: PathPorts): string {
  try {
    return ports.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse(path, "it does not exist", "Make it first.");
    if (error instanceof Deno.errors.NotCapable) {
      throw refuse(path, "this process may not read it", "Give Deno the same permission.");
    }
    throw refuse(path, error instanceof Error ? error.message : String(error));
  }
}

/** Times that a path is looked up until two looks agree. */
const MOST_LOOKS = 8;

/**
 * What is at a path without links, looked at between two equal answers of where it leads: a guest of another runtime
 * may be moving things about at this very moment.
 */
function granted(path: string, ports: PathPorts): Look {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const look = ports.look(path), again = realPath(path, ports) === path ? ports.look(path) : undefined;
    if (again?.device === look.device && again.inode === look.inode && again.kind === look.kind) return look;
  }
  throw refuse(path, "it is being moved about");
}

/**
 * The directories that a guest finds open, for resolved grants. A single file is a directory of its own under the
 * file's guest path, in which the path `.` is the file: so it needs no neighbours and hides none. What is found now is
 * what was granted, whatever its path leads to later.
 *
 * @throws {AegisError} `InvalidOption` for what is neither file nor directory
 */
export function mountsOf(grants: readonly FilesystemGrant[], ports: PathPorts = SYSTEM_PATHS): Mount[] {
  return grants.map(({ kind: _, ...grant }) => {
    const { kind, device, inode } = granted(grant.hostPath, ports), identity = { device, inode };
    if (kind === "other") throw refuse(grant.hostPath, "it is neither a file nor a directory");
    if (kind === "directory") return { ...grant, only: undefined, identity };
    return { ...grant, hostPath: dirname(grant.hostPath), only: [basename(grant.hostPath)], identity };
  });
}

/** The same directories with the rights that grants have now; grants stand in the order of the mounts. */
export function narrowMounts(mounts: readonly Mount[], grants: readonly FilesystemGrant[]): Mount[] {
  return mounts.map((mount, index) => {
    const grant = grants[index];
    return {
      ...mount,
      read: grant?.read ?? false,
      write: grant?.write ?? false,
      create: grant?.create ?? false,
      delete: grant?.delete ?? false,
    };
  });
}
