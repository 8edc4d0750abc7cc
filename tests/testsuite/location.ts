/** Where the official WebAssembly test suite lies, and its scripts. */

/** The folders that hold what engines do by default: the core, custom sections, the old exception instructions. */
const SCRIPT_FOLDERS = ["", "custom/", "legacy/"] as const;

function folderUrl(): URL {
  const named = Deno.env.get("AEGIS_TESTSUITE");
  if (named === undefined) return new URL("../../../shared/testsuite/", import.meta.url);
  return new URL(`${named.replaceAll("\\", "/")}/`, `file://${Deno.cwd().replaceAll("\\", "/")}/`);
}

/** The folder of the suite, or `undefined` where there is none: `AEGIS_TESTSUITE`, else beside the repository. */
export function testsuiteFolder(): URL | undefined {
  const folder = folderUrl();
  try {
    return Deno.statSync(new URL("i32.wast", folder)).isFile ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Names of the scripts below `folder`, such as `legacy/throw.wast`, in order. */
export function scriptNames(folder: URL): string[] {
  return SCRIPT_FOLDERS.flatMap((part) =>
    [...Deno.readDirSync(new URL(part, folder))]
      .filter((entry) => entry.isFile && entry.name.endsWith(".wast"))
      .map((entry) => part + entry.name)
      .sort()
  );
}

/** Reads a script. Some hold control characters, and bytes that are no UTF-8 in comments. */
export function readScript(folder: URL, name: string): string {
  return new TextDecoder().decode(Deno.readFileSync(new URL(name, folder)));
}
