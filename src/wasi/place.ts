import type { Caller } from "./caller.ts";
import type { DirectoryDescriptor, Origin } from "./descriptors.ts";
import { ERRNO } from "../protocol/errno.ts";

/** A path, below a directory of the broker's. */
export interface Place {
  readonly directory: number;
  readonly path: string;
  /** The same from a preopened directory on. */
  readonly origin: Origin;
  /** What may be passed on to a descriptor of what is there. */
  readonly inheriting: number;
}

/** A path as a guest gives it: the directory's number, where the text lies. */
export interface GivenPath {
  readonly fd: number;
  readonly at: number;
  readonly length: number;
}

/**
 * Makes sense of a path. One that starts at the root, or at the `/` that holds nothing, is told to the host, which
 * records that it was refused. One that leaves a directory which the guest itself has opened fails here, since the
 * broker confines paths to what was granted, and WASI to the directory; one that leaves a preopened directory is for
 * the broker, which records it.
 *
 * @param use `rights`: all of which the directory must have; `write`: whether something is to be changed
 * @returns an error number when there is no such place
 */
export function placeOf(
  caller: Caller,
  given: GivenPath,
  use: { readonly rights: number; readonly write: boolean },
): Place | number {
  const descriptor = caller.process.descriptors.get(given.fd);
  if (descriptor === undefined) return ERRNO.badf;
  if (descriptor.kind === "file" || descriptor.kind === "stream") return ERRNO.notdir;
  const path = caller.path(given.at, given.length);
  if (typeof path === "number") return path;
  if ((descriptor.rights & use.rights) !== use.rights) return ERRNO.notcapable;
  const granted = descriptor.kind === "root" ? caller.process.descriptors.preopenOf(path) : undefined;
  if (granted !== undefined) {
    const { directory, rest } = granted;
    if ((directory.rights & use.rights) !== use.rights) return ERRNO.notcapable;
    return placeIn(directory, rest);
  }
  if (descriptor.kind === "root" || path.startsWith("/")) {
    caller.perform("refusedFile", { write: use.write ? 1 : 0, path: absolutePath(path) });
    return ERRNO.notcapable;
  }
  if (descriptor.guestPath === undefined && leavesLexically(path)) return ERRNO.perm;
  return placeIn(descriptor, path);
}

function placeIn({ handle, inheriting, origin }: DirectoryDescriptor, path: string): Place {
  const joined = origin.path === "" ? path : `${origin.path}/${path}`;
  return { directory: handle, path, inheriting, origin: { preopen: origin.preopen, path: joined } };
}

/** Whether a path has more `..` than components before them. */
function leavesLexically(path: string): boolean {
  let depth = 0;
  for (const component of path.split("/")) {
    if (component === "..") depth--;
    else if (component !== "" && component !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

/**
 * A path from the root without empty components and `.`. What holds `..` keeps it: text does not tell where that leads,
 * and a person who reads another path would grant another file.
 */
export function absolutePath(path: string): string {
  return `/${path.split("/").filter((component) => component !== "" && component !== ".").join("/")}`;
}
