/**
 * `deno task advisories`: asks the registry of npm for known advisories of every package in the locks, by `npm audit`, which
 * sends names and versions. Ends with 0 when there is none, 1 when there is one, and 3 when the registry does not answer that.
 */
const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

/** The locks that it reads: of the product, of `aegis mcp`, of tests and benchmarks. */
export const ADVISED_LOCKS = ["deno.lock", "mcp.lock", "tests/deno.lock"] as const;

/** A package as a lock names it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
}

/** What is known against a package. */
export interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly title: string;
}

/** What `npm audit --json` says; of advisories, or why there is no answer. */
export type AuditReport = { readonly advisories: readonly Advisory[] } | { readonly unanswered: string };

/** The packages of a lock; what follows `_` in a key are the peers that a package was resolved with. */
export function lockedPackages(lock: string): LockedPackage[] {
  const { npm = {} } = JSON.parse(lock) as { readonly npm?: Readonly<Record<string, unknown>> }; // `as`: Deno's format
  return Object.keys(npm).map((key) => {
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    if (name === undefined || version === undefined) {
      throw new Error(`Cannot read "${key}" in the lock: it is no package with a version`);
    }
    return { name, version };
  });
}

/** The two files that `npm audit` reads. Each package has a name of its own, so several versions of one stand side by side. */
function npmFiles(
  packages: readonly LockedPackage[],
): Readonly<Record<"package.json" | "package-lock.json", string>> {
  const dependencies = Object.fromEntries(
    packages.map(({ name, version }, index) => [`p${index}`, `npm:${name}@${version}`]),
  );
  const root = { name: "audited", version: "0.0.0", dependencies };
  const places = packages.map((one, index) => [`node_modules/p${index}`, one] as const);
  return {
    "package.json": JSON.stringify(root),
    "package-lock.json": JSON.stringify({
      ...root,
      lockfileVersion: 3,
      requires: true,
      packages: { "": root, ...Object.fromEntries(places) },
    }),
  };
}

/** Reads what `npm audit --json` printed. */
export function readAuditReport(text: string): AuditReport {
  let report: {
    readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly unknown[] }>>;
    readonly message?: string;
    readonly error?: { readonly summary?: string };
  };
  try {
    report = JSON.parse(text);
  } catch {
    return { unanswered: "npm printed no report" };
  }
  const { vulnerabilities } = report;
  if (vulnerabilities === undefined) {
    return { unanswered: report.error?.summary || report.message || "npm gave no reason" };
  }
  const isAdvisory = (via: unknown): via is Advisory =>
    typeof via === "object" && via !== null && "title" in via;
  const found = Object.values(vulnerabilities).flatMap(({ via }) => via.filter(isAdvisory));
  return { advisories: found.map(({ name, severity, title }) => ({ name, severity, title })) };
}

async function auditLock(path: string): Promise<number> {
  const packages = lockedPackages(await Deno.readTextFile(`${ROOT}/${path}`));
  const folder = await Deno.makeTempDir({ prefix: "aegis_advisories_" });
  try {
    for (const [name, text] of Object.entries(npmFiles(packages))) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const { stdout } = await new Deno.Command("npm", {
      args: ["audit", "--json", "--package-lock-only"],
      cwd: folder,
      stdin: "null",
      stderr: "null",
    }).output();
    const report = readAuditReport(new TextDecoder().decode(stdout));
    if ("unanswered" in report) {
      console.log(`${path}: ${packages.length} packages were not checked: ${report.unanswered}`);
      return 3;
    }
    console.log(`${path}: ${packages.length} packages, ${report.advisories.length} known advisories`);
    for (const { name, severity, title } of report.advisories) {
      console.log(`  ${severity}: ${name}: ${title}`);
    }
    return report.advisories.length === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(): Promise<number> {
  const ends: number[] = [];
  for (const path of ADVISED_LOCKS) ends.push(await auditLock(path));
  return ends.includes(1) ? 1 : Math.max(...ends);
}

if (import.meta.main) Deno.exit(await main());
