import { manifestOptions, readManifest } from "../../mod.ts";
import { KEY_NAMES, snakeCase } from "../../src/manifest/keys.ts";
import { assertEquals } from "../assert.ts";
import { type Effect, EFFECTS } from "./effects.ts";

Deno.test("G60 every key of a manifest has an effect that is shown", () => {
  assertEquals(Object.keys(EFFECTS).sort(), [...KEY_NAMES].sort());
  for (const name of KEY_NAMES) {
    const { line, without, with: seen } = EFFECTS[name];
    assertEquals(line.split(" = ")[0], snakeCase(name));
    assertEquals(Object.is(without, seen), false, name);
  }
});

/** What comes of an effect's lines, at the top of a manifest and in the table of a module. */
async function seen({ base = "", look }: Effect, line: string, url: string): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_manifest_" });
  try {
    await Deno.writeTextFile(`${folder}/file.txt`, "0123456789abcdef");
    const text = `${line}\n${base}`.replaceAll("HOST", new URL(url).host);
    const manifest = await readManifest({ text, file: `${folder}/aegis.toml` });
    return await look({ options: manifestOptions(manifest), text, url });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const name of KEY_NAMES) {
  Deno.test(`G60 ${snakeCase(name)} of a manifest is heeded`, async () => {
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("hi"),
    );
    const effect = EFFECTS[name], url = `http://127.0.0.1:${server.addr.port}/`;
    assertEquals(await seen(effect, "", url), effect.without, "without it");
    assertEquals(await seen(effect, effect.line, url), effect.with, "with it");
  });
}
