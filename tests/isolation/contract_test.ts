/** What a sandbox does wherever it runs: one suite, run by both back ends with both engines. */
import {
  AegisError,
  FilesystemCapability,
  hostFunction,
  type Isolation,
  MemoryExceededError,
  NetworkCapability,
  OutOfFuelError,
  ProcessCapability,
  StackOverflowError,
  TimeoutError,
} from "../../mod.ts";
import { CHANNEL_GUEST } from "../sandbox/channel_guest.ts";
import { CONTENT_GUEST } from "../sandbox/content_guest.ts";
import { ENGINES_HERE } from "../sandbox/engines_here.ts";
import { running, SPIN, start, type StartOptions } from "../sandbox/started.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { HAS_PROGRAMS } from "../broker/running_commands.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { undelayed } from "../undelayed.ts";

type BackEndName = Exclude<Isolation, "auto">;

const CAT = new URL("../programs/wasm/cat.wasm", import.meta.url).pathname;
const COPY = new URL("../programs/wasm/copy_tree.wasm", import.meta.url).pathname;

const decoder = new TextDecoder(), encoder = new TextEncoder();

const ARITHMETIC = `(memory (export "memory") 1 4)
  (global $calls (mut i32) (i32.const 0))
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "swap") (param i64 f64) (result f64 i64) local.get 1 local.get 0)
  (func (export "count") (result i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls))
  (func (export "trap") unreachable)
  (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  ${SPIN}`;

/** Each promise of a sandbox, as what proves it. */
const PROMISES: Readonly<Record<string, (options: StartOptions) => Promise<void>>> = {
  "calls take and return values of every kind": async (options) => {
    await using started = await running(ARITHMETIC, options);
    assertEquals(await started.sandbox.call("add", [2, -3]), -1);
    assertEquals(await started.sandbox.call("swap", [2n ** 63n - 1n, -0.5]), [-0.5, 2n ** 63n - 1n]);
    const error = await assertRejects(() => started.sandbox.call("no"), AegisError);
    assertEquals(error.code, "FunctionNotFound");
  },

  "text, bytes and structured values cross, also to host functions, and to those inside": async (options) => {
    await using started = await start(options);
    const { sandbox } = started;
    sandbox.registerFuncs("env", {
      shout: hostFunction({ params: ["string"], results: ["string"] }, (text) => text.toUpperCase()),
      twice: hostFunction({ params: ["f64"], results: ["f64"], inline: true }, (value) => 2 * value),
      peek: hostFunction(
        { params: ["i32"], results: ["i32"], context: true },
        (address, { memory }) => memory.read(address, 1)[0] ?? -1,
      ),
    });
    await started.load(`(import "env" "shout" (func $shout (param i32 i32) (result i64)))
      (import "env" "twice" (func $twice (param f64) (result f64)))
      (import "env" "peek" (func $peek (param i32) (result i32)))
      (export "twice" (func $twice)) (export "peek" (func $peek))
      (func (export "shout") (param i32 i32) (result i64) (call $shout (local.get 0) (local.get 1)))
      ${CONTENT_GUEST}`);
    assertEquals(await sandbox.call("greet", ["World"]), "Hello, World!");
    assertEquals<unknown>(await sandbox.call("copy", [{ a: ["é"] }]), { a: ["é"] });
    assertEquals(
      await sandbox.call("copy", [new Uint8Array(200_000).fill(7)]),
      new Uint8Array(200_000).fill(7),
    );
    assertEquals(await sandbox.call("shout", ["abc"]), "ABC");
    assertEquals(await sandbox.call("twice", [1.5]), 3);
    assertEquals(await sandbox.call("peek", [16]), "H".charCodeAt(0));
    assertEquals(sandbox.hostFunctions().map(({ calls }) => calls), [1, 0, 1]);
  },

  "calls block where that is wanted, and go in batches": async (options) => {
    await using started = await running(ARITHMETIC, options);
    const { sandbox } = started;
    for (let i = 0; i < 20; i++) assertEquals(sandbox.callSync("add", [i, 1]), i + 1);
    assertEquals(sandbox.callSync("swap", [5n, 0.5]), [0.5, 5n]);
    const rows = Array.from({ length: 3000 }, (_, row) => [row, row]);
    assertEquals([...await sandbox.callMany("add", rows)], rows.map(([row = 0]) => [2 * row]));
    assertEquals(sandbox.callManySync("add", rows).value(2999), 5998);
    const before = performance.now();
    const error = assertThrows(() => sandbox.callSync("spin", [], { timeout: 50 }), TimeoutError);
    const took = performance.now() - before;
    assert(error.elapsed >= 49 && took >= 49, `${error.elapsed} ms are said, and ${took} passed`);
    await sandbox.reset();
    assertEquals((await sandbox.callMany("trap", [[], []])).end?.kind, "trap");
    assertEquals(sandbox.metrics().calls, 1);
  },

  "a guest is paused and goes on, and is stopped": async (options) => {
    await using started = await running(ARITHMETIC, { fuelLimit: "unlimited", ...options });
    const { sandbox } = started;
    const rest = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const fuel = () => sandbox.metrics().fuelConsumed;
    const call = sandbox.tryCall("spin");
    await rest(100);
    assert(fuel() > 0n, "it runs");
    sandbox.pause();
    await rest(100);
    const paused = fuel();
    await rest(100);
    assertEquals(fuel(), paused, "it is paused");
    sandbox.resume();
    await rest(100);
    assert(fuel() > paused, "it runs again");
    sandbox.stop();
    assertEquals(await call, { kind: "aborted", reason: "cancelled" });
  },

  "a trap says where, and the instance goes on": async (options) => {
    await using started = await running(ARITHMETIC, options);
    await started.sandbox.call("count");
    const outcome = await started.sandbox.tryCall("trap");
    assert(outcome.kind === "trap");
    assertEquals([outcome.trap, outcome.frames[0]?.functionName], ["unreachable", "trap"]);
    assertEquals(await started.sandbox.call("count"), 2);
  },

  "limits of fuel, time, stack and memory hold, and metrics tell what was used": async (options) => {
    const limits = {
      fuelLimit: 1_000_000n, // which the slower engine burns in a fraction of the timeout
      timeout: 200,
      memoryLimit: "128KiB",
      onMemoryLimit: "trap",
    } as const;
    await using started = await running(ARITHMETIC, { ...options, ...limits });
    const { sandbox } = started;
    await assertRejects(() => sandbox.call("deep", [0]), StackOverflowError);
    await assertRejects(() => sandbox.call("grow", [3]), MemoryExceededError);
    await assertRejects(() => sandbox.call("spin"), OutOfFuelError);
    assertEquals(sandbox.metrics().fuelConsumed > 1_000_000n, true);
    await undelayed(100, async () => {
      await using slow = await running(ARITHMETIC, { ...options, ...limits, fuelLimit: 10n ** 15n });
      const began = performance.now();
      await assertRejects(() => slow.sandbox.call("spin"), TimeoutError);
      const elapsed = performance.now() - began;
      assert(elapsed >= 200 && elapsed < 600, `stopped after ${elapsed} ms`);
      assertEquals(slow.sandbox.metrics().memory, 65_536);
    });
  },

  "host functions are called with values, may be asynchronous, and what they throw is thrown by the call":
    async (
      options,
    ) => {
      const thrown = new Error("mine");
      await using started = await running(
        `(import "env" "double" (func $double (param i64) (result i64)))
       (import "env" "wait" (func $wait (param f64) (result f64)))
       (import "env" "throw" (func $throw))
       (func (export "double") (param i64) (result i64) (call $double (local.get 0)))
       (func (export "wait") (param f64) (result f64) (call $wait (local.get 0)))
       (func (export "throw") (call $throw))`,
        {
          ...options,
          offers: {
            "env.double(i64)->i64": (value) => BigInt(value ?? 0) * 2n,
            "env.wait(f64)->f64": async (value) => {
              await new Promise((resolve) => setTimeout(resolve, 5));
              return Number(value) + 0.25;
            },
            "env.throw()->": () => {
              throw thrown;
            },
          },
        },
      );
      const { sandbox } = started;
      assertEquals(await sandbox.call("double", [2n ** 40n]), 2n ** 41n);
      assertEquals(await sandbox.call("wait", [1]), 1.25);
      assertEquals(await sandbox.tryCall("throw"), { kind: "hostError", error: thrown });
      assertEquals(sandbox.metrics().hostCalls, 3);
    },

  "memories are read and written, up to what a frame holds": async (options) => {
    await using started = await running(`(memory (export "memory") 17)`, { ...options, frameSize: "1MiB" });
    const { sandbox } = started, bytes = new Uint8Array(1_000_000).map((_, index) => index * 7);
    await sandbox.writeMemory(65_537, bytes);
    assertEquals(await sandbox.readMemory(65_537, bytes.length), bytes);
    const error = await assertRejects(() => sandbox.writeMemory(0, new Uint8Array(2 ** 20 + 1)), AegisError);
    assertEquals(error.code, "InvalidOption");
    await assertRejects(() => sandbox.readMemory(0, 2 ** 20 + 65_536), AegisError);
    assertEquals(await sandbox.readMemory(65_537, 3), bytes.subarray(0, 3), "and the guest goes on");
  },

  "a reset starts over, after an end too": async (options) => {
    await using started = await running(ARITHMETIC, { ...options, fuelLimit: 1_000_000n });
    const { sandbox } = started;
    await sandbox.call("count");
    await sandbox.tryCall("spin");
    assertEquals((await assertRejects(() => sandbox.call("count"), AegisError)).code, "InstanceEnded");
    await sandbox.reset();
    assertEquals(await sandbox.call("count"), 1);
  },

  "a guest that is lost is a fault of the call that finds it gone, and an end of the instance": async (
    options,
  ) => {
    await using started = await start(options);
    const { sandbox } = started;
    // A promise that nobody waits for ends the thread of whoever has it rejected.
    sandbox.registerFunc(
      "env",
      "lose",
      { params: [], results: [], inline: true },
      () => void Promise.reject(new Error("lost")),
    );
    await started.load(`(import "env" "lose" (func $lose)) (export "lose" (func $lose)) ${ARITHMETIC}`);
    await sandbox.call("count");
    const until = performance.now() + 2000;
    let outcome = await sandbox.tryCall("lose"); // which may be the last thing that is heard of it
    while (outcome.kind === "value" && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      outcome = await sandbox.tryCall("add", [1, 2]);
    }
    assert(outcome.kind === "fault", outcome.kind);
    assertStringIncludes(outcome.message, "lost");
    assertEquals((await assertRejects(() => sandbox.call("count"), AegisError)).code, "InstanceEnded");
    assertEquals(assertThrows(() => sandbox.callSync("count"), AegisError).code, "InstanceEnded");
    await sandbox.reset();
    assertEquals(await sandbox.call("count"), 1);
  },

  "a call is cancelled, while the guest works and while a host function does": async (options) => {
    await using started = await running(
      `(import "env" "forever" (func $forever)) (func (export "wait") (call $forever)) ${SPIN}`,
      {
        ...options,
        fuelLimit: 10n ** 15n,
        offers: { "env.forever()->": () => new Promise<undefined>(() => {}) },
      },
    );
    for (const name of ["spin", "wait"]) {
      const controller = new AbortController(), timer = setTimeout(() => controller.abort(), 50);
      const began = performance.now();
      const outcome = await started.sandbox.tryCall(name, [], { signal: controller.signal });
      clearTimeout(timer);
      assertEquals(outcome, { kind: "aborted", reason: "cancelled" }, name);
      assert(performance.now() - began < 500, name);
      await started.sandbox.reset();
    }
  },

  "fuel that is added during a call counts for it": async (options) => {
    const first = options.engine === "interpreter" ? 30_000_000n : 300_000_000n; // a few tenths of a second on each
    await using started = await running(ARITHMETIC, { ...options, fuelLimit: first, timeout: 20_000 });
    const call = started.sandbox.tryCall("spin");
    await new Promise((resolve) => setTimeout(resolve, 30));
    started.sandbox.addFuel(10_000_000n);
    const outcome = await call;
    assert(outcome.kind === "limit" && outcome.limit === "fuel");
    assertEquals(outcome.allowed, first + 10_000_000n);
  },

  "what a working guest uses is seen from outside": async (options) => {
    await using started = await running(ARITHMETIC, { ...options, fuelLimit: 10n ** 15n, timeout: 400 });
    const call = started.sandbox.tryCall("spin"), seen = new Set<bigint>();
    for (let look = 0; look < 20; look++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.add(started.sandbox.metrics().fuelConsumed);
    }
    assert(seen.size > 4, `${seen.size} readings`);
    await call;
  },

  "modules link with each other": async (options) => {
    await using started = await running(`(func (export "one") (result i32) i32.const 1)`, options);
    const { runtime, sandbox } = started;
    const bytes = compileText(`(module (import "first" "one" (func $one (result i32)))
      (func (export "two") (result i32) (i32.add (call $one) (i32.const 1))))`);
    await using linked = await runtime.sandbox().build();
    await linked.loadModule(await started.module(`(func (export "one") (result i32) i32.const 1)`), {
      name: "first",
    });
    await linked.loadModule(await runtime.loadBytes(bytes));
    assertEquals(await linked.call("two"), 2);
    assertEquals(
      (await assertRejects(async () => sandbox.loadModule(await runtime.loadBytes(bytes)), AegisError)).code,
      "MissingImport",
    );
  },

  "a program prints, and reads its input": async (options) => {
    await using started = await start(options);
    await using sandbox = await started.runtime.sandbox({ args: ["cat"], stdin: encoder.encode("hällo\n") })
      .build();
    await sandbox.loadModule(await started.runtime.loadFile(CAT));
    assertEquals(await sandbox.run(), 0);
    assertEquals(decoder.decode(sandbox.output().stdout), "hällo\n");
  },

  "files are reached as granted, and no others": async (options) => {
    const folder = await Deno.makeTempDir({ prefix: "aegis-isolation-" });
    try {
      await Deno.mkdir(`${folder}/in/deep`, { recursive: true });
      await Deno.mkdir(`${folder}/out`);
      await Deno.writeTextFile(`${folder}/in/deep/file`, "content".repeat(100_000));
      const capabilities = [
        FilesystemCapability.readOnly([{ host: `${folder}/in`, guest: "/in" }]),
        FilesystemCapability.full([{ host: `${folder}/out`, guest: "/out" }]),
      ];
      await using started = await start({ ...options, capabilities });
      const runProgram = async (program: string, args: readonly string[]) => {
        await using sandbox = await started.runtime.sandbox({ args }).build();
        await sandbox.loadModule(await started.runtime.loadFile(program));
        return await sandbox.run();
      };
      assertEquals(await runProgram(COPY, ["copy_tree", "/in", "/out/copy"]), 0);
      assertEquals(await Deno.readTextFile(`${folder}/out/copy/deep/file`), "content".repeat(100_000));
      assert(await runProgram(COPY, ["copy_tree", "/out", "/in/copy"]) !== 0, "a read-only mount");
      assert(await runProgram(CAT, ["cat", "/etc/passwd"]) !== 0, "outside of all mounts");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },

  "a host is reached as granted, and no other": async (options) => {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response("hello"),
    );
    try {
      const { port } = server.addr, fields = requests(`http://127.0.0.1:${port}/`);
      const granted = [NetworkCapability.hosts([`http://127.0.0.1:${port}`])];
      await using started = await running(fields, { ...options, capabilities: granted });
      assertEquals(await started.sandbox.call("request"), ERRNO.success);
      await using other = await running(requests(`http://127.0.0.1:${port + 1}/`), {
        ...options,
        capabilities: granted,
      });
      assertEquals(await other.sandbox.call("request"), ERRNO.notcapable);
    } finally {
      await server.shutdown();
    }
  },

  "messages cross a channel in both directions, and a guest that waits for one is stopped": async (
    options,
  ) => {
    await using started = await running(CHANNEL_GUEST, { ...options, timeout: 20_000 });
    const { sandbox } = started, channel = sandbox.channel("words", { capacity: 2 });
    const echoing = sandbox.call("echo", [await sandbox.call<number>("join")]);
    const sizes = [0, 5, 65_536, 100, 7],
      sending = Promise.all(sizes.map((size) => channel.send(new Uint8Array(size))));
    for (const size of sizes) assertEquals((await channel.receive())?.length, size);
    await sending;
    channel.end();
    assertEquals(await echoing, ERRNO.pipe);

    sandbox.channel("words anew");
    assertEquals(await sandbox.call("open", [0, 0]), -ERRNO.notcapable);
    await sandbox.writeMemory(0, encoder.encode("words anew"));
    const handle = await sandbox.call<number>("open", [0, 10]);
    const outcome = await sandbox.tryCall("receive", [handle, 4096, 100, 2048], { timeout: 50 });
    assert(outcome.kind === "limit" && outcome.limit === "time");
    await sandbox.reset();
    await channel.close();
    sandbox.channel("words");
    assertThrows(
      () => sandbox.callSync("receive", [sandbox.callSync<number>("join"), 4096, 100, 2048]),
      AegisError,
    );
  },

  "a command runs as granted": async (options) => {
    if (!HAS_PROGRAMS) return;
    const capabilities = [ProcessCapability.command("say", { command: "/bin/echo", args: ["said"] })];
    await using started = await running(COMMAND, { ...options, capabilities });
    assertEquals(await started.sandbox.call("run"), ERRNO.success);
    assertStringIncludes(decoder.decode(await started.sandbox.readMemory(4096, 16)), "said\n");
  },

  "a close during a call ends it": async (options) => {
    await using started = await running(ARITHMETIC, { ...options, fuelLimit: 10n ** 15n });
    const call = started.sandbox.tryCall("spin");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await started.sandbox.close();
    assertEquals(await call, { kind: "aborted", reason: "closed" });
  },
};

/** Fields of a module whose `request` asks for a URL. */
function requests(url: string): string {
  return `(import "aegis:http" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "GET") (data (i32.const 16) "${url}")
    (func (export "request") (result i32) (call $request (i32.const 0) (i32.const 3) (i32.const 16)
      (i32.const ${url.length}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024)))`;
}

/** Runs the command "say", and puts what it prints at 4096. */
const COMMAND = `(import "aegis:process" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:process" "read" (func $read (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "say")
  (func (export "run") (result i32) (local i32)
    (local.set 0 (call $run (i32.const 0) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)))
    (if (result i32) (local.get 0) (then (local.get 0)) (else
      (call $read (i32.load (i32.const 64)) (i32.const 1) (i32.const 0) (i32.const 4096) (i32.const 100) (i32.const 128)))))`;

for (const isolation of ["worker", "process"] as const satisfies readonly BackEndName[]) {
  for (const engine of ENGINES_HERE) {
    for (const [promise, prove] of Object.entries(PROMISES)) {
      Deno.test(`on ${engine} in a ${isolation}, ${promise}`, () => prove({ isolation, engine }));
    }
  }
}
