/** Everything that an embedder does with a runtime, once; each step is asked for again when it has failed. */
import { Aegis, type AegisOptions, type ErrorCode, FilesystemCapability, type Sandbox } from "../../mod.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { checkError, Folder, inTime } from "./sweep.ts";

/** Adds, and has memory that can grow. */
const ADD = compileText(`(module (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.add (local.get 0) (local.get 1))))`);

/** Copies up to 100 bytes of `in` to `out`, through WASI; returns how many, or an error number below zero. */
const COPY = compileText(`(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "in") (data (i32.const 16) "out")
  (func (export "copy") (result i32) (local $errno i32)
    (block $failed
      (br_if $failed (local.tee $errno (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 2) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32))))
      (br_if $failed (local.tee $errno (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 3) (i32.const 9)
        (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 36))))
      (i32.store (i32.const 48) (i32.const 64)) (i32.store (i32.const 52) (i32.const 100))
      (br_if $failed (local.tee $errno
        (call $read (i32.load (i32.const 32)) (i32.const 48) (i32.const 1) (i32.const 56))))
      (i32.store (i32.const 52) (i32.load (i32.const 56)))
      (br_if $failed (local.tee $errno
        (call $write (i32.load (i32.const 36)) (i32.const 48) (i32.const 1) (i32.const 60))))
      (br_if $failed (local.tee $errno (call $close (i32.load (i32.const 32)))))
      (br_if $failed (local.tee $errno (call $close (i32.load (i32.const 36)))))
      (return (i32.load (i32.const 60))))
    (i32.sub (i32.const 0) (local.get $errno))))`);

const TEXT = "what stands in a file";

export interface LifeOptions {
  readonly runtime: AegisOptions;
  /** What a step may fail with. */
  readonly codes: readonly ErrorCode[];
  /** Whether snapshots are taken: engine "interpreter". */
  readonly snapshots?: boolean;
  /** What is put in place once all is there that a test itself needs. */
  readonly within?: () => Disposable;
  /** Whether the guest is told of failures of its files, by an error number. */
  readonly files?: boolean;
}

/** What failed, in order. */
export type Failures = { readonly step: string; readonly error: Error }[];

/** @returns the steps that failed */
export async function live(options: LifeOptions): Promise<Failures> {
  const failures: Failures = [];
  const ask = async <Result>(
    step: string,
    work: () => Promise<Result>,
    mend: () => Promise<void> = async () => {},
  ) => {
    try {
      return await inTime(step, work());
    } catch (error) {
      failures.push({ step, error: checkError(error, options.codes) });
      await inTime(`${step}, mended`, mend());
      return await inTime(`${step} once more`, work());
    }
  };
  using folder = new Folder();
  Deno.writeTextFileSync(`${folder.path}/in`, TEXT);
  const capabilities = [FilesystemCapability.readWrite([{ host: folder.path, guest: "/" }])];
  using _within = options.within?.();
  const runtime = await ask(
    "create",
    () => Aegis.create({ timeout: "10s", ...options.runtime, capabilities }),
  );
  try {
    const add = await ask("load", () => runtime.loadBytes(ADD));
    const copy = await ask("load the program", () => runtime.loadBytes(COPY));
    const sandbox = await ask("build", () => runtime.sandbox().build());
    const reset = () => sandbox.reset();
    await ask("loadModule", () => sandbox.loadModule(add), reset);
    const five = async (name: string, of: Sandbox) =>
      assertEquals(await ask(name, () => of.call("add", [2, 3]), () => of.reset()), 5);
    await five("call", sandbox);
    await ask("reset", reset);
    await ask(
      "reset and load",
      () => sandbox.reset({ modules: "drop" }).then(() => sandbox.loadModule(copy)),
    );
    const size = await ask("run", () => copied(sandbox), reset);
    assertEquals(size, TEXT.length);
    assertEquals(Deno.readTextFileSync(`${folder.path}/out`), TEXT);
    if (options.snapshots) {
      await ask(
        "reset for a snapshot",
        () => sandbox.reset({ modules: "drop" }).then(() => sandbox.loadModule(add)),
      );
      const saved = await ask("snapshot", () => sandbox.snapshot(), reset);
      const restored = await ask("restore", () => runtime.restore(saved));
      await five("call what was restored", restored);
      await restored.close();
    }
    await sandbox.close();
    await using pool = runtime.pool(add, { minimum: 1 });
    for (const turn of ["first", "second"]) {
      assertEquals(await ask(`${turn} call of a pool`, () => pool.call("add", [2, 3])), 5);
    }
  } finally {
    await inTime("close", runtime.close());
  }
  assertEquals(runtime.sandboxes.size, 0);
  return failures;

  async function copied(sandbox: Sandbox): Promise<number> {
    const size = await sandbox.call<number>("copy");
    if (size >= 0 || !options.files) return size;
    failures.push({ step: "run", error: new Error(`error number ${-size}`) });
    await sandbox.reset();
    return await sandbox.call<number>("copy");
  }
}
