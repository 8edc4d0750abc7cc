import { AegisError } from "../../../mod.ts";
import { PluginRegistry } from "../../../wrappers.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../assert.ts";
import { pluginOf } from "./plugin_modules.ts";

type Dependencies = Readonly<Record<string, string>>;

async function registryOf(
  ...plugins: readonly (readonly [name: string, version: string, dependencies?: Dependencies])[]
) {
  const registry = await PluginRegistry.open();
  for (const [name, version, dependencies = {}] of plugins) {
    await registry.register(pluginOf({ name, version, dependencies }));
  }
  return registry;
}

const shown = (records: readonly { readonly name: string; readonly version: string }[]) =>
  records.map(({ name, version }) => `${name} ${version}`);

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_registry_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("PluginRegistry keeps versions side by side, and lists, finds and searches them", async () => {
  const registry = await registryOf(["b", "1.0.0"], ["a", "1.9.0"], ["a", "1.10.0"], ["a", "2.0.0-beta.1"]);
  await registry.register(
    pluginOf({ name: "c", version: "0.1.0", description: "Draws pictures", keywords: ["art"] }),
  );
  assertEquals(shown(registry.list()), ["a 2.0.0-beta.1", "a 1.10.0", "a 1.9.0", "b 1.0.0", "c 0.1.0"]);
  assertEquals(registry.get("a").version, "1.10.0");
  assertEquals(registry.get("a", "~1.9").version, "1.9.0");
  assertEquals(registry.get("a", "2.0.0-beta.1").version, "2.0.0-beta.1");
  assertEquals(shown(registry.search("PICTURES art")), ["c 0.1.0"]);
  assertEquals(registry.search("pictures beta").length, 0);
  assertStringIncludes(
    assertThrows(() => registry.get("a", "^3"), AegisError).message,
    "there are 2.0.0-beta.1, 1.10.0, 1.9.0",
  );
  assertThrows(() => registry.get("toString"), AegisError, "Cannot find plugin");
});

Deno.test("PluginRegistry keeps a version what it is", async () => {
  const registry = await registryOf(["a", "1.0.0"]);
  await registry.register(pluginOf({ name: "a", version: "1.0.0", dependencies: {} }));
  const other = pluginOf({ name: "a" }, "(module)");
  assertStringIncludes(
    (await assertRejects(() => registry.register(other), AegisError)).message,
    "is another one",
  );
  const same = pluginOf({ name: "a", version: "1.0.0+build" });
  await assertRejects(() => registry.register(same), AegisError);
  assertEquals(registry.list().length, 1);
});

Deno.test("resolve() takes the newest versions that go together, and orders them", async () => {
  const registry = await registryOf(
    ["app", "1.0.0", { store: "^1", log: "^1" }],
    ["store", "1.1.0", { log: "^2" }],
    ["store", "1.0.0", { log: "^1.1" }],
    ["log", "1.0.0"],
    ["log", "1.1.0"],
    ["log", "2.0.0"],
  );
  assertEquals(shown(registry.resolve({ name: "app", range: "*" })), [
    "log 1.1.0",
    "store 1.0.0",
    "app 1.0.0",
  ]);
});

Deno.test("resolve() tells conflicts, what is missing and circles in words", async () => {
  const conflict = await registryOf(
    ["app", "1.0.0", { store: "^1", log: "^1" }],
    ["store", "1.0.0", { log: "^2" }],
    ["log", "1.0.0"],
    ["log", "2.0.0"],
  );
  const error = assertThrows(() => conflict.resolve({ name: "app", range: "*" }), AegisError);
  assertEquals(error.code, "NotFound");
  assertEquals(
    error.message,
    'Cannot resolve "app": "log" is asked for as "^1" by app 1.0.0 and "^2" by store 1.0.0, and there are 2.0.0, 1.0.0',
  );
  const missing = await registryOf(["app", "1.0.0", { stor: "^1" }], ["store", "1.0.0"]);
  assertThrows(
    () => missing.resolve({ name: "app", range: "*" }),
    AegisError,
    'there is no plugin "stor", which is asked for as "^1" by app 1.0.0 (did you mean "store"?)',
  );
  const circle = await registryOf(["a", "1.0.0", { b: "*" }], ["b", "1.0.0", { c: "*" }], ["c", "1.0.0", {
    a: "*",
  }]);
  assertThrows(() => circle.resolve({ name: "a", range: "*" }), AegisError, '"a" -> "b" -> "c" -> "a"');
});

Deno.test("resolve() gives up on ranges that leave no way but to try all", async () => {
  const plugins: [string, string, Dependencies][] = [];
  for (let at = 0; at < 8; at++) {
    for (let version = 0; version < 6; version++) {
      plugins.push([`p${at}`, `1.${version}.0`, at === 7 ? { none: "^1" } : { [`p${at + 1}`]: "^1" }]);
    }
  }
  const registry = await registryOf(...plugins), started = performance.now();
  const error = assertThrows(() => registry.resolve({ name: "p0", range: "*" }), AegisError);
  assertStringIncludes(error.message, "given up after 10000 steps");
  assert(performance.now() - started < 5000);
});

Deno.test("unregister() refuses while another plugin has no other version to use", async () => {
  const registry = await registryOf(["app", "1.0.0", { log: "^1" }], ["log", "1.0.0"], ["log", "1.1.0"], [
    "log",
    "2.0.0",
  ]);
  await registry.unregister("log", "2.0.0");
  await registry.unregister("log", "1.1.0");
  const error = await assertRejects(() => registry.unregister("log", "1.0.0"), AegisError);
  assertEquals([error.code, error.message], [
    "WrongState",
    'Cannot unregister "log" 1.0.0: "app" 1.0.0 needs ^1 of it',
  ]);
  await registry.unregister("app", "1.0.0");
  await registry.unregister("log", "1.0.0");
  assertEquals(registry.list(), []);
});

Deno.test("a registry in a directory outlives its process, and two that change it at once lose nothing", async () => {
  await withFolder(async (folder) => {
    const one = await PluginRegistry.open(folder), other = await PluginRegistry.open(folder);
    await Promise.all([
      ...[0, 1, 2, 3].map((minor) => one.register(pluginOf({ name: "a", version: `1.${minor}.0` }))),
      ...[0, 1, 2, 3].map((minor) => other.register(pluginOf({ name: "b", version: `1.${minor}.0` }))),
    ]);
    const again = await PluginRegistry.open(folder);
    assertEquals(again.list().length, 8);
    assertEquals((await again.load(again.get("a"))).bytes, pluginOf({ name: "a", version: "1.3.0" }));
    await again.unregister("a", "1.0.0");
    await one.refresh();
    assertEquals(one.list().length, 7);
    const left = [...Deno.readDirSync(`${folder}/modules`)].map(({ name }) => name);
    assertEquals([left.length, left.every((name) => /^[0-9a-f]{64}\.wasm$/.test(name))], [7, true]);
  });
});

Deno.test("G60 load() refuses a module that is not the one that was registered", async () => {
  await withFolder(async (folder) => {
    const registry = await PluginRegistry.open(folder), { sha256 } = await registry.register(pluginOf({}));
    const path = `${folder}/modules/${sha256}.wasm`;
    await Deno.writeFile(path, pluginOf({ description: "swapped" }));
    const error = await assertRejects(() => registry.load({ name: "one", version: "1.0.0" }), AegisError);
    assertEquals(error.code, "ModuleRefused");
    assertStringIncludes(error.message, `and was ${sha256}`);
    await Deno.remove(path);
    assertStringIncludes(
      (await assertRejects(() => registry.load({ name: "one", version: "1.0.0" }), AegisError)).message,
      "gone",
    );
    await registry.register(pluginOf({})); // which heals it
    await registry.load({ name: "one", version: "1.0.0" });
  });
});

Deno.test("an index that was damaged, or names a file elsewhere, is refused", async () => {
  await withFolder(async (folder) => {
    const registry = await PluginRegistry.open(folder);
    await registry.register(pluginOf({}));
    const path = `${folder}/index.json`, text = await Deno.readTextFile(path);
    const damages = [
      text.slice(0, -20),
      text.replace('"version": 1,', '"version": 9,'),
      text.replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "../x'),
      text.replace('"name": "one",\n        "version"', '"name": "../one",\n        "version"'),
      "[]",
    ];
    for (const damaged of damages) {
      assert(damaged !== text);
      await Deno.writeTextFile(path, damaged);
      const error = await assertRejects(() => PluginRegistry.open(folder), AegisError);
      assertStringIncludes(error.message, "index.json");
    }
  });
});

Deno.test("registerFile() takes the manifest beside the module before the one in it", async () => {
  await withFolder(async (folder) => {
    const registry = await PluginRegistry.open();
    await Deno.writeFile(`${folder}/m.wasm`, pluginOf({ name: "inside" }));
    assertEquals((await registry.registerFile(`${folder}/m.wasm`)).name, "inside");
    await Deno.writeTextFile(`${folder}/plugin.json`, '{"name": "json", "version": "1.0.0"}');
    assertEquals((await registry.registerFile(`${folder}/m.wasm`)).name, "json");
    await Deno.writeTextFile(`${folder}/plugin.toml`, 'name = "toml"\nversion = "1.0.0"\n');
    const record = await registry.registerFile(`${folder}/m.wasm`);
    assertEquals([record.name, record.beside], ["toml", true]);
    assertEquals((await registry.load(record)).shape.manifest.name, "toml");
  });
});

Deno.test("registerFile() reads no manifest that is no file, or has no end", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder) => {
    const registry = await PluginRegistry.open();
    await Deno.writeFile(`${folder}/m.wasm`, pluginOf({}));
    await Deno.symlink("/dev/zero", `${folder}/plugin.json`);
    const device = await assertRejects(() => registry.registerFile(`${folder}/m.wasm`), AegisError);
    assertStringIncludes(device.message, "it is no file");
    await Deno.remove(`${folder}/plugin.json`);
    await Deno.writeTextFile(`${folder}/plugin.json`, " ".repeat(1024 * 1024 + 1));
    const large = await assertRejects(() => registry.registerFile(`${folder}/m.wasm`), AegisError);
    assertStringIncludes(large.message, "larger than 1MiB");
  });
});

Deno.test("a registry that is opened to be read makes nothing, and changes nothing", async () => {
  await withFolder(async (folder) => {
    await (await PluginRegistry.open(folder)).register(pluginOf({}));
    const registry = await PluginRegistry.open(folder, { readOnly: true });
    assertEquals((await registry.load({ name: "one", version: "1.0.0" })).bytes, pluginOf({}));
    for (const change of [() => registry.register(pluginOf({})), () => registry.unregister("one", "1.0.0")]) {
      assertEquals((await assertRejects(change, AegisError)).code, "WrongState");
    }
    await assertRejects(() => PluginRegistry.open(`${folder}/none`, { readOnly: true }), AegisError);
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === "none"), false);
  });
});
