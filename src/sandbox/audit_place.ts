/** A log that the guest can write tells what the guest likes; a key that it can read keeps nothing. */
import { dirname } from "./path.ts";
import type { Mount } from "../broker/messages.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** The files of a log. */
export interface AuditPlace {
  /** Those that are written to, absolute and without links. */
  readonly files: readonly string[];
  /** That of its key. */
  readonly keyFile?: string | undefined;
}

/** What the files of a log are checked against. */
export type Granted = Pick<Mount, "hostPath" | "only" | "write" | "create" | "delete"> & {
  /** Undefined where it cannot be looked at. */
  readonly identity?: Mount["identity"] | undefined;
};

/** The first of these files that a mount lets guests change; undefined where none does. */
export function changedFile(mount: Granted, files: readonly string[]): string | undefined {
  return mount.write || mount.create || mount.delete ? files.find((file) => reaches(mount, file)) : undefined;
}

/** @throws {AegisError} `InvalidOption` for a log in what a guest may change, and for a key in what it may reach at all */
export function checkAuditPlace({ files, keyFile }: AuditPlace, mounts: readonly Granted[]): void {
  for (const mount of mounts) {
    const log = changedFile(mount, files);
    if (log !== undefined) throw refuse("audit", `write the audit log ${quote(log)}`, mount, "change");
    if (keyFile !== undefined && reaches(mount, keyFile)) {
      throw refuse("auditKey", `use the key file ${quote(keyFile)}`, mount, "reach");
    }
  }
}

function refuse(field: string, what: string, { hostPath }: Granted, may: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot ${what}: guests may ${may} what is in ${quote(hostPath)}`,
    { field, suggestion: "Put it where no grant leads to." },
  );
}

/** Whether a grant leads to a file: by its path, or since one of the directories above it is the one that is granted. */
function reaches({ hostPath, only, identity }: Granted, file: string): boolean {
  if (only !== undefined) return only.some((name) => join(hostPath, name) === file) || isSame(file, identity);
  if (file.startsWith(hostPath === "/" ? "/" : `${hostPath}/`)) return true;
  for (let folder = dirname(file);; folder = dirname(folder)) {
    if (isSame(folder, identity)) return true;
    if (folder === dirname(folder)) return false;
  }
}

function join(folder: string, name: string): string {
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

/** The same directory can have another path where it was mounted twice. */
function isSame(path: string, identity: Granted["identity"]): boolean {
  if (identity === undefined) return false;
  const { device, inode } = identity;
  try {
    const { dev, ino } = Deno.lstatSync(path);
    return dev === device && ino === inode;
  } catch {
    return false; // this process may not look there, or there is nothing yet
  }
}
