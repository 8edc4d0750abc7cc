/** Programs with open files, clocks and random bytes that are saved and go on elsewhere. */
import { Aegis, ClockCapability, FilesystemCapability, RandomCapability } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/**
 * Opens `in` and `out` in the first directory, copies byte by byte with a pause of work between two, and writes a
 * random byte and the passing of fake time in between.
 */
const COPY = compileText(`(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "in") (data (i32.const 16) "out")
  (func $busy (local $n i32) (local.set $n (i32.const 400000))
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "copy") (result i32) (local $errno i32) (local $count i32)
    (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 2) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
    (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
    (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 0)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 36)))
    (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
    (i32.store (i32.const 48) (i32.const 64)) (i32.store (i32.const 52) (i32.const 1))
    (loop $next
      (call $busy)
      (local.set $errno (call $read (i32.load (i32.const 32)) (i32.const 48) (i32.const 1) (i32.const 56)))
      (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
      (if (i32.load (i32.const 56)) (then
        (drop (call $random (i32.const 65) (i32.const 1)))
        (i32.store (i32.const 52) (i32.const 2))
        (local.set $errno (call $write (i32.load (i32.const 36)) (i32.const 48) (i32.const 1) (i32.const 56)))
        (if (local.get $errno) (then (return (i32.sub (i32.const 0) (local.get $errno)))))
        (i32.store (i32.const 52) (i32.const 1))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $next))))
    (local.get $count)))`);

const TEXT = "a guest that copies byte by byte";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function runtimeFor(folder: string, isolation: "worker" | "process" = "worker"): Promise<Aegis> {
  return Aegis.create({
    engine: "interpreter",
    isolation,
    timeout: "60s",
    capabilities: [
      FilesystemCapability.readWrite([{ host: folder, guest: "/" }]),
      RandomCapability.seeded(7n),
      ClockCapability.none(),
    ],
  });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/in`, TEXT);
    await Deno.writeTextFile(`${folder}/out`, "");
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the program undisturbed; what it has written. */
async function undisturbed(): Promise<Uint8Array> {
  let written = new Uint8Array();
  await inFolder(async (folder) => {
    await using runtime = await runtimeFor(folder);
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadBytes(COPY));
    assertEquals(await sandbox.call("copy"), TEXT.length);
    written = await Deno.readFile(`${folder}/out`);
  });
  return written;
}

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`a program goes on elsewhere with its files where they were, and its random bytes: ${isolation}`, async () => {
    const expected = await undisturbed();
    await inFolder(async (folder) => {
      let snapshot: Uint8Array, copied: number;
      {
        await using runtime = await runtimeFor(folder, isolation);
        const sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(await runtime.loadBytes(COPY));
        const call = sandbox.call("copy");
        while ((await Deno.stat(`${folder}/out`)).size < 8) await pause(2);
        snapshot = await sandbox.snapshot();
        sandbox.stop();
        await call.catch(() => {});
        copied = (await Deno.stat(`${folder}/out`)).size;
      }
      assert(copied < expected.length, "it was done before it was saved");
      await using runtime = await runtimeFor(folder, isolation);
      await using sandbox = await runtime.restore(snapshot);
      assertEquals(sandbox.lostFiles, []);
      assertEquals(await sandbox.continueCall(), TEXT.length);
      assertEquals(await Deno.readFile(`${folder}/out`), expected);
    });
  });
}

Deno.test("files that are not granted any more, or are gone, are told, and fail where they are used", () =>
  inFolder(async (folder) => {
    await using runtime = await runtimeFor(folder);
    const sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadBytes(COPY));
    const call = sandbox.call("copy");
    while ((await Deno.stat(`${folder}/out`)).size < 4) await pause(2);
    const snapshot = await sandbox.snapshot();
    sandbox.stop();
    await call.catch(() => {});
    await using without = await runtime.restore(snapshot, { capabilities: [] });
    const names = without.lostFiles.map(({ path }) => path).toSorted();
    assertEquals(names, ["/", "/in", "/out"]);
    assert(Number(await without.continueCall()) < 0);
    await Deno.remove(`${folder}/in`);
    await using gone = await runtime.restore(snapshot);
    assertEquals(gone.lostFiles.map(({ path }) => path), ["/in"]);
  }));
