/** D31 to D35: memories, tables and exceptions that want more than they are given. */
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { residentMemory, withTicks } from "../process_facts.ts";
import { prepared, UNLIMITED, wordsOf } from "../cpu/stopping.ts";
import { undelayed } from "../../undelayed.ts";
import {
  Aegis,
  type AegisOptions,
  MemoryExceededError,
  ModuleInvalidError,
  ModuleRefusedError,
} from "../../../mod.ts";
import { END, exportOf, EXTERNREF, FUNCREF, funcType, leb, wasmModule } from "../../wasm/module_builder.ts";

const PAGE = 65536;

/** Declarations above the limits of a runtime with 1 MiB of memory; each with what the message names. */
const REFUSED: Readonly<Record<string, { text: string; field: string; options?: AegisOptions }>> = {
  "a memory of 17 pages": { text: `(memory 17)`, field: "memoryLimit" },
  "a memory of 4 GiB": { text: `(memory 65536)`, field: "memoryLimit" },
  "a memory of 17 pages that is at most 17": { text: `(memory 17 17)`, field: "memoryLimit" },
  "a 64-bit memory of 16 GiB": { text: `(memory i64 262144)`, field: "memoryLimit" },
  "two memories of 9 pages": {
    text: `(memory 9) (memory 9)`,
    field: "memoryLimit",
    options: { memories: 2 },
  },
  "more memories than allowed": { text: `(memory 1) (memory 1)`, field: "memories" },
  "a funcref table of 10^7": { text: `(table 10000000 funcref)`, field: "functionTableLimit" },
  "many funcref tables": {
    text: Array.from({ length: 20 }, () => `(table 10000 funcref)`).join(" "),
    field: "functionTableLimit",
  },
  "an externref table of 10^7": { text: `(table 10000000 externref)`, field: "tableLimit" },
  "an externref table of 10,001": { text: `(table 10001 externref)`, field: "tableLimit" },
  "more tables than allowed": {
    text: Array.from({ length: 101 }, () => `(table 0 funcref)`).join(" "),
    field: "tables",
  },
};

for (const [what, { text, field, options = {} }] of Object.entries(REFUSED)) {
  Deno.test(`D31 ${what} is refused before it is compiled`, async () => {
    await using runtime = await Aegis.create({ memoryLimit: "1MiB", ...options });
    await runtime.loadWat(`(module)`); // the prepare Worker is up
    await undelayed(50, async () => {
      const before = residentMemory(), started = performance.now();
      const error = await assertRejects(() => runtime.loadWat(`(module ${text})`), ModuleRefusedError);
      assertEquals(error.field, field);
      const took = performance.now() - started, grown = residentMemory() - before;
      assert(took < 100, `it took ${took.toFixed(0)} ms`);
      assert(grown < 50, `resident memory grew by ${grown} MiB`);
    });
  });
}

Deno.test("D33 a table of 10^7 elements is refused within 20 ms", async () => {
  await using runtime = await Aegis.create();
  await runtime.loadWat(`(module)`);
  for (const element of [FUNCREF, EXTERNREF]) {
    const bytes = wasmModule({ tables: [[element, 0, ...leb(10_000_000)]] });
    await undelayed(10, async () => {
      const started = performance.now();
      await assertRejects(() => runtime.loadBytes(bytes), ModuleRefusedError);
      assert(performance.now() - started < 20);
    });
  }
});

Deno.test("D31 limits that lie are invalid: a minimum above the maximum, more pages than there are", async () => {
  await using runtime = await Aegis.create();
  for (
    const parts of [
      { memories: [[1, 2, 1]] },
      { memories: [[0, ...leb(65_537)]] },
      { memories: [[1, 1, ...leb(65_537)]] },
      { tables: [[FUNCREF, 1, 2, 1]] },
      { tables: [[FUNCREF, 0, ...leb(10_000_001)]] },
    ]
  ) {
    const error = await assertRejects(() => runtime.loadBytes(wasmModule(parts)), ModuleInvalidError);
    assert(error.offset > 8);
  }
});

Deno.test("D31 a shared memory is refused, and so are GC types", async () => {
  await using runtime = await Aegis.create({ engine: "v8" });
  await assertRejects(
    () => runtime.loadBytes(wasmModule({ memories: [[3, 1, 1]] })),
    ModuleRefusedError,
    "shared",
  );
  for (const type of [[0x5f, 0], [0x5e, 0x7f, 1], [0x50, 0, 0x5f, 0]]) {
    await assertRejects(() => runtime.loadBytes(wasmModule({ types: [type] })), ModuleRefusedError, "GC");
  }
});

Deno.test("D31 a maximum beyond the limit does not count until it is used", async () => {
  await using guest = await prepared(
    `(module (memory (export "memory") 1 65536) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
    { memoryLimit: "1MiB" },
  );
  assertEquals(await guest.sandbox.call("grow", [65_535]), -1);
  assertEquals(await guest.sandbox.call("grow", [15]), 1);
  assertEquals(await guest.sandbox.call("grow", [1]), -1);
});

const GROWING = `(module (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "touch") (param i32) (i32.store (local.get 0) (i32.const 1)))
  (func (export "growAndTrap") (param i32) (drop (memory.grow (local.get 0))) unreachable))`;

Deno.test("D32 growth to the limit exactly works, and one page more is -1 and noted", async () => {
  await using guest = await prepared(GROWING, { memoryLimit: "1MiB" });
  const { sandbox } = guest;
  assertEquals(await sandbox.call("grow", [15]), 1);
  await sandbox.call("touch", [16 * PAGE - 4]);
  assertEquals(sandbox.metrics().memory, 16 * PAGE);
  assertEquals(await sandbox.call("grow", [1]), -1);
  assertEquals(await sandbox.call("grow", [-1]), -1);
  assertEquals(await sandbox.call("grow", [0]), 16);
  assertEquals(sandbox.metrics().refusedGrowths, 2);
  assertEquals(sandbox.metrics().memory, 16 * PAGE);
});

Deno.test("D32 a trap after a refused growth is MemoryExceeded with what was used and the limit", async () => {
  await using guest = await prepared(GROWING, { memoryLimit: "1MiB" });
  const { sandbox } = guest;
  await sandbox.call("grow", [10]);
  const error = await assertRejects(() => sandbox.call("growAndTrap", [6]), MemoryExceededError);
  assertEquals([error.used, error.limit], [11 * PAGE, 16 * PAGE]);
  // A trap without a refusal before it is just a trap, also in the same life.
  assertEquals(wordsOf(await sandbox.tryCall("growAndTrap", [1])), "trap unreachable");
});

Deno.test("D32 with onMemoryLimit trap the growth itself ends the call", async () => {
  await using guest = await prepared(GROWING, { memoryLimit: "1MiB", onMemoryLimit: "trap" });
  const { sandbox } = guest;
  const error = await assertRejects(() => sandbox.call("grow", [16]), MemoryExceededError);
  assertEquals([error.used, error.limit], [PAGE, 16 * PAGE]);
  assertEquals(await sandbox.call("grow", [15]), 1);
});

Deno.test("D31 several memories of one module share the limit, 64-bit ones too", async () => {
  await using guest = await prepared(
    `(module (memory $a 1) (memory $b i64 1) (memory $c 1 4)
      (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b") (param i64) (result i64) (memory.grow $b (local.get 0)))
      (func (export "c") (param i32) (result i32) (memory.grow $c (local.get 0))))`,
    { memoryLimit: "1MiB", memories: 3 },
  );
  const { sandbox } = guest;
  assertEquals(await sandbox.call("a", [6]), 1);
  assertEquals(await sandbox.call("b", [6n]), 1n);
  assertEquals(await sandbox.call("c", [2]), -1);
  assertEquals(await sandbox.call("c", [1]), 1);
  for (const [name, amount, refused] of [["a", 1, -1], ["b", 1n, -1n], ["c", 1, -1]] as const) {
    assertEquals(await sandbox.call(name, [amount]), refused);
  }
  for (const amount of [-1n, 2n ** 63n, 2n ** 48n, 2n ** 64n - 1n]) {
    assertEquals(await sandbox.call("b", [amount]), -1n);
  }
  assertEquals(sandbox.metrics().memory, 16 * PAGE);
});

Deno.test("D32 a memory that two modules share counts once, and grows to the limit through either", async () => {
  await using runtime = await Aegis.create({ memoryLimit: "1MiB", memories: 2 });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(GROWING), { name: "a" });
  await sandbox.loadModule(
    await runtime.loadWat(`(module (import "a" "memory" (memory 1)) (import "a" "memory" (memory 1))
      (import "a" "grow" (func $grow (param i32) (result i32)))
      (func (export "here") (param i32) (result i32) (memory.grow 1 (local.get 0)))
      (func (export "there") (param i32) (result i32) (call $grow (local.get 0))))`),
  );
  assertEquals(sandbox.metrics().memory, PAGE);
  assertEquals(await sandbox.call("here", [8]), 1);
  assertEquals(await sandbox.call("there", [7]), 9);
  assertEquals(await sandbox.call("here", [1]), -1);
  assertEquals(await sandbox.call("there", [1]), -1);
  // A module with a memory of its own does not fit beside it any more.
  const third = await runtime.loadWat(`(module (memory 1))`);
  const error = await assertRejects(() => sandbox.loadModule(third), MemoryExceededError);
  assertEquals([error.used, error.limit], [16 * PAGE, 16 * PAGE]);
});

Deno.test("D31 modules loaded one after the other share one limit, failed ones included", async () => {
  await using runtime = await Aegis.create({ memoryLimit: "1MiB", timeout: 2000 });
  await using sandbox = await runtime.sandbox().build();
  const failing = await runtime.loadWat(`(module (memory 6) (func $s unreachable) (start $s))`);
  for (let i = 0; i < 2; i++) await assertRejects(() => sandbox.loadModule(failing), Error);
  await assertRejects(() => sandbox.loadModule(failing), MemoryExceededError);
  await sandbox.reset();
  await sandbox.loadModule(await runtime.loadWat(`(module (memory 16) (func (export "f")))`));
  await sandbox.call("f");
});

Deno.test("D31 a sandbox with less than its runtime refuses what the runtime took", async () => {
  await using runtime = await Aegis.create({ memoryLimit: "4MiB" });
  const loaded = await runtime.loadWat(`(module (memory 20) (table 9000 externref) (table 50000 funcref))`);
  for (
    const [field, limits] of Object.entries({
      memoryLimit: { memoryLimit: "1MiB" },
      tableLimit: { tableLimit: 8999 },
      functionTableLimit: { functionTableLimit: 49_999 },
      tables: { tables: 1 },
      memories: { memories: 0 },
    })
  ) {
    await using sandbox = await runtime.sandbox(limits).build();
    const error = await assertRejects(() => sandbox.loadModule(loaded), ModuleRefusedError);
    assertEquals(error.field, field);
  }
  // What a runtime with more has prepared gets nothing past one with less.
  await using generous = await Aegis.create({ preset: "generous" });
  await using sandbox = await runtime.sandbox().build();
  for (
    const text of [
      `(module (memory 1000))`,
      `(module (table 900000 funcref))`,
      `(module (table 900000 externref))`,
    ]
  ) {
    const large = await generous.loadWat(text);
    await assertRejects(() => sandbox.loadModule(large), ModuleRefusedError);
  }
});

Deno.test("D33 table.grow stops at the limit, for every kind of element, and a declared maximum does not raise it", async () => {
  await using guest = await prepared(
    `(module (table $f 1 funcref) (table $e 1 1000000 externref) (table $n i64 1 funcref)
      (func (export "f") (param i32) (result i32) (table.grow $f (ref.null func) (local.get 0)))
      (func (export "e") (param i32) (result i32) (table.grow $e (ref.null extern) (local.get 0)))
      (func (export "n") (param i64) (result i64) (table.grow $n (ref.null func) (local.get 0)))
      (func (export "trap") (drop (table.grow $f (ref.null func) (i32.const 1))) unreachable))`,
    { tableLimit: 1000 },
  );
  const { sandbox } = guest;
  for (const name of ["f", "e"]) {
    for (const amount of [1000, -1, 2 ** 31, 10_000_000]) {
      assertEquals(await sandbox.call(name, [amount]), -1);
    }
    assertEquals(await sandbox.call(name, [999]), 1);
    assertEquals(await sandbox.call(name, [1]), -1);
    assertEquals(await sandbox.call(name, [0]), 1000);
  }
  for (const amount of [1000n, 2n ** 64n - 1n, 2n ** 63n]) {
    assertEquals(await sandbox.call("n", [amount]), -1n);
  }
  assertEquals(await sandbox.call("n", [999n]), 1n);
  assertEquals(wordsOf(await sandbox.tryCall("trap")), "limit memory");
});

Deno.test("D33 a hundred tables grown to the limit keep this process below 200 MiB more", async () => {
  const tables = Array.from({ length: 100 }, (_, i) => `(table $t${i} 0 funcref)`).join(" ");
  const grow = Array.from(
    { length: 100 },
    (_, i) => `(drop (table.grow $t${i} (ref.func $f) (i32.const 10000)))`,
  );
  await using guest = await prepared(
    `(module ${tables} (elem declare func $f) (func $f) (func (export "run") ${grow.join(" ")}
      (loop $l ${grow.slice(0, 5).join(" ")} (br $l))))`,
    { fuelLimit: 5_000_000, timeout: 10_000 },
  );
  const before = residentMemory();
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit fuel");
  assert(residentMemory() - before < 200, `${residentMemory() - before} MiB more`);
});

/** Forms of exceptions that a Worker cannot bound: each would be a list or an array on the JS heap. */
const EXCEPTIONS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = (() => {
  const exnref = 0x69, nullable = [0x63, exnref], empty = funcType([], []);
  const withParams = (params: number[]) => ({ types: [[0x60, 1, ...params, 0], empty], tags: [[0, 0]] });
  return {
    "a tag that carries an exnref": wasmModule(withParams([exnref])),
    "a tag that carries an exnref, long form": wasmModule(withParams(nullable)),
    "a tag that carries an externref": wasmModule(withParams([EXTERNREF])),
    "a tag that carries a funcref": wasmModule(withParams([FUNCREF])),
    "a global of exnref": wasmModule({ globals: [[exnref, 1, 0xd0, exnref, END]] }),
    "a table of exnref": wasmModule({ tables: [[exnref, 0, 10]] }),
    "an exported function that takes an exnref": wasmModule({
      types: [[0x60, 1, exnref, 0]],
      functions: [{ type: 0, code: [], name: "f" }],
    }),
    "an exported function that gives an exnref": wasmModule({
      types: [[0x60, 0, 1, exnref]],
      functions: [{ type: 0, code: [0xd0, exnref] }],
      exports: [exportOf("f", 0, 0)],
    }),
    "a tag with 33 words": wasmModule({ types: [funcType(Array(33).fill(0x7e), [])], tags: [[0, 0]] }),
    "a tag with 17 vectors": wasmModule({ types: [funcType(Array(17).fill(0x7b), [])], tags: [[0, 0]] }),
  };
})();

for (const [what, bytes] of Object.entries(EXCEPTIONS)) {
  Deno.test(`D34 ${what} is refused`, async () => {
    assert(WebAssembly.validate(bytes), "the module must be valid, so that the refusal is ours");
    await using runtime = await Aegis.create();
    await assertRejects(() => runtime.loadBytes(bytes), ModuleRefusedError);
  });
}

// Fails when an exnref counts as a plain reference in a frame: 8 bytes of stack would keep 1.2 KB of heap.
Deno.test("D34 exceptions that a deep recursion holds are bounded by the stack, with payloads of 256 bytes", async () => {
  const payload = Array.from({ length: 32 }, () => "i64").join(" "), drops = "drop ".repeat(32);
  const constants = Array.from({ length: 32 }, () => "(i64.const -1)").join(" ");
  const hold = (slot: number) =>
    `(block $c (result ${payload} exnref) (try_table (catch_ref $t $c) (throw $t ${constants})) (unreachable))
      (local.set ${slot}) ${drops}`;
  await using guest = await prepared(
    `(module (tag $t (param ${payload})) (global $held (mut i32) (i32.const 0))
      (func $f ${"(local exnref) ".repeat(20)} ${Array.from({ length: 20 }, (_, i) => hold(i)).join(" ")}
        (global.set $held (i32.add (global.get $held) (i32.const 20))) (call $f) (drop (ref.is_null (local.get 0))))
      (func (export "run") (global.set $held (i32.const 0)) (call $f))
      (func (export "held") (result i32) (global.get $held)))`,
    { timeout: 10_000 },
  );
  const { sandbox } = guest, before = residentMemory();
  for (let i = 0; i < 20; i++) assertEquals(wordsOf(await sandbox.tryCall("run")), "limit stack");
  const held = await sandbox.call<number>("held");
  assert(held <= 512 * 1024 / 352, `${held} exceptions held at once`);
  assert(residentMemory() - before < 100, `${residentMemory() - before} MiB more`);
});

Deno.test("D34 millions of exceptions thrown and dropped leave no heap behind", async () => {
  await using guest = await prepared(
    `(module (tag $t (param i64 i64 i64 i64))
      (func (export "run") (local exnref) (loop $l
        (block $c (result i64 i64 i64 i64 exnref) (try_table (catch_ref $t $c)
          (throw $t (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4))) (unreachable))
        (local.set 0) drop drop drop drop (br $l))))`,
    { fuelLimit: UNLIMITED, timeout: 600 },
  );
  const before = residentMemory();
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit time");
  assert(residentMemory() - before < 250, `${residentMemory() - before} MiB more`);
});

Deno.test("D35 segments that are larger than they look are charged before anything is written", async () => {
  // 20 active segments of 100,000 entries each into one table: 2 MB that stand for two million writes.
  const segment = [0, 0x41, 0, END, ...leb(100_000), ...Array(100_000).fill(0)];
  const bytes = wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, code: [], name: "f" }],
    tables: [[FUNCREF, 0, ...leb(100_000)]],
    elements: Array(20).fill(segment),
  });
  await using runtime = await Aegis.create();
  const loaded = await runtime.loadBytes(bytes);
  await using poor = await runtime.sandbox({ fuelLimit: 1_000_000 }).build();
  const error = await assertRejects(() => poor.loadModule(loaded), Error);
  assertEquals((error as { code?: string }).code, "OutOfFuel");
  await using rich = await runtime.sandbox().build();
  await rich.loadModule(loaded);
  assert(rich.metrics().fuelConsumed >= 2_000_000n);
});

Deno.test("D38 thirty sandboxes that fill their memory end one by one while the host's event loop goes on", async () => {
  const text = `(module (memory 1) (func (export "run") (local i32)
    (loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (local.set 0 (i32.const 0))
    (loop $m (i32.store8 (local.get 0) (i32.const 1))
      (br_if $m (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 16000000)))) unreachable))`;
  await using runtime = await Aegis.create({ memoryLimit: "16MiB", timeout: 5000 });
  const loaded = await runtime.loadWat(text);
  await undelayed(100, async () => {
    const { stall } = await withTicks(async () => {
      for (let i = 0; i < 30; i += 6) {
        await Promise.all(Array.from({ length: 6 }, async () => {
          await using sandbox = await runtime.sandbox().build();
          await sandbox.loadModule(loaded);
          await assertRejects(() => sandbox.call("run"), MemoryExceededError);
        }));
      }
    });
    assert(stall < 250, `the event loop stood still for ${stall.toFixed(0)} ms`);
  });
});
