/** Variables by which somebody tells Deno whom to trust. Only a broker for hosts gets them. */
const VARIABLES = [
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
] as const;

/** Those of them that are set, and that this process may read; what it may not see a child does without. */
export function tlsEnvironment(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const variable of VARIABLES) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value !== undefined) found[variable] = value;
  }
  return found;
}
