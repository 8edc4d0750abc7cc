/** Calls that are traced, profiled and stepped; the guest's doing is the same. */
import {
  Aegis,
  AegisError,
  type Debugger,
  type Isolation,
  type Sandbox,
  type WatchLevel,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { SPIN } from "./started.ts";

const WORK = `(import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1) (data (i32.const 16) "seen")
  (func $triple (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func $fib (export "fib") (param i32) (result i32) (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
    (then (local.get 0)) (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
      (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $work (export "work") (param i32) (result i32) (local $sum i32)
    (loop $l (local.set $sum (i32.add (local.get $sum) (call $triple (local.get 0))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (call $log (local.get $sum)) (memory.fill (i32.const 0) (i32.const 7) (i32.const 5))
    (i32.add (local.get $sum) (call $fib (i32.const 3))))
  (func (export "trap") (param i32) (result i32) (drop (call $fib (i32.const 4)))
    (i32.div_u (i32.const 1) (call $triple (local.get 0))))
  ${SPIN}`;

interface Watched extends AsyncDisposable {
  readonly runtime: Aegis;
  readonly sandbox: Sandbox;
}

async function watched(
  fields: string,
  watch: WatchLevel | undefined,
  options: { readonly timeout?: string; readonly fuelLimit?: bigint; readonly isolation?: Isolation } = {},
): Promise<Watched> {
  const runtime = await Aegis.create({ engine: "interpreter", ...options });
  try {
    const sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("env", "log", { params: ["i32"], results: [] }, () => {});
    const bytes = compileText(`(module ${fields})`);
    await sandbox.loadModule(await runtime.loadBytes(bytes, watch === undefined ? {} : { watch }));
    return { runtime, sandbox, [Symbol.asyncDispose]: () => runtime.close() };
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** Fuel of the last call. */
function fuelOf(sandbox: Sandbox): bigint {
  return sandbox.metrics().lastCall?.fuelConsumed ?? -1n;
}

Deno.test("trace() writes calls with arguments, results and fuel, and those of the host's functions", async () => {
  await using guest = await watched(WORK, "functions");
  const { outcome, text, lines, cut } = await guest.sandbox.trace("work", [2]);
  assertEquals(outcome, { kind: "value", values: [11] });
  assertEquals(
    text,
    `-> work(i32 2)
  -> func[1](i32 2)
  <- func[1] = i32 6  (fuel 4)
  -> func[1](i32 1)
  <- func[1] = i32 3  (fuel 4)
  -> env.log(i32 9)
  <- env.log
  -> fib(i32 3)
    -> fib(i32 2)
      -> fib(i32 1)
      <- fib = i32 1  (fuel 6)
      -> fib(i32 0)
      <- fib = i32 0  (fuel 6)
    <- fib = i32 1  (fuel 26)
    -> fib(i32 1)
    <- fib = i32 1  (fuel 6)
  <- fib = i32 2  (fuel 46)
<- work = i32 11  (fuel ${fuelOf(guest.sandbox)})
`,
  );
  assertEquals([lines, cut], [18, false]);
});

Deno.test("trace() writes instructions with their offsets and the operands on top of the stack", async () => {
  const fields = `(func $twice (export "twice") (param i64) (result i64) (local f64 v128)
    (local.set 1 (f64.const -0)) (i64.mul (local.get 0) (i64.const 2)))`;
  await using guest = await watched(fields, "instructions");
  const { text } = await guest.sandbox.trace("twice", [21n], { level: "instructions" });
  assertEquals(
    text.replace(/^0x[0-9a-f]{5} {2}/gm, ""),
    `twice  f64.const -0
twice  local.set 1           [f64 -0]
twice  local.get 0
twice  i64.const 2           [i64 21]
twice  i64.mul               [i64 21, i64 2]
twice  end                   [i64 42]
`,
  );
  const bytes = compileText(`(module ${fields})`), opcodes = [0x44, 0x21, 0x20, 0x42, 0x7e, 0x0b];
  assertEquals(text.trim().split("\n").map((line) => bytes[Number(line.slice(0, 7))]), opcodes);
});

Deno.test("trace() writes functions that are named, and so many lines", async () => {
  await using guest = await watched(WORK, "functions");
  const { sandbox } = guest;
  const of = async (filter: string) => (await sandbox.trace("work", [1], { filter })).text;
  assertEquals(await of("1"), "-> func[1](i32 1)\n<- func[1] = i32 3  (fuel 4)\n");
  assertEquals(await of("env.*"), "-> env.log(i32 3)\n<- env.log\n");
  assertEquals((await of("f*b, w*")).match(/->/g)?.length, 6);
  assertEquals(await of("*x*"), "");
  const { text, lines, cut, outcome } = await sandbox.trace("work", [1], { lines: 3 });
  assertEquals([lines, cut, outcome.kind], [3, true, "value"]);
  assertEquals(text.split("\n").at(-2), "… the trace ends here, after 3 lines");
  const parts: string[] = [];
  const taken = await sandbox.trace("work", [1], { onText: (part) => void parts.push(part) });
  assertEquals([taken.text, parts.join("")], ["", await of("")]);
});

Deno.test("profile() tells what each function consumed, to the unit, where the guest traps, too", async () => {
  await using guest = await watched(WORK, "functions");
  const { sandbox } = guest;
  const { outcome, fuel, functions, stacks, other, cut } = await sandbox.profile("work", [2]);
  assertEquals(outcome, { kind: "value", values: [11] });
  assertEquals([BigInt(fuel), other, cut], [fuelOf(sandbox), 0, false]);
  const own = fuel - 46 - 8;
  assertEquals(functions, [
    { index: 2, name: "fib", calls: 5, self: 46, total: 46 },
    { index: 3, name: "work", calls: 1, self: own, total: fuel },
    { index: 1, name: "func[1]", calls: 2, self: 8, total: 8 },
  ]);
  assertEquals(stacks, `work ${own}\nwork;func[1] 8\nwork;fib 14\nwork;fib;fib 20\nwork;fib;fib;fib 12\n`);
  const trapped = await sandbox.profile("trap", [0]);
  assertEquals([trapped.outcome.kind, BigInt(trapped.fuel)], ["trap", fuelOf(sandbox)]);
});

const LIMITED: Readonly<Record<string, (sandbox: Sandbox) => Promise<{ readonly kind: string }>>> = {
  "a call": (sandbox) => sandbox.tryCall("spin"),
  "a trace of calls": async (sandbox) => (await sandbox.trace("spin")).outcome,
  "a trace of instructions": async (sandbox) =>
    (await sandbox.trace("spin", [], { level: "instructions", lines: 100_000_000, onText: () => {} }))
      .outcome,
  "a profile": async (sandbox) => (await sandbox.profile("spin")).outcome,
  "a call that is stepped": async (sandbox) => {
    await using call = await sandbox.debug("spin");
    await call.step(2 ** 31 - 1);
    return await call.outcome;
  },
};

Deno.test("a guest that is watched runs out of fuel at the same unit, and out of time", async () => {
  let expected: unknown;
  for (const [what, call] of Object.entries(LIMITED)) {
    await using guest = await watched(WORK, "instructions", { fuelLimit: 60_000n });
    const outcome = await call(guest.sandbox);
    assertEquals({ ...outcome }, expected ??= { ...outcome }, what);
    await using slow = await watched(WORK, "instructions", { timeout: "200ms", fuelLimit: 10n ** 15n });
    const began = performance.now(), end = await call(slow.sandbox), took = performance.now() - began;
    assertEquals("limit" in end ? end.limit : end, "time", what);
    assert(took < 2000, `${what}: ${took} ms`);
  }
});

const VALUES = `(table 1 funcref) (elem declare func $f)
  (func $f (export "f") (param i64 externref) (result i64) (local f32 v128 funcref)
    (local.set 2 (f32.const 0.5)) (local.set 3 (v128.const i32x4 1 2 3 4)) (local.set 4 (ref.func $f))
    (i64.add (local.get 0) (i64.const -1)))
  (func (export "go") (result i64) (call $f (i64.const 9223372036854775807) (ref.null extern)))`;

Deno.test("debug() steps a call: frames, locals and operands can be looked at between two instructions", async () => {
  await using guest = await watched(VALUES, "instructions");
  await using call = await guest.sandbox.debug("go");
  assertEquals([call.standing?.functionName, call.standing?.text, call.standing?.reason], [
    "go",
    "i64.const 9223372036854775807",
    "step",
  ]);
  const stop = await call.step(11);
  assertEquals([stop?.functionName, stop?.text], ["f", "i64.add"]);
  const [inner, outer, ...more] = await call.frames();
  assertEquals(more, []);
  assertEquals(inner?.locals.map(({ type, text }) => `${type} ${text}`), [
    "i64 9223372036854775807",
    "externref null",
    "f32 0.5",
    "v128 0x01000000020000000300000004000000",
    "funcref func 0",
  ]);
  assertEquals(inner?.operands.map(({ text }) => text), ["9223372036854775807", "-1"]);
  assertEquals([outer?.functionName, outer?.text], ["go", "call 0"]);
  assertEquals((await call.step())?.text, "end");
  assertEquals([await call.step(2), call.standing], [undefined, undefined]);
  assertEquals(await call.outcome, { kind: "value", values: [9223372036854775806n] });
  assertEquals([await call.frames(), await call.step()], [[], undefined]);
});

async function texts(call: Debugger, steps: readonly ("step" | "over" | "out" | "continue")[]) {
  const seen: string[] = [];
  for (const step of steps) {
    const stop = step === "step"
      ? await call.step()
      : step === "over"
      ? await call.stepOver()
      : step === "out"
      ? await call.stepOut()
      : await call.continue();
    seen.push(stop === undefined ? "ended" : `${stop.reason}: ${stop.functionName} ${stop.text}`);
  }
  return seen;
}

Deno.test("debug() steps over calls and out of them, and stops at breakpoints", async () => {
  await using guest = await watched(WORK, "instructions");
  const { sandbox } = guest;
  {
    await using call = await sandbox.debug("work", [2], { breakAt: "1" });
    assertEquals(await texts(call, ["step", "step", "step", "over"]), [
      "step: work local.get 1",
      "step: work local.get 0",
      "step: work call 1",
      "breakpoint: func[1] local.get 0",
    ]);
    assertEquals(await texts(call, ["out", "continue"]), [
      "left: work i32.add",
      "breakpoint: func[1] local.get 0",
    ]);
    await call.breakAt("fib");
    assertEquals(await texts(call, ["continue"]), ["breakpoint: fib local.get 0"]);
    await call.breakAt("");
    assertEquals(new TextDecoder().decode(await call.readMemory(16, 4)), "seen");
    assertEquals(await call.readMemory(0, 6), Uint8Array.of(7, 7, 7, 7, 7, 0));
    await assertRejects(() => call.readMemory(65536, 1), AegisError, "Cannot read 1 bytes");
    assertEquals(await texts(call, ["out", "over", "over", "over"]), [
      "left: work i32.add",
      "step: work end",
      "ended",
      "ended",
    ]);
    assertEquals(await call.outcome, { kind: "value", values: [11] });
  }
  const plain = await sandbox.tryCall("work", [2]), fuel = fuelOf(sandbox);
  await using call = await sandbox.debug("work", [2]);
  while (call.standing !== undefined) await call.step(3);
  assertEquals([await call.outcome, fuelOf(sandbox)], [plain, fuel]);
});

Deno.test("debug() has the guest's time stand still, and ends with the call or before it", async () => {
  await using guest = await watched(WORK, "instructions", { timeout: "300ms" });
  const { sandbox } = guest;
  {
    await using call = await sandbox.debug("work", [2]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await call.step();
    const first = call.step();
    await assertRejects(() => call.step(), AegisError, "has not answered");
    await first;
    await call.continue();
    assertEquals((await call.outcome).kind, "value");
  }
  const call = await sandbox.debug("work", [2]);
  await call.close();
  assertEquals(await call.outcome, { kind: "aborted", reason: "cancelled" });
  await sandbox.reset();
  const standing = await sandbox.debug("work", [2]);
  await sandbox.close();
  assertEquals(await standing.outcome, { kind: "aborted", reason: "closed" });
});

Deno.test("watching is refused for modules that were not loaded for it", async () => {
  for (const [watch, want] of [[undefined, "functions"], ["functions", "instructions"]] as const) {
    await using guest = await watched(WORK, watch);
    const { sandbox } = guest;
    const error = await assertRejects(() => sandbox.trace("work", [1], { level: want }), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "watch"]);
    assertEquals((await sandbox.tryCall("work", [1])).kind, "value");
    if (want === "instructions") {
      await assertRejects(() => sandbox.debug("work", [1]), AegisError, "Cannot watch");
    }
  }
  await using runtime = await Aegis.create({ engine: "v8" });
  const error = await assertRejects(
    () => runtime.loadBytes(compileText("(module)"), { watch: "functions" }),
    AegisError,
  );
  assertEquals([error.code, error.field], ["InvalidOption", "watch"]);
});

Deno.test("fuel that linked modules consume is told, too", async () => {
  await using guest = await watched(WORK, "functions");
  const { sandbox } = guest, runtime = guest.runtime;
  const load = async (fields: string, watch: WatchLevel | undefined, name: string) => {
    const bytes = compileText(`(module ${fields})`);
    await sandbox.loadModule(await runtime.loadBytes(bytes, watch === undefined ? {} : { watch }), { name });
  };
  const middle = `(import "work" "fib" (func $f (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (i32.add (call $f (local.get 0)) (call $f (local.get 0))))`;
  await load(WORK, "functions", "work");
  await load(middle, undefined, "middle");
  await load(
    `(import "middle" "twice" (func $t (param i32) (result i32)))
    (func (export "go") (result i32) (i32.mul (call $t (i32.const 3)) (i32.const 2)))`,
    "functions",
    "last",
  );
  const { fuel, functions, other, stacks } = await sandbox.profile("go");
  assertEquals([BigInt(fuel), other], [fuelOf(sandbox), 0]);
  // What is not watched is counted to what has called it.
  assertEquals(functions.map(({ name, calls, self }) => [name, calls, self]), [["fib", 10, 92], [
    "go",
    1,
    11,
  ]]);
  assertEquals(stacks.split("\n")[0], "go 11");
});

Deno.test("what is seen of a guest is no work of its own", async () => {
  const told = [];
  for (const how of ["tryCall", "trace", "profile", "debug"] as const) {
    await using guest = await watched(WORK, "instructions");
    const { sandbox } = guest, call = await sandbox[how]("work", [2]);
    if (how === "debug" && "continue" in call) await call.continue();
    const { lastCall, hostCalls, calls, peakMemory } = sandbox.metrics();
    told.push({
      fuel: lastCall?.fuelConsumed,
      calledHost: lastCall?.hostCalls,
      hostCalls,
      calls,
      peakMemory,
    });
  }
  for (const each of told) assertEquals(each, told[0]);
});

Deno.test("calls are watched in a process of their own, too", async () => {
  await using guest = await watched(WORK, "instructions", { isolation: "process" });
  const { sandbox } = guest;
  assertEquals((await sandbox.trace("work", [2])).lines, 18);
  assertEquals(BigInt((await sandbox.profile("work", [2])).fuel), fuelOf(sandbox));
  await using call = await sandbox.debug("work", [2], { breakAt: "fib" });
  assertEquals((await call.continue())?.functionName, "fib");
  assertEquals((await call.frames()).length, 2);
});
