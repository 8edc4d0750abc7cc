import {
  Aegis,
  AegisError,
  type AegisOptions,
  LIMITS,
  ModuleInvalidError,
  ModuleRefusedError,
  PRESETS,
  type SandboxOptions,
} from "../../mod.ts";
import { preparedOf } from "../../src/sandbox/module.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, start } from "./started.ts";

const TWO = compileText('(module (func (export "f") (result i32) i32.const 2))');

/** Options as callers without types may give them. */
const untyped = (options: Record<string, unknown>) => options as AegisOptions;

const WRONG: readonly (readonly [options: Record<string, unknown>, code: string, field: string])[] = [
  [{ memoryLimt: "1MiB" }, "InvalidOption", "memoryLimt"],
  [{ toString: 1 }, "InvalidOption", "toString"],
  [{ memoryLimit: "1 potato" }, "InvalidOption", "memoryLimit"],
  [{ memoryLimit: -1 }, "InvalidOption", "memoryLimit"],
  [{ memoryLimit: "1TiB" }, "InvalidOption", "memoryLimit"],
  [{ fuelLimit: 1.5 }, "InvalidOption", "fuelLimit"],
  [{ fuelLimit: 0 }, "LimitTooLow", "fuelLimit"],
  [{ timeout: "soon" }, "InvalidOption", "timeout"],
  [{ timeout: 0.5 }, "LimitTooLow", "timeout"],
  [{ stackLimit: 1 }, "LimitTooLow", "stackLimit"],
  [{ stackLimit: "1GiB" }, "InvalidOption", "stackLimit"],
  [{ preset: "huge" }, "InvalidOption", "preset"],
  [{ preset: "__proto__" }, "InvalidOption", "preset"],
  [{ isolation: "none" }, "InvalidOption", "isolation"],
  [{ onMemoryLimit: "ignore" }, "InvalidOption", "onMemoryLimit"],
  [{ maxSandboxes: 0 }, "InvalidOption", "maxSandboxes"],
  [{ maxSandboxes: 2.5 }, "InvalidOption", "maxSandboxes"],
];

Deno.test("Aegis.create() rejects an option that it does not know or cannot read, and names it", async () => {
  for (const [options, code, field] of WRONG) {
    const error = await assertRejects(() => Aegis.create(untyped(options)), AegisError);
    assertEquals([error.code, error.field], [code, field], JSON.stringify(options));
    assertStringIncludes(error.message, field);
  }
});

Deno.test("Aegis.create() starts from the standard limits, or those of a preset", async () => {
  await using standard = await Aegis.create();
  assertEquals([standard.limits.memoryLimit, standard.limits.fuelLimit, standard.limits.timeout], [
    64 * 1024 * 1024,
    1_000_000_000n,
    30_000,
  ]);
  assert(Object.isFrozen(standard.limits));
  for (const preset of Object.keys(PRESETS) as (keyof typeof PRESETS)[]) {
    await using runtime = await Aegis.create({ preset, timeout: "77ms" });
    assertEquals(runtime.limits.timeout, 77);
    assertEquals(Object.keys(runtime.limits), Object.keys(LIMITS));
  }
  await using minimal = await Aegis.create({ preset: "minimal" });
  assertEquals([minimal.limits.memoryLimit, minimal.limits.fuelLimit], [1024 * 1024, 10_000_000n]);
});

Deno.test("Aegis.builder() sets what create() takes, and shares no state between builders", async () => {
  const base = Aegis.builder().withPreset("minimal").withMemoryLimit("2MiB");
  const changed = base.withFuelLimit("5K").withTimeout("3s").withStackLimit("64KiB").withResourceLimits({
    tables: 3,
  })
    .with({ maxSandboxes: 1 });
  await using first = await base.build();
  await using second = await changed.build();
  assertEquals([first.limits.fuelLimit, second.limits.fuelLimit], [10_000_000n, 5000n]);
  assertEquals(
    [second.limits.memoryLimit, second.limits.timeout, second.limits.stackLimit, second.limits.tables],
    [2 * 1024 * 1024, 3000, 64 * 1024, 3],
  );
  await using _only = await second.sandbox().build();
  await assertRejects(() => second.sandbox().build(), AegisError, "1 are alive");
  await assertRejects(() => Aegis.builder().withTimeout("never").build(), AegisError, "timeout");
});

Deno.test("a sandbox starts from the limits of its runtime and may only narrow them", async () => {
  await using runtime = await Aegis.create({ memoryLimit: "2MiB", fuelLimit: 1000 });
  await using same = await runtime.sandbox().build();
  assertEquals(same.limits, runtime.limits);
  await using less = await runtime.sandbox({ fuelLimit: 10 }).withMemoryLimit("1MiB").withTimeout("1s")
    .withStackLimit("4KiB").with({ hostCallLimit: 3 }).build();
  const { memoryLimit, fuelLimit, timeout, stackLimit, hostCallLimit } = less.limits;
  assertEquals([memoryLimit, fuelLimit, timeout, stackLimit, hostCallLimit], [1048576, 10n, 1000, 4096, 3]);
  assert(Object.isFrozen(less.limits));
  for (
    const [field, value] of [["memoryLimit", "3MiB"], ["fuelLimit", 1001], [
      "fuelLimit",
      "unlimited",
    ]] as const
  ) {
    const error = await assertRejects(() => runtime.sandbox({ [field]: value }).build(), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", field]);
    assertStringIncludes(error.message, "its runtime has");
  }
  const more = await assertRejects(() => runtime.sandbox({ memoryLimit: "1.5GiB" }).build(), AegisError);
  assertEquals(more.message, "Cannot set memoryLimit of a sandbox to 1536MiB: its runtime has 2MiB");
  const all = await assertRejects(() => runtime.sandbox({ fuelLimit: "unlimited" }).build(), AegisError);
  assertEquals(all.message, "Cannot set fuelLimit of a sandbox to unlimited: its runtime has 1000");
  const long = await assertRejects(() => runtime.sandbox({ timeout: "1.5m" }).build(), AegisError);
  assertEquals(long.message, "Cannot set timeout of a sandbox to 90s: its runtime has 30s");
  const unknown = { fuellimit: 1 } as SandboxOptions;
  const error = await assertRejects(() => runtime.sandbox(unknown).build(), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "fuellimit"]);
});

Deno.test("limits that a sandbox narrowed are held when a module is loaded", async () => {
  await using started = await start({ memories: 2 });
  const { runtime } = started;
  const cases: readonly (readonly [SandboxOptions, string, string])[] = [
    [{ memoryLimit: 65536 }, "(memory 2)", "memoryLimit"],
    [{ memories: 1 }, "(memory 0) (memory 0)", "memories"],
    [{ tables: 1 }, "(table 0 funcref) (table 0 funcref)", "tables"],
    [{ functionTableLimit: 10 }, "(table 11 funcref)", "functionTableLimit"],
    [{ tableLimit: 10 }, "(table 11 externref)", "tableLimit"],
    [{ moduleSize: 20 }, '(data "twenty bytes or more")', "moduleSize"],
    [{ functions: 1 }, "(func) (func)", "functions"],
    [{ globals: 0 }, "(global i32 (i32.const 0))", "globals"],
  ];
  for (const [options, fields, field] of cases) {
    const module = await started.module(fields);
    await using sandbox = await runtime.sandbox(options).build();
    const error = await assertRejects(() => sandbox.loadModule(module), ModuleRefusedError);
    assertEquals([error.code, error.field], ["ModuleRefused", field], fields);
    await started.sandbox.loadModule(module);
  }
});

Deno.test("loadBytes() copies its input, describes the module, and compiles equal bytes once", async () => {
  await using runtime = await Aegis.create();
  const bytes = TWO.slice(), loading = runtime.loadBytes(bytes, { name: "two" });
  bytes.fill(0);
  const first = await loading, again = await runtime.loadBytes(TWO);
  assertEquals([first.name, again.name], ["two", undefined]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", TWO)).toHex();
  assertEquals([first.hash, again.hash], [digest, digest]);
  assertEquals([first.size, first.functionNames()], [TWO.length, ["f"]]);
  assert(first.instrumentedSize > first.size);
  assertEquals(first.functionType("f"), { params: [], results: ["i32"] });
  assertEquals(first.functionType("g"), undefined);
  assert(preparedOf(first).module === preparedOf(again).module, "the same compiled module");
  const other = await runtime.loadWat("(module)");
  assert(preparedOf(other).module !== preparedOf(first).module);
});

Deno.test("loadBytes() prepares several modules at once, and equal ones once", async () => {
  await using runtime = await Aegis.create();
  const texts = [0, 1, 2, 0, 1, 2].map((value) =>
    `(module (func (export "f") (result i32) i32.const ${value}))`
  );
  const modules = await Promise.all(texts.map((text) => runtime.loadWat(text)));
  assertEquals(new Set(modules.map((module) => preparedOf(module).module)).size, 3);
  assertEquals(
    modules.slice(0, 3).map((module) => module.hash),
    modules.slice(3).map((module) => module.hash),
  );
});

Deno.test("loadBytes() refuses what is no module or exceeds a limit, again and again", async () => {
  await using runtime = await Aegis.create({ moduleSize: 1000 });
  for (let turn = 0; turn < 2; turn++) {
    const invalid = await assertRejects(() => runtime.loadBytes(TWO.slice(0, -1)), ModuleInvalidError);
    assertEquals(invalid.code, "ModuleInvalid");
    assert(invalid.offset > 8 && invalid.offset <= TWO.length);
    const large = await assertRejects(() => runtime.loadBytes(new Uint8Array(1001)), ModuleRefusedError);
    assertEquals(large.field, "moduleSize");
  }
  assertEquals((await runtime.loadBytes(TWO)).size, TWO.length);
});

Deno.test("loadWat() compiles text, and says what is wrong with it", async () => {
  await using runtime = await Aegis.create();
  const module = await runtime.loadWat('(module (func (export "f")))', { name: "text" });
  assertEquals([module.name, module.functionNames()], ["text", ["f"]]);
  for (const text of ["(module", "(modul)", "(module (func call $nowhere))", "garbage"]) {
    const error = await assertRejects(() => runtime.loadWat(text), ModuleInvalidError);
    assertEquals(error.code, "ModuleInvalid", text);
  }
});

Deno.test("loadFile() loads bytes and text, under the file's name", async () => {
  await using runtime = await Aegis.create({ moduleSize: 4096 });
  const folder = await Deno.makeTempDir();
  try {
    const path = (name: string) => `${folder}/${name}`;
    await Deno.writeFile(path("two.wasm"), TWO);
    await Deno.writeTextFile(path("two.wat"), '\n ;; text\n(module (func (export "g")))');
    await Deno.writeFile(path("empty.wasm"), new Uint8Array());
    await Deno.writeFile(path("large.wasm"), new Uint8Array(4097));
    const bytes = await runtime.loadFile(path("two.wasm")), text = await runtime.loadFile(path("two.wat"));
    assertEquals([bytes.name, bytes.functionNames()], ["two.wasm", ["f"]]);
    assertEquals([text.name, text.functionNames()], ["two.wat", ["g"]]);
    const codes = { "empty.wasm": "ModuleInvalid", "large.wasm": "ModuleRefused", ".": "ModuleRefused" };
    for (const [name, code] of Object.entries(codes)) {
      assertEquals((await assertRejects(() => runtime.loadFile(path(name)), AegisError)).code, code, name);
    }
    await assertRejects(() => runtime.loadFile(path("missing.wasm")), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a module is prepared once and runs in any number of sandboxes, which share nothing", async () => {
  await using runtime = await Aegis.create();
  const module = await runtime.loadWat(`(module (global $g (mut i32) (i32.const 0))
    (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))`);
  const sandboxes = await Promise.all([1, 2, 3].map(() => runtime.sandbox().build()));
  for (const [turns, sandbox] of sandboxes.entries()) {
    await sandbox.loadModule(module);
    for (let turn = 0; turn <= turns; turn++) assertEquals(await sandbox.call("next"), turn + 1);
  }
  assertEquals(new Set(sandboxes.map((sandbox) => sandbox.id)).size, 3);
});

Deno.test("maxSandboxes bounds those alive at once; closing one makes room", async () => {
  await using runtime = await Aegis.create({ maxSandboxes: 3 });
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => runtime.sandbox().build()));
  const started = outcomes.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  const refused = outcomes.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
  assertEquals([started.length, refused.length], [3, 2]);
  for (const error of refused) {
    assert(error instanceof AegisError);
    assertEquals([error.code, error.field], ["TooManySandboxes", "maxSandboxes"]);
    assertStringIncludes(error.message, "3 are alive");
    assert(error.suggestion !== undefined);
  }
  await started[0]?.close();
  await using another = await runtime.sandbox().build();
  await another.loadModule(await runtime.loadWat(`(module ${COUNT})`));
  assertEquals(await another.call("count", [3]), 3);
  assertEquals((await assertRejects(() => runtime.sandbox().build(), AegisError)).code, "TooManySandboxes");
});

Deno.test("a sandbox that was refused or failed to start takes no place", async () => {
  await using runtime = await Aegis.create({ maxSandboxes: 1 });
  for (let turn = 0; turn < 3; turn++) {
    await assertRejects(() => runtime.sandbox({ fuelLimit: 0 }).build(), AegisError);
    await using sandbox = await runtime.sandbox().build();
    assertEquals(sandbox.metrics().calls, 0);
  }
});

Deno.test("Aegis.close() closes its sandboxes; afterwards it makes and prepares nothing", async () => {
  const runtime = await Aegis.create();
  const module = await runtime.loadBytes(TWO), sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  const pending = runtime.loadWat("(module)"), starting = runtime.sandbox().build();
  await Promise.allSettled([runtime.close(), pending, starting]);
  const attempts = [
    () => sandbox.call("f"),
    () => runtime.loadBytes(TWO),
    () => runtime.loadWat("(module)"),
    () => runtime.sandbox().build(),
    () => starting,
  ];
  for (const attempt of attempts) {
    const error = await assertRejects<AegisError>(attempt, AegisError);
    assertEquals(error.code, "Closed", String(attempt));
  }
  await runtime.close();
});

Deno.test("registerFunc() refuses types that do not cross and names that are taken", async () => {
  await using started = await start();
  const { sandbox } = started, type = { params: ["v128" as "i32"], results: [] };
  assertThrows(() => sandbox.registerFunc("env", "f", type, () => []), AegisError, '"v128"');
  sandbox.registerFunc("env", "f", { params: [], results: [] }, () => {});
  const error = assertThrows(
    () => sandbox.registerFunc("env", "f", { params: [], results: [] }, () => {}),
    AegisError,
    "twice",
  );
  assertEquals(error.code, "InvalidOption");
  sandbox.registerFunc("env", "g", { params: [], results: [] }, () => {});
  sandbox.registerFunc("other", "f", { params: [], results: [] }, () => {});
});
