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
  /** What is at a path; links followed. */
  readonly kind: (path: string) => "directory" | "file" | "other";
}

export const SYSTEM_PATHS: PathPorts = {
  os: Deno.build.os,
  realPath: (path) => Deno.realPathSync(path),
  kind: (path) => {
    const { isDirectory, isFile } = Deno.statSync(path);
    return isDirectory ? "directory" : isFile ? "file" : "other";
  },
};

function refuse(path: string, reason: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", `Cannot grant ${quote(path)}: ${reason}`, {
    field: "filesystem",
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/**
 * The same grants with host paths that are absolute and have no links, so that what is granted is what is there now.
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
    if (ports.kind(hostPath) === "other") {
      throw refuse(grant.hostPath, "it is neither a file nor a directory");
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

/**
 * The directories that a guest finds open, for resolved grants. A single file is a directory of its own under the
 * file's guest path, in which the path `.` is the file: so it needs no neighbours and hides none.
 */
export function mountsOf(grants: readonly FilesystemGrant[], ports: PathPorts = SYSTEM_PATHS): Mount[] {
  return grants.map(({ kind: _, ...grant }) =>
    ports.kind(grant.hostPath) === "directory"
      ? { ...grant, only: undefined }
      : { ...grant, hostPath: dirname(grant.hostPath), only: [basename(grant.hostPath)] }
  );
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
