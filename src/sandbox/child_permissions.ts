/** Deno permissions of a child process: as flags, and checked against those of this process. */
import type { WorkerPermissions } from "./worker.ts";

/** Flags that give what is named and nothing else. A flag without a list would give all, so an empty list gives none. */
export function permissionFlags(permissions: WorkerPermissions, deniedNet: readonly string[]): string[] {
  const { read = [], write = [], net = [], run = [] } = permissions;
  const lists = Object.entries({ read, write, net: net === true ? [] : net, run });
  const allowed = lists.flatMap(([kind, list]) =>
    list.length === 0 ? [] : [`--allow-${kind}=${list.join(",")}`]
  );
  return [
    ...allowed,
    ...(net === true ? ["--allow-net"] : []),
    ...(deniedNet.length === 0 ? [] : [`--deny-net=${deniedNet.join(",")}`]),
  ];
}

/**
 * A Worker cannot get more than the process has that starts it; a process that may run `deno` can. So that a grant
 * means the same with both, what this process has not, or only in part, is not given.
 *
 * @throws {Deno.errors.NotCapable}
 */
export function checkHeld(permissions: WorkerPermissions): void {
  for (const descriptor of descriptorsOf(permissions)) {
    const { state, partial } = Deno.permissions.querySync(descriptor);
    if (state === "granted" && !partial) continue;
    const { name, ...what } = descriptor, [value = "everything"] = Object.values(what);
    throw new Deno.errors.NotCapable(
      state === "granted"
        ? `part of ${name} access to "${value}" is denied, which a process cannot be held to`
        : `Requires ${name} access to "${value}"`,
    );
  }
}

function descriptorsOf(
  { read = [], write = [], net = [], run = [] }: WorkerPermissions,
): Deno.PermissionDescriptor[] {
  return [
    ...read.map((path) => ({ name: "read", path }) as const),
    ...write.map((path) => ({ name: "write", path }) as const),
    ...(net === true ? [{ name: "net" } as const] : net.map((host) => ({ name: "net", host }) as const)),
    ...run.map((command) => ({ name: "run", command }) as const),
  ];
}
