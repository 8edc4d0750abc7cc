import { GuestInstance, type Hooks } from "../../src/guest/instance.ts";
import { InterpreterEngine } from "../../src/guest/interpreter_engine.ts";
import { prepare, type Prepared } from "../../src/guest/prepare.ts";
import { framesOf } from "../../src/guest/trap_report.ts";
import { V8_ENGINE } from "../../src/guest/v8_engine.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import type { EngineCode, ImportedFunction } from "../../src/guest/engine.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { HAS_INTERPRETER } from "../sandbox/engines_here.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const limits = resolveLimits();

/** Calls an import, catches whatever may be caught, and goes on. */
const STUBBORN = compileText(`(module (import "env" "f" (func $f))
  (func (export "run") (result i32) (block $h (try_table (catch_all $h) (call $f))) (i32.const 7)))`);

function interpreted(bytes: Uint8Array<ArrayBuffer>): Promise<Prepared> {
  return prepare(bytes, { limits, engine: "interpreter", label: "abc" });
}

/** Instances that get all the fuel they ask for. */
const HOOKS: Hooks = {
  refuel: (instance) => void (instance.fuel.value += 1_000_000n),
  stack: () => {},
  unwound: () => {},
  growMemory: () => 1,
  growTable: () => 1,
};

function instanceOf(
  prepared: Prepared,
  imports: readonly ImportedFunction[] = [],
  hooks = HOOKS,
): GuestInstance {
  const code = { ...prepared, runner: new InterpreterEngine(limits.stackLimit) } as EngineCode; // it is compiled
  const instance = new GuestInstance(prepared.layout, code, imports.map((ours) => ({ ours })), hooks);
  instance.stackCap.value = limits.stackLimit;
  return instance;
}

/** Puts functions in place of V8's that take bytes, which note the bytes that they were given. */
async function watchingV8(work: () => Promise<void>): Promise<Uint8Array[]> {
  const seen: Uint8Array[] = [], { compile, validate, instantiate, Module } = WebAssembly;
  const note = (bytes: unknown) => {
    if (bytes instanceof Uint8Array) seen.push(bytes);
    else if (bytes instanceof ArrayBuffer) seen.push(new Uint8Array(bytes));
  };
  const noting =
    <Args extends unknown[], Result>(run: (...args: Args) => Result) => (...args: Args): Result => {
      note(args[0]);
      return run(...args);
    };
  const watched = new Proxy(Module, {
    construct(target, args: [BufferSource]) {
      note(args[0]);
      return new target(...args);
    },
  });
  const own = { compile: noting(compile), validate: noting(validate), instantiate: noting(instantiate) };
  try {
    Object.assign(WebAssembly, own, { Module: watched });
    await work();
  } finally {
    Object.assign(WebAssembly, { compile, validate, instantiate, Module });
  }
  return seen;
}

function contains(bytes: Uint8Array, part: string): boolean {
  return new TextDecoder("latin1").decode(bytes).includes(part);
}

Deno.test({
  name: "V8 is given no byte of a module that is prepared for the interpreter, and runs there",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    const marked = compileText('(module (func (export "a name of its own") (result i32) (i32.const 7)))');
    const seen = await watchingV8(async () => {
      const instance = instanceOf(await interpreted(marked));
      const run = instance.exports["a name of its own"];
      assert(typeof run === "function");
      assertEquals(run(), 7);
    });
    assert(seen.length > 0, "our own core is compiled");
    assert(!seen.some((bytes) => contains(bytes, "a name of its own")), "nothing of the guest is");
    const inV8 = await watchingV8(async () => void await prepare(marked, { limits }));
    assert(inV8.some((bytes) => contains(bytes, "a name of its own")), "or this test would see nothing");
  },
});

Deno.test({
  name: "the interpreter's code is refused where V8 refuses it: by our own validator",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    const bytes = compileText('(module (func (export "f") (result i32) (i32.const 7)))');
    bytes[bytes.length - 3] = 0x42; // i64.const
    const errors = [];
    for (const engine of ["v8", "interpreter"] as const) {
      errors.push((await assertRejects(() => prepare(bytes, { limits, engine }), Error)).message);
    }
    assertEquals(errors[0], errors[1]);
  },
});

Deno.test({
  name: "InterpreterEngine ends a guest that was killed when a function of ours returns, past every handler",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    const prepared = await interpreted(STUBBORN);
    let ends = false;
    const instance: GuestInstance = instanceOf(prepared, [() => ends && instance.kill()]);
    const run = instance.exports["run"];
    assert(typeof run === "function");
    assertEquals(run(), 7);
    ends = true;
    const error = assertThrows(() => run(), WebAssembly.RuntimeError);
    assertEquals(error.message, "unreachable");
    assertThrows(() => run(), WebAssembly.RuntimeError); // also when it is called again
    ends = false;
    instance.revive();
    assertEquals(run(), 7);
  },
});

Deno.test({
  name: "InterpreterEngine ends a guest that is killed in a hook",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    const loops = compileText('(module (func (export "run") (loop $l (br $l))))');
    let refuels = 0;
    const refuel = (instance: GuestInstance) => {
      instance.fuel.value += 1000n;
      if (++refuels === 5) instance.kill();
      if (refuels > 100) throw new Error("It goes on for ever");
    };
    const instance = instanceOf(await interpreted(loops), [], { ...HOOKS, refuel });
    const run = instance.exports["run"];
    assert(typeof run === "function");
    assertThrows(() => run(), WebAssembly.RuntimeError);
    assertEquals(refuels, 5);
  },
});

Deno.test({
  name: "framesOf() reads the frames of the interpreter's traps as those of V8's",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    const traps = compileText(`(module (func $in unreachable) (func $mid nop (call $in))
      (func (export "run") nop nop (call $mid)))`);
    const frames = [];
    for (const engine of ["v8", "interpreter"] as const) {
      const prepared = await prepare(traps, { limits, engine, label: "abc" });
      const code = prepared as EngineCode; // it is compiled
      const instance = engine === "interpreter"
        ? instanceOf(prepared)
        : new GuestInstance(prepared.layout, code, [], HOOKS);
      instance.stackCap.value = limits.stackLimit;
      const run = instance.exports["run"];
      assert(typeof run === "function");
      frames.push(framesOf(assertThrows(() => run(), WebAssembly.RuntimeError), [prepared.layout]));
    }
    assertEquals(frames[0]?.length, 3);
    assertEquals(frames[1], frames[0]);
  },
});

Deno.test("each engine refuses what was prepared for the other", async () => {
  const bytes = compileText("(module)"), prepared = await prepare(bytes, { limits });
  const given = { imports: [], hooks: HOOKS as never };
  const code = prepared as EngineCode; // it is compiled
  const inInterpreter = assertThrows(
    () => new InterpreterEngine(limits.stackLimit).instantiate(code, given),
    TypeError,
  );
  assertStringIncludes(inInterpreter.message, "prepared for V8");
  const foreign = { ...code, module: { kind: "interpreter", memories: [] } } as unknown as EngineCode; // enough of it
  const inV8 = assertThrows(() => V8_ENGINE.instantiate(foreign, given), TypeError);
  assertStringIncludes(inV8.message, "prepared for the interpreter");
});
