/** The permissions of the host process: given up before a guest runs, and told to whoever asks. */

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/** Gives up every permission of this process. The Workers that it starts afterwards have none to inherit. */
export function revokeEverything(): void {
  for (const name of KINDS) Deno.permissions.revokeSync({ name });
}

/**
 * One line for every kind of permission: `host permission read: denied`. What could still be asked for is denied,
 * since the process runs with `--no-prompt`.
 */
export function permissionLines(): string[] {
  return KINDS.map((name) => {
    const { state } = Deno.permissions.querySync({ name });
    return `host permission ${name}: ${state === "granted" ? "granted" : "denied"}`;
  });
}
