/** Every error that the library can throw is made to happen through its public interface. */
import {
  Aegis,
  AegisError,
  CapabilityDeniedError,
  CpuTimeExceededError,
  type ErrorCode,
  ExitError,
  FunctionNotFoundError,
  HostCallsExceededError,
  MemoryExceededError,
  MissingImportError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
  TypeMismatchError,
} from "../../mod.ts";
import { ERROR_CODES } from "../../src/core/errors.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, offer, running, SPIN, start, type Started, type StartOptions } from "./started.ts";

interface ErrorRow {
  /** The class of the error; AegisError itself where a code has no more to say. */
  readonly type: new (...args: never[]) => AegisError;
  readonly happens: () => Promise<unknown>;
}

/** Runs `f` of a module and gives its end back. */
async function runs(fields: string, options: Parameters<typeof running>[1] = {}): Promise<unknown> {
  await using started = await running(fields, options);
  return await started.sandbox.call("f");
}

async function within(
  use: (started: Started) => Promise<unknown>,
  options: StartOptions = {},
): Promise<unknown> {
  await using started = await start(options);
  return await use(started);
}

const f = (code: string) => `(func (export "f") ${code})`;
const EMPTY = compileText("(module)");
const HOST = '(import "env" "f" (func $f)) (export "f" (func $f))';

const ROWS: Readonly<Partial<Record<ErrorCode, ErrorRow>>> = {
  OutOfFuel: { type: OutOfFuelError, happens: () => runs(f("(loop (br 0))"), { fuelLimit: 1000 }) },
  Timeout: {
    type: TimeoutError,
    happens: () => runs(f("(loop (br 0))"), { timeout: "20ms", fuelLimit: "unlimited" }),
  },
  MemoryExceeded: {
    type: MemoryExceededError,
    happens: () =>
      runs(`(memory 1) ${f("(drop (memory.grow (i32.const 1))) unreachable")}`, { memoryLimit: 65536 }),
  },
  StackOverflow: { type: StackOverflowError, happens: () => runs('(func $f (export "f") call $f)') },
  HostCallsExceeded: {
    type: HostCallsExceededError,
    happens: () => runs(HOST, { hostCallLimit: 0, offers: { "env.f()->": () => {} } }),
  },
  CpuTimeExceeded: {
    type: CpuTimeExceededError,
    happens: async () => {
      await using started = await running(SPIN, { fuelLimit: "unlimited", cpuTime: 20 });
      return await started.sandbox.call("spin");
    },
  },
  CapabilityDenied: {
    type: CapabilityDeniedError,
    happens: () =>
      within(async (started) => {
        const { sandbox } = started;
        const type = { params: [], results: [], capability: "database" } as const;
        sandbox.registerFunc("env", "f", type, () => {});
        await sandbox.loadModule(await started.module(HOST));
        return await sandbox.call("f");
      }),
  },
  Exit: {
    type: ExitError,
    happens: () =>
      runs(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        ${f("i32.const 7 call $exit")}`),
  },
  Trap: { type: TrapError, happens: () => runs(f("unreachable")) },
  Cancelled: {
    type: AegisError,
    happens: async () => {
      await using started = await running(SPIN, { fuelLimit: "unlimited" });
      return await started.sandbox.call("spin", [], { signal: AbortSignal.timeout(20) });
    },
  },
  Reentrant: {
    type: AegisError,
    happens: async () => {
      await using started: Started = await running(HOST, {
        offers: { "env.f()->": () => started.sandbox.callVoid("f") },
      });
      return await started.sandbox.call("f");
    },
  },
  Closed: {
    type: AegisError,
    happens: () =>
      within(async ({ sandbox }) => {
        await sandbox.close();
        return await sandbox.call("f");
      }),
  },
  FunctionNotFound: { type: FunctionNotFoundError, happens: () => runs("") },
  TypeMismatch: { type: TypeMismatchError, happens: () => runs('(func (export "f") (param i32))') },
  MissingImport: { type: MissingImportError, happens: () => runs('(import "env" "x" (func))') },
  ModuleInvalid: {
    type: ModuleInvalidError,
    happens: () => within(({ runtime }) => runtime.loadBytes(Uint8Array.of(0, 97, 115))),
  },
  ModuleRefused: { type: ModuleRefusedError, happens: () => runs("(memory 65536)") },
  ModuleNotLoaded: { type: AegisError, happens: () => within(({ sandbox }) => sandbox.call("f")) },
  InstanceEnded: {
    type: AegisError,
    happens: async () => {
      await using started = await running(f("(loop (br 0))"), { fuelLimit: 1000 });
      await started.sandbox.tryCall("f");
      return await started.sandbox.call("f");
    },
  },
  AbiViolation: {
    type: AegisError,
    happens: async () => {
      await using started = await running('(memory (export "memory") 1) (func (export "f") (param i32 i32))');
      return await started.sandbox.call("f", ["text"]);
    },
  },
  Busy: {
    type: AegisError,
    happens: () =>
      within(async (started) => {
        await started.load(f("nop"));
        const pending = started.sandbox.call("f");
        try {
          return started.sandbox.callSync("f");
        } finally {
          await pending;
        }
      }),
  },
  LimitTooLow: { type: AegisError, happens: () => Aegis.create({ stackLimit: 1 }) },
  InvalidOption: { type: AegisError, happens: () => Aegis.create({ memoryLimit: "a lot" }) },
  TooManySandboxes: {
    type: AegisError,
    happens: async () => {
      await using runtime = await Aegis.create({ maxSandboxes: 1 });
      await using _sandbox = await runtime.sandbox().build();
      return await runtime.sandbox().build();
    },
  },
  PoolBusy: {
    type: AegisError,
    happens: async () => {
      await using runtime = await Aegis.create();
      await using pool = runtime.pool(await runtime.loadBytes(EMPTY), { maximum: 1, waiting: 0 });
      await pool.acquire();
      return await pool.acquire();
    },
  },
  HostFunctionFailed: {
    type: AegisError,
    happens: () =>
      within(async (started) => {
        offer(started.sandbox, { "env.f()->i32": () => 1n });
        await started.load('(import "env" "f" (func $f (result i32))) (export "f" (func $f))');
        return await started.sandbox.call("f");
      }),
  },
  NotSaved: {
    type: AegisError,
    happens: () =>
      within(async (started) => {
        await started.load(f("nop"));
        return await started.sandbox.snapshot();
      }, { engine: "v8" }),
  },
  SnapshotInvalid: {
    type: AegisError,
    happens: () => within(({ runtime }) => runtime.restore(Uint8Array.of(1, 2, 3))),
  },
};

/** What each error says beside its message: part of its suggestion, and the option that it concerns. */
const HELP: Readonly<Partial<Record<ErrorCode, readonly [suggestion: string, field?: string]>>> = {
  OutOfFuel: ["Raise the fuel limit", "fuelLimit"],
  Timeout: ["Raise the timeout", "timeout"],
  CpuTimeExceeded: ["Raise the limit", "cpuTime"],
  MemoryExceeded: ["Raise the memory limit", "memoryLimit"],
  StackOverflow: ["Raise the stack limit", "stackLimit"],
  HostCallsExceeded: ["Raise the limit", "hostCallLimit"],
  CapabilityDenied: ["Grant it"],
  Reentrant: ["after the host function has returned"],
  FunctionNotFound: ["exports no function"],
  MissingImport: ["registerFunc"],
  ModuleRefused: ["Raise memoryLimit", "memoryLimit"],
  ModuleNotLoaded: ["loadModule"],
  InstanceEnded: ["reset"],
  LimitTooLow: ["", "stackLimit"],
  InvalidOption: ["", "memoryLimit"],
  TooManySandboxes: ["Close sandboxes", "maxSandboxes"],
  PoolBusy: ["raise maximum or waiting", "waiting"],
  Busy: ["Await it first"],
  NotSaved: ['engine "interpreter"', "engine"],
  SnapshotInvalid: ["that snapshot() or --checkpoint wrote"],
};

/** Codes that no call of the library alone makes happen, with the reason. */
const ELSEWHERE: Readonly<Partial<Record<ErrorCode, string>>> = {
  UnsupportedPlatform: "needs a process without the flag for Workers: isolation_test.ts",
  GuestFault: "the guest's own code has to fail",
  NotFound: "of tasks: tasks/task_manager_test.ts",
  WrongState: "of tasks: tasks/task_manager_test.ts",
  Full: "of tasks: tasks/task_manager_test.ts",
  StoreFailed: "of tasks: failures/store_test.ts",
};

for (const [code, { type, happens }] of Object.entries(ROWS)) {
  Deno.test(`${code} happens through the public interface, as an error of its class`, async () => {
    const error = await happens().then(() => undefined, (thrown: unknown) => thrown);
    assert(error instanceof type, String(error));
    assertEquals(error.code, code as ErrorCode);
    assertEquals(error.name, type.name);
    assert(error.message.length > 10, error.message);
    const { suggestion, field } = error, [helps = "", of] = HELP[code as ErrorCode] ?? [];
    assertStringIncludes(suggestion ?? "", helps);
    assertEquals([suggestion === undefined, field], [helps === "", of]);
  });
}

Deno.test("every code of an error is in the table above, or said to be elsewhere", () => {
  const known = new Set([...Object.keys(ROWS), ...Object.keys(ELSEWHERE)]);
  assertEquals(Object.keys(ERROR_CODES).filter((code) => !known.has(code)), []);
});

Deno.test("an error of one sandbox leaves others alone", async () => {
  await using started = await running(`${SPIN} ${COUNT}`, { fuelLimit: 5000 });
  await using other = await started.runtime.sandbox().build();
  await other.loadModule(await started.module(COUNT));
  await started.sandbox.tryCall("spin");
  assertEquals(await other.call("count", [10]), 10);
});

Deno.test("an error of misuse shows who has called, also where the call had to wait", async () => {
  await using started = await running(COUNT);
  const { sandbox } = started;
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => sandbox.call("no such function"),
    () => sandbox.tryCall("count", ["text"]),
    () => sandbox.callMany("count", [[1, 2]]),
    () => sandbox.readMemory(0, 1),
  ];
  for (const [index, attempt] of attempts.entries()) {
    const first = sandbox.call("count", [1000]);
    const error = await (async function embedder() {
      return await attempt().then(() => undefined, (thrown: Error) => thrown);
    })();
    await first;
    assertStringIncludes(error?.stack ?? "", "errors_test.ts", `attempt ${index}`);
  }
});

Deno.test("a call that a signal has cancelled says the signal's reason", async () => {
  await using started = await running(SPIN, { fuelLimit: "unlimited" });
  const abort = new AbortController(), reason = new Error("the user has left");
  setTimeout(() => abort.abort(reason), 10);
  const error = await assertRejects(
    () => started.sandbox.call("spin", [], { signal: abort.signal }),
    AegisError,
  );
  assertEquals([error.code, error.cause], ["Cancelled", reason]);
});
