/** Everything that an embedder does with a runtime, once; each step is asked for again when it has failed. */
import { Aegis, type AegisOptions, type ErrorCode, FilesystemCapability, type Sandbox } from "../../mod.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COPY } from "./copy_program.ts";
import { checkError, Folder, inTime } from "./sweep.ts";

/** Adds, and has memory that can grow. */
const ADD = compileText(`(module (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.add (local.get 0) (local.get 1))))`);

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
