/**
 * Lists directories in pages. The names are taken once, sorted, so that runs are equal and cookies stay what they are;
 * numbers and types are looked up for the page alone.
 */
import { checkAmount } from "./amount.ts";
import type { FileOperation } from "./file_operation.ts";
import { hostIdentity } from "./identity.ts";
import { fileTypeOf, inodeOf } from "./metadata.ts";
import type { MountState } from "./mount.ts";
import type { Listed } from "./open_files.ts";
import type { Found } from "./resolve_path.ts";
import type { SandboxFiles, Sighting } from "./sandbox_files.ts";
import { type DirectoryEntry, FILE_TYPES } from "../protocol/operations.ts";

/** Entries of one answer: each is looked at, which takes 2 µs. */
const MOST_ENTRIES = 512;

/** Bytes of an entry beside its name, and of the count before them. */
const ENTRY_SIZE = 13, COUNT_SIZE = 4;

export const listDirectory: FileOperation<"readDirectory"> = (sandbox, { descriptor, cookie, most }) => {
  const open = sandbox.open.directory(descriptor), { mount } = open;
  mount.demand("read", open.names);
  checkAmount(cookie);
  return sandbox.locked(() => {
    const place = { directory: descriptor, path: undefined };
    const sighting = sandbox.find(place, { last: "follow", action: "read" }), { found } = sighting;
    if (cookie === 0 || open.listing === undefined) {
      sandbox.open.setListing(open, namesIn(sandbox, sighting));
      sandbox.allowed(mount.decision("read", found.names));
    }
    return { entries: page(sandbox, { found, listing: open.listing ?? [], cookie, most }) };
  });
};

function namesIn(sandbox: SandboxFiles, { found, prove }: Sighting): Listed[] {
  const { mount, names } = found, { only } = mount.grant, { fs } = sandbox.shared;
  if (only !== undefined) return grantedNames(sandbox, mount);
  const entries = [...fs.entries(mount.hostPath(names))];
  prove();
  return entries
    .filter(({ name }) => isWhole(name))
    .map(({ name, isFile, isDirectory, isSymlink }) => ({ name, isFile, isDirectory, isSymlink }))
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

/** A name that is no valid UTF-8 comes with replacement characters, and nothing could be done by it. */
function isWhole(name: string): boolean {
  return !name.includes("\ufffd");
}

function grantedNames({ shared: { fs } }: SandboxFiles, mount: MountState): Listed[] {
  const listed: Listed[] = [];
  for (const name of [...mount.grant.only ?? []].sort()) {
    if (!fs.granted("read", mount.hostPath([name]))) continue;
    const stat = lookAt(() => fs.lstat(mount.hostPath([name])));
    if (stat === undefined) continue;
    const { isFile, isDirectory, isSymlink } = stat;
    listed.push({ name, isFile, isDirectory, isSymlink });
  }
  return listed;
}

function page(
  sandbox: SandboxFiles,
  { found, listing, cookie, most }: {
    readonly found: Found;
    readonly listing: readonly Listed[];
    readonly cookie: number;
    readonly most: number;
  },
): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [], end = cookie + Math.min(most, MOST_ENTRIES);
  let room = sandbox.channel.room - COUNT_SIZE;
  for (let at = cookie; at < end; at++) {
    const entry = at === 0 ? dot(sandbox, found) : at === 1 ? dotDot(sandbox, found) : listing[at - 2];
    if (entry === undefined) break;
    // A character of a name takes three bytes at most, half a pair counted for itself.
    room -= ENTRY_SIZE + entry.name.length * 3;
    if (room < 0) break;
    entries.push("inode" in entry ? entry : look(sandbox, found, entry));
  }
  return entries;
}

function dot(sandbox: SandboxFiles, found: Found): DirectoryEntry {
  return { name: ".", inode: inodeOf(sandbox, found), type: FILE_TYPES.directory };
}

/** The directory above; of a mount's root it is the root itself. */
function dotDot(sandbox: SandboxFiles, found: Found): DirectoryEntry {
  const { mount, names } = found, { fs, identity } = sandbox.shared, type = FILE_TYPES.directory;
  if (names.length === 0) return { name: "..", inode: inodeOf(sandbox, found), type };
  const stat = lookAt(() => fs.lstat(mount.hostPath(names.slice(0, -1))));
  return { name: "..", inode: stat ? identity.inode(hostIdentity(stat)) : 0n, type };
}

/** What has gone since the listing was taken is told still, with the number 0: it is not known. */
function look(sandbox: SandboxFiles, { mount, names }: Found, listed: Listed): DirectoryEntry {
  const { fs, identity } = sandbox.shared, { name } = listed;
  const stat = lookAt(() => fs.lstat(mount.hostPath([...names, name])));
  if (stat === undefined) return { name, inode: 0n, type: fileTypeOf(listed) };
  return { name, inode: identity.inode(hostIdentity(stat)), type: fileTypeOf(stat) };
}

function lookAt(lstat: () => Deno.FileInfo): Deno.FileInfo | undefined {
  try {
    return lstat();
  } catch {
    return undefined; // not there, or not to be seen
  }
}
