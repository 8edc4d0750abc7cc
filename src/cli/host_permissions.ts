/** The permissions of the host process: given up before a guest runs, and told to whoever asks. */

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/** Gives up every permission of this process. The Workers that it starts afterwards have none to inherit. */
export function revokeEverything(): void {
  for (const name of KINDS) Deno.permissions.revokeSync({ name });
}

/**
 * One line for every kind of permission: `host permission read: denied`. What could still be asked for is denied,
 * since the process runs with `--no-prompt`.
 *
 * @param granted the file that the command line granted: a query for the kind alone does not see such a grant
 */
export function permissionLines(granted: string | null): string[] {
  return KINDS.map((name) => {
    const queries: Deno.PermissionDescriptor[] = [{ name }];
    if (name === "read" && granted !== null) queries.push({ name, path: granted });
    const held = queries.some((query) => Deno.permissions.querySync(query).state === "granted");
    return `host permission ${name}: ${held ? "granted" : "denied"}`;
  });
}
