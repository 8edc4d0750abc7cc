/** What only a process of its own can promise: a heap that is bounded, an end that cannot be refused, no flag. */
import {
  Aegis,
  AegisError,
  type AegisOptions,
  FilesystemCapability,
  MemoryExceededError,
  NetworkCapability,
  TimeoutError,
} from "../../mod.ts";
import { bombModule, BOMBS } from "../adversarial/compiling/compile_bombs.ts";
import { running, SPIN, start } from "../sandbox/started.ts";
import { becomes, childrenOf, environmentOf, guestsOf, HAS_PROC } from "./child_processes.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";

const PROCESS = { isolation: "process" } as const;

/** For what V8 alone has, or does to a process. */
const V8_PROCESS = { ...PROCESS, engine: "v8" } as const;

/** A list without end, in V8's heap. */
const LIST = `(type $node (struct (field (ref null $node)) (field i64)))
  (global $list (mut (ref null $node)) (ref.null $node))
  (func (export "fill") (loop $l
    (global.set $list (struct.new $node (global.get $list) (i64.const 1))) (br $l)))
  (func (export "seven") (result i32) i32.const 7)`;

Deno.test("D34 a guest that fills its heap has exceeded its memory; its neighbours and the host live", async () => {
  await using started = await running(LIST, { ...V8_PROCESS, fuelLimit: "unlimited" });
  await using neighbour = await started.runtime.sandbox().build();
  await neighbour.loadModule(await started.module(LIST));
  const error = await assertRejects(() => started.sandbox.call("fill"), MemoryExceededError);
  assertEquals([error.used, error.limit], [64 * 2 ** 20, 64 * 2 ** 20]);
  assertEquals(await neighbour.call("seven"), 7);
  assertEquals((await assertRejects(() => started.sandbox.call("seven"), AegisError)).code, "InstanceEnded");
  assertEquals(assertThrows(() => started.sandbox.callSync("seven"), AegisError).code, "InstanceEnded");
  await started.sandbox.reset();
  assertEquals(await started.sandbox.call("seven"), 7);
});

Deno.test("D34 a start function that fills the heap is a load that has exceeded its memory", async () => {
  await using started = await start({ ...V8_PROCESS, fuelLimit: "unlimited" });
  const { sandbox } = started;
  await assertRejects(
    () =>
      started.load(`${LIST} (func $go (loop $l
    (global.set $list (struct.new $node (global.get $list) (i64.const 1))) (br $l))) (start $go)`),
    MemoryExceededError,
  );
  assertEquals((await assertRejects(() => started.load(LIST), AegisError)).code, "InstanceEnded");
  await sandbox.reset();
  await started.load(LIST);
  assertEquals(await sandbox.call("seven"), 7);
});

Deno.test("RuntimeBuilder.withIsolation() says where guests run", async () => {
  const builder = Aegis.builder().withPreset("minimal").withEngine("v8");
  await using workers = await builder.withIsolation("worker").build();
  await using processes = await builder.withIsolation("process").build();
  const struct = "(module (type $s (struct (field i32))))";
  const error = await assertRejects(() => workers.loadWat(struct), AegisError);
  assertEquals(error.code, "ModuleRefused");
  await processes.loadWat(struct);
  // @ts-expect-error: what is no place is refused at run time, too
  const refused = await assertRejects(() => builder.withIsolation("thread").build(), AegisError);
  assertEquals([refused.code, refused.field], ["InvalidOption", "isolation"]);
});

Deno.test("Aegis.create() allows fewer sandboxes in processes than in Workers, unless a number is named", async () => {
  const most = async (options: AegisOptions) => {
    await using runtime = await Aegis.create(options);
    const module = await runtime.loadWat("(module)");
    const fits = (maximum: number) => {
      try {
        void runtime.pool(module, { maximum }).close();
        return true;
      } catch {
        return false;
      }
    };
    return [64, 65, 256, 257, 1000, 1001].filter(fits).at(-1);
  };
  assertEquals(await most({ isolation: "worker" }), 256);
  assertEquals(await most(PROCESS), 64);
  assertEquals(await most({ ...PROCESS, maxSandboxes: 1000 }), 1000);
});

/** Modules that a Worker refuses, since they could fill a heap that nothing bounds; `f` gives 7. */
const UNBOUNDED: Readonly<Record<string, string>> = {
  "a struct": `(type $s (struct (field i32)))
    (func (export "f") (result i32) (struct.get $s 0 (struct.new $s (i32.const 7))))`,
  "an array": `(type $a (array (mut i64)))
    (func (export "f") (result i32) (array.len (array.new_default $a (i32.const 7))))`,
  "a tag with a large payload": `(tag (param ${
    "i64 ".repeat(40)
  })) (func (export "f") (result i32) i32.const 7)`,
  "a tag with a reference": `(tag (param externref)) (func (export "f") (result i32) i32.const 7)`,
  "a table of exceptions": `(table 10 exnref) (func (export "f") (result i32) i32.const 7)`,
  "a shared memory": `(memory 1 1 shared)
    (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 7)) (i32.load (i32.const 0)))`,
};

Deno.test("a process runs the modules that a Worker refuses", async () => {
  await using worker = await start({ isolation: "worker", engine: "v8" });
  await using process = await start(V8_PROCESS);
  for (const [what, fields] of Object.entries(UNBOUNDED)) {
    const error = await assertRejects(() => worker.module(fields), AegisError);
    assertEquals(error.code, "ModuleRefused", what);
    assertStringIncludes(error.message, "process of their own", what);
    await process.load(fields);
    assertEquals(await process.sandbox.call("f"), 7, what);
  }
});

Deno.test("E41 a function that takes V8 seconds to compile is stopped by the timeout and the grace, and its process with it", async () => {
  const bomb = BOMBS["49,000 locals and 200,000 calls"];
  assert(bomb !== undefined);
  await using started = await start({ ...V8_PROCESS, timeout: 200 });
  await started.sandbox.loadModule(await started.runtime.loadBytes(bombModule(bomb())));
  const began = performance.now();
  await assertRejects(() => started.sandbox.call("run"), TimeoutError);
  const elapsed = performance.now() - began;
  assert(elapsed < 2500, `${elapsed} ms`);
});

Deno.test({
  name: "a guest's process that is killed from outside is a fault that says so, and a reset starts another",
  ignore: !HAS_PROC,
  fn: async () => {
    await using started = await running(`${SPIN} (func (export "one") (result i32) i32.const 1)`, {
      ...PROCESS,
      fuelLimit: "unlimited",
    });
    const call = started.sandbox.tryCall("spin");
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const { pid } of guestsOf(Deno.pid)) Deno.kill(pid, "SIGKILL");
    assertEquals(await call, { kind: "fault", message: "its process ended by SIGKILL" });
    await new Promise((resolve) => setTimeout(resolve, 50)); // until the end of the spare process was heard of, too
    await started.sandbox.reset();
    assertEquals(await started.sandbox.call("one"), 1);
  },
});

Deno.test({
  name:
    "a guest's process that is stopped from outside is killed when its call's time and the grace are over",
  ignore: !HAS_PROC,
  fn: async () => {
    await using started = await running(SPIN, { ...PROCESS, fuelLimit: "unlimited", timeout: 300 });
    const call = assertRejects(() => started.sandbox.call("spin"), TimeoutError);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const guests = guestsOf(Deno.pid).map(({ pid }) => pid), began = performance.now();
    for (const pid of guests) Deno.kill(pid, "SIGSTOP");
    await call;
    assert(performance.now() - began < 2500, `${performance.now() - began} ms`);
    await started.runtime.close();
    assert(await becomes(() => guestsOf(Deno.pid).length === 0), "they are gone");
  },
});

Deno.test({
  name:
    "a guest's process has no Deno permission, nothing of the environment, the root directory and three pipes",
  ignore: !HAS_PROC,
  fn: async () => {
    await using _started = await running(SPIN, PROCESS);
    const [guest] = guestsOf(Deno.pid);
    assert(guest !== undefined);
    assertEquals(guest.args.filter((arg) => /^(-A|--allow|-[RWNES])/.test(arg)), []);
    assertEquals(guest.args.filter((arg) => arg.startsWith("--unstable")), []);
    for (const flag of ["--no-prompt", "--no-config", "--no-remote", "--no-npm", "--cached-only"]) {
      assert(guest.args.includes(flag), flag);
    }
    assertEquals(environmentOf(guest.pid).sort(), [
      "DENO_DIR=/dev/null/none",
      "DENO_NO_UPDATE_CHECK=1",
      "NO_COLOR=1",
    ]);
    assertEquals(Deno.readLinkSync(`/proc/${guest.pid}/cwd`), "/");
    for (const descriptor of [0, 1, 2]) {
      assert(
        !Deno.readLinkSync(`/proc/${guest.pid}/fd/${descriptor}`).startsWith("/"),
        `descriptor ${descriptor}`,
      );
    }
    const files = [...Deno.readDirSync(`/proc/${guest.pid}/fd`)].map(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/${guest.pid}/fd/${name}`);
      } catch {
        return "";
      }
    });
    assertEquals(files.filter((file) => /^\/(?!dev\/|proc\/)/.test(file)), [], "no file of the host is open");
  },
});

Deno.test({
  name: "G57 a broker's process has the permissions of the grants as flags, and no others",
  ignore: !HAS_PROC,
  fn: async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "aegis-flags-" }));
    try {
      const capabilities = [
        FilesystemCapability.readOnly([{ host: folder, guest: "/in" }]),
        NetworkCapability.hosts(["https://example.com"]),
      ];
      await using _started = await running(SPIN, { ...PROCESS, capabilities });
      const flags = childrenOf(Deno.pid).map(({ args }) =>
        args.filter((arg) => /^(-A|--allow|--deny-(?!import)|-[RWNES])/.test(arg))
      )
        .filter((found) => found.length > 0);
      const [files, net] = flags;
      assertEquals(files, [`--allow-read=${folder}`]);
      assertEquals(net?.[0], "--allow-net=example.com:443");
      assertMatch(net?.[1] ?? "", /^--deny-net=.*,10\.0\.0\.0\/8,.*127\.0\.0\.0\/8/);
      assertEquals([flags.length, net?.length], [2, 2]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "H62 a runtime that is closed leaves no process, and its last sandbox none after a moment",
  ignore: !HAS_PROC,
  fn: async () => {
    const before = childrenOf(Deno.pid).length;
    const started = await running(SPIN, PROCESS);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assertEquals(guestsOf(Deno.pid).length, 2, "the guest's and a spare one");
    await started.sandbox.close();
    assert(
      await becomes(() => childrenOf(Deno.pid).length === before),
      "also without a close of the runtime",
    );
    const again = await started.runtime.sandbox().build();
    await new Promise((resolve) => setTimeout(resolve, 150));
    assertEquals(guestsOf(Deno.pid).length, 2);
    void again.close();
    const began = performance.now();
    await started.runtime.close();
    assertEquals(childrenOf(Deno.pid).length, before);
    assert(performance.now() - began < 1000, "they were killed, not waited for");
  },
});

Deno.test("E41 a function whose compilation would fill the machine's memory is refused in a process, too", async () => {
  await using started = await start(V8_PROCESS);
  for (const what of ["60,000 catch clauses", "20,000 old catch clauses", "20,000 operands and 20,000 ifs"]) {
    const bomb = BOMBS[what];
    assert(bomb !== undefined);
    const error = await assertRejects(() => started.runtime.loadBytes(bombModule(bomb())), AegisError);
    assertEquals(error.code, "ModuleRefused", what);
  }
});

Deno.test("a runtime says where its guests run", async () => {
  for (const isolation of ["worker", "process"] as const) {
    await using runtime = await Aegis.create({ isolation });
    assertEquals(runtime.isolation, isolation);
  }
});
