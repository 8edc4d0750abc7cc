import { AegisError, MemoryExceededError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { running, start } from "./started.ts";

const PAGE = 65536;
const MEMORY = `(memory (export "memory") 1 3) (data (i32.const 10) "abc")
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))`;

Deno.test("readMemory() and writeMemory() copy bytes out and in", async () => {
  await using started = await running(MEMORY);
  const { sandbox } = started;
  assertEquals(new TextDecoder().decode(await sandbox.readMemory(10, 3)), "abc");
  const bytes = Uint8Array.of(1, 2, 255);
  const writing = sandbox.writeMemory(PAGE - 3, bytes);
  bytes.fill(0);
  await writing;
  assertEquals(await sandbox.call("load", [PAGE - 1]), 255);
  const read = await sandbox.readMemory(PAGE - 3, 3);
  assertEquals(read, Uint8Array.of(1, 2, 255));
  read.fill(9);
  assertEquals(await sandbox.call("load", [PAGE - 1]), 255, "a copy");
  assert(read.buffer instanceof ArrayBuffer);
});

Deno.test("memory access reaches the end of memory, also after it grew, and not a byte more", async () => {
  await using started = await running(MEMORY);
  const { sandbox } = started;
  for (const pages of [1, 2, 3]) {
    const end = pages * PAGE;
    assertEquals((await sandbox.readMemory(0, end)).length, end);
    assertEquals((await sandbox.readMemory(end, 0)).length, 0);
    await sandbox.writeMemory(end, new Uint8Array());
    for (
      const [offset, length] of [[end, 1], [end - 1, 2], [end + 1, 0], [0, end + 1], [-1, 1], [
        2 ** 53,
        1,
      ]] as const
    ) {
      const error = await assertRejects(() => sandbox.readMemory(offset, length), AegisError);
      assertEquals(error.code, "TypeMismatch", `read ${offset}, ${length}`);
      if (length === 0) continue;
      const failed = await assertRejects(
        () => sandbox.writeMemory(offset, new Uint8Array(length)),
        AegisError,
      );
      assertEquals(failed.code, "TypeMismatch", `write ${offset}, ${length}`);
    }
    await sandbox.call("grow", [1]);
  }
});

Deno.test("memory access takes no offset or length that is no whole number", async () => {
  await using started = await running(MEMORY);
  const { sandbox } = started;
  for (const wrong of [1.5, NaN, Infinity, "1", undefined, null, {}]) {
    const value = wrong as number; // as a caller without types may
    await assertRejects(() => sandbox.readMemory(value, 1), AegisError, undefined, `offset ${wrong}`);
    await assertRejects(() => sandbox.readMemory(0, value), AegisError, undefined, `length ${wrong}`);
    await assertRejects(
      () => sandbox.writeMemory(value, Uint8Array.of(1)),
      AegisError,
      undefined,
      `offset ${wrong}`,
    );
  }
});

Deno.test("memory access takes a memory by its name, and says when there is none", async () => {
  await using started = await running(
    '(memory (export "other") 1) (func (export "f")) (global (export "g") i32 (i32.const 1))',
  );
  const { sandbox } = started;
  assertEquals((await sandbox.readMemory(0, 1, "other")).length, 1);
  await sandbox.writeMemory(0, Uint8Array.of(5), "other");
  assertEquals(await sandbox.readMemory(0, 1, "other"), Uint8Array.of(5));
  for (const name of ["memory", "f", "g", "", "__proto__", "aegis:memory-0", "aegis:hooks"]) {
    const error = await assertRejects(() => sandbox.readMemory(0, 1, name), AegisError, undefined, name);
    assertEquals(error.code, "TypeMismatch");
  }
});

Deno.test("memory access is limited by the frame size, and works again afterwards", async () => {
  await using started = await running(MEMORY, { frameSize: 10_000 });
  const { sandbox } = started;
  assertEquals((await sandbox.readMemory(0, 9_000)).length, 9_000);
  await sandbox.writeMemory(0, new Uint8Array(9_000).fill(3));
  await assertRejects(() => sandbox.readMemory(0, 10_000), AegisError, "the limit is 10000");
  await assertRejects(() => sandbox.writeMemory(0, new Uint8Array(10_000)), AegisError, "the limit is 10000");
  assertEquals(await sandbox.readMemory(8_999, 2), Uint8Array.of(3, 0));
});

Deno.test("large memory accesses go in one frame", async () => {
  await using started = await running('(memory (export "memory") 250)');
  const bytes = Uint8Array.from({ length: 16_000_000 }, (_, index) => Math.imul(index, 2654435761) >>> 24);
  await started.sandbox.writeMemory(100, bytes);
  const read = await started.sandbox.readMemory(100, bytes.length);
  assert(read.every((byte, index) => byte === bytes[index]));
});

Deno.test("memory access needs a module, and counts no call", async () => {
  await using started = await start();
  const { sandbox } = started;
  assertEquals((await assertRejects(() => sandbox.readMemory(0, 1), AegisError)).code, "ModuleNotLoaded");
  assertEquals(
    (await assertRejects(() => sandbox.writeMemory(0, new Uint8Array(1)), AegisError)).code,
    "ModuleNotLoaded",
  );
  await started.load(MEMORY);
  const before = sandbox.metrics();
  await sandbox.readMemory(0, 1);
  assertEquals([sandbox.metrics().calls, sandbox.metrics().fuelConsumed], [0, before.fuelConsumed]);
});

const HOG = `(memory 1) (func (export "hog") (result i32) (memory.grow (i32.const 2)))
  (func (export "hogAndTrap") (if (i32.eq (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable)))
  (func (export "trap") unreachable)`;

Deno.test("a refused growth is -1, MemoryExceeded when the call then traps, and forgotten by the next call", async () => {
  await using started = await running(HOG, { memoryLimit: 2 * PAGE });
  const { sandbox } = started;
  assertEquals(await sandbox.call("hog"), -1);
  const error = await assertRejects(() => sandbox.call("hogAndTrap"), MemoryExceededError);
  assertEquals([error.code, error.used, error.limit, error.field], [
    "MemoryExceeded",
    PAGE,
    2 * PAGE,
    "memoryLimit",
  ]);
  assertEquals((await assertRejects(() => sandbox.call("trap"), AegisError)).code, "Trap");
  assertEquals(sandbox.metrics().refusedGrowths, 2);
});

Deno.test('onMemoryLimit "trap" stops the guest at the growth itself', async () => {
  for (const onMemoryLimit of ["trap", "fail"] as const) {
    await using started = await start({
      onMemoryLimit: onMemoryLimit === "trap" ? "fail" : "trap",
      memoryLimit: 2 * PAGE,
    });
    await using sandbox = await started.runtime.sandbox({ onMemoryLimit }).build();
    await sandbox.loadModule(await started.module(HOG));
    const outcome = await sandbox.tryCall("hog");
    assertEquals(
      outcome.kind === "value" ? outcome.values : outcome,
      onMemoryLimit === "fail" ? [-1] : {
        kind: "limit",
        limit: "memory",
        used: PAGE,
        allowed: 2 * PAGE,
      },
    );
  }
});

Deno.test("growth of tables is limited and noted like that of memory", async () => {
  await using started = await running(
    `(table 1 externref) (func (export "f") (param i32) (result i32) (table.grow (ref.null extern) (local.get 0)))`,
    { tableLimit: 10 },
  );
  const { sandbox } = started;
  assertEquals(await sandbox.call("f", [9]), 1);
  assertEquals(await sandbox.call("f", [1]), -1);
  assertEquals(sandbox.metrics().refusedGrowths, 1);
});
