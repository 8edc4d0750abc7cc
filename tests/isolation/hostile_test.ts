/**
 * What hostile guests try, run by both back ends with both engines: `tests/adversarial` has all of it for Workers, here is what stands for it
 * in processes. Each attack is a row; a new defence of one back end shows here that the other has it, too.
 */
import {
  Aegis,
  AegisError,
  type AegisOptions,
  ClockCapability,
  hostFunction,
  MemoryExceededError,
} from "../../mod.ts";
import { type Forgery, withForgedGuests } from "../adversarial/isolation/forged_guest.ts";
import { withTicks } from "../adversarial/process_facts.ts";
import { assertStops, prepared, type Stop, STOPS, UNLIMITED, wordsOf } from "../adversarial/cpu/stopping.ts";
import { ENGINES_HERE } from "../sandbox/engines_here.ts";
import { running } from "../sandbox/started.ts";
import { END, funcType, I64, wasmModule } from "../wasm/module_builder.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";

type Options = Pick<AegisOptions, "isolation" | "engine">;

const NO_VALUES = { params: [], results: [] } as const, PAGE = 65_536;

const GLOBAL_GET = 0x23, GLOBAL_SET = 0x24, DROP = 0x1a;

/** Stops a guest in every way, one after the other. */
async function assertStopped(
  module: string,
  options: Options,
  ways: readonly Stop[] = Object.keys(STOPS) as Stop[], // its own keys
): Promise<void> {
  for (const way of ways) {
    await assertStops(way, module, options, (sandbox) => {
      if (module.includes('"env" "never"')) {
        sandbox.registerFunc("env", "never", NO_VALUES, () => new Promise<void>(() => {}));
      }
    });
  }
}

/** Each attack, as what shows that it fails. */
const ATTACKS: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  "C22 an endless loop is stopped": (options) =>
    assertStopped(`(module (func (export "run") (loop $l (br $l))))`, options),

  "C22 tail calls without end are stopped": (options) =>
    assertStopped(`(module (func $f (export "run") (return_call $f)))`, options, ["timeout", "fuel"]),

  "C27 handlers around everything cannot keep a guest alive": (options) =>
    assertStopped(
      `(module (func $f (export "run")
        (loop $again (block $c (try_table (catch_all $c) (loop $l (br $l)))) (br $again))))`,
      options,
      ["timeout", "cancel"],
    ),

  "C27 handlers around the exit and around a refused growth catch nothing": async (options) => {
    await using guest = await prepared(
      `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
        (func (export "exit") (loop $again
          (block $c (try_table (catch_all $c) (call $exit (i32.const 7)))) (br $again)))
        (func (export "grow") (loop $again
          (block $c (try_table (catch_all $c) (drop (memory.grow (i32.const 1000))))) (br $again))))`,
      { ...options, memoryLimit: "1MiB", onMemoryLimit: "trap", fuelLimit: UNLIMITED, timeout: 5000 },
    );
    assertEquals(wordsOf(await guest.sandbox.tryCall("grow")), "limit memory");
    assertEquals(wordsOf(await guest.sandbox.tryCall("exit")), "exit 7");
  },

  "C28 a guest that sleeps, or polls for input that never comes, is stopped": async (options) => {
    const clocks = `(i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const -1))`;
    const input = `(i32.store8 (i32.const 8) (i32.const 1))`;
    for (const subscription of [clocks, input]) {
      for (const way of ["timeout", "close"] as const) {
        const module = `(module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "run") ${subscription}
            (loop $l (drop (call $poll (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048))) (br $l))))`;
        await assertStops(way, module, { ...options, capabilities: [ClockCapability.all()] });
      }
    }
  },

  "C28 a guest that waits for a host function that never settles is stopped": (options) =>
    assertStopped(
      `(module (import "env" "never" (func $never)) (func (export "run") (call $never)))`,
      options,
      ["timeout", "close"],
    ),

  "C23 a start function that loops is stopped by the timeout": async (options) => {
    await using runtime = await Aegis.create({ ...options, fuelLimit: UNLIMITED, timeout: 100 });
    const module = await runtime.loadWat(`(module (func $s (loop $l (br $l))) (start $s))`);
    await using sandbox = await runtime.sandbox().build();
    const began = performance.now();
    const error = await assertRejects(() => sandbox.loadModule(module), AegisError);
    assertEquals(error.code, "Timeout");
    assert(performance.now() - began < 1500, `${performance.now() - began} ms`);
  },

  "C25 a storm of host calls ends at the limit, and not one call more reaches the host": async (options) => {
    let calls = 0;
    await using guest = await prepared(
      `(module (import "env" "tick" (func $tick)) (func (export "run") (loop $l (call $tick) (br $l))))`,
      { ...options, hostCallLimit: 300, fuelLimit: UNLIMITED },
      (sandbox) => sandbox.registerFunc("env", "tick", NO_VALUES, () => void calls++),
    );
    for (let round = 0; round < 2; round++) {
      assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit hostCalls");
    }
    assertEquals(calls, 300);
  },

  "D36 recursion ends by our count of the stack, with the same fuel every time": async (options) => {
    const shapes = [
      `(module (func $f (export "run") (call $f) (call $f)))`,
      `(module (func $f (export "run") (call $g) (call $g)) (func $g (call $f) (call $f)))`,
      `(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
        (func $f (export "run") (call_indirect (type $t) (i32.const 0)) (call $f)))`,
    ];
    for (const text of shapes) {
      await using guest = await prepared(text, { ...options, fuelLimit: UNLIMITED });
      const fuel = new Set<bigint | undefined>();
      for (let call = 0; call < 3; call++) {
        assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit stack");
        fuel.add(guest.sandbox.metrics().lastCall?.fuelConsumed);
      }
      assertEquals(fuel.size, 1, text);
    }
  },

  "D31 what declares more memory, or larger tables, than there may be is refused": async (options) => {
    await using runtime = await Aegis.create({ ...options, memoryLimit: "1MiB" });
    const declarations = [
      "(memory 17)",
      "(memory 65536)",
      "(memory i64 262144)",
      "(table 10000000 funcref)",
      "(table 10001 externref)",
    ];
    for (const declaration of declarations) {
      const error = await assertRejects(() => runtime.loadWat(`(module ${declaration})`), AegisError);
      assertEquals(error.code, "ModuleRefused", declaration);
    }
  },

  "D32 a memory grows to its limit and no page further": async (options) => {
    await using guest = await prepared(
      `(module (memory (export "memory") 1) (table $t 1 externref)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0)))
        (func (export "trap") (param i32) (drop (memory.grow (local.get 0))) unreachable))`,
      { ...options, memoryLimit: "1MiB" },
    );
    const { sandbox } = guest;
    assertEquals([await sandbox.call("grow", [15]), await sandbox.call("grow", [1])], [1, -1]);
    assertEquals(await sandbox.call("grow", [-1]), -1);
    assertEquals([await sandbox.call("table", [9_999]), await sandbox.call("table", [1])], [1, -1]);
    const error = await assertRejects(() => sandbox.call("trap", [1]), MemoryExceededError);
    assertEquals([error.used, error.limit, sandbox.metrics().memory], [16 * PAGE, 16 * PAGE, 16 * PAGE]);
  },

  "D38 guests that fill their memory end one after the other, and their neighbour and the host go on": async (
    options,
  ) => {
    await using runtime = await Aegis.create({ ...options, memoryLimit: "8MiB", timeout: 10_000 });
    const fields =
      `(memory 1) (func (export "seven") (result i32) (i32.const 7)) (func (export "fill") (local i32)
      (loop $g (br_if $g (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (loop $w (i32.store (local.get 0) (i32.const 1))
        (br_if $w (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 8000000)))) unreachable)`;
    const module = await runtime.loadWat(`(module ${fields})`);
    await using neighbour = await runtime.sandbox().build();
    await neighbour.loadModule(module);
    for (let i = 0; i < 3; i++) {
      await using sandbox = await runtime.sandbox().build();
      await sandbox.loadModule(module);
      assertEquals(wordsOf(await sandbox.tryCall("fill")), "limit memory");
      assertEquals(await neighbour.call("seven"), 7);
    }
  },

  "D37 a flood of output is cut, and ends by the fuel": async (options) => {
    await using guest = await prepared(
      `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 4) "\\00\\40\\00\\00")
        (func (export "_start") (loop $l
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))))`,
      { ...options, outputSize: 100_000, fuelLimit: 100_000, timeout: 10_000 },
    );
    assertEquals(wordsOf(await guest.sandbox.tryCall("_start")), "limit fuel");
    assertEquals(guest.sandbox.output().stdout.length, 100_000);
  },

  "F45 what nobody granted is missing, however it is called": async (options) => {
    await using runtime = await Aegis.create(options);
    await using sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("env", "known", NO_VALUES, () => {});
    for (const name of ["__proto__", "constructor", "toString", "refuel", "dead", ""]) {
      const module = await runtime.loadWat(`(module (import "env" "${name}" (func)))`);
      assertEquals((await assertRejects(() => sandbox.loadModule(module), AegisError)).code, "MissingImport");
    }
  },

  "C26 the first global past a module's own is nobody's": async (options) => {
    await using runtime = await Aegis.create(options);
    // As bytes: who compiles text refuses it as well.
    const globals = [[I64, 1, 0x42, 0, END]], types = [funcType([], [])];
    for (const code of [[GLOBAL_GET, 1, DROP], [0x42, 0x7f, GLOBAL_SET, 1]]) {
      const module = wasmModule({ types, globals, functions: [{ type: 0, code }] });
      const error = await assertRejects(() => runtime.loadBytes(module), AegisError);
      assertEquals(error.code, "ModuleInvalid", code.join());
    }
  },

  "G54 a reset leaves nothing of the life before, and G55 neighbours share nothing": async (options) => {
    await using started = await running(
      `(memory (export "memory") 1) (global $g (mut i32) (i32.const 1))
      (func (export "write") (i32.store (i32.const 8) (i32.const 7)) (global.set $g (i32.const 2))
        (drop (memory.grow (i32.const 1))))
      (func (export "read") (result i32 i32 i32) (i32.load (i32.const 8)) (global.get $g) (memory.size))`,
      options,
    );
    const { runtime, sandbox } = started;
    await using neighbour = await runtime.sandbox().build();
    const [module] = runtime.modules.list();
    assert(module !== undefined);
    await neighbour.loadModule(module);
    const fresh = await neighbour.call("read");
    await sandbox.call("write");
    assertEquals(await neighbour.call("read"), fresh);
    await sandbox.reset();
    assertEquals(await sandbox.call("read"), fresh);
  },

  "G57 code in the guest's realm finds no way out of it": async (options) => {
    const power = hostFunction({ params: [], results: ["i32"], inline: true }, () => {
      const names = ["Deno", "process", "fetch", "Worker", "WebSocket", "XMLHttpRequest", "eval", "Function"];
      return names.filter((name) => name in globalThis).length;
    });
    const text = hostFunction({ params: [], results: ["i32"], inline: true }, () => {
      try {
        return (() => {}).constructor("return 1")();
      } catch {
        return 0;
      }
    });
    // What it finds is what the next function gives: 0 while nothing is known, 1 for nothing, 2 for a file's text.
    const open = hostFunction({ params: [], results: [], inline: true }, () => {
      const realm = globalThis as { found?: number };
      const file = ["file:", "", "", "etc", "passwd"].join("/");
      import(file, { with: { type: "text" } }).then(() => realm.found = 2, () => realm.found = 1);
    });
    const found = hostFunction(
      { params: [], results: ["i32"], inline: true },
      () => (globalThis as { found?: number }).found ?? 0,
    );
    await using runtime = await Aegis.create(options);
    await using sandbox = await runtime.sandbox().build();
    sandbox.registerFuncs("env", { power, text, open, found });
    await sandbox.loadModule(
      await runtime.loadWat(`(module
      (import "env" "power" (func $power (result i32))) (import "env" "text" (func $text (result i32)))
      (import "env" "open" (func $open)) (import "env" "found" (func $found (result i32)))
      (export "power" (func $power)) (export "text" (func $text))
      (export "open" (func $open)) (export "found" (func $found)))`),
    );
    assertEquals([await sandbox.call("power"), await sandbox.call("text")], [0, 0]);
    await sandbox.call("open");
    let seen = 0;
    for (const until = performance.now() + 3000; seen === 0 && performance.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen = await sandbox.call<number>("found");
    }
    assertEquals(seen, 1);
  },
};

const answer = (code: string): Forgery => `for (;;) { turn(); ${code} }`;

/**
 * Answers of guests that hold the channel and write what they like, with how the call ends, in a process where that is
 * otherwise; see `tests/adversarial/isolation/forged_frames_test.ts`.
 */
const FORGERIES: Readonly<Record<string, readonly [Forgery, RegExp, inProcess?: RegExp]>> = {
  "a frame of negative length": [answer("give(RESULT, -1);"), /^fault .*Cannot read a frame of -1 bytes/],
  "a frame of 2 GiB": [
    answer("give(RESULT, 0x7fffffff);"),
    /^fault .*Cannot read a frame of 2147483647 bytes/,
  ],
  "a kind of frame that does not exist": [
    answer("give(77, 8);"),
    /^fault Cannot read 0 values in place of 1$/,
  ],
  "four thousand million values": [
    answer("bytes[128] = 0; view.setUint32(129, 0xffffffff, true); give(RESULT, 4000);"),
    /^fault Cannot read 4294967295 values in place of 1$/,
  ],
  "meters of nonsense": [
    answer(
      "integers.fill(-1n, 8); floats.set([0.5, 1e300, NaN, -Infinity], 10); bytes[128] = 0; view.setUint32(129, 0, true); give(RESULT, 5);",
    ),
    /^fault Cannot read 0 values in place of 1$/,
  ],
  "a host call of a function that does not exist": [
    answer(
      "view.setUint32(128, 9999, true); view.setUint32(132, 0, true); give(HOST_CALL, 8); turn(); bytes[128] = 8; give(RESULT, 1);",
    ),
    /^hostError .*The guest called a host function that does not exist$/,
  ],
  "a turn for a broker that it does not have": [
    answer(
      `Atomics.store(words, KIND, 14); Atomics.store(words, LENGTH, 8); Atomics.store(words, TURN, 2);
    Atomics.add(words, HOST_BELL, 1); Atomics.notify(words, HOST_BELL);
    Atomics.wait(words, GUEST_BELL, Atomics.load(words, GUEST_BELL), 300); bytes[128] = 8; give(RESULT, 1);`,
    ),
    /^fault it ended as if a host function had thrown, and none has$/,
    /^fault .*Cannot give the turn to 2: the guest has no such broker/,
  ],
  "an end of its thread": [`turn(); throw new Error("gone");`, /^fault its program failed: ".*gone/],
};

/** How a call of a forged guest ended, which has left amounts as its meters. */
async function endOfForged(forgery: Forgery, options: Options): Promise<string> {
  await using runtime = await Aegis.create({ ...options, timeout: 1000 });
  const module = await runtime.loadWat(`(module (func (export "run") (result i32) (i32.const 1)))`);
  return await withForgedGuests(forgery, async () => {
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(module);
    const outcome = await sandbox.tryCall("run"), { memory, hostCalls, fuelConsumed } = sandbox.metrics();
    assert(Number.isSafeInteger(memory) && memory >= 0, `memory: ${memory}`);
    assert(Number.isSafeInteger(hostCalls) && hostCalls >= 0, `hostCalls: ${hostCalls}`);
    assert(fuelConsumed >= 0n, `fuel: ${fuelConsumed}`);
    return wordsOf(outcome);
  });
}

for (const isolation of ["worker", "process"] as const) {
  for (const engine of ENGINES_HERE) {
    for (const [attack, defend] of Object.entries(ATTACKS)) {
      Deno.test(`on ${engine} in a ${isolation}, ${attack}`, () => defend({ isolation, engine }));
    }
  }

  for (const [what, [forgery, ends, inProcess = ends]] of Object.entries(FORGERIES)) {
    Deno.test(`in a ${isolation}, G53 ${what} ends the call with an outcome, and the host goes on`, async () => {
      const { result, stall } = await withTicks(() => endOfForged(forgery, { isolation }));
      assertMatch(result, isolation === "process" ? inProcess : ends);
      assert(stall < 1000, `${stall.toFixed(0)} ms without a tick`);
    });
  }
}
