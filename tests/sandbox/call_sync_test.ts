import { CONTENT_GUEST } from "./content_guest.ts";
import { running, start } from "./started.ts";
import { AegisError, FunctionNotFoundError, OutOfFuelError, TimeoutError, TrapError } from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const GUEST = `
  (import "env" "double" (func $double (param i32) (result i32)))
  (func (export "f") (param i32) (result i32) (call $double (local.get 0)))
  (func (export "pair") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "trap") unreachable)
  (func (export "spin") (loop (br 0)))
  ${CONTENT_GUEST}`;

function fail(): void {
  throw new Error("full");
}

const OFFERS = {
  offers: { "env.double(i32)->i32": (value: number) => value * 2 },
  fuelLimit: "unlimited",
} as const;

Deno.test("callSync() calls, and serves host functions meanwhile, without an await", async () => {
  await using started = await running(GUEST, OFFERS);
  const { sandbox } = started;
  for (let i = 0; i < 200; i++) assertEquals(sandbox.callSync("f", [i]), 2 * i);
  assertEquals(sandbox.callSync("pair", [5, 6n]), [6n, 5]);
  assertEquals(sandbox.callSync("greet", ["World"]), "Hello, World!");
  assertEquals(sandbox.callSync("copy", [Uint8Array.of(1, 2)]), Uint8Array.of(1, 2));
  assertEquals(sandbox.callSync<unknown>("copy", [{ a: 1 }]), { a: 1 });
  assertEquals(sandbox.metrics().calls, 204);
  assertEquals(sandbox.metrics().hostCalls, 200);
  assertEquals(await sandbox.call("f", [1]), 2, "and the other way goes on");
});

Deno.test("callSync() throws what call() would", async () => {
  await using started = await running(GUEST, OFFERS);
  const { sandbox } = started;
  assertThrows(() => sandbox.callSync("trap"), TrapError);
  assertThrows(() => sandbox.callSync("nope"), FunctionNotFoundError);
  assertThrows(() => sandbox.callSync("spin", [], { fuel: 1000 }), OutOfFuelError);
  await sandbox.reset();
  const before = performance.now();
  const error = assertThrows(() => sandbox.callSync("spin", [], { timeout: 50 }), TimeoutError);
  const took = performance.now() - before;
  assert(took > 45 && took < 1000 && error.elapsed >= 49, `${took} ms, ${error.elapsed} ms`);
  assertEquals(assertThrows(() => sandbox.callSync("f", [1]), AegisError).code, "InstanceEnded");
  await sandbox.reset();
  assertEquals(sandbox.callSync("f", [4]), 8);
});

Deno.test("what a host function throws is what callSync() throws; one that waits is refused", async () => {
  await using started = await start();
  const { sandbox } = started, mine = new Error("mine");
  let settled = 0;
  sandbox.registerFuncs("env", {
    throws: {
      params: [],
      results: [],
      run: () => {
        throw mine;
      },
    },
    waits: { params: [], results: [], run: () => Promise.reject(new Error(String(settled++))) },
    calls: { params: [], results: [], run: () => sandbox.callSync("throws") as undefined },
  });
  await started.load(
    `(import "env" "throws" (func $a)) (import "env" "waits" (func $b)) (import "env" "calls" (func $c))
    (export "throws" (func $a)) (export "waits" (func $b)) (export "calls" (func $c))`,
  );
  assertEquals(assertThrows(() => sandbox.callSync("throws"), Error), mine);
  const waiting = assertThrows(() => sandbox.callSync("waits"), AegisError);
  assertEquals([waiting.code, settled], ["HostFunctionFailed", 1]);
  assertEquals(assertThrows(() => sandbox.callSync("calls"), AegisError).code, "Reentrant");
});

Deno.test("a blocking call prints and logs; it cannot wait for input that is not there", async () => {
  await using started = await start({ capabilities: "minimal" });
  const printing =
    `(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 16) "out")
    (func (export "print") (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "read") (result i32) (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))`;
  await started.load(printing);
  started.sandbox.callSync("print");
  await started.sandbox.call("print");
  assertEquals(new TextDecoder().decode(started.sandbox.output().stdout), "outout");
  const error = assertThrows(() => started.sandbox.callSync("read"), AegisError);
  assertEquals(error.code, "HostFunctionFailed");
  for (const wait of [false, true]) {
    const stdout = () => wait ? Promise.reject(new Error("full")) : fail();
    await using other = await started.runtime.sandbox({ stdout }).build();
    await other.loadModule(await started.runtime.loadWat(`(module ${printing})`));
    assertThrows(() => other.callSync("print"), Error, wait ? "synchronous call" : "full");
    assertEquals((await other.tryCall("print")).kind, "hostError");
    assertEquals(
      (await other.callMany("print", [[], []])).length,
      1,
      "the second row was printed at the end",
    );
  }
});

Deno.test("callSync() is refused while something else is under way, or paused", async () => {
  await using started = await running(GUEST, OFFERS);
  const { sandbox } = started;
  const pending = sandbox.call("f", [3]);
  assertEquals(assertThrows(() => sandbox.callSync("f", [1]), AegisError).code, "Busy");
  assertEquals(assertThrows(() => sandbox.callManySync("f", [[1]]), AegisError).code, "Busy");
  assertEquals(await pending, 6);
  sandbox.pause();
  assertEquals(assertThrows(() => sandbox.callSync("f", [1]), AegisError).code, "Busy");
  sandbox.resume();
  assertEquals(sandbox.callSync("f", [1]), 2);
  await sandbox.close();
  assertEquals(assertThrows(() => sandbox.callSync("f", [1]), AegisError).code, "Closed");
});

Deno.test("calls of both kinds, resets and looks at memory take turns without mixing", async () => {
  await using started = await running(GUEST, OFFERS);
  const { sandbox } = started;
  for (let i = 0; i < 60; i++) {
    assertEquals(sandbox.callSync("f", [i]), 2 * i);
    assertEquals(await sandbox.call("f", [i]), 2 * i);
    await sandbox.writeMemory(8, Uint8Array.of(i));
    assertEquals(await sandbox.readMemory(8, 1), Uint8Array.of(i));
    assertEquals(sandbox.callSync("greet", [`${i}`]), `Hello, ${i}!`);
    await sandbox.reset();
  }
});
