/**
 * What a denial does to a guest. Each guest here has a handler around the call of its import that catches everything and
 * goes on: under `"stop"` it must never come to that.
 */
import {
  Aegis,
  AegisError,
  AlertCapability,
  CapabilityDeniedError,
  FilesystemCapability,
  LoggingCapability,
  NetworkCapability,
  type OnDenial,
  ProcessCapability,
  type Sandbox,
  SensorCapability,
} from "../../mod.ts";
import { HAS_PROGRAMS } from "../broker/running_commands.ts";
import { ENGINES_HERE } from "./engines_here.ts";
import { running } from "./started.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";

/** Something that is refused: who asks for it, what is told of it, and what the guest gets that goes on. */
interface Refused {
  readonly code: string;
  readonly capability: string;
  readonly action: string;
  readonly reason: string;
  readonly continued: number;
}

/** Rights of path_open. */
const READ = 2, WRITE = 64;

const OPEN = (at: number, length: number, rights: number) =>
  `(call $open (i32.const 3) (i32.const 0) (i32.const ${at}) (i32.const ${length})
    (i32.const ${
    rights === WRITE ? 1 : 0
  }) (i64.const ${rights}) (i64.const 0) (i32.const 0) (i32.const 1000))`;

const GET = (at: number, length: number) =>
  `(call $request (i32.const 64) (i32.const 3) (i32.const ${at}) (i32.const ${length})
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1000))`;

const RUN = (words: number) =>
  `(call $run (i32.const 128) (i32.const 4) (i32.const 136) (i32.const ${words}) (i32.const 0) (i32.const 0) (i32.const 1000))`;

/** What the host itself refuses. */
const BY_HOST: Readonly<Record<string, Refused>> = {
  log: {
    code: "(call $log (i32.const 0) (i32.const 4)) (i32.const 0)",
    capability: "logging",
    action: "log",
    reason: "no logging grant",
    continued: 0,
  },
  sensor: {
    code: "(call $read (i32.const 7))",
    capability: "sensor",
    action: "read",
    reason: "no sensor grant names 7",
    continued: 0,
  },
  alert: {
    code: "(call $alert (i32.const 0) (i32.const 4) (i32.const 3)) (i32.const 0)",
    capability: "alert",
    action: "send",
    reason: "no alert grant",
    continued: 0,
  },
  channel: {
    code: "(call $channel (i32.const 128) (i32.const 4))",
    capability: "channel",
    action: "open",
    reason: "the host has opened no channel of that name",
    continued: -ERRNO.notcapable,
  },
  file: {
    code: OPEN(32, 11, READ),
    capability: "filesystem",
    action: "read",
    reason: "/etc/passwd",
    continued: ERRNO.notcapable,
  },
  request: {
    code: GET(72, 22),
    capability: "network",
    action: "connect",
    reason: "localhost",
    continued: ERRNO.notcapable,
  },
  command: {
    code: RUN(0),
    capability: "process",
    action: "run",
    reason: 'no process grant names "tool"',
    continued: ERRNO.notcapable,
  },
};

/** What brokers refuse, which are there since something else of their kind is granted. */
const BY_BROKERS: Readonly<Record<string, Refused>> = {
  write: {
    code: OPEN(0, 4, WRITE),
    capability: "filesystem",
    action: "write",
    reason: 'the directory was granted for reading only: "/data/file"',
    continued: ERRNO.rofs,
  },
  escape: {
    code: OPEN(168, 9, READ),
    capability: "filesystem",
    action: "read",
    reason: "the path leads out of the directory that was granted",
    continued: ERRNO.perm,
  },
  host: {
    code: GET(72, 22),
    capability: "network",
    action: "connect",
    reason: "localhost",
    continued: ERRNO.notcapable,
  },
  words: {
    code: RUN(5),
    capability: "process",
    action: "run",
    reason: "without words of the guest",
    continued: ERRNO.notcapable,
  },
};

function guestOf(refusals: Readonly<Record<string, Refused>>): string {
  const functions = Object.entries(refusals).map(([name, { code }]) => `
    (func (export "${name}") (result i32)
      (block $handler (try_table (catch_all $handler) ${code} (return)))
      (global.set $caught (i32.const 1))
      (i32.const -1))
    (func (export "${name}_row") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 5))))
      ${code})`);
  return `
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "aegis:http" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:process" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:channel" "open" (func $channel (param i32 i32) (result i32)))
  (import "env" "log" (func $log (param i32 i32)))
  (import "env" "read_sensor" (func $read (param i32) (result i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file") (data (i32.const 32) "/etc/passwd") (data (i32.const 64) "GET")
  (data (i32.const 72) "http://localhost:81/xy") (data (i32.const 128) "tool") (data (i32.const 136) "word\\00")
  (data (i32.const 168) "../secret")
  (global $caught (mut i32) (i32.const 0))
  (func (export "caught") (result i32) (global.get $caught))
  (func (export "fine") (result i32) (i32.const 42))
  (func (export "level") (call $alert (i32.const 0) (i32.const 4) (i32.const 9)))
  (func (export "missing") (result i32) ${OPEN(0, 4, READ)})
  ${functions.join("")}`;
}

async function assertStops(sandbox: Sandbox, name: string, refused: Refused): Promise<void> {
  const assertError = (error: unknown) => {
    assert(error instanceof CapabilityDeniedError, `${name}: ${error}`);
    assertEquals([error.code, error.capability, error.action], [
      "CapabilityDenied",
      refused.capability,
      refused.action,
    ]);
    assertStringIncludes(error.reason, refused.reason);
  };
  assertError(await assertRejects(() => sandbox.call(name), CapabilityDeniedError, "", name));
  const outcome = sandbox.tryCallSync(name);
  assertError(outcome.kind === "hostError" ? outcome.error : outcome.kind);
  const batch = await sandbox.callMany(`${name}_row`, [[0], [0], [1], [0]]);
  assertEquals([...batch], [[5], [5]]);
  assertError(batch.end?.kind === "hostError" ? batch.end.error : batch.end?.kind);
  assertEquals([await sandbox.call("caught"), await sandbox.call("fine")], [0, 42], name);
}

async function assertContinues(sandbox: Sandbox, name: string, refused: Refused): Promise<void> {
  assertEquals(await sandbox.call(name), refused.continued, name);
  assertEquals(await sandbox.call("caught"), 0);
}

const ASSERTIONS = { stop: assertStops, continue: assertContinues } as const;

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis-denial-" });
  try {
    await Deno.writeTextFile(`${folder}/there`, "");
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const isolation of ["worker", "process"] as const) {
  for (const engine of ENGINES_HERE) {
    for (const onDenial of ["stop", "continue"] as const satisfies readonly OnDenial[]) {
      Deno.test(`on ${engine} in a ${isolation}, C27 onDenial ${onDenial}, for what the host refuses`, async () => {
        await using started = await running(guestOf(BY_HOST), { isolation, engine, onDenial });
        for (const [name, refused] of Object.entries(BY_HOST)) {
          await ASSERTIONS[onDenial](started.sandbox, name, refused);
        }
        await started.sandbox.close();
        const told = new Set(started.sandbox.denials().map(({ capability }) => capability));
        assertEquals(told.size, Object.keys(BY_HOST).length);
      });

      Deno.test({
        name: `on ${engine} in a ${isolation}, C27 onDenial ${onDenial}, for what brokers refuse`,
        ignore: !HAS_PROGRAMS,
        fn: () =>
          withFolder(async (folder) => {
            const capabilities = [
              FilesystemCapability.readOnly([{ host: folder, guest: "/data" }]),
              NetworkCapability.hosts(["http://localhost:8097"]),
              ProcessCapability.command("tool", { command: "/bin/true" }),
            ];
            await using started = await running(guestOf(BY_BROKERS), {
              isolation,
              engine,
              onDenial,
              capabilities,
            });
            for (const [name, refused] of Object.entries(BY_BROKERS)) {
              await ASSERTIONS[onDenial](started.sandbox, name, refused);
            }
          }),
      });
    }
  }
}

Deno.test("a sandbox says what a denial does to it, else its runtime", async () => {
  await using runtime = await Aegis.create({ onDenial: "stop" });
  const module = await runtime.loadWat(`(module ${guestOf(BY_HOST)})`);
  await using stops = await runtime.sandbox().build();
  await stops.loadModule(module);
  await assertRejects(() => stops.call("sensor"), CapabilityDeniedError, "no sensor grant names 7");
  await using goesOn = await runtime.sandbox({ onDenial: "continue" }).build();
  await goesOn.loadModule(module);
  assertEquals(await goesOn.call("sensor"), 0);
  const wrong = { onDenial: "halt" as OnDenial };
  for (const make of [() => Aegis.create(wrong), () => runtime.sandbox(wrong).build()]) {
    const error = await assertRejects(make, AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "onDenial"]);
  }
});

Deno.test("the error of a denial says what would grant it", async () => {
  await using started = await running(guestOf(BY_HOST), { onDenial: "stop" });
  const error = await assertRejects(() => started.sandbox.call("sensor"), CapabilityDeniedError);
  assertEquals(error.hint, "Grant it: SensorCapability.constant(7, VALUE), --sensor 7=VALUE.");
  assertEquals(error.suggestion, error.hint);
});

Deno.test("what is no want of a grant does not stop", () =>
  withFolder(async (folder) => {
    await using started = await running(guestOf(BY_BROKERS), {
      onDenial: "stop",
      openFiles: 1,
      capabilities: [
        FilesystemCapability.full([{ host: folder, guest: "/data" }]),
        AlertCapability.all({ rate: 1 }),
        SensorCapability.constant(0, 1),
        LoggingCapability.all({ rate: 1 }),
      ],
    });
    const { sandbox } = started;
    assertEquals(await sandbox.call("missing"), ERRNO.noent);
    assertEquals(await sandbox.call("write"), 0);
    assertEquals(await sandbox.call("write"), ERRNO.mfile);
    await sandbox.call("level");
    assertEquals(await sandbox.call("caught"), 0);
    assert(sandbox.metrics().denials > 0);
  }));

Deno.test("a start function is stopped as well", async () => {
  await using runtime = await Aegis.create({ onDenial: "stop" });
  await using sandbox = await runtime.sandbox().build();
  const module = await runtime.loadWat(`(module
    (import "env" "read_sensor" (func $read (param i32) (result i32)))
    (func $start (drop (call $read (i32.const 1)))) (start $start))`);
  await assertRejects(() => sandbox.loadModule(module), CapabilityDeniedError, "no sensor grant names 1");
});

// Fails while opening again what was open is an operation like any other.
Deno.test("a restored sandbox that stops at denials loses the files that it may not open any more, and goes on", () =>
  withFolder(async (folder) => {
    const files = { host: folder, guest: "/data" }, engine = "interpreter";
    let snapshot: Uint8Array;
    {
      await using started = await running(guestOf(BY_BROKERS), {
        engine,
        capabilities: [FilesystemCapability.full([files])],
      });
      assertEquals(await started.sandbox.call("write"), 0);
      snapshot = await started.sandbox.snapshot();
    }
    await using runtime = await Aegis.create({
      engine,
      onDenial: "stop",
      capabilities: [FilesystemCapability.readOnly([files])],
    });
    await using sandbox = await runtime.restore(snapshot);
    assertEquals(sandbox.lostFiles.map(({ path, errno }) => [path, errno]), [["/data/file", ERRNO.rofs]]);
    assertEquals(await sandbox.call("fine"), 42);
    await assertRejects(() => sandbox.call("write"), CapabilityDeniedError);
  }));
