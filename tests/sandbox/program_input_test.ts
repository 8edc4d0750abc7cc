/** What one call gives a program, and that it is gone with the call. */
import { Aegis, AegisError } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const WASM = new URL("../programs/wasm/", import.meta.url).pathname;
const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

/** Prints its arguments and variables as they lie in memory, and adds to a global. */
const WORDS = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $as (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $ag (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $es (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $eg (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $print (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))))
  (func (export "_start") (call $words))
  (func $words (export "words")
    (i32.store (i32.const 16) (i32.const 4096))
    (drop (call $as (i32.const 0) (i32.const 20)))
    (drop (call $ag (i32.const 1024) (i32.const 4096)))
    (call $print)
    (drop (call $es (i32.const 0) (i32.const 20)))
    (drop (call $eg (i32.const 1024) (i32.const 4096)))
    (call $print)))`;

function collector(): {
  readonly take: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly text: () => string;
} {
  const pieces: number[] = [];
  return { take: (bytes) => void pieces.push(...bytes), text: () => DECODER.decode(new Uint8Array(pieces)) };
}

Deno.test("a call gives its program words, input and outputs of its own, and the next call has the sandbox's", async () => {
  for (const isolation of ["worker", "process"] as const) {
    await using runtime = await Aegis.create({ isolation, timeout: "20s" });
    await using sandbox = await runtime.sandbox({ args: ["own"] }).build();
    await sandbox.loadModule(await runtime.loadBytes(compileText(WORDS)));
    const first = collector();
    await sandbox.call("words", [], {
      program: { args: ["a", "b c"], env: { ONE: "1", TWO: "=2" }, stdout: first.take },
    });
    assertEquals(first.text(), "a\0b c\0ONE=1\0TWO==2\0");
    await sandbox.call("words");
    assertEquals(DECODER.decode(sandbox.output().stdout), "own\0", isolation);
    await sandbox.call("words", [], { program: { env: { THREE: "3" } } });
    assertEquals(DECODER.decode(sandbox.output().stdout), "own\0own\0THREE=3\0");
    await sandbox.reset();
    await sandbox.call("words");
    assertEquals(DECODER.decode(sandbox.output().stdout), "own\0", "nothing of the last life");
    const blocking = collector();
    sandbox.callSync("words", [], { program: { args: ["sync"], stdout: blocking.take } });
    assertEquals(blocking.text(), "sync\0");
    sandbox.callSync("words");
    assertEquals(DECODER.decode(sandbox.output().stdout), "own\0own\0");
  }
});

Deno.test("each use of a pooled guest has its own input, and a stream that nobody reads to its end is cancelled", async () => {
  await using runtime = await Aegis.create({ timeout: "20s" });
  await using pool = runtime.pool(await runtime.loadFile(`${WASM}cat.wasm`), { maximum: 1 });
  for (const text of ["first", "second", ""]) {
    const out = collector();
    await pool.tryCall("_start", [], { program: { stdin: text, stdout: out.take } });
    assertEquals(out.text(), text);
  }
  const out = collector(), { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const running = pool.tryCall("_start", [], { program: { stdin: readable, stdout: out.take } });
  const writer = writable.getWriter();
  for (const piece of ["a", "b", "c"]) await writer.write(ENCODER.encode(piece));
  await writer.close();
  await running;
  assertEquals(out.text(), "abc");

  await using words = runtime.pool(await runtime.loadBytes(compileText(WORDS)), { maximum: 1 });
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  await words.call("words", [], { program: { stdin: endless } });
  assert(cancelled);
});

Deno.test("a guest waits for the sink that one call has given, and a call that is stopped leaves it alone from then on", async () => {
  await using runtime = await Aegis.create({ timeout: "20s", fuelLimit: "unlimited" });
  await using pool = runtime.pool(await runtime.loadFile(`${WASM}cat.wasm`), { maximum: 1 });
  const taken: number[] = [], stop = new AbortController();
  let waiting = Promise.withResolvers<void>();
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
  }, { highWaterMark: 0 });
  const running = pool.tryCall("_start", [], {
    signal: stop.signal,
    program: {
      stdin: source,
      stdout: (bytes) => {
        taken.push(bytes.length);
        waiting.resolve();
        return new Promise(() => {}); // for ever: the guest must be stoppable here
      },
    },
  });
  await waiting.promise;
  waiting = Promise.withResolvers();
  stop.abort();
  const outcome = await running;
  assertEquals(outcome.kind, "aborted");
  assertEquals(taken.length, 1);
  const out = collector();
  await pool.tryCall("_start", [], { program: { stdin: "next", stdout: out.take } });
  assertEquals([out.text(), taken.length], ["next", 1]);
});

Deno.test("a call that is refused right before it begins leaves its input and outputs to nobody", async () => {
  await using runtime = await Aegis.create({ timeout: "20s" });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadFile(`${WASM}cat.wasm`));
  const refused = collector();
  const program = { stdin: "of the refused call", stdout: refused.take };
  const error = await assertRejects(() => sandbox.profile("_start", [], { program }), AegisError);
  assertEquals(error.field, "watch", "the module was not loaded for it");
  await sandbox.tryCall("_start");
  assertEquals([refused.text(), DECODER.decode(sandbox.output().stdout)], ["", ""]);
});

Deno.test("what is no input of a program is refused before anything runs", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadBytes(compileText(WORDS)));
  const wrong: unknown[] = [
    { argv: [] },
    { args: ["a\0b"] },
    { env: { "A=B": "1" } },
    { env: { "": "1" } },
    { env: { A: "x\0y" } },
    { env: { A: 1 } },
    { env: { A: "x".repeat(400_000) } },
    { stdin: 5 },
    { stdout: "file" },
  ];
  for (const program of wrong) {
    const error = await assertRejects(
      () => sandbox.call("words", [], { program: program as Record<string, never> }),
      AegisError,
    );
    assertEquals(error.code, "InvalidOption", JSON.stringify(program)?.slice(0, 80));
  }
  assertEquals(sandbox.metrics().calls, 0);
});

Deno.test("a channel of a pooled guest is closed with the use, and the next guest finds none of that name", async () => {
  await using runtime = await Aegis.create({ timeout: "20s" });
  await using pool = runtime.pool(
    await runtime.loadFile(new URL("../../examples/guest/relay.wasm", import.meta.url).pathname),
    { maximum: 1 },
  );
  for (const word of ["one", "two"]) {
    await pool.use(async (guest) => {
      const channel = guest.channel("words"), relaying = guest.call("relay");
      await channel.send(word);
      channel.end();
      assertEquals(DECODER.decode(await channel.receive()), word.toUpperCase());
      await relaying;
    });
  }
  await pool.use(async (guest) => {
    await guest.tryCall("relay");
    assertEquals(guest.denials().map(({ capability }) => capability), ["channel"]);
  });
});

Deno.test("a signal that aborts while the guest is told its words ends the call before it begins", async () => {
  await using runtime = await Aegis.create({ timeout: "3s", fuelLimit: "unlimited" });
  await using sandbox = await runtime.sandbox().build();
  const looping = `(module (func (export "_start") (loop $l (br $l))))`;
  await sandbox.loadModule(await runtime.loadBytes(compileText(looping)));
  const controller = new AbortController(), { signal } = controller, began = performance.now();
  const { get } = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted") ?? {};
  let looked = false;
  // Right behind the look that is had at it before: the guest is being told then, in another thread.
  Object.defineProperty(signal, "aborted", {
    get() {
      if (!looked) queueMicrotask(() => controller.abort());
      looked = true;
      return get?.call(signal);
    },
  });
  const outcome = await sandbox.tryCall("_start", [], { signal, program: { args: ["told"] } });
  assertEquals(outcome, { kind: "aborted", reason: "cancelled" });
  assert(performance.now() - began < 2500, "it did not wait for the limit");
});

Deno.test("a stream that was to be the input of a call which never began is cancelled", async () => {
  await using runtime = await Aegis.create({ timeout: "20s" });
  const module = await runtime.loadFile(`${WASM}cat.wasm`);
  await using pool = runtime.pool(module, { maximum: 1, waiting: 0 });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  const source = () => {
    const cancelled = Promise.withResolvers<void>();
    return { cancelled, stdin: new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() }) };
  };
  const lease = await pool.acquire(), signal = AbortSignal.abort();
  const full = source(), late = source(), unknown = source(), stopped = source();
  await assertRejects(() => pool.tryCall("_start", [], { program: { stdin: full.stdin } }), AegisError);
  await pool.tryCall("_start", [], { signal, program: { stdin: late.stdin } });
  lease.release();
  await assertRejects(() => sandbox.tryCall("none", [], { program: { stdin: unknown.stdin } }), AegisError);
  await sandbox.tryCall("_start", [], { signal, program: { stdin: stopped.stdin } });
  for (const { cancelled } of [full, late, unknown, stopped]) await cancelled.promise;
});
