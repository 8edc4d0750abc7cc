import { Aegis, AegisError, type Engine, ModuleRefusedError } from "../../mod.ts";
import { AegisModule, preparedOf } from "../../src/sandbox/module.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { HAS_INTERPRETER } from "./engines_here.ts";

const ONE = compileText('(module (func (export "f") (result i32) i32.const 1))');

Deno.test("Aegis.create() and loadBytes() refuse an engine that there is not", async () => {
  await using runtime = await Aegis.create({ engine: "v8" });
  const other = "wasm3" as Engine; // as somebody without types might say
  for (
    const refuse of [
      () => Aegis.create({ engine: other }),
      () => runtime.loadBytes(ONE, { engine: other }),
      () => Aegis.builder().withEngine(other).build(),
    ]
  ) {
    const error = await assertRejects(refuse, AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "engine"]);
    assertEquals(error.message, 'Cannot set engine to "wasm3": use "v8" or "interpreter"');
  }
});

Deno.test("a runtime, its modules and its reports say what runs them", async () => {
  await using runtime = await Aegis.create({ engine: "v8" });
  const module = await runtime.loadBytes(ONE);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  assertEquals([runtime.engine, module.engine, sandbox.report().module?.engine], ["v8", "v8", "v8"]);
});

Deno.test({
  name: "a module can be loaded for another engine than the runtime's, and is another module then",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    for (const [engine, other] of [["v8", "interpreter"], ["interpreter", "v8"]] as const) {
      await using runtime = await Aegis.builder().withEngine(engine).build();
      const usual = await runtime.loadBytes(ONE), unusual = await runtime.loadBytes(ONE, { engine: other });
      assertEquals([usual.engine, unusual.engine, runtime.modules.size], [engine, other, 2]);
      assertEquals(usual.hash, unusual.hash);
      for (const module of [usual, unusual]) {
        await using sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(module);
        assertEquals(await sandbox.call("f"), 1);
        const text = sandbox.report().toText();
        assertEquals(text.includes("in the interpreter"), module.engine === "interpreter", text);
      }
    }
  },
});

Deno.test("loadModule() refuses a module for another engine than what is loaded; a reset makes room for it", async () => {
  await using runtime = await Aegis.create({ engine: "v8" });
  const module = await runtime.loadBytes(ONE, { name: "first" });
  const identity = { hash: module.hash, name: undefined };
  const other = new AegisModule({ ...preparedOf(module), engine: "interpreter" }, identity);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  const error = await assertRejects(() => sandbox.loadModule(other), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "engine"]);
  assertEquals(
    error.message,
    'Cannot load a module for engine "interpreter": the sandbox has one for "v8"',
  );
  assertEquals(await sandbox.call("f"), 1, "it goes on with what it has");
  await sandbox.reset();
  // Its code is for V8, so the guest refuses it: but that is the guest, and no more the sandbox.
  const late = await assertRejects(() => sandbox.loadModule(other), AegisError);
  assertEquals(late.code, "GuestFault");
  assertStringIncludes(late.message, "Cannot interpret what was prepared for V8");
});

/** Proposals that the interpreter does not have, in modules that use them. */
const MISSING: Readonly<Record<string, string>> = {
  gc: '(module (type (struct (field i32))) (func (export "f") (result i32) i32.const 1))',
  threads: '(module (memory 1 1 shared) (func (export "f") (result i32) i32.const 1))',
};

Deno.test("the interpreter refuses what it does not have by its name, in a Worker as in a process", async () => {
  for (const isolation of ["worker", "process"] as const) {
    await using runtime = await Aegis.create({ engine: "interpreter", isolation });
    for (const [feature, text] of Object.entries(MISSING)) {
      const error = await assertRejects(() => runtime.loadWat(text), ModuleRefusedError);
      assertStringIncludes(error.message, `the proposal "${feature}", which the interpreter does not have`);
      assertStringIncludes(error.suggestion ?? "", 'engine "v8"');
    }
    const atomic = "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))";
    const error = await assertRejects(() => runtime.loadWat(atomic), ModuleRefusedError);
    assert(error.message.includes('"threads"'), error.message);
  }
});
