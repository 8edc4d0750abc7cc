/** An option that nobody knows is refused wherever options are taken, with its name, and with what may have been meant. */
import {
  Aegis,
  AegisError,
  CollectingSubscriber,
  execute,
  FilesystemCapability,
  hostFunction,
  LoggingSubscriber,
  openTelemetry,
  run,
} from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assertEquals, assertInstanceOf, assertStringIncludes, fail } from "../assert.ts";

const MODULE = '(module (func (export "add") (param i32 i32) (result i32) (local.get 0)))';

/** What callers without types give. */
// deno-lint-ignore no-explicit-any -- the compiler would refuse all of it
type Untyped = any;

/** How options with a wrong name are refused. */
async function refusal(work: () => unknown): Promise<AegisError> {
  try {
    await work();
  } catch (error) {
    assertInstanceOf(error, AegisError);
    assertEquals(error.code, "InvalidOption");
    return error;
  }
  fail("it was taken");
}

/** Fails unless options with this wrong name are refused, and `meant` is proposed. */
async function refuses(wrong: string, meant: string, work: (options: Untyped) => unknown): Promise<string> {
  const error = await refusal(() => work({ [wrong]: true }));
  assertEquals(error.field, wrong);
  assertStringIncludes(error.message, `Cannot use option "${wrong}"`);
  assertStringIncludes(error.suggestion ?? "none", `"${meant}"`);
  const none = await refusal(() => work(null));
  assertStringIncludes(none.message, "Cannot use null as the options");
  return error.message;
}

Deno.test("registerFunc() refuses a capability under a misspelt name, which would guard nothing", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  const type: Untyped = { params: ["i32"], results: [], capabilty: "mail" };
  const error = await refusal(() => sandbox.registerFunc("env", "send", type, () => {}));
  assertEquals([error.field, error.suggestion], ["capabilty", 'Did you mean "capability"?']);
  assertEquals(
    error.message,
    'Cannot use option "capabilty" of host function "env" "send": use one of params, results, capability, context, inline, run. Did you mean "capability"?',
  );
  const named = { ...type, run: () => {} };
  assertEquals((await refusal(() => sandbox.registerFuncs("env", { send: named }))).field, "capabilty");
  assertEquals((await refusal(() => hostFunction(type, () => {}))).field, "capabilty");
});

Deno.test("options of a runtime, a sandbox and a pool are refused with all names that there are", async () => {
  const ofRuntime = await refuses("isolaton", "isolation", (options) => Aegis.create(options));
  for (const name of ["isolation", "capabilities", "onAudit", "memoryLimit"]) {
    assertStringIncludes(ofRuntime, name);
  }
  await using runtime = await Aegis.create();
  const ofSandbox = await refuses("argz", "args", (options) => runtime.sandbox(options).build());
  for (const name of ["args", "stdin", "secrets", "memoryLimit"]) assertStringIncludes(ofSandbox, name);
  const module = await runtime.loadWat(MODULE);
  await refuses("minium", "minimum", (options) => runtime.pool(module, options));
  await refuses("memorylimt", "memoryLimit", (sandbox) => runtime.pool(module, { sandbox }));
  const named: Untyped = { module, nam: "lib" };
  assertEquals((await refusal(() => runtime.pool([named]))).field, "nam");
  await refuses("singal", "signal", (options) => run(compileText(MODULE), "add", [1, 2], options));
  await refuses("stdn", "stdin", (options) => execute(compileText(MODULE), [], options));
});

Deno.test("a pool refuses options that it does not know, and names its own beside those of a call", async () => {
  await using runtime = await Aegis.create();
  const pool = runtime.pool(await runtime.loadWat(MODULE), { maximum: 1 });
  await refuses("tenent", "tenant", (options) => pool.acquire(options));
  await refuses("tenent", "tenant", (options) => pool.use(() => 1, options));
  const ofCall = await refuses("tenent", "tenant", (options) => pool.call("add", [1, 2], options));
  assertStringIncludes(ofCall, "timeout, fuel, signal, type, program, tenant");
  await refuses("ordred", "ordered", (options) => pool.callStream("add", [], options));
  await refuses("lease", "leases", (options) => pool.close(options));
  await pool.close();
});

Deno.test("a sandbox refuses options that it does not know", async () => {
  await using runtime = await Aegis.create();
  const module = await runtime.loadWat(MODULE);
  await using sandbox = await runtime.sandbox().build();
  await refuses("nam", "name", (options) => sandbox.loadModule(module, options));
  await sandbox.loadModule(module);
  await refuses("timout", "timeout", (options) => sandbox.call("add", [1, 2], options));
  await refuses("timout", "timeout", (options) => sandbox.callSync("add", [1, 2], options));
  await refuses("timout", "timeout", (options) => sandbox.callMany("add", [[1, 2]], options));
  await refuses("timout", "timeout", (options) => sandbox.callManySync("add", [[1, 2]], options));
  await refuses("concurency", "concurrency", (options) => sandbox.callStream("add", [], options));
  await refuses("evry", "every", (options) => sandbox.monitor(options));
  await refuses("type", "types", (options) => sandbox.events.iterate(options));
  await refuses("capasity", "capacity", (options) => sandbox.channel("c", options));
  const untyped: Untyped = { type: { params: [], results: [] } };
  assertEquals((await refusal(() => sandbox.callMany("add", [[1, 2]], untyped))).field, "type");
  assertEquals((await refusal(() => sandbox.callManySync("add", [[1, 2]], untyped))).field, "type");
});

Deno.test("what loads modules, listens and grants refuses options that it does not know", async () => {
  await using runtime = await Aegis.create();
  await refuses("nam", "name", (options) => runtime.loadBytes(compileText(MODULE), options));
  await refuses("nam", "name", (options) => runtime.loadWat(MODULE, options));
  await refuses("capcity", "capacity", (options) => new CollectingSubscriber(options));
  await refuses("levle", "level", (options) => new LoggingSubscriber(options));
  await refuses("metric", "metrics", (options) => openTelemetry(options));
  const bounds: Untyped = { maxFilesize: 1 };
  const error = await refusal(() => FilesystemCapability.readWrite(["."], bounds));
  assertEquals([error.field, error.suggestion], ["filesystem.maxFilesize", 'Did you mean "maxFileSize"?']);
});

Deno.test("options are read without what was put on Object.prototype", async () => {
  Object.defineProperty(Object.prototype, "polluted", { value: 1, enumerable: true, configurable: true });
  try {
    await using runtime = await Aegis.create({ timeout: "1s" });
    assertEquals(runtime.limits.timeout, 1000);
  } finally {
    Reflect.deleteProperty(Object.prototype, "polluted");
  }
});
