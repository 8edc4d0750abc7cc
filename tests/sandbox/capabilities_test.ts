/** Capabilities through the public interface: what is granted is there, what is not is an error number, and can go. */
import {
  Aegis,
  AegisError,
  type AegisOptions,
  type AuditEvent,
  ClockCapability,
  CustomCapability,
  EMPTY_POLICY,
  EnvCapability,
  FilesystemCapability,
  LoggingCapability,
  RandomCapability,
  type Sandbox,
  type SandboxOptions,
} from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

const CAT = new URL("../programs/wasm/cat.wasm", import.meta.url).pathname;
const COPY = new URL("../programs/wasm/copy_tree.wasm", import.meta.url).pathname;
const ENVIRONMENT = new URL("../programs/wasm/environment.wasm", import.meta.url).pathname;

const decoder = new TextDecoder();

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly denials: readonly AuditEvent[];
}

async function run(
  program: string,
  options: AegisOptions & { readonly sandbox?: SandboxOptions },
): Promise<Ended> {
  const { sandbox: own = {}, ...rest } = options;
  await using runtime = await Aegis.create({ isolation: "worker", ...rest });
  const sandbox = await runtime.sandbox(own).build();
  await sandbox.loadModule(await runtime.loadFile(program));
  const status = await sandbox.run(), { stdout, stderr } = sandbox.output();
  await sandbox.close();
  return { status, out: decoder.decode(stdout), err: decoder.decode(stderr), denials: sandbox.denials() };
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis-capabilities-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a guest reads the file that was granted to it, and no other beside it", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/one`, "first");
    await Deno.writeTextFile(`${folder}/two`, "second");
    const capabilities = [FilesystemCapability.readOnly([{ host: `${folder}/one`, guest: "/in/one" }])];
    const read = await run(CAT, { capabilities, sandbox: { args: ["cat", "/in/one"] } });
    assertEquals([read.status, read.out, read.denials], [0, "first", []]);
    for (const path of ["/in/two", "/in/one/../two", "/in", `${folder}/two`, "/etc/passwd"]) {
      const other = await run(CAT, { capabilities, sandbox: { args: ["cat", path] } });
      assertEquals([other.status, other.out], [1, ""], path);
    }
  });
});

Deno.test("two filesystem capabilities merge, each with its rights", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/in/deep`, { recursive: true });
    await Deno.mkdir(`${folder}/out`);
    await Deno.writeTextFile(`${folder}/in/deep/file`, "content");
    const builder = Aegis.builder()
      .withFilesystem(FilesystemCapability.readOnly([{ host: `${folder}/in`, guest: "/in" }]))
      .withFilesystem(FilesystemCapability.full([{ host: `${folder}/out`, guest: "/out" }]))
      .with({ isolation: "worker" });
    await using runtime = await builder.build();
    const copy = await runtime.loadFile(COPY);
    await using there = await runtime.sandbox({ args: ["copy_tree", "/in", "/out"] }).build();
    await there.loadModule(copy);
    assertEquals(await there.run(), 0, decoder.decode(there.output().stderr));
    assertEquals(await Deno.readTextFile(`${folder}/out/deep/file`), "content");
    await using back = await runtime.sandbox({ args: ["copy_tree", "/out", "/in/back"] }).build();
    await back.loadModule(copy);
    assertEquals(await back.run(), 1);
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/in`))).map(({ name }) => name), ["deep"]);
  });
});

Deno.test("a sandbox has what its runtime has, or less, and never more", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/sub`);
    await Deno.writeTextFile(`${folder}/file`, "above");
    await Deno.writeTextFile(`${folder}/sub/file`, "below");
    await using runtime = await Aegis.create({
      isolation: "worker",
      capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])],
    });
    const cat = await runtime.loadFile(CAT);
    const printed = async (options: SandboxOptions) => {
      await using sandbox = await runtime.sandbox(options).build();
      await sandbox.loadModule(cat);
      const status = await sandbox.run();
      return [status, decoder.decode(sandbox.output().stdout)];
    };
    assertEquals(await printed({ args: ["cat", "/data/file"] }), [0, "above"]);
    const capabilities = [FilesystemCapability.readOnly([{ host: `${folder}/sub`, guest: "/data" }])];
    assertEquals(await printed({ args: ["cat", "/data/file"], capabilities }), [0, "below"]);
    assertEquals(await printed({ args: ["cat", "/data/file"], capabilities: [] }), [1, ""]);
    for (
      const wanted of [
        FilesystemCapability.full([{ host: folder, guest: "/data" }]),
        FilesystemCapability.readOnly([{ host: `${folder}/..`, guest: "/data" }]),
        ClockCapability.all(),
        EnvCapability.set({ A: "1" }),
      ]
    ) {
      const error = await assertRejects(
        () => runtime.sandbox({ capabilities: [wanted] }).build(),
        AegisError,
      );
      assertEquals(error.code, "InvalidOption", wanted.kind);
    }
  });
});

/** A guest that opens `/data/file` once, and then reads its first byte again and again as long as it may; it returns the error number. */
const READER = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $pread (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file")
  (data (i32.const 16) "\\40\\00\\00\\00\\01\\00\\00\\00")
  (func (export "open") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
      (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func $read (export "read") (result i32)
    (call $pread (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i64.const 0) (i32.const 36)))
  (func (export "descriptor") (result i32) (i32.load (i32.const 32)))
  (func (export "read_of") (param i32) (result i32)
    (i32.store (i32.const 32) (local.get 0))
    (call $read))
  (func (export "read_on") (result i32) (local $errno i32)
    (loop $again
      (local.set $errno (call $read))
      (br_if $again (i32.eqz (local.get $errno))))
    (local.get $errno)))`;

async function withReader(
  work: (sandbox: Sandbox, events: readonly AuditEvent[]) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "content");
    const events: AuditEvent[] = [];
    await using runtime = await Aegis.create({
      isolation: "worker",
      fuelLimit: "unlimited",
      timeout: "10s",
      capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])],
      onAudit: (event) => events.push(event),
    });
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadWat(READER));
    await work(sandbox, events);
    await sandbox.close();
  });
}

Deno.test("presets are named sets of capabilities, to which others can be added", async () => {
  await using minimal = await Aegis.create({ isolation: "worker", capabilities: "minimal" });
  assertEquals(minimal.policy, EMPTY_POLICY);
  await using development = await Aegis.builder().with({ isolation: "worker", capabilities: "development" })
    .withCapability(CustomCapability.named("database")).build();
  const { filesystem, clock, custom, process } = development.policy;
  assertEquals(filesystem.map(({ hostPath, read, write }) => [hostPath, read, write]), [[
    Deno.cwd(),
    true,
    false,
  ]]);
  assertEquals([clock?.realtime, custom, process], [true, ["database"], []]);
  const wrong = { isolation: "worker", capabilities: "everything" } as unknown as AegisOptions; // from untyped code
  const error = await assertRejects(() => Aegis.create(wrong), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "capabilities"]);
});

Deno.test("F51 revoke() takes a grant away in mid-call, from descriptors that are open too", async () => {
  await withReader(async (sandbox) => {
    assertEquals(await sandbox.call("open"), 0);
    assertEquals(await sandbox.call("read"), 0);
    const reading = sandbox.call("read_on");
    await new Promise((resolve) => setTimeout(resolve, 50));
    sandbox.revoke("filesystem");
    assertEquals(await reading, 2); // acces
    assertEquals(await sandbox.call("open"), 2);
    assertEquals(sandbox.policy.filesystem.map(({ read }) => read), [false]);
  });
});

Deno.test("what is revoked stays so after a reset, and what was open is closed by it", async () => {
  await withReader(async (sandbox) => {
    assertEquals(await sandbox.call("open"), 0);
    const descriptor = Number(await sandbox.call("descriptor"));
    assertEquals(await sandbox.call("read_of", [descriptor]), 0);
    await sandbox.reset();
    assertEquals(await sandbox.call("read_of", [descriptor]), 8); // badf
    sandbox.revoke("filesystem");
    await sandbox.reset();
    assertEquals(await sandbox.call("open"), 2);
  });
});

Deno.test("every decision is told, with the sandbox, the path in the guest's terms, and the flag", async () => {
  await withReader(async (sandbox, events) => {
    await sandbox.call("open");
    sandbox.revoke("filesystem");
    await sandbox.call("open");
    await sandbox.close();
    const [allowed, denied] = events;
    assertEquals(
      [allowed?.sandbox, allowed?.capability, allowed?.action, allowed?.target, allowed?.allowed],
      [
        sandbox.id,
        "filesystem",
        "read",
        "/data/file",
        true,
      ],
    );
    assertEquals([denied?.action, denied?.target, denied?.allowed], ["read", "/data/file", false]);
    assert(denied?.reason !== undefined && denied.flag?.startsWith("--dir="));
    assertEquals(sandbox.denials().length, 1);
    assertEquals(sandbox.metrics().denials, 1);
  });
});

Deno.test("env, clock and random bytes are what was granted, and otherwise the same in each run", async () => {
  const plain = [await run(ENVIRONMENT, {}), await run(ENVIRONMENT, {})];
  assertEquals(plain[0]?.out, plain[1]?.out);
  const granted = await run(ENVIRONMENT, {
    capabilities: [EnvCapability.set({ NAME: "value" }), ClockCapability.all(), RandomCapability.secure()],
  });
  assert(granted.out.includes("NAME=value"), granted.out);
  assert(!plain[0]?.out.includes("NAME"));
});

/** Imports a host function that asks for a capability, and the log. */
const POWERS = `(module
  (import "host" "query" (func $query (result i32)))
  (import "aegis:log" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "hello \\ff log")
  (func (export "query") (result i32) (call $query))
  (func (export "log") (param i32) (call $log (local.get 0) (i32.const 0) (i32.const 11)))
  (func (export "flood") (param $count i32)
    (loop $again
      (call $log (i32.const 2) (i32.const 0) (i32.const 5))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $again (local.get $count)))))`;

Deno.test("a host function that asks for a capability is checked at each call", async () => {
  await using runtime = await Aegis.create({
    isolation: "worker",
    capabilities: [CustomCapability.named("database")],
  });
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("host", "query", { params: [], results: ["i32"], capability: "database" }, () => 42);
  await sandbox.loadModule(await runtime.loadWat(POWERS));
  assertEquals(await sandbox.call("query"), 42);
  sandbox.revoke("custom");
  const error = await assertRejects(() => sandbox.call("query"), AegisError);
  assertEquals([error.code, error.message], [
    "CapabilityDenied",
    'Denied: no custom grant names "database"',
  ]);
});

Deno.test("the log takes what its grant says: levels, sizes, a rate", async () => {
  const logged = async (capabilities: readonly LoggingCapability[]) => {
    await using runtime = await Aegis.create({ isolation: "worker", capabilities });
    await using sandbox = await runtime.sandbox().build();
    sandbox.registerFunc("host", "query", { params: [], results: ["i32"] }, () => 0);
    await sandbox.loadModule(await runtime.loadWat(POWERS));
    for (const level of [0, 2, 4, 5, -1]) await sandbox.callVoid("log", [level]);
    return { sandbox, logs: sandbox.logs().map(({ level, message }) => [level, message]) };
  };
  const text = "hello \ufffd log";
  assertEquals((await logged([])).logs, []);
  assertEquals((await logged([LoggingCapability.all()])).logs, [["error", text], ["info", text], [
    "trace",
    text,
  ]]);
  assertEquals((await logged([LoggingCapability.atLevel("info", { maxMessage: 7 })])).logs, [
    ["error", "hello "],
    ["info", "hello "],
  ]);
});

Deno.test("D37 a flood of log messages is cut at its rate, and kept up to a bound", async () => {
  await using runtime = await Aegis.create({
    isolation: "worker",
    capabilities: [LoggingCapability.all({ rate: 10 })],
  });
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("host", "query", { params: [], results: ["i32"] }, () => 0);
  await sandbox.loadModule(await runtime.loadWat(POWERS));
  await sandbox.callVoid("flood", [2000]);
  const kept = sandbox.logs().length;
  assert(kept >= 10 && kept <= 40, String(kept));
});

Deno.test("F51 revoking of a closed sandbox changes nothing for the one that has taken its place", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "content");
    await using runtime = await Aegis.create({
      isolation: "worker",
      capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])],
    });
    const module = await runtime.loadWat(READER), first = await runtime.sandbox().build();
    await first.close();
    await using second = await runtime.sandbox().build();
    await second.loadModule(module);
    first.revoke("filesystem");
    assertEquals(await second.call("open"), 0);
    assertEquals(await second.call("read"), 0);
  });
});

Deno.test("closing does not wait for a source of input that does not end, and a throwing onAudit harms nobody", async () => {
  await using runtime = await Aegis.create({
    isolation: "worker",
    onAudit: () => {
      throw new Error("of the embedder");
    },
  });
  const stdin = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("in")),
    cancel: () => new Promise(() => {}),
  });
  const sandbox = await runtime.sandbox({ args: ["cat", "/not/granted"], stdin }).build();
  await sandbox.loadModule(await runtime.loadFile(CAT));
  assertEquals(await sandbox.run(), 1);
  assertEquals(sandbox.denials().length, 1);
  await sandbox.close();
});

Deno.test("options of another kind are refused by name", async () => {
  await using runtime = await Aegis.create({ isolation: "worker" });
  for (
    const [field, value] of Object.entries({
      args: "cat",
      terminals: [true],
      stdin: 5,
      stdout: "x",
      onLog: 5,
      secrets: [null],
    })
  ) {
    // As callers without types pass them.
    const error = await assertRejects(
      () => runtime.sandbox({ [field]: value } as SandboxOptions).build(),
      AegisError,
    );
    assertEquals([error.code, error.field], ["InvalidOption", field]);
  }
  for (const [field, value] of Object.entries({ capabilities: 5, onAudit: 5 })) {
    const options = { isolation: "worker", [field]: value } as unknown as AegisOptions;
    const error = await assertRejects(() => Aegis.create(options), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", field]);
  }
});
