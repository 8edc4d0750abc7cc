import {
  AegisError,
  MemoryExceededError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "../assert.ts";
import { offer, start, type StartOptions } from "./started.ts";

/** Ways in which instantiation ends badly, and how `loadModule` says so. */
const FAILURES: Readonly<
  Record<string, {
    readonly fields: string;
    readonly type: new (...args: never[]) => AegisError;
    readonly options?: StartOptions;
    /** Whether the sandbox needs a reset before it takes another module. */
    readonly ends?: true;
  }>
> = {
  "a trap": { fields: "(start $s) (func $s unreachable)", type: TrapError },
  "an exception": { fields: "(tag $t) (start $s) (func $s throw $t)", type: TrapError },
  "an endless loop": {
    fields: "(start $s) (func $s (loop (br 0)))",
    type: OutOfFuelError,
    options: { fuelLimit: 10_000 },
    ends: true,
  },
  "a loop that takes too long": {
    fields: "(start $s) (func $s (loop (br 0)))",
    type: TimeoutError,
    options: { fuelLimit: "unlimited", timeout: "40ms" },
    ends: true,
  },
  "endless recursion": { fields: "(start $s) (func $s call $s)", type: StackOverflowError },
  "a growth that was refused": {
    fields: "(memory 1) (start $s) (func $s (drop (memory.grow (i32.const 9))) unreachable)",
    type: MemoryExceededError,
    options: { memoryLimit: "128KiB" },
  },
  "data out of bounds": { fields: '(memory 1) (data (i32.const 65535) "ab")', type: TrapError },
  "elements out of bounds": {
    fields: "(table 1 funcref) (func $f) (elem (i32.const 1) $f)",
    type: TrapError,
  },
  "segments that cost more than there is": {
    fields: `(memory 1) (data (i32.const 0) "${"x".repeat(500)}")`,
    type: OutOfFuelError,
    options: { fuelLimit: 400 },
    ends: true,
  },
};

for (const [what, { fields, type, options = {}, ends }] of Object.entries(FAILURES)) {
  Deno.test(`loadModule() fails with ${type.name} for ${what}, and the sandbox is of use afterwards`, async () => {
    await using started = await start(options);
    const { sandbox } = started;
    const good = await started.module('(func (export "f") (result i32) i32.const 7)');
    const failure = await started.load(fields).then(() => undefined, (error: unknown) => error);
    assert(failure instanceof type, String(failure));
    if (ends === true) {
      const error = await assertRejects(() => sandbox.loadModule(good), AegisError);
      assertEquals(error.code, "InstanceEnded");
      await sandbox.reset();
    }
    assertEquals((await assertRejects(() => sandbox.call("f"), AegisError)).code, "ModuleNotLoaded");
    await sandbox.loadModule(good);
    assertEquals(await sandbox.call("f"), 7);
  });
}

Deno.test("loadModule() throws what a host function threw in the start function", async () => {
  await using started = await start();
  const error = new Error("from the host");
  offer(started.sandbox, {
    "env.f()->": () => {
      throw error;
    },
  });
  const thrown = await started.load('(import "env" "f" (func $f)) (start $f)').then(
    () => undefined,
    (each) => each,
  );
  assertStrictEquals(thrown, error);
});

Deno.test("a trap in a start function has frames that lead to it", async () => {
  await using started = await start();
  await started.load('(func (export "first"))');
  const error = await assertRejects(
    () => started.load("(start $s) (func) (func $t unreachable) (func $s call $t)"),
    TrapError,
  );
  assertEquals([error.trap, error.frames.map((frame) => frame.functionIndex)], ["unreachable", [1, 2]]);
  assert(error.frames.every((frame) => frame.offset !== undefined));
});

Deno.test("the start function may be an import, and may be exported", async () => {
  let calls = 0;
  await using started = await start();
  offer(started.sandbox, { "env.f()->": () => void calls++ });
  await started.load('(import "env" "f" (func $f)) (start $f) (export "again" (func $f))');
  await started.sandbox.call("again");
  assertEquals(calls, 2);
});

Deno.test("instantiation writes what stands before the segment that fails, as WebAssembly says", async () => {
  await using started = await start();
  await started.load('(memory (export "memory") 1)', "lib");
  const bad = '(import "lib" "memory" (memory 1)) (data (i32.const 0) "abc") (data (i32.const 65536) "x")';
  await assertRejects(() => started.load(bad), TrapError);
  assertEquals(new TextDecoder().decode(await started.sandbox.readMemory(0, 3)), "abc");
});
