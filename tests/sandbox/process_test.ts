/** Commands of the host that guests run by name: what is granted runs, nothing else does, and none is left behind. */
import { HAS_PROGRAMS, longTime, processesBecome } from "../broker/running_commands.ts";
import {
  Aegis,
  type AegisOptions,
  type AuditEvent,
  type Capability,
  ProcessCapability,
  type Sandbox,
  type SandboxOptions,
} from "../../mod.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals } from "../assert.ts";

const ignore = !HAS_PROGRAMS;

/** Passes `aegis:process` on: the test writes name, words and input into the memory, 4096 bytes each. */
const GUEST = `(module
  (import "aegis:process" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:process" "read" (func $read (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:process" "close" (func $close (param i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (param $name i32) (param $words i32) (param $input i32) (result i32)
    (call $run (i32.const 4096) (local.get $name) (i32.const 8192) (local.get $words)
      (i32.const 12288) (local.get $input) (i32.const 0)))
  (func (export "read") (param $process i32) (param $stream i32) (param $offset i32) (result i32)
    (call $read (local.get $process) (local.get $stream) (local.get $offset)
      (i32.const 65536) (i32.const 1000) (i32.const 32)))
  (func (export "close") (param $process i32) (result i32) (call $close (local.get $process))))`;

const encoder = new TextEncoder(), decoder = new TextDecoder();

interface Asked {
  readonly words?: readonly string[];
  readonly input?: string;
}

/** A sandbox with the guest, whose memory the test writes. */
class Rig implements AsyncDisposable {
  private constructor(
    readonly runtime: Aegis,
    readonly sandbox: Sandbox,
    readonly events: readonly AuditEvent[],
  ) {}

  static async start(
    capabilities: readonly Capability[],
    options: AegisOptions = {},
    own: SandboxOptions = {},
  ): Promise<Rig> {
    const events: AuditEvent[] = [], onAudit = (event: AuditEvent) => void events.push(event);
    const runtime = await Aegis.create({ isolation: "worker", capabilities, onAudit, ...options });
    const sandbox = await runtime.sandbox(own).build();
    await sandbox.loadModule(await runtime.loadWat(GUEST));
    return new Rig(runtime, sandbox, events);
  }

  /** Puts what `run` takes into memory; its arguments. */
  async put(name: string, { words = [], input = "" }: Asked = {}): Promise<number[]> {
    const texts = [name, words.map((word) => `${word}\0`).join(""), input].map((text) =>
      encoder.encode(text)
    );
    for (const [index, bytes] of texts.entries()) await this.sandbox.writeMemory(4096 * (index + 1), bytes);
    return texts.map((bytes) => bytes.length);
  }

  /** Status and both streams of a command, or its error number. */
  async run(name: string, asked: Asked = {}): Promise<unknown[] | number> {
    const errno = Number(await this.sandbox.call("run", await this.put(name, asked)));
    if (errno !== 0) return errno;
    const view = new DataView((await this.sandbox.readMemory(0, 20)).buffer);
    const [process = 0, status, , , truncated] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, true));
    const streams = [await this.#text(process, 1), await this.#text(process, 2)];
    assertEquals(await this.sandbox.call("close", [process]), 0);
    assertEquals(await this.sandbox.call("close", [process]), ERRNO.badf);
    return [status, ...streams, ...(truncated === 1 ? ["truncated"] : [])];
  }

  async #text(process: number, stream: number): Promise<string> {
    let text = "", offset = 0;
    for (;;) {
      assertEquals(await this.sandbox.call("read", [process, stream, offset]), 0);
      const count = new DataView((await this.sandbox.readMemory(32, 4)).buffer).getUint32(0, true);
      if (count === 0) return text;
      text += decoder.decode(await this.sandbox.readMemory(65_536, count));
      offset += count;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.close();
  }
}

function sleepFor(time: string): ProcessCapability {
  return ProcessCapability.command("sleep", { command: "/bin/sleep", args: [time] });
}

Deno.test({
  name: "F46 a guest runs the commands that it was granted by name, and no other",
  ignore,
  fn: async () => {
    await using rig = await Rig.start([
      ProcessCapability.command("say", { command: "/bin/echo", args: ["own"], moreArgs: true }),
      ProcessCapability.command("both", { command: "/bin/sh", args: ["-c", "cat; echo bad >&2; exit 9"] }),
    ]);
    assertEquals(await rig.run("say", { words: ["two words", ";id"] }), [0, "own two words ;id\n", ""]);
    assertEquals(await rig.run("both", { input: "input" }), [9, "input", "bad\n"]);
    assertEquals(await rig.run("both", { words: ["more"] }), ERRNO.notcapable);
    for (const name of ["echo", "/bin/echo", "sh", ""]) {
      assertEquals(await rig.run(name), ERRNO.notcapable, name);
    }
    await rig.sandbox.close();
    assertEquals(
      rig.events.map(({ capability, action, target, allowed }) =>
        `${capability} ${action} ${target} ${allowed}`
      ),
      [
        "process run say true",
        "process run both true",
        "process run both false",
        "process run echo false",
        "process run /bin/echo false",
        "process run sh false",
        "process run  false",
      ],
    );
  },
});

Deno.test({
  name: "F50 a command finds no variable of the host, and what it prints is bounded",
  ignore,
  fn: async () => {
    Deno.env.set("AEGIS_TEST_SECRET", "s3cret");
    try {
      await using rig = await Rig.start([
        ProcessCapability.command("env", { command: "/usr/bin/env" }),
        ProcessCapability.command("copy", { command: "/bin/cat" }),
      ], { outputSize: 1500 });
      assertEquals(await rig.run("env"), [0, "", ""]);
      assertEquals(await rig.run("copy", { input: "x".repeat(4000) }), [
        0,
        "x".repeat(1500),
        "",
        "truncated",
      ]);
    } finally {
      Deno.env.delete("AEGIS_TEST_SECRET");
    }
  },
});

Deno.test("F46 a guest without a process grant is refused, and the refusal is recorded", async () => {
  await using rig = await Rig.start([]);
  assertEquals(await rig.run("git"), ERRNO.notcapable);
  assertEquals(rig.events.map(({ capability, target, reason }) => [capability, target, reason]), [
    ["process", "git", 'no process grant names "git"'],
  ]);
  assertEquals(rig.sandbox.denials().length, 1);
});

Deno.test({
  name: "F46 a sandbox that was granted fewer commands than its runtime runs no other",
  ignore,
  fn: async () => {
    const echo = ProcessCapability.command("say", { command: "/bin/echo" });
    const copy = ProcessCapability.command("copy", { command: "/bin/cat" });
    await using rig = await Rig.start([echo, copy], {}, { capabilities: [echo] });
    assertEquals(await rig.run("say"), [0, "\n", ""]);
    assertEquals(await rig.run("copy"), ERRNO.notcapable);
    await using none = await rig.runtime.sandbox({ capabilities: [] }).build();
    await none.loadModule(await rig.runtime.loadWat(GUEST));
    assertEquals(await none.call("run", [0, 0, 0]), ERRNO.notcapable);
  },
});

Deno.test({
  name: "a command is killed at the timeout of the call",
  ignore,
  fn: async () => {
    const time = longTime();
    await using rig = await Rig.start([sleepFor(time)], { timeout: "300ms" });
    const started = performance.now(), outcome = await rig.sandbox.tryCall("run", await rig.put("sleep"));
    assertEquals(outcome.kind === "limit" && outcome.limit, "time");
    assert(performance.now() - started < 2000);
    assertEquals(await processesBecome(time, 0), 0);
  },
});

Deno.test({
  name: "a command is killed when the call has less time than the sandbox, and the next life can run another",
  ignore,
  fn: async () => {
    const time = longTime(), echo = ProcessCapability.command("say", { command: "/bin/echo" });
    await using rig = await Rig.start([sleepFor(time), echo]);
    const running = rig.sandbox.tryCall("run", await rig.put("sleep"), { timeout: "300ms" });
    assertEquals(await processesBecome(time, 1), 1);
    const outcome = await running;
    assertEquals(outcome.kind === "limit" && outcome.limit, "time");
    assertEquals(await processesBecome(time, 0), 0);
    await rig.sandbox.reset();
    assertEquals(await rig.run("say"), [0, "\n", ""]);
  },
});

Deno.test({
  name: "a command is killed when the call is cancelled",
  ignore,
  fn: async () => {
    const time = longTime(), controller = new AbortController();
    await using rig = await Rig.start([sleepFor(time)]);
    const running = rig.sandbox.tryCall("run", await rig.put("sleep"), { signal: controller.signal });
    assertEquals(await processesBecome(time, 1), 1);
    controller.abort();
    assertEquals(await running, { kind: "aborted", reason: "cancelled" });
    assertEquals(await processesBecome(time, 0), 0);
  },
});

Deno.test({
  name: "F51 a command is killed when its grant is revoked, and no other runs from then on",
  ignore,
  fn: async () => {
    const time = longTime();
    await using rig = await Rig.start([sleepFor(time)]);
    const running = rig.sandbox.call("run", await rig.put("sleep"));
    assertEquals(await processesBecome(time, 1), 1);
    rig.sandbox.revoke("process");
    assertEquals(await running, ERRNO.notcapable);
    assertEquals(await processesBecome(time, 0), 0);
    assertEquals(await rig.run("sleep"), ERRNO.notcapable);
  },
});

Deno.test({
  name: "a command is killed when its sandbox is closed, or its runtime",
  ignore,
  fn: async () => {
    for (const whole of [false, true]) {
      const time = longTime();
      await using rig = await Rig.start([sleepFor(time)]);
      const running = rig.sandbox.tryCall("run", await rig.put("sleep"));
      assertEquals(await processesBecome(time, 1), 1);
      await (whole ? rig.runtime : rig.sandbox).close();
      assertEquals(await processesBecome(time, 0), 0);
      assertEquals(await running, { kind: "aborted", reason: "closed" });
    }
  },
});

Deno.test({
  name: "what a guest leaves open is closed in its next life",
  ignore,
  fn: async () => {
    // Closing is no call of the guest's: of nine, each life has all.
    const options = { hostCallLimit: 9 };
    await using rig = await Rig.start([ProcessCapability.command("say", { command: "/bin/echo" })], options);
    for (let life = 0; life < 3; life++) {
      const args = await rig.put("say");
      for (let i = 0; i < 8; i++) assertEquals(await rig.sandbox.call("run", args), 0);
      assertEquals(await rig.sandbox.call("run", args), ERRNO.mfile);
      await rig.sandbox.reset();
    }
  },
});

Deno.test({
  name: "G57 the broker's Worker may run the commands that are granted, and do nothing else",
  ignore,
  fn: async () => {
    const permissions: unknown[] = [], { Worker: Original } = globalThis;
    globalThis.Worker = class extends Original {
      constructor(url: string | URL, options: WorkerOptions = {}) {
        super(url, options);
        if (options.name === "aegis-process") permissions.push(options.deno?.permissions);
      }
    };
    try {
      const own = ProcessCapability.command("own", { command: "/bin/echo", args: ["1"] });
      const other = ProcessCapability.command("other", { command: "/bin/echo", args: ["2"] });
      await using _rig = await Rig.start([own, other, sleepFor("1")]);
      await using _none = await Rig.start([]);
      assertEquals(permissions, [{ run: ["/bin/echo", "/bin/sleep"] }]);
    } finally {
      globalThis.Worker = Original;
    }
  },
});
