/**
 * `deno task lock`: writes both locks. `deno.lock` has the packages of the product alone, since Deno fetches all that
 * a lock names before the command runs; `mcp.lock` has those of `aegis mcp`, `tests/deno.lock` those of tests and benchmarks, and one example has its own. So no lock
 * is the default one (`"lock": false` in `deno.json`): whatever runs names its own. `--check` writes nothing, and fails
 * where the product's is not what would be written; that the other is complete, `deno check --frozen` finds.
 */
const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

/** The locks, and what the modules are whose packages they name. */
const LOCKS = [
  {
    path: "deno.lock",
    entries: [
      "mod.ts",
      "tasks.ts",
      "wrappers.ts",
      "cli.ts",
      "src/cli/host_main.ts",
      "src/cli/server_main.ts",
      "src/cli/tool/installed_main.ts",
      "src/cli/tool/compiled_run.ts",
      "src/cli/serve_main.ts",
    ],
    checked: true,
  },
  // The SDK brings 92 packages, which nobody is to fetch who speaks no MCP.
  { path: "mcp.lock", entries: ["mcp.ts", "src/cli/mcp_main.ts"], checked: true },
  // SQLite, as a package ships it, is what one example runs.
  { path: "examples/sqlite/deno.lock", entries: ["examples/sqlite/main.ts"], checked: true },
  { path: "tests/deno.lock", entries: ["."], checked: false },
] as const;

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Makes the lock of some modules in a file. */
async function makeLock(path: string, entries: readonly string[]): Promise<boolean> {
  const args = ["check", "--quiet", "--frozen=false", `--lock=${path}`, ...entries];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn();
  return (await child.status).success;
}

async function main(args: readonly string[]): Promise<number> {
  const check = args.includes("--check"), folder = await Deno.makeTempDir({ prefix: "aegis_lock_" });
  try {
    for (const [index, { path, entries, checked }] of LOCKS.entries()) {
      if (check && !checked) continue;
      const made = `${folder}/${index}.lock`;
      if (!await makeLock(made, entries)) return 1;
      const text = await readText(made);
      if (!check) await Deno.writeTextFile(`${ROOT}/${path}`, text);
      else if (text !== await readText(`${ROOT}/${path}`)) {
        console.error(`${path} is not fresh: run deno task lock`);
        return 1;
      }
    }
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
