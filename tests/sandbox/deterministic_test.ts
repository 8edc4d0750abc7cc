import {
  Aegis,
  AegisError,
  type AegisOptions,
  ClockCapability,
  ModuleRefusedError,
  RandomCapability,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

/** Bits of 0/0, of a NaN with another payload plus 1, and of a lane of 0/0. */
const BITS = `(module
  (func (export "f32") (param f32) (result i32) (i32.reinterpret_f32 (f32.div (local.get 0) (local.get 0))))
  (func (export "f64") (param f64) (result i64) (i64.reinterpret_f64 (f64.div (local.get 0) (local.get 0))))
  (func (export "payload") (result i32)
    (i32.reinterpret_f32 (f32.add (f32.reinterpret_i32 (i32.const 0xffc12345)) (f32.const 1))))
  (func (export "kept") (result i32) (i32.reinterpret_f32 (f32.neg (f32.const nan:0x12345))))
  (func (export "lane") (param f64) (result i64)
    (i64x2.extract_lane 1 (f64x2.div (f64x2.splat (local.get 0)) (f64x2.splat (local.get 0))))))`;

async function bitsUnder(options: AegisOptions): Promise<unknown[]> {
  await using runtime = await Aegis.create(options);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(BITS));
  const unsigned = (bits: unknown) =>
    typeof bits === "bigint" ? BigInt.asUintN(64, bits) : Number(bits) >>> 0;
  return [
    unsigned(await sandbox.call("f32", [0])),
    unsigned(await sandbox.call("f64", [0])),
    unsigned(await sandbox.call("payload")),
    unsigned(await sandbox.call("kept")),
    unsigned(await sandbox.call("lane", [0])),
  ];
}

Deno.test("deterministic: NaNs that arithmetic makes are the canonical one, others keep their bits", async () => {
  assertEquals(await bitsUnder({ deterministic: true }), [
    0x7fc0_0000,
    0x7ff8_0000_0000_0000n,
    0x7fc0_0000,
    0xff81_2345,
    0x7ff8_0000_0000_0000n,
  ]);
});

Deno.test("without deterministic, the payload of a NaN is the machine's", async () => {
  const [, , payload] = await bitsUnder({});
  assert(payload !== 0x7fc0_0000, "this machine hands payloads on");
});

Deno.test("deterministic: fuel is the same as without", async () => {
  const consumed: unknown[] = [];
  for (const deterministic of [false, true]) {
    await using runtime = await Aegis.create({ deterministic });
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadWat(BITS));
    await sandbox.call("payload");
    consumed.push(sandbox.metrics().fuelConsumed);
  }
  assertEquals(consumed[0], consumed[1]);
});

Deno.test("deterministic: relaxed SIMD is refused, and by name", async () => {
  const wat = `(module (func (export "f") (param v128) (result v128)
    (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))`;
  await using free = await Aegis.create();
  await free.loadWat(wat);
  await using runtime = await Aegis.create({ deterministic: true });
  const error = await assertRejects(() => runtime.loadWat(wat), ModuleRefusedError);
  assert(/relaxed SIMD/.test(error.message), error.message);
});

Deno.test("deterministic runtimes are granted no clock that passes and no secure random bytes", async () => {
  for (const capability of [ClockCapability.all(), ClockCapability.monotonic(), RandomCapability.secure()]) {
    const options = { isolation: "worker", deterministic: true, capabilities: [capability] } as const;
    const error = await assertRejects(() => Aegis.create(options), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "deterministic"]);
  }
  const capabilities = [ClockCapability.fixed("2026-01-01T00:00:00Z"), RandomCapability.seeded(7)];
  await using runtime = await Aegis.create({ isolation: "worker", deterministic: true, capabilities });
  assertEquals(runtime.policy.random?.seed, 7n);
});
