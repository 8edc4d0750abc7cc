import {
  AegisError,
  type AegisOptions,
  execute,
  ModuleInvalidError,
  OutOfFuelError,
  run,
  type RunOptions,
  tryRun,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { descriptorCount, HAS_PROC, sleep, threadCount } from "../adversarial/process_facts.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { COUNT, SPIN } from "./started.ts";

const ROOT = new URL("../../", import.meta.url);
const CAT = new URL("tests/programs/wasm/cat.wasm", ROOT);
const bytes = (fields: string) => compileText(`(module ${fields})`);
const EXIT = `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "_start") i32.const 300 call $exit)`;

Deno.test("run() takes a path, a URL or bytes, and returns what the function does", async () => {
  const url = new URL("examples/add.wat", ROOT);
  for (const file of [url, url.href, url.pathname]) assertEquals(await run(file, "add", [2, 3]), 5);
  assertEquals(await run(bytes('(func (export "f") (result i32 i64) i32.const 1 i64.const 2)'), "f"), [
    1,
    2n,
  ]);
  assertEquals(await run(bytes('(func (export "f"))'), "f"), undefined);
});

Deno.test("run() holds the options that it is given, and refuses others", async () => {
  const error = await assertRejects(
    () => run(bytes(COUNT), "count", [1_000_000], { fuelLimit: 1000 }),
    OutOfFuelError,
  );
  assertEquals(error.limit, 1000n);
  const options = { fule: 1 } as AegisOptions; // as callers without types may give them
  assertEquals(
    (await assertRejects(() => run(bytes(COUNT), "count", [1], options), AegisError)).field,
    "fule",
  );
  for (const file of [new URL("https://example.com/a.wasm"), "file://[", 7 as unknown as string]) {
    const wrong = await assertRejects(() => run(file, "f"), AegisError);
    assertEquals([wrong.code, wrong.field], ["InvalidOption", "file"]);
  }
});

Deno.test("run() offers the host functions that setup registers", async () => {
  const module = bytes('(import "env" "n" (func $n (result i32))) (func (export "f") (result i32) call $n)');
  const setup: RunOptions["setup"] = async (sandbox) => {
    await null;
    sandbox.registerFunc("env", "n", { params: [], results: ["i32"] }, () => 7);
  };
  assertEquals(await run(module, "f", [], { setup }), 7);
});

Deno.test("tryRun() tells how the call ended and what it used", async () => {
  const { outcome, metrics } = await tryRun(bytes(SPIN), "spin", [], {
    timeout: "30ms",
    fuelLimit: "unlimited",
  });
  assert(outcome.kind === "limit" && outcome.limit === "time");
  assert(metrics.fuelConsumed > 0n && metrics.calls === 1);
  assertEquals((await tryRun(bytes(COUNT), "count", [3])).outcome, { kind: "value", values: [3] });
});

Deno.test("execute() gives a program its arguments and input, and returns its status and output", async () => {
  const read = await execute(CAT, [], { stdin: "hello\n" });
  assertEquals([read.status, read.stdout, read.stderr, read.truncated], [0, "hello\n", "", false]);
  const denied = await execute(CAT, ["/etc/hostname"]);
  assertEquals([denied.status, denied.stdout, denied.denials.length > 0], [1, "", true]);
  assert(denied.stderr.startsWith("cat: /etc/hostname:"), denied.stderr);
  const exited = await execute(bytes(EXIT));
  assertEquals([exited.status, exited.outcome], [300, { kind: "exit", status: 300 }]);
});

Deno.test("execute() ends with the status of aegis run where the program has none of its own", async () => {
  const start = (code: string) => bytes(`(func (export "_start") ${code})`);
  assertEquals((await execute(start(""))).status, 0);
  assertEquals((await execute(start("unreachable"))).status, 134);
  assertEquals((await execute(start("(loop (br 0))"), [], { fuelLimit: 1000 })).status, 152);
  const slow = await execute(start("(loop (br 0))"), [], { fuelLimit: "unlimited", timeout: "20ms" });
  assertEquals(slow.status, 124);
  const wrong = await assertRejects(() => execute(CAT, ["a", 1 as unknown as string]), AegisError);
  assertEquals(wrong.field, "args");
});

Deno.test("a signal ends a run before it begins, while the module is loaded, and in the call", async () => {
  const before = await assertRejects(
    () => run(bytes(COUNT), "count", [1], { signal: AbortSignal.abort() }),
    AegisError,
  );
  assertEquals(before.code, "Cancelled");
  const giveUp = new AbortController();
  const options = { setup: () => giveUp.abort(new Error("enough")), signal: giveUp.signal };
  const loading = await assertRejects(() => run(bytes(COUNT), "count", [1], options), AegisError);
  assertEquals([loading.code, loading.cause], ["Cancelled", giveUp.signal.reason]);
  const limits = { fuelLimit: "unlimited", timeout: "20s" }, begun = performance.now();
  const spinning = (fields: string) => {
    const controller = new AbortController();
    const setup: RunOptions["setup"] = (sandbox) =>
      sandbox.registerFunc("env", "go", { params: [], results: [] }, () => {
        setTimeout(() => controller.abort(), 20);
      });
    const module = bytes(`(import "env" "go" (func $go)) (func $f (call $go) (loop (br 0))) ${fields}`);
    return tryRun(module, "f", [], { ...limits, setup, signal: controller.signal });
  };
  assertEquals((await assertRejects(() => spinning("(start $f)"), AegisError)).code, "Cancelled");
  assertEquals((await spinning('(export "f" (func $f))')).outcome, { kind: "aborted", reason: "cancelled" });
  assert(performance.now() - begun < 5000);
});

Deno.test({
  name: "a run leaves neither threads nor descriptors behind, however it ends",
  ignore: !HAS_PROC,
  async fn() {
    const ends: readonly (() => Promise<unknown>)[] = [
      () => run(bytes(COUNT), "count", [1]),
      () => run(bytes(COUNT), "missing"),
      () => run(bytes(COUNT), "count", []),
      () => run(Uint8Array.of(1, 2, 3), "f"),
      () => run("/nowhere/at/all.wasm", "f"),
      () => run(bytes('(import "a" "b" (func))'), "f"),
      () => run(bytes("(func $s unreachable) (start $s)"), "f"),
      () => run(bytes(SPIN), "spin", [], { fuelLimit: "unlimited", timeout: "20ms" }),
      () => run(bytes(SPIN), "spin", [], { fuelLimit: "unlimited", signal: AbortSignal.timeout(40) }),
      () => run(bytes(COUNT), "count", [1], { signal: AbortSignal.timeout(1) }),
      () =>
        run(bytes(COUNT), "count", [1], {
          setup: () => {
            throw new Error("mine");
          },
        }),
      () => execute(CAT, ["/etc/hostname"]),
    ];
    const attempt = (end: () => Promise<unknown>) => end().catch(() => {});
    for (const end of ends) await attempt(end); // what is loaded once stays
    await sleep(300);
    const before = [threadCount(), descriptorCount()];
    for (const end of ends) await attempt(end);
    let after = before.map(() => Infinity);
    for (let tries = 0; tries < 40 && String(after) !== String(before); tries++) {
      await sleep(50);
      after = [threadCount(), descriptorCount()];
    }
    assertEquals(after, before);
  },
});

Deno.test("run() says what is wrong with a module", async () => {
  await assertRejects(() => run(Uint8Array.of(0, 97, 115, 109, 2, 0, 0, 0), "f"), ModuleInvalidError);
});
