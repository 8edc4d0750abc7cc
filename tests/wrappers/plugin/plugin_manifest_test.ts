import { AegisError } from "../../../mod.ts";
import { parsePluginManifest, PluginRegistry, readPluginManifest } from "../../../wrappers.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../assert.ts";
import { pluginOf, withSection } from "./plugin_modules.ts";

const WHOLE = {
  name: "greeter",
  version: "1.2.3",
  description: "Greets",
  dependencies: { other: "^1.2" },
  provides: { greet: "(string) -> string", total: "(json) -> f64" },
  health: "well",
  needs: { limits: { memory_limit: "32MiB", timeout: 500 }, capabilities: ["network: a.test"] },
  keywords: ["text"],
  schemas: { total: { input: { type: "array" } } },
};

Deno.test("readPluginManifest() takes every part, of JSON as of TOML", async () => {
  const read = readPluginManifest(WHOLE, "of a test");
  assertEquals(read.needs.limits, { memoryLimit: "32MiB", timeout: "500ms" });
  assertEquals<unknown>({ ...read, needs: WHOLE.needs }, WHOLE);
  assertEquals(await parsePluginManifest(JSON.stringify(WHOLE), "of a test"), read);
  const toml = 'name = "a"\nversion = "1.0.0"\n[provides]\ngreet = "(string) -> string"\n';
  assertEquals((await parsePluginManifest(toml, "of a test")).provides, { greet: "(string) -> string" });
  assertEquals(readPluginManifest(JSON.parse(JSON.stringify(read)), "again"), read);
});

Deno.test("G60 readPluginManifest() refuses what it does not know, and says where", () => {
  const cases: readonly (readonly [change: { readonly [key: string]: unknown }, says: string])[] = [
    [{ nam: "x" }, 'unknown key "nam"'],
    [{ name: "../up" }, "use a letter"],
    [{ name: "__proto__" }, "use a letter"],
    [{ name: "a".repeat(65) }, "at most 64"],
    [{ version: "1.2" }, "three numbers"],
    [{ version: "v1.2.3" }, "three numbers"],
    [{ version: 1 }, "must be a text"],
    [{ dependencies: { other: "newest" } }, "range of versions"],
    [{ dependencies: { other: `>=1 ${"<2 ".repeat(60)}` } }, "at most 100"],
    [{ dependencies: { greeter: "^1" } }, "depends on itself"],
    [
      { dependencies: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, "^1"])) },
      "of at most 100",
    ],
    [{ provides: { greet: "string -> string" } }, 'type of "greet"'],
    [{ provides: { greet: "() -> i32\nother() -> i32" } }, 'type of "greet"'],
    [{ provides: { greet: "(text) -> i32" } }, 'type of "greet"'],
    [{ needs: { limits: { memory: "1MiB" } } }, "memory"],
    [{ needs: { limits: { memoryLimit: "64GB" } } }, "memoryLimit"],
    [{ needs: { files: [] } }, 'unknown key "needs.files"'],
    [{ keywords: [1] }, "must be a text"],
    [{ schemas: { total: { in: {} } } }, 'unknown key "schemas.total.in"'],
    [{ schemas: { total: { input: 1 } } }, "must be a JSON Schema"],
    [{ description: "x".repeat(1001) }, "at most 1000"],
  ];
  for (const [change, says] of cases) {
    const error = assertThrows(() => readPluginManifest({ ...WHOLE, ...change }, 'of "m.wasm"'), AegisError);
    assertEquals(error.code, "InvalidOption");
    assertStringIncludes(error.message, 'Cannot read the manifest of "m.wasm": ');
    assertStringIncludes(error.message, says);
  }
  assertThrows(() => readPluginManifest([], "of a test"), AegisError, "must be a table");
});

Deno.test("a section that is no manifest is an error that names it", async () => {
  const registry = await PluginRegistry.open(),
    section = (text: string) => withSection("(module)", "aegis:plugin", text);
  const bytes = pluginOf({});
  const cases: readonly (readonly [bytes: Uint8Array, says: string])[] = [
    [section("{"), 'in section "aegis:plugin" of the module: it is not JSON'],
    [section("x"), "it is not TOML"],
    [section(" ".repeat(1024 * 1024 + 1)), "larger than 1MiB"],
    [withSection("(module)", "other", ""), "Cannot find the manifest of the module"],
    [Uint8Array.from([...bytes, ...section("{}").subarray(8)]), "there are several"],
    [Uint8Array.from([...bytes.slice(0, -1), 0xff]), "it is not UTF-8"],
  ];
  for (const [given, says] of cases) {
    assertStringIncludes((await assertRejects(() => registry.register(given), AegisError)).message, says);
  }
  assertEquals((await registry.register(Uint8Array.from(bytes))).name, "one");
});

Deno.test("G60 a manifest that is deep or has many values is refused before anything goes into its depth", async () => {
  const levels = 60_000, deep = (open: string, close: string) => open.repeat(levels) + close.repeat(levels);
  const cases: readonly (readonly [text: string, says: string])[] = [
    [`{"schemas": ${deep('{"a":', "")}`, "more than 100 levels deep"],
    [`{"name": "a", "version": "1.0.0", "keywords": ${deep("[", "]")}}`, "more than 100 levels deep"],
    [`keywords = ${deep("[", "]")}`, "it is not TOML"],
    [`schemas = ${deep("{a=", "}")}`, "it is not TOML"],
    [`name = "a"\nschemas.f.input${".a".repeat(levels)} = 1`, "more than 100 levels deep"],
    [`[schemas.f.input${".a".repeat(levels)}]\nx = 1`, "more than 100 levels deep"],
    [`{"name": "a", "keywords": [${"1,".repeat(30_000)}1]}`, "more than 20000 values"],
    [`keywords = [${"1,".repeat(30_000)}1]`, "more than 20000 values"],
    [`{"description": "${"é".repeat(600_000)}"}`, "larger than 1MiB"],
  ];
  for (const [text, says] of cases) {
    const error = await assertRejects(() => parsePluginManifest(text, "of a test"), AegisError);
    assertEquals(error.code, "InvalidOption");
    assertStringIncludes(error.message, says);
    assert(!error.message.includes("call stack"), error.message);
  }
  // Brackets in texts are no depth.
  const read = await parsePluginManifest(
    JSON.stringify({ name: "a", version: "1.0.0", description: `\\"${"[".repeat(900)}` }),
    "of a test",
  );
  assertEquals(read.description.length, 902);
  const loop: { schemas?: unknown } = {};
  loop.schemas = loop;
  const wide = Array.from({ length: 5 }).reduce<unknown>((below) => Array(90).fill(below), 1);
  for (const value of [loop, { schemas: wide }]) {
    assertThrows(() => readPluginManifest(value, "of a test"), AegisError, "more than");
  }
});

Deno.test("what a plugin says that it provides is checked against its module", async () => {
  const registry = await PluginRegistry.open();
  const cases: readonly (readonly [manifest: { readonly [key: string]: unknown }, says: string])[] = [
    [{ provides: { other: "() -> i32" } }, "exports no such function"],
    [{ provides: { answer: "() -> string" } }, "does not fit"],
    [{ provides: { aegis_save: "() -> bytes" } }, "reserved"],
    [{ health: "well" }, "is not exported"],
  ];
  for (const [manifest, says] of cases) {
    assertStringIncludes(
      (await assertRejects(() => registry.register(pluginOf(manifest)), AegisError)).message,
      says,
    );
  }
  const health = pluginOf({ health: "f" }, '(module (func (export "f") (param i32)))');
  assertStringIncludes(
    (await assertRejects(() => registry.register(health), AegisError)).message,
    "must take nothing",
  );
  const save = pluginOf({}, '(module (func (export "aegis_save") (result i32) (i32.const 0)))');
  assertStringIncludes(
    (await assertRejects(() => registry.register(save), AegisError)).message,
    "() -> bytes",
  );
});

Deno.test("parsePluginManifest() repeats nothing of a text that a terminal would take for more than text", async () => {
  for (const text of ['{"a": \u001b[31m', "a = \u001b[31m\u0000", '{"\u202e": \u0000}']) {
    const { message } = await assertRejects(() => parsePluginManifest(text, "of a test"), AegisError);
    // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
    assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(message), JSON.stringify(message));
  }
});
