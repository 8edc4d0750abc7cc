import { AegisError, manifestOptions, readManifest } from "../../mod.ts";
import { decodePlan } from "../../src/cli/run_plan.ts";
import { runtimeOptions } from "../../src/cli/guest_plan.ts";
import { ManifestError } from "../../src/manifest/at.ts";
import { KEY_NAMES, snakeCase } from "../../src/manifest/keys.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { mergeGrants } from "../../src/policy/policy.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { runCommand } from "../cli/fake_io.ts";
import { EFFECTS } from "./effects.ts";

/** Reads files in a folder of their own; the manifest is `aegis.toml`. */
async function readFiles(files: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir({ prefix: "aegis_manifest_" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const parent = `${folder}/${name}`.replace(/\/[^/]*$/, "");
      await Deno.mkdir(parent, { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const manifest = await readManifest(`${folder}/aegis.toml`);
    return { manifest, folder };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refused(files: Readonly<Record<string, string>> | string): Promise<ManifestError> {
  const all = typeof files === "string" ? { "aegis.toml": files } : files;
  const error = await assertRejects(() => readFiles(all), AegisError);
  assert(error instanceof ManifestError, String(error));
  assertEquals(error.code, "InvalidOption");
  return error;
}

const policyOf = (capabilities: unknown) => mergeGrants(capabilities as readonly Capability[]);

Deno.test("readManifest() gives modules with the keys of the top and their own, and paths beside the file", async () => {
  const { manifest, folder } = await readFiles({
    "aegis.toml": `
      memory_limit = "32MiB"
      allow_read = "data"
      [modules.greeter]
      path = "guests/greet.wasm"
      function = "greet"
      memory_limit = "8MiB"
      [modules.greeter.tools.greet]
      description = "Says hello"
      timeout = 1
      [modules.greeter.http]
      route = "/greet"
      [modules.other]
      path = "/opt/other.wasm"
      allow_read = []
      [server]
      port = 1
    `,
  });
  const { greeter, other } = manifest.modules;
  assert(greeter !== undefined && other !== undefined);
  assertEquals([greeter.path, other.path], [`${folder}/guests/greet.wasm`, "/opt/other.wasm"]);
  assertEquals([greeter.functionName, other.functionName], ["greet", undefined]);
  assertEquals([greeter.options.memoryLimit, other.options.memoryLimit], [8_388_608, 33_554_432]);
  assertEquals(
    policyOf(greeter.options.capabilities).filesystem.map(({ hostPath, guestPath }) => [hostPath, guestPath]),
    [
      [`${folder}/data`, "data"],
    ],
  );
  assertEquals(policyOf(other.options.capabilities).filesystem, []);
  assertEquals(greeter.http, { route: "/greet" });
  assertEquals(greeter.tools["greet"]?.description, "Says hello");
  assertEquals(greeter.tools["greet"]?.options.timeout, 1000);
  assertEquals(manifestOptions(manifest, "greeter"), greeter.options);
  assertEquals(manifestOptions(manifest).memoryLimit, 33_554_432);
  const error = assertThrows(() => manifestOptions(manifest, "greter"), AegisError);
  assertEquals(error.suggestion, 'Did you mean "greeter"?');
});

Deno.test("a manifest means the same to the command as to an embedder, key by key", async () => {
  for (const name of KEY_NAMES) {
    const { line, base = "" } = EFFECTS[name], text = `${line}\n${base}`.replaceAll("HOST", "a.example");
    const files = { "aegis.toml": text, "m.wasm": "", ".": "", "data": "" };
    const { started, err } = await runCommand(["run", "m.wasm", "-c", "aegis.toml"], { files });
    assertEquals(err, "", text);
    const environment = started[0]?.environment ?? {};
    const command = runtimeOptions(
      decodePlan(started[0]?.args.at(-1) ?? ""),
      (variable) => environment[variable] ?? (variable === "PATH" ? "x" : undefined),
    );
    const { capabilities, ...own } = manifestOptions(await readManifest({ text }));
    const { capabilities: granted, ...all } = command;
    const given = Object.fromEntries(Object.keys(own).map((key) => [key, all[key as keyof typeof all]]));
    assertEquals(given, own, text);
    const here = JSON.stringify(policyOf(capabilities), plain),
      there = JSON.stringify(policyOf(granted), plain);
    assertEquals(there.replaceAll('"/folder/', '"').replaceAll('"x"', "null"), here, text);
  }
});

/** Seeds are no JSON; a variable that is not set yet has no value. */
function plain(key: string, value: unknown): unknown {
  if (key === "value") return value ?? null;
  return typeof value === "bigint" ? String(value) : value;
}

Deno.test("readManifest() reads what a file includes: its own keys win, then those of later files", async () => {
  const { manifest, folder } = await readFiles({
    "aegis.toml": 'include = ["a.toml", "sub/b.json"]\nfuel_limit = 3\n[modules.m]\nfuel_limit = 30',
    "a.toml": 'fuel_limit = 1\ntimeout = 1\nstack_limit = "64KiB"\n[modules.m]\npath = "a.wasm"\ntables = 1',
    "sub/b.json": '{"timeout": 2, "include": "../c.toml", "modules": {"m": {"path": "b.wasm"}}}',
    "c.toml": 'timeout = 9\nallow_read = "data"',
  });
  const { options, modules: { m } } = manifest;
  assertEquals([options.fuelLimit, options.timeout, options.stackLimit], [3n, 2000, 65_536]);
  assertEquals([m?.options.fuelLimit, m?.options.tables, m?.path], [30n, 1, `${folder}/sub/b.wasm`]);
  assertEquals(policyOf(options.capabilities).filesystem.map(({ hostPath }) => hostPath), [`${folder}/data`]);
});

Deno.test("G60 readManifest() refuses files that include each other, too many of them, and what is no file", async () => {
  const cycle = await refused({ "aegis.toml": 'include = "b.toml"', "b.toml": "\ninclude = './aegis.toml'" });
  assertEquals([cycle.line, cycle.field], [2, "include"]);
  assert(cycle.message.includes("includes itself"), cycle.message);
  const deep = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`${index}.toml`, `include = "${index + 1}.toml"`]),
  );
  assert(
    (await refused({ ...deep, "aegis.toml": 'include = "0.toml"' })).message.includes("more than 8 deep"),
  );
  const wide = `include = [${Array.from({ length: 70 }, () => '"a.toml"').join(", ")}]`;
  assert((await refused({ "aegis.toml": wide, "a.toml": "" })).message.includes("more than 64 files"));
  assert((await refused('include = "none.toml"')).message.includes("there is no such file"));
  assert((await refused(`# ${"x".repeat(1024 * 1024)}`)).message.includes("larger than 1MiB"));
  assert((await refused(`seed = ${"[".repeat(50)}${"]".repeat(50)}`)).message.includes("32 deep"));
});

Deno.test("G60 what is wrong is named with its file, its key, its line and what was meant", async () => {
  const cases = [
    ["memory_limt = 1", "memory_limt", 1, 'Did you mean "memory_limit"?'],
    ["\n[resource_limits]\nfuel = 1", "resource_limits.fuel", 3, 'Did you mean "fuel_limit"?'],
    ["[modules.a]\npath = 'a'\n\nstack_limit = 5", "modules.a.stack_limit", 4, undefined],
    [
      "[modules.a]\npath = 'a'\n[modules.a.tools.'x y']\nfule_limit = 5",
      'modules.a.tools."x y".fule_limit',
      4,
      undefined,
    ],
    ["[modules.a]\nfuel_limit = 5", "modules.a", 1, 'Add path = "module.wasm".'],
    ["fuel_limit = 1\n[resource_limits]\nfuel_limit = 2", "resource_limits.fuel_limit", 3, undefined],
    ["allow_net = 'http:/x'", "allow_net", 1, undefined],
    ["allow_read = '../data'", "allow_read", 1, 'Write { host = "../data", guest = "/data" }.'],
    ["allow_net = '*'", "allow_net", 1, "Name each, or write { public = true } for all public ones."],
    ["engine = 'v9'", "engine", 1, 'Did you mean "v8"?'],
  ] as const;
  for (const [text, field, line, suggestion] of cases) {
    const error = await refused(text);
    assertEquals([error.field, error.line], [field, line], error.message);
    assert(error.file.endsWith("aegis.toml") && error.message.includes("aegis.toml"), error.message);
    if (suggestion !== undefined) assertEquals(error.suggestion, suggestion);
  }
});

Deno.test("G60 a value of every kind at every key is taken, or refused as what it is", async () => {
  const values = [
    '{ nl = "" }',
    "[[{}]]",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "nan",
    "-0.5",
    "true",
    '""',
    "[]",
  ];
  let refusals = 0;
  for (const name of KEY_NAMES) {
    for (const value of values) {
      const text = `${snakeCase(name)} = ${value}`;
      const error = await readFiles({ "aegis.toml": text }).then(() => undefined, (error) => error);
      assert(error === undefined || error instanceof ManifestError, `${text}: ${error}`);
      if (error !== undefined) refusals++;
    }
  }
  assert(refusals > KEY_NAMES.length * 5, `${refusals} refusals`);
});

Deno.test("G60 no message tells the value of a variable", async () => {
  for (
    const text of [
      'env = ["A,=s3cret"]',
      'env = { "A=" = "s3cret" }',
      'env = { A = "s3cret\\u0000" }',
      'env = "=s3cret"',
    ]
  ) {
    const { message } = await refused(text);
    assertEquals(message.includes("s3cret"), false, message);
  }
});

Deno.test("G60 keys and names of every kind are no keys of an object's prototype", async () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    for (const value of ["1", "{}"]) assertEquals((await refused(`{"${key}": ${value}}`)).field, key);
    assertEquals(
      (await refused(`{"server": {}, "capabilities": {"${key}": 1}}`)).field,
      `capabilities.${key}`,
    );
    const { manifest } = await readFiles({ "aegis.toml": `{"modules": {"${key}": {"path": "a"}}}` });
    assertEquals(Object.keys(manifest.modules), [key]);
    assertThrows(() => manifestOptions(manifest, "valueOf"), AegisError);
  }
});
