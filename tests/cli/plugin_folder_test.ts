import { openPluginFolder } from "../../src/cli/plugin_folder.ts";
import { AegisError } from "../../src/core/errors.ts";
import { PluginRegistry } from "../../wrappers.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { pluginOf } from "../wrappers/plugin/plugin_modules.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_folder_" }));
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (registry: PluginRegistry) => registry.list().map(({ name, version }) => `${name} ${version}`);

Deno.test("openPluginFolder() reads a registry, and leaves it as it is", async () => {
  await withFolder(async (folder) => {
    const made = await PluginRegistry.open(folder);
    await made.register(pluginOf({}));
    await made.register(pluginOf({ version: "1.1.0" }));
    const before = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    const { registry, problems } = await openPluginFolder(folder);
    assertEquals([names(registry), problems], [["one 1.1.0", "one 1.0.0"], []]);
    await assertRejects(() => registry.register(pluginOf({ version: "2.0.0" })), AegisError, "to be read");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).toSorted(), before);
  });
});

Deno.test("openPluginFolder() finds modules with manifests, and follows no link out of the folder", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (outside) => {
    await Deno.writeFile(`${outside}/far.wasm`, pluginOf({ name: "far" }));
    await withFolder(async (folder) => {
      const put = async (path: string, content: Uint8Array | string) => {
        await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        await Deno.writeFile(`${folder}/${path}`, bytes);
      };
      await put("inside.wasm", pluginOf({ name: "inside" }));
      await put("a/beside.wat", '(module (func (export "f")))');
      await put("a/plugin.toml", 'name = "beside"\nversion = "1.0.0"\n');
      await put("b/source.wat", "(this is no text of a module");
      await put("b/source.wasm", pluginOf({ name: "built" }));
      await put("c/none.wasm", new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
      await put("c/broken.wasm", new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 99]));
      await put("node_modules/x/x.wasm", pluginOf({ name: "fetched" }));
      await put(".hidden/x.wasm", pluginOf({ name: "hidden" }));
      await put("1/2/3/4/5/deep.wasm", pluginOf({ name: "deep" }));
      await put("twice/inside.wasm", pluginOf({ name: "inside", description: "another one" }));
      await Deno.symlink(`${outside}/far.wasm`, `${folder}/far.wasm`);
      await Deno.symlink(outside, `${folder}/out`);
      const { registry, problems } = await openPluginFolder(folder);
      assertEquals(names(registry), ["beside 1.0.0", "built 1.0.0", "inside 1.0.0"]);
      assertEquals(problems.map(({ file }) => file.slice(folder.length)), [
        "/c/broken.wasm",
        "/twice/inside.wasm",
      ]);
      assertStringIncludes(String(problems[1]?.error), "is another one");
    });
  });
});

Deno.test("openPluginFolder() says of a folder that is none why", async () => {
  await withFolder(async (folder) => {
    const error = await assertRejects(() => openPluginFolder(`${folder}/none`), AegisError);
    assertEquals(error.code, "InvalidOption");
    assertStringIncludes(error.message, "Cannot read the folder of plugins");
  });
});
