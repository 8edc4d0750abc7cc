import { AegisError, FilesystemCapability, hostFunction } from "../../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { settled } from "../../sandbox/pool_rig.ts";
import { askerOf, becomes, counterOf, hostOf, pluginOf } from "./plugin_modules.ts";

const LIMITS = { plugins: { counter: { version: "1.0.0", limits: { timeout: "300ms" } } } } as const;

Deno.test("PluginHost starts what a plugin depends on before it, and calls what it provides", async () => {
  const asker = askerOf({ name: "asker", dependencies: { counter: "^1" } }, ["counter", "count", "[]"]);
  const { host } = await hostOf([asker, counterOf("1.0.0")], LIMITS);
  await using _host = host;
  assertEquals(await host.start("asker"), ["counter", "asker"]);
  assertEquals(await host.start("asker", "counter"), []);
  assertEquals(await host.call("asker", "ask"), { value: 1 });
  assertEquals(await host.call("counter", "count"), 2);
  for (const name of ["aegis_save", "well", "nothing", "toString"]) {
    const error = await assertRejects(() => host.call("counter", name), AegisError);
    assertEquals(error.code, "FunctionNotFound", name);
  }
  await assertRejects(() => host.call("other", "f"), AegisError, "was not started");
  await assertRejects(() => host.stop("counter"), AegisError, '"asker" depends on it');
  await host.stop("asker");
  await host.stop("counter");
  assertEquals(host.list(), []);
});

Deno.test("F46 a plugin is given what its host grants and not what it wishes", async () => {
  const wish = pluginOf({
    name: "wisher",
    needs: { capabilities: ["filesystem: /"], limits: { memoryLimit: "1GiB" } },
  }, '(module (memory 2) (func (export "grow") (result i32) (memory.grow (i32.const 100))))');
  const { host, events } = await hostOf([wish], {
    plugins: { wisher: { limits: { memoryLimit: "256KiB" } } },
  });
  await using _host = host;
  await host.start("wisher");
  assertEquals(await host.call("wisher", "grow"), -1);
  assertEquals(host.status("wisher").needs, ["filesystem: /", "memoryLimit 1GiB"]);
  assertEquals(events.at(-1)?.detail, "filesystem: /; memoryLimit 1GiB");
  const importer = pluginOf(
    { name: "importer" },
    '(module (import "env" "secret" (func)) (func (export "f")))',
  );
  const missing = await hostOf([importer]);
  await using _missing = missing.host;
  assertEquals((await assertRejects(() => missing.host.start("importer"), AegisError)).code, "MissingImport");
  const given = await hostOf([importer], {
    plugins: {
      importer: { functions: { env: { secret: hostFunction({ params: [], results: [] }, () => {}) } } },
    },
  });
  await using _given = given.host;
  assertEquals(await given.host.start("importer"), ["importer"]);
});

Deno.test("a plugin reaches no other one but those that it depends on, and gets failures as values", async () => {
  const ask = (name: string, dependencies: object, words: readonly [string, string, string]) =>
    askerOf({ name, dependencies }, words);
  const { host } = await hostOf([
    counterOf("1.0.0"),
    ask("stranger", { friend: "^1" }, ["counter", "count", "[]"]),
    pluginOf({ name: "friend" }),
    ask("wrong", { counter: "^1" }, ["counter", "aegis_save", "[]"]),
    ask("many", { counter: "^1" }, ["counter", "count", "[1]"]),
    ask("self", { counter: "^1" }, ["self", "ask", "[]"]),
    ask("slow", { counter: "^1" }, ["counter", "spin", "[]"]),
  ], { plugins: { ...LIMITS.plugins, slow: { limits: { timeout: "5s" } } } });
  await using _host = host;
  await host.start("stranger", "wrong", "many", "self", "slow");
  const codeOf = async (name: string) =>
    (await host.call<{ error: { code: string } }>(name, "ask")).error.code;
  assertEquals(await codeOf("stranger"), "CapabilityDenied");
  assertEquals(await codeOf("wrong"), "FunctionNotFound");
  assertEquals(await codeOf("many"), "TypeMismatch");
  assertEquals(await codeOf("self"), "CapabilityDenied");
  assertEquals(await codeOf("slow"), "Timeout");
});

Deno.test("a plugin that gives up does not cut another one off in the middle of its work", async () => {
  const begun = Promise.withResolvers<void>();
  const mark = hostFunction({ params: [], results: [] }, () => begun.resolve());
  const victim = pluginOf(
    { name: "victim" },
    `(module (import "env" "mark" (func $mark)) (global $n (mut i32) (i32.const 0))
    (func (export "work") (call $mark) (loop (br 0)))
    (func (export "count") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`,
  );
  const { host, kinds } = await hostOf([
    victim,
    askerOf({ name: "hasty", dependencies: { victim: "^1" } }, ["victim", "work", "[]"]),
    askerOf({ name: "late", dependencies: { victim: "^1" } }, ["victim", "count", "[]"]),
  ], {
    plugins: {
      victim: { limits: { timeout: "500ms" }, functions: { env: { mark } } },
      hasty: { limits: { timeout: "50ms" } },
      late: { limits: { timeout: "50ms" } },
    },
  });
  await using _host = host;
  await host.start("hasty", "late");
  const started = performance.now(), hasty = assertRejects(() => host.call("hasty", "ask"), AegisError);
  await begun.promise;
  const late = assertRejects(() => host.call("late", "ask"), AegisError);
  for (const error of await Promise.all([hasty, late])) assertEquals(error.code, "Timeout");
  // What it was at took its own time; what waited behind it for nobody was not begun.
  assertEquals(await host.call("victim", "count"), 1);
  assert(performance.now() - started > 450);
  assertEquals(kinds().filter((kind) => kind.startsWith("stateLost")), ["stateLost 1.0.0"]);
});

Deno.test("upgrade() hands the state over, and calls under way finish on the old version", async () => {
  const waits = Promise.withResolvers<void>(), entered = Promise.withResolvers<void>();
  const slow = (version: string, result: number) =>
    pluginOf(
      { name: "slow", version },
      `(module (import "env" "wait" (func $wait))
      (func (export "f") (result i32) (call $wait) (i32.const ${result})))`,
    );
  let calls = 0;
  const wait = hostFunction({ params: [], results: [] }, () => {
    if (++calls > 1) return;
    entered.resolve();
    return waits.promise;
  });
  const { host, kinds } = await hostOf(
    [slow("1.0.0", 1), slow("1.1.0", 2), counterOf("1.0.0"), counterOf("1.1.0")],
    { plugins: { ...LIMITS.plugins, slow: { version: "1.0.0", functions: { env: { wait } } } } },
  );
  await using _host = host;
  await host.start("slow", "counter");
  const old = host.call("slow", "f");
  await entered.promise;
  await host.upgrade("slow", { version: "^1" });
  assertEquals(await host.call("slow", "f"), 2);
  waits.resolve();
  assertEquals(await old, 1);

  assertEquals([await host.call("counter", "count"), await host.call("counter", "count")], [1, 2]);
  const [status, , after] = await Promise.all([
    host.upgrade("counter", { version: "^1" }),
    settled(),
    host.call("counter", "count"),
  ]);
  assertEquals([status.version, status.history, after], ["1.1.0", ["1.0.0"], 3]);
  assertEquals(await host.call("counter", "count"), 4);
  assertEquals(kinds().filter((kind) => kind.startsWith("stateLost")), []);
  assertEquals((await host.rollback("counter", "1.0.0")).version, "1.0.0");
  assertEquals(await host.call("counter", "count"), 5);
  await assertRejects(() => host.rollback("counter"), AegisError, "it was of no other version");
});

Deno.test("upgrade() loses no call that comes while the state is handed over", async () => {
  const { host } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0")], LIMITS);
  await using _host = host;
  await host.start("counter");
  let done = false, calls = 0;
  const upgraded = host.upgrade("counter", { version: "^1" }).finally(() => done = true);
  upgraded.catch(() => {}); // where a call fails, that is what is told
  while (!done) {
    await host.call("counter", "count");
    calls++;
  }
  await upgraded;
  assertEquals(await host.call("counter", "count"), calls + 1);
});

Deno.test("upgrade() refuses a version that would break others, and the old one stays", async () => {
  const asker = askerOf({ name: "asker", dependencies: { counter: "^1" } }, ["counter", "count", "[]"]);
  const plain = (version: string, wat: string, manifest = {}) =>
    pluginOf({ name: "counter", version, ...manifest }, wat);
  const whole =
    '(func (export "count") (result i32) (i32.const 7)) (func (export "sick")) (func (export "spin"))';
  const { host } = await hostOf([
    asker,
    counterOf("1.0.0"),
    plain("1.1.0", "(module)"),
    plain("1.2.0", `(module ${whole})`),
    counterOf("1.3.0", "", { needs: { capabilities: ["clock"], limits: { timeout: "10s" } } }),
    counterOf("1.4.0", "", { dependencies: { asker: "^1" } }),
    counterOf("1.5.0", "(func $bad (unreachable)) (start $bad)"),
    counterOf("2.0.0"),
  ], LIMITS);
  await using _host = host;
  await host.start("asker");
  await host.call("counter", "count");
  const cases: readonly (readonly [version: string, ...says: string[]])[] = [
    ["1.0.0", "it runs already"],
    ["1.1.0", "it does not provide count() -> i32", "it takes no state"],
    ["1.2.0", "it takes no state"],
    ["1.3.0", "it needs more: clock", "it needs more: timeout 10s (it has 300ms)"],
    ["1.4.0", "they go in a circle"],
    ["1.5.0", ""],
    ["2.0.0", '"asker" 1.0.0 needs ^1 of it'],
    ["^9", "Cannot find"],
  ];
  for (const [version, ...says] of cases) {
    const error = await assertRejects(() => host.upgrade("counter", { version }), AegisError);
    for (const text of says) assertStringIncludes(error.message, text, version);
    assertEquals([host.status("counter").version, host.status("counter").state], ["1.0.0", "healthy"]);
  }
  assertEquals(await host.call("asker", "ask"), { value: 2 });
  // What the host widens is no wish any more; what it drops is its own loss.
  await host.upgrade("counter", { version: "1.3.0", grants: [], limits: { timeout: "10s" } });
  await host.upgrade("counter", { version: "1.2.0", state: "drop" });
  assertEquals(await host.call("asker", "ask"), { value: 7 });
});

Deno.test("a version that is sick in its probation is taken back, with the state of before", async () => {
  const { host, timers, kinds } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0")], LIMITS);
  await using _host = host;
  await host.start("counter");
  await host.call("counter", "count");
  await host.upgrade("counter", { version: "^1" });
  assertEquals(host.status("counter").probation, true);
  await host.call("counter", "count");
  await host.call("counter", "sick");
  await timers.pass(10_000);
  await becomes(() => kinds().includes("rolledBack 1.0.0"));
  assertEquals(kinds().slice(-2), ["checkFailed 1.1.0", "rolledBack 1.0.0"]);
  assertEquals([host.status("counter").version, host.status("counter").history], ["1.0.0", []]);
  assertEquals(await host.call("counter", "count"), 2);
});

Deno.test("a version that is sick after its probation is started anew, and left alone when that is no use", async () => {
  const hopeless = pluginOf(
    { name: "hopeless", health: "well" },
    `(module
    (func (export "f")) (func (export "well") (result i32) (i32.const 0)))`,
  );
  const { host, timers, kinds } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0"), hopeless], {
    ...LIMITS,
    health: { interval: "1h", failures: 2, restarts: 1, probation: "1s" },
  });
  await using _host = host;
  await host.start("counter", "hopeless");
  await host.upgrade("counter", { version: "^1" });
  await timers.pass(1000);
  assertEquals(host.status("counter").probation, false);
  await host.call("counter", "sick");
  assertEquals((await host.check("counter")).state, "healthy");
  assertEquals((await host.check("counter")).version, "1.1.0");
  assertEquals(kinds().slice(-4), [
    "checkFailed 1.1.0",
    "checkFailed 1.1.0",
    "restarted 1.1.0",
    "stateLost 1.1.0",
  ]);
  assertEquals((await host.check("counter")).reason, null);

  for (let at = 0; at < 4; at++) await host.check("hopeless");
  const { state, reason } = host.status("hopeless");
  assertEquals([state, reason], ["failed", "well returned 0"]);
  const error = await assertRejects(() => host.call("hopeless", "f"), AegisError);
  assertEquals([error.code, error.message], [
    "WrongState",
    'Cannot call "hopeless": it has failed, well returned 0',
  ]);
});

Deno.test("a plugin without a health function is checked by an instance beside it, and one that spins is not well", async () => {
  const plain = pluginOf({ name: "plain" });
  const spinner = pluginOf(
    { name: "spinner", health: "well" },
    '(module (func (export "f")) (func (export "well") (loop (br 0))))',
  );
  const texts = pluginOf(
    { name: "texts", health: "well" },
    `(module (memory (export "memory") 1) (data (i32.const 8) "no disk")
    (@custom "aegis:signatures" "well() -> string")
    (func (export "f")) (func (export "well") (result i64) (i64.const 0x800000007)))`,
  );
  const { host } = await hostOf([plain, spinner, texts], { health: { timeout: "50ms", failures: 9 } });
  await using _host = host;
  await host.start("plain", "spinner", "texts");
  assertEquals((await host.check("plain")).reason, null);
  assertStringIncludes((await host.check("spinner")).reason ?? "", "Timeout");
  assertEquals((await host.check("texts")).reason, "no disk");
});

Deno.test("each call of a plugin has its fuel anew, and a limit that ends it does not end the plugin", async () => {
  const { host, kinds } = await hostOf([counterOf("1.0.0")], {
    plugins: { counter: { limits: { fuelLimit: 10_000, timeout: "5s" } } },
  });
  await using _host = host;
  await host.start("counter");
  for (let at = 1; at <= 2000; at++) await host.call("counter", "count");
  assertEquals(await host.call("counter", "count"), 2001);
  assertEquals((await assertRejects(() => host.call("counter", "spin"), AegisError)).code, "OutOfFuel");
  assertEquals(await host.call("counter", "count"), 1);
  assertEquals(kinds().at(-1), "stateLost 1.0.0");
});

Deno.test("close() ends plugins with whatever they do, and leaves no timer", async () => {
  const { host, timers } = await hostOf([counterOf("1.0.0")], {
    plugins: { counter: { limits: { timeout: "20s" } } },
  });
  await host.start("counter");
  const spinning = assertRejects(() => host.call("counter", "spin"), AegisError);
  await host.close();
  assertEquals((await spinning).code, "Closed");
  assertEquals(timers.pending, 0);
  await assertRejects(() => host.start("counter"), AegisError, "closed");
});

Deno.test("a new version gets the grants of the old one, and no others", async () => {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_plugin_" }));
  try {
    const { host, registry } = await hostOf([counterOf("1.0.0"), counterOf("1.1.0")], {
      plugins: { counter: { version: "1.0.0", grants: [FilesystemCapability.readOnly([folder])] } },
    });
    await using _host = host;
    await host.start("counter");
    await host.upgrade("counter", { version: "^1" });
    assertEquals(host.status("counter").version, registry.get("counter").version);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a plugin that has failed is watched again when an upgrade has taken its place", async () => {
  const of = (version: string, well: string) =>
    pluginOf(
      { name: "late", version, health: "well" },
      `(module (global $n (mut i32) (i32.const 1)) (func (export "f") (global.set $n (i32.const 0)))
      (func (export "well") (result i32) ${well}))`,
    );
  const { host, timers, kinds } = await hostOf(
    [of("1.0.0", "(i32.const 0)"), of("1.1.0", "(global.get $n)")],
    {
      plugins: { late: { version: "1.0.0" } },
      health: { interval: "1h", failures: 1, restarts: 0, probation: "1s" },
    },
  );
  await using _host = host;
  await host.start("late");
  await timers.pass(3_600_000);
  await becomes(() => kinds().includes("failed 1.0.0"));
  await settled();
  await timers.pass(3_600_000);
  assertEquals(kinds().filter((kind) => kind.startsWith("failed")).length, 1);
  await host.upgrade("late", { version: "^1" });
  await timers.pass(1000);
  await host.call("late", "f");
  await settled();
  await timers.pass(3_600_000);
  await becomes(() => kinds().includes("checkFailed 1.1.0"));
});
