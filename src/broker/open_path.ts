/** Opens what is there, or makes a new file. */
import type { OpenedFile } from "./file_system.ts";
import type { FileOperation } from "./file_operation.ts";
import { hostIdentity, sameIdentity } from "./identity.ts";
import { refusalOf } from "./mount.ts";
import { directoryAt } from "./open_files.ts";
import { Refused } from "./refusals.ts";
import type { Found } from "./resolve_path.ts";
import type { SandboxFiles, Sighting } from "./sandbox_files.ts";
import {
  FILE_TYPES,
  OPEN_FLAGS,
  OperationError,
  type ReplyOf,
  type RequestOf,
} from "../protocol/operations.ts";

type Reply = ReplyOf<"open">;

/** What a guest wants to open something for. */
type Flags = Readonly<Record<keyof typeof OPEN_FLAGS, boolean>>;

const ALL_FLAGS = Object.values(OPEN_FLAGS).reduce((all, bit) => all | bit, 0);

function readFlags(bits: number): Flags {
  if ((bits & ~ALL_FLAGS) !== 0) throw new OperationError("inval");
  const has = (name: keyof typeof OPEN_FLAGS) => (bits & OPEN_FLAGS[name]) !== 0;
  return {
    read: has("read"),
    write: has("write"),
    create: has("create"),
    exclusive: has("create") && has("exclusive"),
    truncate: has("truncate"),
    directory: has("directory"),
    follow: has("follow"),
  };
}

export const openPath: FileOperation<"open"> = (sandbox, request) => {
  const flags = readFlags(request.flags);
  if (flags.create && flags.directory) throw new OperationError("inval");
  demandRights(sandbox, { request, flags });
  return sandbox.locked(() => {
    const sighting = sandbox.find(request, {
      last: flags.exclusive ? "name" : flags.follow ? "follow" : "look",
      action: flags.write || flags.truncate ? "write" : "read",
    });
    return open(sandbox, { sighting, flags });
  });
};

/** What can be refused whatever the path leads to. */
function demandRights(
  sandbox: SandboxFiles,
  { request, flags }: { readonly request: RequestOf<"open">; readonly flags: Flags },
): void {
  const { mount } = sandbox.open.directory(request.directory);
  if (flags.read) sandbox.demand(request, "read");
  const modifies = flags.write || flags.truncate || flags.create;
  if (modifies && refusalOf(mount.grant, "write") === "readOnly") sandbox.demand(request, "write");
}

interface Opening {
  readonly sighting: Sighting;
  readonly flags: Flags;
}

function open(sandbox: SandboxFiles, opening: Opening): Reply {
  const { sighting: { found }, flags } = opening;
  if (found.kind === "missing") return create(sandbox, opening);
  if (flags.exclusive) throw new OperationError("exist");
  switch (found.kind) {
    case "link":
      throw new OperationError(flags.directory ? "notdir" : "loop");
    case "special":
      // Refused before it is opened: opening a FIFO would wait, opening a device can do anything.
      throw new Refused("special", found.mount.decision("read", found.names));
    case "directory":
      return openDirectory(sandbox, opening);
    case "regular":
      return openFile(sandbox, opening);
  }
}

function openDirectory(sandbox: SandboxFiles, { sighting, flags }: Opening): Reply {
  const { found } = sighting, { mount, names } = found;
  if (flags.write || flags.truncate || flags.create) throw new OperationError("isdir");
  sandbox.open.demandRoom(found);
  sighting.prove();
  sandbox.allowed(mount.decision("read", names));
  const descriptor = sandbox.open.add(directoryAt(found));
  return { descriptor, type: FILE_TYPES.directory, file: tokenOf(sandbox, found) };
}

function openFile(sandbox: SandboxFiles, { sighting, flags }: Opening): Reply {
  const { found } = sighting, { mount, names } = found, write = flags.write || flags.truncate;
  const read = flags.read || !write;
  if (found.slash || flags.directory) throw new OperationError("notdir");
  if (read) mount.demand("read", names);
  if (write) mount.demand("write", names);
  sandbox.open.demandRoom(found);
  return withOpened(sandbox, { found, options: { read, write } }, (file) => {
    const stat = file.statSync(), token = tokenOf(sandbox, found);
    if (
      found.stat === undefined || !stat.isFile || !sameIdentity(hostIdentity(stat), hostIdentity(found.stat))
    ) {
      throw new OperationError("noent");
    }
    sighting.prove();
    if (flags.truncate && stat.size > 0) {
      file.truncateSync(0);
      sandbox.changed(token);
    }
    return add(sandbox, { found, file, token, flags, created: false });
  });
}

function create(sandbox: SandboxFiles, { sighting, flags }: Opening): Reply {
  const { found } = sighting, { mount, names } = found;
  if (!flags.create) throw new OperationError("noent");
  if (found.slash) throw new OperationError("isdir");
  demandNewName(found);
  sandbox.open.demandRoom(found);
  sandbox.quotas.allowName(mount.decision("create", names));
  const options = { read: flags.read, write: true, createNew: true };
  return withOpened(sandbox, { found, options }, (file) => {
    // What the path led to was not there to be compared; that it leads to the new file now is all that can be seen.
    const again = sighting.again(), stat = file.statSync(), identity = hostIdentity(stat);
    if (again.stat === undefined || !sameIdentity(hostIdentity(again.stat), identity)) {
      throw new OperationError("noent");
    }
    sandbox.allowed(mount.decision("create", names));
    sandbox.quotas.countName();
    const token = sandbox.shared.identity.token(identity);
    return add(sandbox, { found, file, token, flags, created: true });
  });
}

/** Opens a host file, which is closed again when what is done with it fails. */
function withOpened(
  sandbox: SandboxFiles,
  { found, options }: { readonly found: Found; readonly options: Deno.OpenOptions },
  use: (file: OpenedFile) => Reply,
): Reply {
  const { fs } = sandbox.shared, { mount, names } = found;
  if (options.read) mount.demandPermission(fs, "read", names);
  if (options.write) mount.demandPermission(fs, "write", names);
  const file = fs.open(mount.hostPath(names), options);
  try {
    return use(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

function add(
  sandbox: SandboxFiles,
  { found: { mount, names }, file, token, flags, created }: {
    readonly found: Found;
    readonly file: OpenedFile;
    readonly token: number;
    readonly flags: Flags;
    readonly created: boolean;
  },
): Reply {
  const { read: readable, write: writable } = flags, writes = writable || flags.truncate;
  if (!created && writes) sandbox.allowed(mount.decision("write", names));
  if (!created && (readable || !writes)) sandbox.allowed(mount.decision("read", names));
  const descriptor = sandbox.open.add({
    kind: "file",
    mount,
    names,
    file,
    readable,
    writable,
    created,
    token,
  });
  return { descriptor, type: FILE_TYPES.regularFile, file: token };
}

function tokenOf(sandbox: SandboxFiles, { stat }: Found): number {
  return stat === undefined ? 0 : sandbox.shared.identity.token(hostIdentity(stat));
}

/** @throws {Refused} when nothing may be made under this name */
export function demandNewName({ mount, names }: Found): void {
  mount.demand("create", names);
  const { only, identity } = mount.grant, pinned = only !== undefined && identity !== undefined;
  // A new file in the place of one that was granted could lie anywhere.
  if (pinned || names.length === 1 && !mount.shows(names[0] ?? "")) {
    throw new Refused("otherName", mount.decision("create", names));
  }
}
