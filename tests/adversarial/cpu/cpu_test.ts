import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { cpuTimeDuring, HAS_PROC, sleep, withTicks } from "../process_facts.ts";
import {
  assertStops,
  latencyFigures,
  MOST_LATENCY,
  prepared,
  type Stop,
  STOPS,
  UNLIMITED,
  wordsOf,
} from "./stopping.ts";
import { type AegisOptions, TimeoutError } from "../../../mod.ts";
import { END, funcType, leb, wasmModule } from "../../wasm/module_builder.ts";

/**
 * Guests that keep computing; each exports `run`. Without the test at loop headers the loops run for ever, without
 * the one at function entries the tail calls do; without the charge at either, fuel never ends them.
 */
const ENDLESS: Readonly<Record<string, string>> = {
  "an empty loop": `(module (func (export "run") (loop $l (br $l))))`,
  "a loop of nothing but a conditional branch": `(module (func (export "run")
    (loop $l (br_if $l (i32.const 1)))))`,
  "nested loops": `(module (func (export "run") (local i32)
    (loop $a (loop $b (loop $c (loop $d
      (br_if $d (i32.and (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 7))))
      (br_if $c (i32.and (local.get 0) (i32.const 63)))) (br_if $b (i32.and (local.get 0) (i32.const 255))))
      (br $a))))`,
  "a storm of br_table": `(module (func (export "run") (local i32)
    (loop $l (block $a (block $b (block $c (block $d
      (br_table $a $b $c $d $l $l $l (i32.and (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 7)))
    ))) (br $l)) (br $l))))`,
  "a loop over many loops that end at once": `(module
    (func $many ${"(loop) ".repeat(300)} ${"(loop $l (br_if $l (i32.const 0)))".repeat(100)})
    (func (export "run") (loop $l (call $many) (br $l))))`,
  "tail calls to itself": `(module (func $f (export "run") (return_call $f)))`,
  "mutual tail calls with arguments": `(module
    (func $odd (param i64 i64) (return_call $even (local.get 1) (local.get 0)))
    (func $even (param i64 i64) (return_call $odd (local.get 1) (local.get 0)))
    (func (export "run") (return_call $odd (i64.const 1) (i64.const 2))))`,
  "tail calls through a table": `(module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $f $g)
    (func $f (return_call_indirect (type $t) (i32.const 1)))
    (func $g (return_call_indirect (type $t) (i32.const 0)))
    (func (export "run") (call $f)))`,
  "tail calls through a reference": `(module (type $t (func)) (elem declare func $f)
    (func $f (type $t) (return_call_ref $t (ref.func $f))) (func (export "run") (call $f)))`,
  "recursion that is caught up again and again": `(module (global $d (mut i32) (i32.const 0))
    (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (loop $l (call $f (i32.const 3000)) (br $l))))`,
  "recursion of exponential width": `(module
    (func $f (param i32) (if (local.get 0) (then
      (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (call $f (i32.const 62))))`,
};

for (const [what, text] of Object.entries(ENDLESS)) {
  for (const stop of Object.keys(STOPS) as Stop[]) {
    // Cancelling and closing are noticed where a timeout is; one guest shows it.
    if ((stop === "cancel" || stop === "close") && what !== "an empty loop") continue;
    Deno.test(`C22 ${what} is stopped: ${stop}`, async () => {
      await assertStops(stop, text);
    });
  }
}

/** Recursion without end; without the stack counter V8's own limit would end it, at a depth that differs. */
const RECURSIVE: Readonly<Record<string, string>> = {
  direct: `(module (func $f (export "run") (call $f) (call $f)))`,
  mutual: `(module (func $f (export "run") (call $g) (call $g)) (func $g (call $f) (call $f)))`,
  indirect: `(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
    (func $f (export "run") (call_indirect (type $t) (i32.const 0)) (call $f)))`,
};

for (const [what, text] of Object.entries(RECURSIVE)) {
  Deno.test(`C22 ${what} recursion ends as a stack overflow with the same fuel every time`, async () => {
    await using guest = await prepared(text, { fuelLimit: UNLIMITED, timeout: 10_000 });
    const { sandbox } = guest, fuel = new Set<bigint>();
    for (let i = 0; i < 5; i++) {
      assertEquals(wordsOf(await sandbox.tryCall("run")), "limit stack");
      fuel.add(sandbox.metrics().lastCall?.fuelConsumed ?? 0n);
    }
    assertEquals(fuel.size, 1, `fuel differs: ${[...fuel]}`);
  });
}

// Fails when the guest runs the start section by instantiating, before the counters are set.
const LOOPING_START = `(module (func $s (loop $l (br $l))) (start $s) (func (export "run")))`;

Deno.test("C23 a start function that loops is stopped by the timeout", async () => {
  const started = performance.now();
  const error = await assertRejects(
    () => prepared(LOOPING_START, { fuelLimit: UNLIMITED, timeout: 150 }),
    TimeoutError,
  );
  assert(error.elapsed >= 150 && error.elapsed < 150 + MOST_LATENCY, `elapsed: ${error.elapsed}`);
  assert(performance.now() - started < 1000);
});

Deno.test("C23 a start function that loops runs out of fuel, and the sandbox takes another module after reset", async () => {
  const options: AegisOptions = { fuelLimit: 100_000 };
  await using guest = await prepared(`(module (func (export "run")))`, options);
  const { runtime, sandbox } = guest;
  const looping = await runtime.loadWat(LOOPING_START);
  const error = await assertRejects(() => sandbox.loadModule(looping), Error);
  assertEquals((error as { code?: string }).code, "OutOfFuel");
  const after = await assertRejects(() => sandbox.call("run"), Error);
  assertEquals((after as { code?: string }).code, "InstanceEnded");
  await sandbox.reset();
  assertEquals(await sandbox.call("run"), undefined);
});

Deno.test("C23 a start function that traps leaves calls with the module loaded before", async () => {
  await using guest = await prepared(`(module (func (export "run") (result i32) (i32.const 1)))`);
  const { runtime, sandbox } = guest;
  const bad = await runtime.loadWat(
    `(module (func $s unreachable) (start $s) (func (export "run") (result i32) (i32.const 666)))`,
  );
  await assertRejects(() => sandbox.loadModule(bad), Error);
  assertEquals(await sandbox.call("run"), 1);
  // The one loaded next must not be mistaken for the one that failed.
  await sandbox.loadModule(
    await runtime.loadWat(`(module (func (export "run") (result i32) (i32.const 2)))`),
  );
  assertEquals(await sandbox.call("run"), 2);
});

const CALLING =
  `(module (import "env" "tick" (func $tick)) (func (export "run") (loop $l (call $tick) (br $l))))`;
const NO_VALUES = { params: [], results: [] } as const;

Deno.test("C25 a storm of host calls ends at the limit, and not one call more reaches the host", async () => {
  let calls = 0;
  await using guest = await prepared(
    CALLING,
    { hostCallLimit: 500, fuelLimit: UNLIMITED, timeout: 10_000 },
    (sandbox) => sandbox.registerFunc("env", "tick", NO_VALUES, () => void calls++),
  );
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit hostCalls");
  assertEquals(calls, 500);
  // The limit holds over the sandbox's life: no further call gets through.
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit hostCalls");
  assertEquals(calls, 500);
});

Deno.test("C25 a storm of host calls is stopped by the timeout, and the host's event loop goes on meanwhile", async () => {
  let calls = 0;
  const { stall } = await withTicks(() =>
    assertStops("timeout", CALLING, { timeout: 300 }, (sandbox) => {
      sandbox.registerFunc("env", "tick", NO_VALUES, () => void calls++);
    })
  );
  assert(calls > 100, `${calls} calls`);
  assert(stall < 100, `the event loop stood still for ${stall.toFixed(0)} ms`);
});

Deno.test("C28 a guest that waits for a host function that never settles is stopped by the timeout", async () => {
  await assertStops("timeout", CALLING, {}, (sandbox) => {
    sandbox.registerFunc("env", "tick", NO_VALUES, () => new Promise(() => {}));
  });
});

Deno.test("C28 a guest that waits for a host function that never settles is stopped by cancelling and by close", async () => {
  for (const stop of ["cancel", "close"] as const) {
    await assertStops(stop, CALLING, {}, (sandbox) => {
      sandbox.registerFunc("env", "tick", NO_VALUES, () => new Promise(() => {}));
    });
  }
});

Deno.test("C28 a host function that settles after the guest was stopped changes nothing", async () => {
  const late: { resolve: () => void; reject: (reason: unknown) => void }[] = [];
  await using guest = await prepared(CALLING, { timeout: 50 }, (sandbox) => {
    sandbox.registerFunc(
      "env",
      "tick",
      NO_VALUES,
      () => new Promise<void>((resolve, reject) => late.push({ resolve, reject })),
    );
  });
  const { sandbox } = guest;
  assertEquals(wordsOf(await sandbox.tryCall("run")), "limit time");
  await sandbox.reset();
  const second = sandbox.tryCall("run");
  await sleep(10);
  late[0]?.reject(new Error("too late"));
  assertEquals(wordsOf(await second), "limit time");
  late[1]?.resolve();
  await sandbox.reset();
});

/** A guest for each way to end, and the words of its end. */
const IDLE_AFTER: Readonly<
  Record<string, { module: string | Uint8Array; ends: string; options?: AegisOptions }>
> = {
  "a timeout": {
    module: ENDLESS["an empty loop"] ?? "",
    ends: "limit time",
    options: { timeout: 50, fuelLimit: UNLIMITED },
  },
  "running out of fuel": {
    module: ENDLESS["an empty loop"] ?? "",
    ends: "limit fuel",
    options: { fuelLimit: 100_000 },
  },
  "a stack overflow": { module: RECURSIVE["direct"] ?? "", ends: "limit stack" },
  "a refused growth": {
    module: `(module (memory 1) (func (export "run")
        (loop $l (drop (memory.grow (i32.const 16))) (br $l))))`,
    ends: "limit memory",
    options: { memoryLimit: "1MiB", onMemoryLimit: "trap" },
  },
  "a trap": { module: `(module (func (export "run") unreachable))`, ends: "trap unreachable" },
  "too many host calls": { module: CALLING, ends: "limit hostCalls", options: { hostCallLimit: 10 } },
  "a host function that waits for ever": { module: CALLING, ends: "limit time", options: { timeout: 50 } },
};

for (const [what, { module, ends, options = {} }] of Object.entries(IDLE_AFTER)) {
  Deno.test({
    name: `C29 after ${what} no thread computes on`,
    ignore: !HAS_PROC,
    fn: async () => {
      const waits = what.startsWith("a host function");
      await using guest = await prepared(module, options, (sandbox) => {
        sandbox.registerFunc("env", "tick", NO_VALUES, () => waits ? new Promise(() => {}) : undefined);
      });
      assertEquals(wordsOf(await guest.sandbox.tryCall("run")), ends);
      await sleep(220); // the prepare Worker ends, V8's compilers come to rest
      const used = await cpuTimeDuring(300);
      assert(used <= 30, `threads computed for ${used} ms of 300 ms`);
    },
  });
}

Deno.test({
  name: "C29 after cancelling and after close no thread computes on",
  ignore: !HAS_PROC,
  fn: async () => {
    for (const stop of ["cancel", "close"] as const) {
      await assertStops(stop, ENDLESS["an empty loop"] ?? "");
      await sleep(220);
      const used = await cpuTimeDuring(300);
      assert(used <= 30, `after ${stop}, threads computed for ${used} ms of 300 ms`);
    }
  },
});

// Old exception instructions have no text form here: a loop around `try … catch_all` around a loop.
Deno.test("C22 a loop inside an old-style try is stopped", async () => {
  const loop = [0x03, 0x40, 0x0c, 0x00, END];
  const bytes = wasmModule({
    types: [funcType([], [])],
    functions: [{
      type: 0,
      name: "run",
      code: [0x03, 0x40, 0x06, 0x40, ...loop, 0x19, END, 0x0c, 0x00, END],
    }],
  });
  for (const stop of ["timeout", "fuel"] as const) await assertStops(stop, bytes);
});

Deno.test("C22 chains of calls that double at each level are stopped although nothing loops or recurs", async () => {
  const levels = 64;
  const functions = Array.from({ length: levels }, (_, level) => ({
    type: 0,
    code: level === 0 ? [] : [0x10, ...leb(level - 1), 0x10, ...leb(level - 1)],
    ...(level === levels - 1 ? { name: "run" } : {}),
  }));
  const bytes = wasmModule({ types: [funcType([], [])], functions });
  for (const stop of Object.keys(STOPS) as Stop[]) await assertStops(stop, bytes);
});

globalThis.addEventListener(
  "unload",
  () => console.log(`C22-C28 from the deadline to the end: ${latencyFigures()}`),
);
