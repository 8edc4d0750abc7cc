import type { FileOperation } from "./file_operation.ts";
import { hostIdentity, sameIdentity } from "./identity.ts";
import { demandNewName } from "./open_path.ts";
import { demandRemovable, gone, writablePath } from "./path_changes.ts";
import { Refused } from "./refusals.ts";
import type { Found } from "./resolve_path.ts";
import type { SandboxFiles } from "./sandbox_files.ts";
import { OperationError } from "../protocol/operations.ts";

/** Renames; directories that guests have open at the old path or below it follow. */
export const rename: FileOperation<"rename"> = (sandbox, { directory, path, toDirectory, toPath }) => {
  const from = { directory, path }, to = { directory: toDirectory, path: toPath };
  const mount = sandbox.demand(from, "delete"), other = sandbox.demand(to, "create");
  if (mount !== other) throw new Refused("acrossMounts", other.decision("create", [toPath]));
  return sandbox.locked(() => {
    const { found: old } = sandbox.find(from, { last: "name", action: "delete" });
    const { found: made } = sandbox.find(to, { last: "name", action: "create" });
    demandOldName(sandbox, old);
    demandNewName(made);
    if (made.dots !== undefined) throw new OperationError("busy");
    if (made.slash && old.kind !== "directory") throw new OperationError("notdir");
    if (made.kind !== "missing") {
      if (isOneFile(old, made)) return {};
      demandReplaceable(sandbox, old, made);
    }
    sandbox.shared.fs.rename(writablePath(sandbox, old), writablePath(sandbox, made));
    gone(sandbox, made);
    if (old.kind === "directory") {
      for (const { open } of sandbox.shared.sandboxes) {
        open.follow(mount.hostPath(old.names), mount.hostPath(made.names));
      }
    }
    sandbox.allowed(mount.decision("delete", old.names));
    sandbox.allowed(mount.decision("create", made.names));
    return {};
  });
};

function demandOldName(sandbox: SandboxFiles, old: Found): void {
  if (old.kind === "missing") throw new OperationError("noent");
  if (old.dots !== undefined) throw new OperationError("busy");
  if (old.slash && old.kind !== "directory") throw new OperationError("notdir");
  demandRemovable(sandbox, old);
}

function demandReplaceable(sandbox: SandboxFiles, old: Found, replaced: Found): void {
  if (old.kind === "directory" && replaced.kind !== "directory") throw new OperationError("notdir");
  if (old.kind !== "directory" && replaced.kind === "directory") throw new OperationError("isdir");
  demandRemovable(sandbox, replaced);
}

/** Two names of one file: then a rename does nothing, and both stay. */
function isOneFile({ stat: one }: Found, { stat: other }: Found): boolean {
  return one !== undefined && other !== undefined && sameIdentity(hostIdentity(one), hostIdentity(other));
}
