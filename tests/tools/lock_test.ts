import { assert, assertEquals } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

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
      for (const { name } of Deno.readDirSync(`${folder}/npm/${registry.name}`)) fetched.push(name);
    }
    const { npm } = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT))) as { npm: object };
    const locked = new Set(Object.keys(npm).map((name) => name.replace(/(?<=.)@.*$/, "").split("/", 1)[0]));
    assertEquals(fetched.sort(), [...locked].sort());
    assertEquals(fetched, [
      "@asteasolutions",
      "@hono",
      "@msgpack",
      "@opentelemetry",
      "croner",
      "deno-std",
      "hono",
      "openapi3-ts",
      "smol-toml",
      "uplot",
      "watr",
      "yaml",
      "zod",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
