/** Both engines run the same instrumented bytes: whatever a guest does, they come to the same. */
import { type Engine, hostFunction, type Sandbox } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { HAS_INTERPRETER } from "./engines_here.ts";
import { COUNT, SPIN, start, type Started, type StartOptions } from "./started.ts";

/** What a guest does, told as data. */
interface Scene {
  readonly options?: StartOptions;
  readonly play: (started: Started) => Promise<unknown>;
}

/** What a scene left behind, times left out. */
async function told(engine: Engine, { options = {}, play }: Scene): Promise<unknown> {
  await using started = await start({ ...options, engine });
  const result = await play(started), { sandbox } = started;
  const { fuelConsumed, peakMemory, hostCalls, refusedGrowths, calls } = sandbox.metrics();
  return { result, fuelConsumed, peakMemory, hostCalls, refusedGrowths, calls };
}

/** How a call ended, with the time left out that a limit took. */
async function ending(sandbox: Sandbox, name: string, ...args: (number | bigint)[]): Promise<unknown> {
  const outcome = await sandbox.tryCall(name, args);
  return outcome.kind === "limit" ? { kind: outcome.kind, limit: outcome.limit } : outcome;
}

const TRAPS = `(memory 1) (table 2 funcref) (type $t (func)) (tag $tag (param i32))
  (func $bad (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func $outer (export "outer") (param i32) (result i32) nop (call $bad (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "indirect") (param i32) (call_indirect (type $t) (local.get 0)))
  (func (export "convert") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "unreachable") unreachable)
  (func (export "throw") (throw $tag (i32.const 7)))
  (func $deep (export "deep") (param i64) (result i64) (i64.add (call $deep (local.get 0)) (i64.const 1)))`;

/** A handler around everything, in a loop. */
const CATCHES = `(import "env" "fail" (func $fail (param i32) (result i32)))
  (func (export "run") (result i32) (loop $l (block $h (try_table (catch_all $h)
    (drop (call $fail (i32.const 1))))) (br $l)) (unreachable))
  (func (export "spin") (loop $l (block $h (try_table (catch_all $h) (br $l))) (br $l)))`;

const CONTENT = `(import "env" "shout" (func $shout (param i32 i32) (result i64)))
  (import "env" "inside" (func $inside (param i32 i32) (result i64)))
  (memory (export "memory") 1) (global $top (mut i32) (i32.const 1024))
  (func (export "aegis_alloc") (param i32) (result i32)
    (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 0))))
  (func (export "loud") (param i32 i32) (result i64) (call $shout (local.get 0) (local.get 1)))
  (func (export "inside") (param i32 i32) (result i64) (call $inside (local.get 0) (local.get 1)))`;

const SCENES: Readonly<Record<string, Scene>> = {
  "values of every kind": {
    play: async (started) => {
      await started.load(`(global $g (export "g") (mut i64) (i64.const 5))
        (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
          (global.set $g (i64.add (global.get $g) (local.get 1)))
          local.get 3 local.get 2 global.get $g local.get 0)
        (func (export "nan") (result i64) (i64.reinterpret_f64 (f64.div (f64.const 0) (f64.const 0))))
        ${COUNT}`);
      const { sandbox } = started;
      return [
        await sandbox.call("all", [-1, -(2n ** 63n), 0.5, -0]),
        sandbox.callSync("all", [2 ** 31 - 1, 1n, Infinity, 5e-324]),
        await sandbox.call("count", [1000]),
        await sandbox.callMany("count", [[1], [10], [100_000]]),
      ];
    },
  },

  "traps, with their frames": {
    play: async (started) => {
      await started.load(TRAPS);
      const { sandbox } = started, ends = [];
      for (const name of ["divide", "outer"]) ends.push(await ending(sandbox, name, 0));
      for (const address of [65_533, -1]) ends.push(await ending(sandbox, "load", address));
      for (const index of [0, 2]) ends.push(await ending(sandbox, "indirect", index));
      for (const value of [NaN, 1e10]) ends.push(await ending(sandbox, "convert", value));
      for (const name of ["unreachable", "throw"]) ends.push(await ending(sandbox, name));
      return [...ends, await ending(sandbox, "divide", 1)];
    },
  },

  "a stack that overflows": {
    options: { fuelLimit: "unlimited" },
    play: async (started) => {
      await started.load(TRAPS);
      return [await ending(started.sandbox, "deep", 0n), await ending(started.sandbox, "divide", 1)];
    },
  },

  "fuel that runs out, in a loop and in a start function": {
    options: { fuelLimit: 12_345 },
    play: async (started) => {
      await started.load(SPIN);
      const first = await started.sandbox.tryCall("spin");
      await started.sandbox.reset();
      const loading = await started.load(`(func $go (loop $l (br $l))) (start $go)`).catch(({ code }) =>
        code
      );
      return [first, loading];
    },
  },

  "fuel of its own for a call, and fuel that is added": {
    options: { fuelLimit: 10_000 },
    play: async (started) => {
      await started.load(COUNT);
      const { sandbox } = started, own = await sandbox.tryCall("count", [5000], { fuel: 1000 });
      await sandbox.reset();
      sandbox.addFuel(100_000);
      return [own, await sandbox.tryCall("count", [15_000]), sandbox.remainingFuel()];
    },
  },

  "memory and tables that may not grow": {
    options: { memoryLimit: "256KiB", tableLimit: 20 },
    play: async (started) => {
      await started.load(`(memory (export "memory") 1) (table 5 externref)
        (func (export "grow") (param i32) (result i32 i32) (memory.grow (local.get 0)) (memory.size))
        (func (export "more") (param i32) (result i32 i32) (table.grow (ref.null extern) (local.get 0)) (table.size))
        (func (export "trap") (drop (memory.grow (i32.const 100))) unreachable)`);
      const { sandbox } = started;
      return [
        await sandbox.call("grow", [2]),
        await sandbox.call("grow", [2]),
        await sandbox.call("more", [15]),
        await sandbox.call("more", [1]),
        await sandbox.tryCall("trap"),
        (await sandbox.readMemory(0, 4)).length,
      ];
    },
  },

  "a growth whose refusal traps": {
    options: { memoryLimit: "64KiB", onMemoryLimit: "trap" },
    play: async (started) => {
      await started.load(`(memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 1)))`);
      return await started.sandbox.tryCall("grow");
    },
  },

  "a host function that throws, past every handler": {
    options: {
      fuelLimit: 100_000,
      offers: {
        "env.fail(i32)->i32": () => {
          throw new Error("no");
        },
      },
    },
    play: async (started) => {
      await started.load(CATCHES);
      const { kind } = await started.sandbox.tryCall("run");
      return [kind, await ending(started.sandbox, "spin")];
    },
  },

  "text that crosses, also to functions that run inside": {
    play: async (started) => {
      const { sandbox } = started, text = { params: ["string"], results: ["string"] } as const;
      sandbox.registerFuncs("env", {
        shout: hostFunction(text, (words) => words.toUpperCase()),
        inside: hostFunction({ ...text, inline: true }, (words) => words.toUpperCase()),
      });
      await started.load(CONTENT);
      return [
        await sandbox.call("loud", ["hush"], { type: text }),
        await sandbox.call("inside", ["hush"], { type: text }),
      ];
    },
  },

  "modules that share a memory, a table, a global and a tag": {
    options: { memories: 2 },
    play: async (started) => {
      await started.load(
        `(memory (export "m") 1 3) (table (export "t") 4 funcref) (global (export "g") (mut i32) (i32.const 1))
        (tag $e (export "e") (param i32)) (elem (i32.const 0) $f)
        (func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
        (func (export "bad") (unreachable))
        (func (export "throws") (param i32) (throw $e (local.get 0)))`,
        "lib",
      );
      await started.load(`(import "lib" "m" (memory 1 3)) (import "lib" "t" (table 4 funcref))
        (import "lib" "g" (global $g (mut i32))) (import "lib" "e" (tag $e (param i32)))
        (import "lib" "throws" (func $throws (param i32))) (import "lib" "bad" (func $bad))
        (type $i (func (param i32) (result i32))) (data (i32.const 8) "\\2a")
        (func $mine (param i32) (result i32) (i32.add (local.get 0) (i32.load8_u (i32.const 8))))
        (elem (i32.const 1) $mine)
        (func (export "call") (param i32 i32) (result i32)
          (global.set $g (i32.add (global.get $g) (i32.const 1)))
          (i32.add (global.get $g) (call_indirect (type $i) (local.get 0) (local.get 1))))
        (func (export "catch") (param i32) (result i32)
          (block $h (result i32) (try_table (catch $e $h) (call $throws (local.get 0))) (i32.const -1)))
        (func (export "through") (call $bad))
        (func (export "grow") (result i32) (memory.grow (i32.const 1)))`);
      const { sandbox } = started;
      return [
        await sandbox.call("call", [7, 0]),
        await sandbox.call("call", [7, 1]),
        await sandbox.call("catch", [99]),
        await sandbox.tryCall("through"),
        await sandbox.call("grow"),
      ];
    },
  },

  "a life that begins again": {
    play: async (started) => {
      await started.load(
        `(memory (export "memory") 1) (global $n (mut i32) (i32.const 0)) (data (i32.const 0) "a")
        (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1)))
          (i32.store8 (i32.const 0) (global.get $n)) (global.get $n))`,
      );
      const { sandbox } = started;
      const before = [await sandbox.call("next"), await sandbox.call("next"), await sandbox.readMemory(0, 1)];
      await sandbox.reset();
      return [...before, await sandbox.readMemory(0, 1), await sandbox.call("next")];
    },
  },

  "a program that prints and exits": {
    options: {},
    play: async (started) => {
      await started.load(
        `(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
        (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00hi\\0a")
        (func (export "_start") (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
          (call $exit (i32.const 7)) (loop $l (br $l)))`,
      );
      const outcome = await started.sandbox.tryCall("_start");
      return [outcome, new TextDecoder().decode(started.sandbox.output().stdout)];
    },
  },

  "imports that do not fit": {
    play: async (started) => {
      await started.load(`(global (export "g") i32 (i32.const 1)) (func (export "f") (param i64))`, "lib");
      const ends = [];
      for (
        const fields of [
          `(import "lib" "g" (global i64))`,
          `(import "lib" "g" (global (mut i32)))`,
          `(import "lib" "f" (func (param i32)))`,
        ]
      ) {
        ends.push(await started.load(fields).catch(({ code, module, name }) => [code, module, name]));
      }
      return ends;
    },
  },

  "a segment that does not fit, and a start function that traps": {
    play: async (started) => {
      const ends = [];
      for (
        const fields of [`(memory 1) (data (i32.const 65535) "ab")`, `(func $go unreachable) (start $go)`]
      ) {
        ends.push(await started.load(fields).catch(({ code, frames }) => [code, frames]));
        await started.sandbox.reset();
      }
      return ends;
    },
  },
};

for (const isolation of ["worker", "process"] as const) {
  for (const [what, scene] of Object.entries(SCENES)) {
    Deno.test({
      name: `both engines come to the same in a ${isolation}: ${what}`,
      ignore: !HAS_INTERPRETER,
      fn: async () => {
        const options = { ...scene.options, isolation };
        assertEquals(
          await told("interpreter", { ...scene, options }),
          await told("v8", { ...scene, options }),
        );
      },
    });
  }
}

Deno.test({
  name: "a guest in the interpreter can be paused, cancelled and timed out",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    await using started = await start({ engine: "interpreter", fuelLimit: "unlimited", timeout: 150 });
    await started.load(SPIN);
    const { sandbox } = started;
    assertEquals(await ending(sandbox, "spin"), { kind: "limit", limit: "time" });
    await sandbox.reset();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    const cancelled = await sandbox.tryCall("spin", [], { signal: abort.signal });
    assertEquals(cancelled, { kind: "aborted", reason: "cancelled" });
    await sandbox.reset();
    const call = sandbox.tryCall("spin");
    await new Promise((resolve) => setTimeout(resolve, 20));
    sandbox.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = sandbox.metrics().fuelConsumed;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(before > 0n && sandbox.metrics().fuelConsumed === before, "it stands still");
    sandbox.resume();
    assertEquals((await call).kind, "limit");
  },
});

Deno.test({
  name: "guests of a pool run in the interpreter",
  ignore: !HAS_INTERPRETER,
  fn: async () => {
    await using started = await start({ engine: "interpreter" });
    await using pool = started.runtime.pool(await started.module(COUNT), { maximum: 2 });
    const results = await Promise.all([1, 2, 3, 4].map((turns) => pool.call("count", [turns])));
    assertEquals(results, [1, 2, 3, 4]);
  },
});
