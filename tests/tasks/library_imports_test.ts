/** Tasks stand on the public library: what they take of the sandbox is what everybody can take. */
import { assert, assertEquals } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

const IMPORT = /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)"/g;

/** Names that a file imports or exports from elsewhere, by the path that they come from. */
function namesFrom(url: URL): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, names = "", from = ""] of Deno.readTextFileSync(url).matchAll(IMPORT)) {
    const path = new URL(from, url).href, own = found.get(path) ?? [];
    for (const name of names.split(",")) {
      const plain = name.trim().replace(/^type\s+/, "").replace(/\s+as\s+\w+$/, "");
      if (plain !== "") own.push(plain);
    }
    found.set(path, own);
  }
  return found;
}

function* sources(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}

Deno.test("src/tasks takes nothing of src/sandbox that mod.ts does not export, but for timers", () => {
  const exported = namesFrom(new URL("mod.ts", ROOT)), sandbox = new URL("src/sandbox/", ROOT).href;
  let seen = 0;
  for (const file of sources(new URL("src/tasks/", ROOT))) {
    for (const [path, names] of namesFrom(file)) {
      if (!path.startsWith(sandbox) || path === `${sandbox}timers.ts`) continue;
      seen += names.length;
      assertEquals(
        names.filter((name) => !exported.get(path)?.includes(name)),
        [],
        `${file.pathname} of ${path}`,
      );
    }
  }
  assert(seen > 5, "found the imports");
});
