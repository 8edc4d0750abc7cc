/** The permissions of the host process: given up before a guest runs, and told to whoever asks. */
import { AegisError } from "../core/errors.ts";
import type { HostPermissions } from "./guest_permissions.ts";
import type { PlanIsolation } from "./guest_plan.ts";

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/**
 * Gives up every permission of this process but that to start the guest's process, if it has one, and those to read and
 * write what it reads and writes itself. Workers that it starts afterwards are given none of these.
 *
 * @param granted what the command line granted
 * @param kept files of sensors, what is served, the files of an audit log: each stands in it on its own
 * @param whole what becomes of `kept` where the kind was granted as a whole, as to a compiled program, and has no part that
 * could be kept: it is given up all the same, or that is refused. @default "given up"
 * @throws {AegisError} `UnsupportedPlatform`
 */
export function revokePermissions(
  isolation: PlanIsolation,
  { granted, kept, whole = "given up" }: {
    readonly granted: HostPermissions;
    readonly kept: KeptPaths;
    readonly whole?: "given up" | "refused";
  },
): void {
  for (const name of KINDS) {
    const paths = name === "read" || name === "write" ? kept[name] ?? [] : [];
    if (whole === "refused" && paths.length > 0) refuseWhole(name);
    if ((name === "read" || name === "write") && paths.length > 0) revokeOthers(name, granted[name], paths);
    else if (name !== "run" || isolation === "worker") Deno.permissions.revokeSync({ name });
  }
}

/** The command as a program of its own: to keep the paths it would have to keep all files. */
function refuseWhole(name: typeof KINDS[number]): void {
  if (!isGranted({ name })) return;
  throw new AegisError(
    "UnsupportedPlatform",
    `Cannot go on ${
      name === "read" ? "reading" : "writing"
    } files while guests run: this is a compiled program, ` +
      "which gives its permissions up as a whole",
    {
      suggestion:
        "Leave out sensors from files, --record-policy, --static, --reload and the audit log of a " +
        "server, or run aegis by deno.",
    },
  );
}

/** Paths that a process goes on reading and writing. */
export type KeptPaths = Partial<Pick<HostPermissions, "read" | "write">>;

/** Taking the kind away would take these, too. */
function revokeOthers(name: "read" | "write", granted: readonly string[], kept: readonly string[]): void {
  // A path below one that is kept stays with it: to take it away would take the whole directory.
  const isKept = (path: string) => kept.some((one) => path === one || path.startsWith(`${one}/`));
  for (const path of granted) if (!isKept(path)) Deno.permissions.revokeSync({ name, path });
  // What was granted as a whole, as to a compiled tool, has no part that could be kept: its sensors read 0 then.
  if (isGranted({ name })) Deno.permissions.revokeSync({ name });
}

/**
 * One line for every kind of permission: `host permission read: denied`. What could still be asked for is denied,
 * since the process runs with `--no-prompt`.
 *
 * @param granted what the command line granted: a query for the kind alone does not see such a grant
 */
export function permissionLines(granted: HostPermissions): string[] {
  return KINDS.map((name) => {
    const queries: Deno.PermissionDescriptor[] = [{ name }];
    if (name === "read" || name === "write") queries.push(...granted[name].map((path) => ({ name, path })));
    if (name === "net" && granted.net !== true) queries.push(...granted.net.map((host) => ({ name, host })));
    if (name === "run") queries.push(...granted.run.map((command) => ({ name, command })));
    if (name === "env") queries.push(...granted.env.map((variable) => ({ name, variable })));
    const held = queries.some(isGranted);
    return `host permission ${name}: ${held ? "granted" : "denied"}`;
  });
}

/** A query cannot name all hosts below a name, as a grant can; the broker's are not this process's. */
function isGranted(query: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(query).state === "granted";
  } catch {
    return false;
  }
}
