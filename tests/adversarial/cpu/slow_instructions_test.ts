/**
 * C30: instructions that take long for what they cost in fuel. A slice (100,000 units) must not last so long that a
 * timeout comes late; each of these fails when its surcharge is taken from the cost model.
 */
import { assert, assertEquals } from "../../assert.ts";
import { undelayed } from "../../undelayed.ts";
import { MOST_LATENCY, textModule, UNLIMITED, wordsOf } from "./stopping.ts";
import { Aegis, type AegisModule } from "../../../mod.ts";
import { END, funcType, join, leb, wasmModule } from "../../wasm/module_builder.ts";

const DECLARATIONS = `(tag $t (param i64 i64)) (tag $e) (memory 1000) (global $g (mut f64) (f64.const 0))
  (table $tf 10000 funcref) (table $te 10000 externref) (type $v (func)) (func $nop)
  (elem $many func ${"$nop ".repeat(5000)}) (data $d "abcdefgh") (elem declare func $deepThrow)
  (func $deepThrow (param i32) (if (local.get 0)
    (then (call $deepThrow (i32.sub (local.get 0) (i32.const 1)))) (else (throw $e))))
  (func $deepRethrow (param i32) (if (local.get 0)
    (then (block $c (try_table (catch_all $c) (call $deepRethrow (i32.sub (local.get 0) (i32.const 1)))) (return))
      (throw $e)) (else (throw $e))))
  (func $deepUnmatched (param i32) (if (local.get 0)
    (then (block $c (result i64 i64)
      (try_table (catch $t $c) (call $deepUnmatched (i32.sub (local.get 0) (i32.const 1)))) (return)) (drop) (drop))
    (else (throw $e))))
  (func $manyLocals (local ${"i64 ".repeat(40_000)}))`;

/** Bodies of a loop; `$x` is 3. */
const SLOW: Readonly<Record<string, string>> = {
  "throw and catch": `(block $c (try_table (catch_all $c) (throw $e)))`,
  "throw and catch with payload":
    `(block $c (result i64 i64) (try_table (catch $t $c) (throw $t (local.get $x) (local.get $x))) (unreachable)) (drop) (drop)`,
  "throw through 4,000 frames": `(block $c (try_table (catch_all $c) (call $deepThrow (i32.const 4000))))`,
  "catch and throw again in 2,000 frames":
    `(block $c (try_table (catch_all $c) (call $deepRethrow (i32.const 2000))))`,
  "throw through 2,000 handlers of another tag":
    `(block $c (try_table (catch_all $c) (call $deepUnmatched (i32.const 2000))))`,
  "memory.grow by nothing": `(drop (memory.grow (i32.const 0)))`,
  "memory.grow that fails": `(drop (memory.grow (i32.const 60000)))`,
  "table.grow by nothing": `(drop (table.grow $te (ref.null extern) (i32.const 0)))`,
  "table.grow that fails": `(drop (table.grow $te (ref.null extern) (i32.const 9000000)))`,
  "table.init": `(table.init $tf $many (i32.const 0) (i32.const 0) (i32.const 5000))`,
  "table.init of nothing": `(table.init $tf $many (i32.const 0) (i32.const 0) (i32.const 0))`,
  "table.copy": `(table.copy $tf $tf (i32.const 1) (i32.const 0) (i32.const 9000))`,
  "table.fill": `(table.fill $tf (i32.const 0) (ref.func $nop) (i32.const 10000))`,
  "table.set": `(table.set $tf (i32.const 5) (ref.func $nop))`,
  "call_ref": `(call_ref $v (ref.func $nop))`,
  "memory.init": `(memory.init $d (i32.const 0) (i32.const 0) (i32.const 8))`,
  "memory.copy of 7 bytes across pages": `(memory.copy (i32.const 4094) (i32.const 0) (i32.const 7))`,
  "64-bit division": `(drop (i64.div_s (i64.const -9223372036854775807) (local.get $x)))`,
  "division of denormals":
    `(global.set $g (f64.div (f64.const 1e-308) (f64.add (f64.const 3.7) (global.get $g))))`,
  "product of denormals":
    `(global.set $g (f64.add (f64.mul (f64.const 1e-300) (f64.const 1e-10)) (global.get $g)))`,
  "SIMD division of denormals":
    `(drop (f64x2.div (f64x2.splat (f64.const 1e-308)) (f64x2.splat (f64.add (f64.const 3.7) (global.get $g)))))`,
  "SIMD square roots of denormals": `(drop (f64x2.sqrt (f64x2.splat (f64.const 5e-324))))`,
  "SIMD swizzle and 64-bit products":
    `(drop (i64x2.mul (i8x16.swizzle (v128.const i64x2 1 2) (i8x16.splat (i32.const 3))) (i64x2.splat (local.get $x))))`,
  "atomic compare and exchange":
    `(drop (i64.atomic.rmw.cmpxchg (i32.const 0) (local.get $x) (local.get $x)))`,
  "memory.atomic.notify": `(drop (memory.atomic.notify (i32.const 0) (i32.const 1)))`,
  "a chase through 32 MiB": `(local.set $i (i32.and (i32.add (i32.mul (local.get $i) (i32.const 1103515245))
    (i32.const 12345)) (i32.const 0x1fffff8))) (i32.store (local.get $i) (i32.add (local.get $i) (i32.load (local.get $i))))`,
  "loads and stores across pages": `(i64.store (i32.const 65532) (i64.load (i32.const 131068)))`,
  "a function of 40,000 locals": `(call $manyLocals)`,
  "1,000 loops without a body": `${"(loop) ".repeat(1000)}`,
};

/** Milliseconds; many slices of the slowest instructions fit. */
const TIMEOUT = 120;

/** Asserts that `run` is stopped soon after its timeout; returns how soon, and nanoseconds a unit of fuel. */
async function latencyOf(
  runtime: Aegis,
  module: string | Uint8Array,
): Promise<{ late: number; unit: number }> {
  const loaded = await runtime.loadBytes(typeof module === "string" ? textModule(module) : module);
  return await undelayed(MOST_LATENCY / 2, () => stopOnce(runtime, loaded));
}

async function stopOnce(runtime: Aegis, loaded: AegisModule): Promise<{ late: number; unit: number }> {
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(loaded);
  const started = performance.now();
  assertEquals(wordsOf(await sandbox.tryCall("run", [], { timeout: TIMEOUT })), "limit time");
  const took = performance.now() - started, late = took - TIMEOUT;
  assert(late <= MOST_LATENCY, `stopped ${late.toFixed(0)} ms after the timeout`);
  return { late, unit: took * 1e6 / Number(sandbox.metrics().fuelConsumed) };
}

const figures: { what: string; late: number; unit: number }[] = [];

for (const [what, code] of Object.entries(SLOW)) {
  Deno.test(`C30 ${what} is stopped within 50 ms`, async () => {
    const engine = what.includes("atomic") ? { engine: "v8" } as const : {}; // the interpreter has none of them
    await using runtime = await Aegis.create({ fuelLimit: UNLIMITED, ...engine });
    const text = `(module ${DECLARATIONS} (func (export "run") (local $x i64) (local $i i32)
      (local.set $x (i64.const 3)) (loop $l ${code} (br $l))))`;
    figures.push({ what, ...await latencyOf(runtime, text) });
  });
}

/** A loop around a throw past handlers in the same function. */
function throwPast(handlers: number[], ends: number[]): Uint8Array<ArrayBuffer> {
  const code = join([[0x03, 0x40, 0x02, 0x40], handlers, [0x08, 0], ends, [END, 0x0c, 0, END]]);
  return wasmModule({
    types: [funcType([], [])],
    tags: [[0, 0], [0, 0]],
    functions: [{ type: 0, code, name: "run" }],
  });
}

const clause = (label: number): number[] => [0, 1, ...leb(label)];

// Fails when clauses are free: a throw compares its tag with each, 40 ns a clause.
Deno.test("C30 a throw past 2,000 clauses of other tags is stopped within 50 ms", async () => {
  await using runtime = await Aegis.create({ fuelLimit: UNLIMITED });
  const clauses = join(Array.from({ length: 2000 }, () => clause(0)));
  const bytes = throwPast(join([[0x1f, 0x40], leb(2001), clauses, [2, 0]]), [END]);
  figures.push({ what: "a throw past 2,000 clauses", ...await latencyOf(runtime, bytes) });
});

Deno.test("C30 a throw out of 2,000 nested try_tables of other tags is stopped within 50 ms", async () => {
  await using runtime = await Aegis.create({ fuelLimit: UNLIMITED });
  const levels = 2000;
  const handlers = join([
    [0x1f, 0x40, 1, 2, 0],
    ...Array.from({ length: levels }, (_, level) => [0x1f, 0x40, 1, ...clause(level + 1)]),
  ]);
  const bytes = throwPast(handlers, Array(levels + 1).fill(END));
  figures.push({ what: "a throw out of 2,000 try_tables", ...await latencyOf(runtime, bytes) });
});

Deno.test("C30 an old-style throw past 2,000 catch clauses is stopped within 50 ms", async () => {
  await using runtime = await Aegis.create({ fuelLimit: UNLIMITED });
  const clauses = join(Array.from({ length: 2000 }, () => [0x07, 1]));
  const code = join([[0x03, 0x40, 0x06, 0x40, 0x08, 0], clauses, [0x19, END, 0x0c, 0, END]]);
  const bytes = wasmModule({
    types: [funcType([], [])],
    tags: [[0, 0], [0, 0]],
    functions: [{ type: 0, code, name: "run" }],
  });
  figures.push({ what: "an old-style throw past 2,000 clauses", ...await latencyOf(runtime, bytes) });
});

globalThis.addEventListener("unload", () => {
  const slowest = figures.toSorted((a, b) => b.unit - a.unit).slice(0, 5);
  const late = figures.map((figure) => figure.late).toSorted((a, b) => a - b);
  console.log(
    `C30 after the timeout: p50 ${(late[late.length >> 1] ?? 0).toFixed(1)} ms, max ${
      (late.at(-1) ?? 0).toFixed(1)
    } ms; most ns a unit: ${slowest.map((row) => `${row.what} ${row.unit.toFixed(1)}`).join(", ")}`,
  );
});
