/**
 * A network of its own for one program: its addresses, public ones among them, are all this machine's, its names are in
 * a file that the program writes, and nothing outside is reached. Needs root on Linux.
 */

import { makeCertificate } from "../../broker/net_certificate.ts";

/** What one attack ended with. */
export interface Case {
  readonly name: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

export interface Report {
  readonly cases: readonly Case[];
}

/** Addresses that the network has: public ones, and those that no guest may reach. */
export const PUBLIC = { v4: "93.184.216.34", v6: "2606:2800:220:1::1" } as const;

export const FORBIDDEN: readonly string[] = [
  "10.1.2.3",
  "100.64.0.1",
  "100.100.100.200",
  "169.254.169.254",
  "172.16.0.1",
  "192.168.1.1",
  "198.18.0.1",
  "fd00:ec2::254",
  "fc00::1",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
];

function commands(names: string): string {
  const addresses = [...Object.values(PUBLIC), ...FORBIDDEN].map((address) =>
    address.includes(":")
      ? `ip -6 addr add ${address}/128 dev lo nodad 2>/dev/null || true`
      : `ip addr add ${address}/32 dev lo`
  );
  return [
    "set -e",
    "ip link set lo up",
    ...addresses,
    `mount --bind "${names}" /etc/hosts`,
    'exec "$@"',
  ].join("\n");
}

/** The name that the certificate of the attacks is made for. */
export const SECURE_NAME = "secure.example.com";

/** Runs the attacks there; undefined where this system does not let us make such a network. */
export async function runInPrivateNetwork(): Promise<Report | undefined> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "aegis-network-" }), names = `${folder}/hosts`;
  try {
    const { cert, key } = await makeCertificate(SECURE_NAME);
    await Deno.writeTextFile(names, "");
    await Deno.writeTextFile(`${folder}/cert.pem`, cert);
    await Deno.writeTextFile(`${folder}/key.pem`, key);
    const prefix = ["-mn", "sh", "-c", commands(names), "sh"];
    const probe = await run([...prefix, "true"], {});
    if (!probe.success) return undefined;
    const program = new URL("./private_network_main.ts", import.meta.url);
    const flags = ["run", "-A", "--no-prompt", "--quiet", "--unstable-worker-options"];
    const { success, stdout, stderr } = await run(
      [...prefix, Deno.execPath(), ...flags, program.pathname, folder],
      { DENO_NO_UPDATE_CHECK: "1", DENO_CERT: `${folder}/cert.pem` },
    );
    const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (!success || text === undefined) throw new Error(`The attacks did not end: ${text}${errors}`);
    return JSON.parse(text) as Report; // our own program printed it
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function run(args: readonly string[], env: Record<string, string>): Promise<Deno.CommandOutput> {
  return new Deno.Command("timeout", {
    args: ["60", "unshare", ...args],
    env,
    stdout: "piped",
    stderr: "piped",
  }).output();
}
