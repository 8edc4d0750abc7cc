/**
 * `deno task package`: puts both packages together and has `deno publish` check them, without publishing anything. With
 * `--upload` it publishes them. Imports lead to npm's mirror of the registry in a check, unless `--imports=jsr` is given: so
 * it works where the registry is out of reach. `--out=FOLDER` leaves the packages there.
 */
import { type ImportMapName, PACKAGE_CONFIGS, type PackageConfigName, stagePackage } from "./packages.ts";

const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

interface Options {
  readonly upload: boolean;
  readonly imports: ImportMapName;
  readonly out: string | undefined;
}

/** @throws {Error} for words that mean nothing */
export function readOptions(words: readonly string[]): Options {
  let upload = false, imports: ImportMapName | undefined, out: string | undefined;
  for (const word of words) {
    const [, name, value] = /^--(upload|imports|out)(?:=(.+))?$/.exec(word) ?? [];
    if (name === "upload" && value === undefined) upload = true;
    else if (name === "imports" && (value === "jsr" || value === "npm")) imports = value;
    else if (name === "out" && value !== undefined) out = value;
    else throw new Error(`Cannot read "${word}": use --upload, --imports=jsr, --imports=npm, --out=FOLDER`);
  }
  // What is published must not depend on the mirror.
  if (upload && imports === "npm") throw new Error("Cannot upload with --imports=npm");
  return { upload, imports: imports ?? (upload ? "jsr" : "npm"), out };
}

/** The words behind `deno` that check or publish what is in a folder. */
export function publishArguments({ upload }: Pick<Options, "upload">): string[] {
  // The folder is no repository: what is in it was just made.
  return ["publish", "--allow-dirty", "--no-provenance", ...upload ? [] : ["--dry-run"]];
}

/** Puts a package together and checks or publishes it. @returns whether that went well */
async function publishPackage(
  config: PackageConfigName,
  { folder, options }: { readonly folder: string; readonly options: Options },
): Promise<boolean> {
  await Deno.mkdir(folder, { recursive: true });
  const { name, version } = await stagePackage({ root: ROOT, config, imports: options.imports }, folder);
  console.error(`\n== ${name}@${version}, by ${config}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: publishArguments(options),
    cwd: folder,
    stdin: "null",
  });
  return (await child.spawn().status).success;
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words),
    scratch = options.out ?? await Deno.makeTempDir({ prefix: "aegis_package_" });
  try {
    for (const config of PACKAGE_CONFIGS) {
      const folder = `${scratch}/${config.replace(/^deno\.(\w+)\.json$/, "$1")}`;
      if (!await publishPackage(config, { folder, options })) return 1;
    }
    return 0;
  } finally {
    if (options.out === undefined) await Deno.remove(scratch, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
