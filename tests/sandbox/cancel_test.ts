/** What a signal stops beside calls. */
import { Aegis, AegisError } from "../../mod.ts";
import { unlessAborted } from "../../src/sandbox/cancel.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, start } from "./started.ts";

const reason = new Error("nobody wants it");

Deno.test("a signal stops the start function of a module that is loaded, and the sandbox can be used after a reset", async () => {
  await using started = await start({ fuelLimit: "unlimited", timeout: "20s" });
  const { sandbox } = started, endless = await started.module("(func $s (loop (br 0))) (start $s)");
  const abort = new AbortController();
  setTimeout(() => abort.abort(reason), 20);
  const began = performance.now();
  const error = await assertRejects(
    () => sandbox.loadModule(endless, { signal: abort.signal }),
    AegisError,
  );
  assertEquals(error.code, "Cancelled");
  assert(performance.now() - began < 5000);
  await sandbox.reset();
  await sandbox.loadModule(await started.module(COUNT));
  assertEquals(await sandbox.call<number>("count", [5]), 5);
});

Deno.test("a signal that is aborted before loads nothing, and its reason is the cause", async () => {
  await using started = await start();
  const { sandbox, runtime } = started, signal = AbortSignal.abort(reason), bytes = compileText("(module)");
  const module = await started.module("");
  const attempts = [
    () => sandbox.loadModule(module, { signal }),
    () => runtime.loadBytes(bytes, { signal }),
    () => runtime.loadWat("(module)", { signal }),
    () => runtime.loadFile(new URL("../../examples/add.wat", import.meta.url), { signal }),
  ];
  for (const attempt of attempts) {
    const error = await assertRejects(attempt, AegisError);
    assertEquals([error.code, error.cause], ["Cancelled", reason]);
  }
  const wrong = { signal: "now" as unknown as AbortSignal };
  assertEquals((await assertRejects(() => runtime.loadBytes(bytes, wrong), AegisError)).field, "signal");
});

Deno.test("a module whose load was cancelled is prepared for others all the same", async () => {
  await using runtime = await Aegis.create();
  const bytes = compileText(`(module ${COUNT})`), abort = new AbortController();
  const cancelled = runtime.loadBytes(bytes, { signal: abort.signal });
  const other = runtime.loadBytes(bytes);
  abort.abort(reason);
  assertEquals((await assertRejects(() => cancelled, AegisError)).code, "Cancelled");
  assertEquals((await other).functionNames(), ["count"]);
});

Deno.test("unlessAborted() leaves no listener behind, and no rejection that nobody handles", async () => {
  const abort = new AbortController(), { signal } = abort;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  assertEquals(await unlessAborted(() => Promise.resolve(7), signal), 7);
  await assertRejects(() => unlessAborted(() => Promise.reject(new TypeError("no")), signal), TypeError);
  const { promise, reject } = Promise.withResolvers<number>();
  const waiting = unlessAborted(() => promise, signal);
  abort.abort(reason);
  await assertRejects(() => waiting, AegisError, "cancelled");
  reject(new TypeError("too late"));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(listeners, 0);
});

Deno.test("a signal stops a callMany between two of its batches", async () => {
  await using started = await start({ frameSize: "4KiB" });
  const { sandbox } = started;
  await started.load(
    '(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))',
  );
  const abort = new AbortController(), rows = Array.from({ length: 200_000 }, (_, row) => [row, 1]);
  setTimeout(() => abort.abort(reason), 2);
  const batch = await sandbox.callMany("add", rows, { signal: abort.signal });
  assertEquals(batch.end, { kind: "aborted", reason: "cancelled" });
  assert(batch.length < rows.length);
});
