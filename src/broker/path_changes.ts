/** Operations that make and remove names. */
import type { FileOperation } from "./file_operation.ts";
import { hostIdentity } from "./identity.ts";
import { demandNewName } from "./open_path.ts";
import { Refused } from "./refusals.ts";
import type { Found } from "./resolve_path.ts";
import type { SandboxFiles } from "./sandbox_files.ts";
import { OperationError } from "../protocol/operations.ts";

export const createDirectory: FileOperation<"createDirectory"> = (sandbox, request) => {
  sandbox.demand(request, "create");
  return sandbox.locked(() => {
    const { found } = sandbox.find(request, { last: "name", action: "create" }), { mount, names } = found;
    if (found.kind !== "missing") throw new OperationError("exist");
    // Where single files were granted, a directory is none of them.
    if (mount.grant.only !== undefined) throw new Refused("otherName", mount.decision("create", names));
    sandbox.quotas.allowName(mount.decision("create", names));
    sandbox.shared.fs.createDirectory(writablePath(sandbox, found));
    sandbox.quotas.countName();
    sandbox.allowed(mount.decision("create", names));
    return {};
  });
};

export const removeDirectory: FileOperation<"removeDirectory"> = (sandbox, request) => {
  sandbox.demand(request, "delete");
  return sandbox.locked(() => {
    const { found } = sandbox.find(request, { last: "name", action: "delete" }), { mount, names } = found;
    if (found.kind === "missing") throw new OperationError("noent");
    if (found.kind !== "directory") throw new OperationError("notdir");
    if (found.dots !== undefined) throw new OperationError(found.dots === "." ? "inval" : "notempty");
    demandRemovable(sandbox, found);
    sandbox.shared.fs.remove(writablePath(sandbox, found));
    sandbox.allowed(mount.decision("delete", names));
    return {};
  });
};

export const unlink: FileOperation<"unlink"> = (sandbox, request) => {
  sandbox.demand(request, "delete");
  return sandbox.locked(() => {
    const { found } = sandbox.find(request, { last: "name", action: "delete" }), { mount, names } = found;
    if (found.kind === "missing") throw new OperationError("noent");
    if (found.kind === "directory") throw new OperationError("isdir");
    if (found.slash) throw new OperationError("notdir");
    sandbox.shared.fs.remove(writablePath(sandbox, found));
    gone(sandbox, found);
    sandbox.allowed(mount.decision("delete", names));
    return {};
  });
};

export const link: FileOperation<"link"> = (sandbox, { directory, path, follow, toDirectory, toPath }) => {
  const from = { directory, path }, to = { directory: toDirectory, path: toPath };
  const mount = sandbox.demand(to, "create");
  // A name in a mount with other rights would carry the file out of its own.
  if (sandbox.open.directory(directory).mount !== mount) {
    sandbox.demand(from, "create");
    throw new Refused("acrossMounts", mount.decision("create", [toPath]));
  }
  return sandbox.locked(() => {
    const { found: old } = sandbox.find(from, { last: follow ? "follow" : "look", action: "read" });
    if (old.kind === "missing") throw new OperationError("noent");
    if (old.kind === "directory") throw new OperationError("perm");
    if (old.slash) throw new OperationError("notdir");
    if (old.kind === "special") throw new Refused("special", mount.decision("create", old.names));
    const { found: made } = sandbox.find(to, { last: "name", action: "create" });
    if (made.kind !== "missing") throw new OperationError("exist");
    if (made.slash) throw new OperationError("noent");
    demandNewName(made);
    mount.demandPermission(sandbox.shared.fs, "read", made.names);
    sandbox.quotas.allowName(mount.decision("create", made.names));
    sandbox.shared.fs.link(writablePath(sandbox, old), writablePath(sandbox, made));
    sandbox.quotas.countName();
    sandbox.allowed(mount.decision("create", made.names));
    return {};
  });
};

/** Never done: the system lets nobody make links who may not read and write everything, so no guest-made link exists. */
export const symlink: FileOperation<"symlink"> = (sandbox, request) => {
  sandbox.demand(request, "create");
  return sandbox.locked(() => {
    const { found } = sandbox.find(request, { last: "name", action: "create" }), { mount, names } = found;
    if (found.kind !== "missing") throw new OperationError("exist");
    if (found.slash) throw new OperationError("noent");
    throw new Refused("symlink", mount.decision("create", names));
  });
};

/** The host path of something that is about to be changed. @throws {Refused} `notPermitted` */
export function writablePath(sandbox: SandboxFiles, { mount, names }: Found): string {
  mount.demandPermission(sandbox.shared.fs, "write", names);
  return mount.hostPath(names);
}

/** @throws {OperationError} `busy` for a directory in which a mount of any sandbox lies, or that is one */
export function demandRemovable(sandbox: SandboxFiles, { kind, mount, names }: Found): void {
  if (kind === "directory" && sandbox.holdsMount(mount.hostPath(names))) throw new OperationError("busy");
}

/** A name of a file is gone, and with the last one the file. */
export function gone(sandbox: SandboxFiles, { kind, stat }: Found): void {
  if (kind === "regular" && stat !== undefined) {
    sandbox.changed(sandbox.shared.identity.token(hostIdentity(stat)));
  }
}
