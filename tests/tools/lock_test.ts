import { assert, assertEquals } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

/** Whether a folder has a version of a package; of an optional one, only what there is of it is looked up. */
function hasPackage(folder: string): boolean {
  return [...Deno.readDirSync(folder)].some(({ name, isDirectory }) =>
    isDirectory && (/^\d/.test(name) || hasPackage(`${folder}/${name}`))
  );
}

Deno.test("the command fetches the packages of the product, and not those of the tests", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_fetched_" });
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "-q", "aegis", "run", "examples/add.wat", "-e", "add", "-q", "--", "5", "10"],
      cwd: ROOT,
      env: { DENO_DIR: folder },
    }).output();
    if (code !== 0) return assert(false, new TextDecoder().decode(stderr));
    const fetched: string[] = [];
    for (const registry of Deno.readDirSync(`${folder}/npm`)) {
      for (const { name } of Deno.readDirSync(`${folder}/npm/${registry.name}`)) {
        if (hasPackage(`${folder}/npm/${registry.name}/${name}`)) fetched.push(name);
      }
    }
    const { npm } = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT))) as { npm: object };
    const locked = new Set(Object.keys(npm).map((name) => name.replace(/(?<=.)@.*$/, "").split("/", 1)[0]));
    assertEquals(fetched.sort(), [...locked].sort());
    assertEquals(Object.keys(npm).length, 15, "a person who installs the command fetches them all");
    for (const name of ["hono", "smol-toml", "uplot", "watr"]) assert(locked.has(name), name);
    // Those of tests and benchmarks are not among them, nor those of the one command that brings most.
    for (const name of ["playwright-core", "fast-check", "@modelcontextprotocol", "express"]) {
      assert(!locked.has(name), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
