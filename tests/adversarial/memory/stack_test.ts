/**
 * D36: our count of the stack ends recursion before V8's limit does, so that the end is the same every time: cold or
 * optimised. Each shape fails when its part is left out of a frame's cost (params, locals, operands, calls).
 */
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { prepared, textModule, UNLIMITED, wordsOf } from "../cpu/stopping.ts";
import { Aegis, AegisError, LIMITS } from "../../../mod.ts";
import { funcType, I32, I64, join, leb, wasmModule } from "../../wasm/module_builder.ts";

function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(" ");
}

const COUNT = "(global.set $depth (i32.add (global.get $depth) (i32.const 1)))";
const AGAIN = "(if (local.get $n) (then (call $r (i32.sub (local.get $n) (i32.const 1)))))";

/** `$r` recurs `n` times and counts in `$depth`; `$k` is another global, `$v` the type of `$r`, element 0 of the table is it. */
const SHAPES: Readonly<Record<string, string>> = {
  "one parameter": `(func $r (param $n i32) ${COUNT} ${AGAIN})`,
  "no parameter": `(func $r (param $n i32) (global.set $k (local.get $n)) (call $q))
    (func $q ${COUNT} (global.set $k (i32.sub (global.get $k) (i32.const 1))) (if (global.get $k) (then (call $q))))`,
  "200 i32 parameters": `(func $r (param $n i32) (call $q (local.get $n) ${
    times(200, (i) => `(i32.const ${i})`)
  }))
    (func $q (param $n i32) (param ${times(200, () => "i32")}) ${COUNT} (if (local.get $n) (then
      (call $q (i32.sub (local.get $n) (i32.const 1)) ${
    times(200, (i) => `(i32.add (local.get $n) (i32.const ${i}))`)
  }))))`,
  "200 f32 parameters": `(func $r (param $n i32) (call $q (local.get $n) ${
    times(200, (i) => `(f32.const ${i})`)
  }))
    (func $q (param $n i32) (param ${times(200, () => "f32")}) ${COUNT} (if (local.get $n) (then
      (call $q (i32.sub (local.get $n) (i32.const 1)) ${times(200, (i) => `(f32.const ${i})`)}))))`,
  "100 i32 locals, all alive over the call": `(func $r (param $n i32) (local ${
    times(100, () => "i32")
  }) ${COUNT}
    ${times(100, (i) => `(local.set ${i + 1} (i32.add (local.get $n) (i32.const ${i})))`)} ${AGAIN}
    ${times(100, (i) => `(global.set $k (i32.add (global.get $k) (local.get ${i + 1})))`)})`,
  "100 f32 locals, all alive over the call": `(func $r (param $n i32) (local ${
    times(100, () => "f32")
  }) ${COUNT}
    ${
    times(100, (i) => `(local.set ${i + 1} (f32.convert_i32_s (i32.add (local.get $n) (i32.const ${i}))))`)
  } ${AGAIN}
    ${times(100, (i) => `(global.set $k (i32.trunc_sat_f32_s (local.get ${i + 1})))`)})`,
  "500 i32 locals, all alive over the call": `(func $r (param $n i32) (local ${
    times(500, () => "i32")
  }) ${COUNT}
    ${
    times(500, (i) => `(local.set ${i + 1} (i32.mul (local.get $n) (i32.load (i32.const ${i * 4}))))`)
  } ${AGAIN}
    ${times(500, (i) => `(i32.store (i32.const ${i * 4}) (local.get ${i + 1}))`)})`,
  "200 v128 locals, all alive over the call": `(func $r (param $n i32) (local ${
    times(200, () => "v128")
  }) ${COUNT}
    ${
    times(200, (i) => `(local.set ${i + 1} (i32x4.splat (i32.add (local.get $n) (i32.const ${i}))))`)
  } ${AGAIN}
    ${times(200, (i) => `(global.set $k (i32x4.extract_lane 0 (local.get ${i + 1})))`)})`,
  "200 operands below the call": `(func $r (param $n i32) ${COUNT}
    ${times(200, (i) => `(i32.mul (local.get $n) (i32.const ${i + 3}))`)} ${AGAIN}
    ${times(200, () => "global.get $k i32.add global.set $k")})`,
  "500 results of another function": `(func $m (result ${times(500, () => "i64")}) ${
    times(500, (i) => `(i64.const ${i})`)
  })
    (func $r (param $n i32) ${COUNT} ${AGAIN} call $m ${times(500, () => "drop")})`,
  "500 results of its own": `(func $m (param $n i32) (result ${times(500, () => "i32")}) ${COUNT}
    (if (local.get $n) (then (call $m (i32.sub (local.get $n) (i32.const 1))) ${times(500, () => "drop")}))
    ${times(500, (i) => `(i32.const ${i})`)})
    (func $r (param $n i32) (call $m (local.get $n)) ${times(500, () => "drop")})`,
  "calls through a table": `(func $r (param $n i32) ${COUNT} (if (local.get $n) (then
    (call_indirect (type $v) (i32.sub (local.get $n) (i32.const 1)) (i32.const 0)))))`,
  "calls through a reference": `(func $r (param $n i32) ${COUNT} (if (local.get $n) (then
    (call_ref $v (i32.sub (local.get $n) (i32.const 1)) (ref.func $r)))))`,
  "mutual recursion": `(func $r (param $n i32) ${COUNT} (if (local.get $n) (then (call $q (local.get $n)))))
    (func $q (param $n i32) (call $r (i32.sub (local.get $n) (i32.const 1))))`,
  "a handler in each frame": `(func $r (param $n i32) ${COUNT}
    (if (local.get $n) (then (block $c (try_table (catch_all $c) (call $r (i32.sub (local.get $n) (i32.const 1))))))))`,
  "a caught exception in each frame": `(func $r (param $n i32) (local $e exnref) ${COUNT}
    (local.set $e (block $c (result exnref) (try_table (catch_all_ref $c) (throw $t (i32.const 1))) (unreachable)))
    ${AGAIN} (global.set $k (ref.is_null (local.get $e))))`,
  "a tail call between two frames": `(func $r (param $n i32) ${COUNT}
    (if (local.get $n) (then (call $q (local.get $n)) (global.set $k (i32.const 1)))))
    (func $q (param $n i32) (return_call $w (local.get $n) ${times(100, (i) => `(i64.const ${i})`)}))
    (func $w (param $n i32) (param ${
    times(100, () => "i64")
  }) (call $r (i32.sub (local.get $n) (i32.const 1))))`,
  "a tail call through a reference between two frames": `(type $m (func (param i32) (param ${
    times(100, () => "i64")
  })))
    (func $r (param $n i32) ${COUNT} (if (local.get $n) (then (call $q (local.get $n)) (global.set $k (i32.const 1)))))
    (func $q (param $n i32) (return_call_ref $m (local.get $n) ${
    times(100, (i) => `(i64.const ${i})`)
  } (ref.func $w)))
    (elem declare func $w)
    (func $w (type $m) (call $r (i32.sub (local.get 0) (i32.const 1))))`,
  "memory.grow in each frame":
    `(func $r (param $n i32) ${COUNT} (drop (memory.grow (i32.const 0))) ${AGAIN})`,
  "a leaf of 15 KB that is not counted": `(func $leaf (local ${
    times(1800, () => "i64")
  }) (global.set $k (i32.const 1)))
    (func $r (param $n i32) ${COUNT} (call $leaf) ${AGAIN})`,
  "50 i64 locals that change in a loop": `(func $r (param $n i32) (local $i i32) (local ${
    times(50, () => "i64")
  }) ${COUNT}
    (loop $l ${times(50, (i) => `(local.set ${i + 2} (i64.add (local.get ${i + 2}) (i64.const ${i})))`)}
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))) ${AGAIN}
    ${times(50, (i) => `(i64.store (i32.const 0) (local.get ${i + 2}))`)})`,
};

/** Equal but for `number`: V8 keeps the code of a module that it has seen, optimised, for all that have the same bytes. */
function module(shape: string, number = 0): string {
  return `(module (global i32 (i32.const ${number})) (type $v (func (param i32))) (tag $t (param i32)) (memory 1)
    (global $depth (mut i32) (i32.const 0)) (global $k (mut i32) (i32.const 0))
    (table 1 funcref) (elem (i32.const 0) $r) ${shape}
    (func (export "run") (param i32) (global.set $depth (i32.const 0)) (call $r (local.get 0)))
    (func (export "depth") (result i32) (global.get $depth)))`;
}

/** The default, and the most that can be asked for. */
const STANDARD = 512 * 1024, LARGEST = LIMITS.stackLimit.most;

/** Milliseconds of calls of small depth, after which V8 has optimised the function. */
const WARM_UP = 80;

for (const [what, shape] of Object.entries(SHAPES)) {
  Deno.test(`D36 recursion with ${what} ends by our count: same depth cold and optimised`, async () => {
    await using runtime = await Aegis.create({ fuelLimit: UNLIMITED, timeout: 20_000, stackLimit: LARGEST });
    let number = 0;
    const end = async (stackLimit: number, warm: boolean) => {
      await using sandbox = await runtime.sandbox({ stackLimit }).build();
      await sandbox.loadModule(await runtime.loadBytes(textModule(module(shape, number++))));
      for (const until = performance.now() + WARM_UP; warm && performance.now() < until;) {
        await sandbox.call("run", [20]);
      }
      const outcome = await sandbox.tryCall("run", [100_000_000]);
      assertEquals(wordsOf(outcome), "limit stack");
      const fuel = sandbox.metrics().lastCall?.fuelConsumed;
      return { depth: await sandbox.call<number>("depth"), fuel };
    };
    for (const stackLimit of [STANDARD, LARGEST]) {
      const cold = await end(stackLimit, false), optimised = await end(stackLimit, true);
      assertEquals(optimised, cold, `in a stack of ${stackLimit} bytes`);
    }
    // An eighth of the stack is an eighth of the depth: what ended it is our count and nothing else.
    const { depth: deep } = await end(STANDARD, false), { depth: shallow } = await end(STANDARD / 8, false);
    assert(Math.abs(deep - 8 * shallow) <= 16, `depth ${deep}, and ${shallow} in an eighth of the stack`);
  });
}

// Fails when what other modules can call counts its parameters once: a tail call leaves them to nobody.
Deno.test("D36 recursion by tail calls into another module ends by our count", async () => {
  await using runtime = await Aegis.create({ fuelLimit: UNLIMITED, timeout: 20_000, stackLimit: LARGEST });
  const wide = `(param i32) (param ${times(100, () => "i64")})`;
  const first = await runtime.loadWat(`(module (type $v (func (param i32))) (table (export "t") 1 1 funcref)
    (global $depth (mut i32) (i32.const 0)) (func (export "depth") (result i32) (global.get $depth))
    (func (export "f") ${wide} (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
      (call_indirect (type $v) (local.get 0) (i32.const 0))
      (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))))`);
  const second = await runtime.loadWat(`(module (import "a" "f" (func $f ${wide}))
    (import "a" "depth" (func $depth (result i32))) (import "a" "t" (table 1 1 funcref)) (elem (i32.const 0) $g)
    (func $g (export "run") (param i32) (return_call $f (local.get 0) ${
    times(100, (i) => `(i64.const ${i})`)
  }))
    (func (export "depth") (result i32) (call $depth)))`);
  const end = async (stackLimit: number) => {
    await using sandbox = await runtime.sandbox({ stackLimit }).build();
    await sandbox.loadModule(first, { name: "a" });
    await sandbox.loadModule(second);
    assertEquals(wordsOf(await sandbox.tryCall("run", [1])), "limit stack");
    return await sandbox.call<number>("depth");
  };
  const deep = await end(LARGEST), shallow = await end(LARGEST / 8);
  assert(Math.abs(deep - 8 * shallow) <= 16, `depth ${deep}, and ${shallow} in an eighth of the stack`);
});

Deno.test("D36 recursion across two modules ends by our count, however often it changes sides", async () => {
  await using runtime = await Aegis.create({ fuelLimit: UNLIMITED, timeout: 20_000 });
  const first = await runtime.loadWat(`(module (type $v (func (param i32))) (table (export "t") 2 2 funcref)
    (elem (i32.const 0) $f) (global $depth (mut i32) (i32.const 0))
    (func $f (export "f") (param i32) (local ${times(20, () => "i64")})
      (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
      (call_indirect (type $v) (local.get 0) (i32.const 1)))
    (func (export "depth") (result i32) (global.get $depth)))`);
  const second = await runtime.loadWat(`(module (import "a" "f" (func $f (param i32)))
    (import "a" "depth" (func $depth (result i32))) (import "a" "t" (table 2 2 funcref)) (elem (i32.const 1) $g)
    (func $g (param i32) (local ${times(5, () => "v128")}) (call $f (local.get 0)) (drop (call $depth)))
    (func (export "run") (call $g (i32.const 1))) (func (export "depth") (result i32) (call $depth)))`);
  const end = async (stackLimit: number) => {
    await using sandbox = await runtime.sandbox({ stackLimit }).build();
    await sandbox.loadModule(first, { name: "a" });
    await sandbox.loadModule(second);
    assertEquals(wordsOf(await sandbox.tryCall("run")), "limit stack");
    const depth = await sandbox.call<number>("depth");
    return { depth, fuel: sandbox.metrics().fuelConsumed };
  };
  const deep = await end(STANDARD), shallow = await end(STANDARD / 8);
  for (let i = 0; i < 2; i++) assertEquals(await end(STANDARD), deep);
  // As above: what ended it is our count and nothing else.
  assert(Math.abs(deep.depth - 8 * shallow.depth) <= 16, `depth ${deep.depth}, and ${shallow.depth}`);
});

// Fails when only functions on cycles are counted: 10,000 frames of 2 KB and more are 20 MB.
Deno.test("D36 a chain of 10,000 functions with large frames, without any recursion, ends by our count", async () => {
  const length = 10_000;
  for (const locals of [[[250, I64]], [[1000, I32]]] as const) {
    const functions = Array.from({ length }, (_, index) => ({
      type: 0,
      locals,
      code: join([
        [0x23, 0, 0x41, 1, 0x6a, 0x24, 0],
        index + 1 < length ? [0x10, ...leb(index + 1)] : [],
      ]),
      ...(index === 0 ? { name: "run" } : {}),
    }));
    const bytes = wasmModule({
      types: [funcType([], []), funcType([], [I32])],
      globals: [[I32, 1, 0x41, 0, 0x0b]],
      functions: [...functions, { type: 1, code: [0x23, 0], name: "depth" }],
    });
    const end = async (stackLimit: number) => {
      await using guest = await prepared(bytes, { fuelLimit: UNLIMITED, stackLimit });
      assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit stack");
      const depth = await guest.sandbox.call<number>("depth");
      return { depth, fuel: guest.sandbox.metrics().fuelConsumed };
    };
    const deep = await end(STANDARD), shallow = await end(STANDARD / 8);
    assertEquals(await end(STANDARD), deep);
    // Of a chain one frame in several is counted, so the figures are coarse.
    assert(deep.depth > 6 * shallow.depth, `depth ${deep.depth}, and ${shallow.depth}`);
  }
});

Deno.test("D36 a chain of 10,000 small functions runs to its end", async () => {
  const length = 10_000;
  const functions = Array.from({ length }, (_, index) => ({
    type: 0,
    code: index + 1 < length ? [0x10, ...leb(index + 1)] : [],
    ...(index === 0 ? { name: "run" } : {}),
  }));
  await using guest = await prepared(wasmModule({ types: [funcType([], [])], functions }), {
    fuelLimit: UNLIMITED,
  });
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "value");
});

// Fails when a frame's cost is cut to 32 bits or when the check comes after the frame is made.
Deno.test("D36 one frame larger than the stack is a stack overflow at its first call", async () => {
  for (const [count, kind] of [[40_000, 0x7b], [49_000, I64]] as const) {
    const bytes = wasmModule({
      types: [funcType([], []), funcType([], [])],
      functions: [{ type: 0, locals: [[count, kind]], code: [], name: "run" }],
    });
    await using guest = await prepared(bytes, { stackLimit: "128KiB" });
    assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit stack");
  }
});

Deno.test("D36 host-guest-host recursion is refused with Reentrant, at once", async () => {
  const text =
    `(module (import "env" "host" (func $host)) (func (export "run") (call $host)) (func (export "nothing")))`;
  const seen: string[] = [];
  await using guest = await prepared(text, { timeout: 5000 }, (sandbox) => {
    sandbox.registerFunc("env", "host", { params: [], results: [] }, async () => {
      const error = await assertRejects(() => sandbox.call("nothing"), AegisError);
      seen.push(error.code);
    });
  });
  const started = performance.now();
  assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "value");
  assertEquals(seen, ["Reentrant"]);
  assert(performance.now() - started < 1000);
});

// V8's own limit, where optimised frames outgrow our count: the end is still a stack overflow, the sandbox lives on, and
// fuel is never given back. Where it ends may differ from run to run: that is the stated limit of the count.
Deno.test("D36 where V8's limit comes first the outcome is the same and no fuel is gained", async () => {
  const each = (at: number) =>
    times(
      600,
      (i) =>
        `(v128.store (i32.const ${at + i * 16}) (i32x4.splat (i32.mul (local.get $n) (i32.const ${
          i * 2 + 3
        }))))`,
    );
  await using guest = await prepared(
    module(`(func $r (param $n i32) (local $i i32) ${COUNT} ${each(0)}
      (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))
      ${AGAIN} ${each(16_384)})`),
    { fuelLimit: UNLIMITED, timeout: 20_000 },
  );
  const { sandbox } = guest;
  for (let i = 0; i < 100; i++) await sandbox.call("run", [20]);
  for (let i = 0; i < 10; i++) {
    const before = sandbox.metrics().fuelConsumed;
    assertEquals(wordsOf(await sandbox.tryCall("run", [1_000_000])), "limit stack");
    const depth = BigInt(await sandbox.call<number>("depth"));
    // 12,000 units for the loop and 3,000 for the stores of each frame that was entered.
    const consumed = sandbox.metrics().fuelConsumed - before;
    assert(consumed >= (depth - 1n) * 12_000n, `depth ${depth} for ${consumed} units`);
  }
});
