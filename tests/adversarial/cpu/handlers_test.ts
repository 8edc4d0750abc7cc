/**
 * C27: handlers around everything. What stops a guest is a trap, and a trap passes every handler; each test fails
 * when the shim does not test the dead flag after each call of ours.
 */
import { assert, assertEquals } from "../../assert.ts";
import { assertStops, prepared, type Stop, STOPS, UNLIMITED, wordsOf } from "./stopping.ts";
import type { AegisOptions, Sandbox } from "../../../mod.ts";
import {
  type Bytes,
  END,
  exportOf,
  funcType,
  I32,
  importOf,
  join,
  wasmModule,
} from "../../wasm/module_builder.ts";

/** What the handlers are around, as text; `$again` is the function that holds them. */
const INSIDE = {
  loop: "(loop $l (br $l))",
  host: "(call $host)",
  hostInLoop: "(loop $l (call $host) (br $l))",
  recursion: "(call $again) (call $again)",
  growth: "(drop (memory.grow (i32.const 100)))",
  trap: "(unreachable)",
  bounds: "(drop (i32.load (i32.const -1)))",
} as const;

type Inside = keyof typeof INSIDE;

/** Handlers of the new kind, counting in `caught` what they catch; each goes on for ever. */
function withHandlers(inside: Inside): string {
  const code = INSIDE[inside];
  return `(module (import "env" "host" (func $host)) (memory 1) (tag $t (param i32))
    (global $caught (mut i32) (i32.const 0))
    (func $count (global.set $caught (i32.add (global.get $caught) (i32.const 1))))
    (func $again (export "run")
      (loop $again
        (block $a (try_table (catch_all $a) ${code} (return)))
        (call $count)
        (drop (block $b (result exnref) (try_table (catch_all_ref $b) ${code} (return)) (unreachable)))
        (call $count)
        (drop (block $c (result i32) (try_table (catch $t $c) ${code} (return)) (i32.const 0)))
        (call $count)
        (br $again)))
    (func (export "caught") (result i32) (global.get $caught)))`;
}

/** The old kind, which has no text here: `loop { try { inside } catch_all { caught++ } br }`. */
function withOldHandlers(inside: Inside): Uint8Array<ArrayBuffer> {
  const codes: Record<Inside, Bytes> = {
    loop: [0x03, 0x40, 0x0c, 0, END],
    host: [0x10, 0],
    hostInLoop: [0x03, 0x40, 0x10, 0, 0x0c, 0, END],
    recursion: [0x10, 1, 0x10, 1],
    growth: [0x41, 0xe4, 0x00, 0x40, 0, 0x1a],
    trap: [0x00],
    bounds: [0x41, 0x7f, 0x28, 2, 0, 0x1a],
  };
  const count = [0x23, 0, 0x41, 1, 0x6a, 0x24, 0];
  const code = join([[0x03, 0x40, 0x06, 0x40], codes[inside], [0x0f, 0x19], count, [END, 0x0c, 0, END]]);
  return wasmModule({
    types: [funcType([], []), funcType([], [I32])],
    imports: [importOf("env", "host", [0, 0])],
    importedFunctions: 1,
    functions: [{ type: 0, code }, { type: 1, code: [0x23, 0], name: "caught" }],
    memories: [[0, 1]],
    globals: [[I32, 1, 0x41, 0, END]],
    exports: [exportOf("run", 0, 1)],
  });
}

const NO_VALUES = { params: [], results: [] } as const;

const HANDLERS: Readonly<Record<string, (inside: Inside) => string | Uint8Array>> = {
  "catch, catch_all and catch_all_ref": withHandlers,
  "old-style catch_all": withOldHandlers,
};

for (const [which, make] of Object.entries(HANDLERS)) {
  for (const stop of Object.keys(STOPS) as Stop[]) {
    Deno.test(`C27 ${which} around a loop cannot keep a guest alive: ${stop}`, async () => {
      await assertStops(stop, make("loop"), {}, (sandbox) => {
        sandbox.registerFunc("env", "host", NO_VALUES, () => {});
      });
    });
    if (stop === "fuel") continue;
    Deno.test(`C27 ${which} around host calls cannot keep a guest alive: ${stop}`, async () => {
      await assertStops(stop, make("hostInLoop"), {}, (sandbox) => {
        sandbox.registerFunc("env", "host", NO_VALUES, () => {});
      });
      await assertStops(stop, make("hostInLoop"), {}, (sandbox) => {
        sandbox.registerFunc("env", "host", NO_VALUES, () => new Promise(() => {}));
      });
    });
  }

  /** Ends after which the instance lives on, so that one can ask what its handlers saw. */
  const ends: [what: string, inside: Inside, options: AegisOptions, words: string, host: () => unknown][] = [
    ["a host function that throws", "host", {}, "hostError Error: no", () => {
      throw new Error("no");
    }],
    [
      "a host function that rejects",
      "host",
      {},
      "hostError Error: no",
      () => Promise.reject(new Error("no")),
    ],
    ["a host function that throws nothing", "host", {}, "hostError undefined", () => {
      throw undefined;
    }],
    [
      "a host function that throws a WebAssembly.RuntimeError",
      "host",
      {},
      "hostError RuntimeError: no",
      () => {
        throw new WebAssembly.RuntimeError("no");
      },
    ],
    ["the limit of host calls", "hostInLoop", { hostCallLimit: 3 }, "limit hostCalls", () => {}],
    ["a stack overflow", "recursion", {}, "limit stack", () => {}],
    ["a refused growth", "growth", { memoryLimit: "1MiB", onMemoryLimit: "trap" }, "limit memory", () => {}],
    ["unreachable", "trap", {}, "trap unreachable", () => {}],
    ["a load out of bounds", "bounds", {}, "trap memoryOutOfBounds", () => {}],
  ];
  for (const [what, inside, options, words, host] of ends) {
    Deno.test(`C27 ${which} around ${what} catch nothing`, async () => {
      const register = (sandbox: Sandbox) =>
        sandbox.registerFunc("env", "host", NO_VALUES, () => host() as Promise<void>);
      await using guest = await prepared(
        make(inside),
        { fuelLimit: UNLIMITED, timeout: 5000, ...options },
        register,
      );
      assertEquals(wordsOf(await guest.sandbox.tryCall("run")), words);
      assertEquals(await guest.sandbox.call("caught"), 0);
      if (what === "the limit of host calls") return;
      // And once more: the second stop must not find the flags of the first.
      assertEquals(wordsOf(await guest.sandbox.tryCall("run")), words);
      assertEquals(await guest.sandbox.call("caught"), 0);
    });
  }
}

Deno.test("C27 handlers in one module do not catch what stops another module that it called", async () => {
  await using guest = await prepared(
    `(module (func (export "run") (loop $l (br $l))) (func (export "deep") (call 1) (call 1)))`,
    { fuelLimit: 1_000_000, timeout: 5000 },
  );
  await using sandbox = await guest.runtime.sandbox().build();
  await sandbox.loadModule(
    await guest.runtime.loadWat(
      `(module (func (export "run") (loop $l (br $l))) (func $d (export "deep") (call $d) (call $d)))`,
    ),
    { name: "a" },
  );
  await sandbox.loadModule(
    await guest.runtime.loadWat(`(module (import "a" "run" (func $run)) (import "a" "deep" (func $deep))
      (global $caught (mut i32) (i32.const 0))
      (func (export "run") (loop $l (block $c (try_table (catch_all $c) (call $run)))
        (global.set $caught (i32.const 1)) (br $l)))
      (func (export "deep") (loop $l (block $c (try_table (catch_all $c) (call $deep)))
        (global.set $caught (i32.const 1)) (br $l)))
      (func (export "caught") (result i32) (global.get $caught)))`),
  );
  assertEquals(wordsOf(await sandbox.tryCall("deep")), "limit stack");
  assertEquals(await sandbox.call("caught"), 0);
  assertEquals(wordsOf(await sandbox.tryCall("run")), "limit fuel");
});

/** Recurs so deep by calls that lead to no certain function: each frame says in the global how deep it is, and throws past it. */
const THROWS_DEEP = `(type $v (func (param i32))) (table 1 funcref) (elem (i32.const 0) $deep)
  (func $deep (export "deep") (param i32) (if (i32.eqz (local.get 0)) (then (throw $t)))
    (call_indirect (type $v) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))`;

/** Catches what a hundred frames have thrown through, so many times. */
const CATCHES = `(func (export "run") (param i32) (result i32)
  (loop $l (block $c (try_table (catch $t $c) (call $deep (i32.const 100))))
    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))`;

// Fails when the handler does not set the counter right again: two thousand times a hundred frames are more than the stack.
Deno.test("C27 exceptions that pass through frames of their own module give those frames back", async () => {
  await using guest = await prepared(`(module (tag $t) ${THROWS_DEEP} ${CATCHES})`, {
    timeout: 10_000,
    fuelLimit: UNLIMITED,
  });
  assertEquals(wordsOf(await guest.sandbox.tryCall("run", [2000])), "value 7");
});

// Fails when only the counter of the module with the handler is set right.
Deno.test("C27 exceptions that pass through frames of another module give those frames back", async () => {
  await using guest = await prepared(`(module (func (export "run")))`, {
    timeout: 10_000,
    fuelLimit: UNLIMITED,
  });
  const { runtime } = guest;
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(`(module (tag $t (export "t")) ${THROWS_DEEP})`), {
    name: "a",
  });
  await sandbox.loadModule(
    await runtime.loadWat(`(module (import "a" "deep" (func $deep (param i32))) (import "a" "t" (tag $t))
      ${CATCHES})`),
  );
  assertEquals(wordsOf(await sandbox.tryCall("run", [2000])), "value 7");
});

// The overflow that V8 itself finds, where its frames outgrow our count, may not be caught either.
Deno.test("C27 catch_all does not catch V8's own stack overflow", async () => {
  const each = (at: number) =>
    Array.from(
      { length: 600 },
      (_, i) =>
        `(v128.store (i32.const ${at + i * 16}) (i32x4.splat (i32.mul (local.get 0) (i32.const ${
          i * 2 + 3
        }))))`,
    )
      .join(" ");
  // Optimised code keeps the 600 products over the call, 16 bytes each; the count knows of one parameter.
  const text = `(module (memory 1) (global $caught (mut i32) (i32.const 0))
    (func $f (param i32) ${each(0)}
      (if (local.get 0) (then (block $c
        (try_table (catch_all $c) (call $f (i32.sub (local.get 0) (i32.const 1))) ${each(16_384)} (return))
        (global.set $caught (i32.const 1)))))
      ${each(16_384)})
    (func (export "run") (param i32) (call $f (local.get 0)))
    (func (export "caught") (result i32) (global.get $caught)))`;
  await using guest = await prepared(text, { fuelLimit: UNLIMITED, timeout: 10_000 });
  const { sandbox } = guest;
  for (let i = 0; i < 150; i++) await sandbox.call("run", [40]);
  for (let i = 0; i < 3; i++) {
    assertEquals(wordsOf(await sandbox.tryCall("run", [1_000_000])), "limit stack");
    assertEquals(await sandbox.call("caught"), 0);
  }
  assert(sandbox.metrics().fuelConsumed > 0n);
});

// What goes wrong on the guest's side of a host call is thrown in JavaScript: fails when neither the machine nor the
// shim turns it into a stop, since a guest's catch_all would swallow it.
Deno.test("C27 catch_all does not catch that a host call's arguments exceed the frame", async () => {
  const params = Array(900).fill("i64").join(" "), constants = Array(900).fill("(i64.const 1)").join(" ");
  const text =
    `(module (import "env" "host" (func $host (param ${params}))) (global $caught (mut i32) (i32.const 0))
    (func (export "run") (loop $l (block $c (try_table (catch_all $c) (call $host ${constants})))
      (global.set $caught (i32.add (global.get $caught) (i32.const 1)))
      (br_if $l (i32.lt_u (global.get $caught) (i32.const 100)))))
    (func (export "caught") (result i32) (global.get $caught)))`;
  let calls = 0;
  await using guest = await prepared(text, { frameSize: 4096 }, (sandbox) => {
    sandbox.registerFunc("env", "host", { params: Array(900).fill("i64"), results: [] }, () => void calls++);
  });
  const outcome = await guest.sandbox.tryCall("run");
  assert(outcome.kind !== "value", wordsOf(outcome));
  assertEquals(calls, 0);
  if (outcome.kind === "trap") assertEquals(await guest.sandbox.call("caught"), 0);
});
