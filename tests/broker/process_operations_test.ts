import { nameOf } from "./errno_name.ts";
import { HAS_PROGRAMS, longTime, processesBecome } from "./running_commands.ts";
import { ProcessOperations } from "../../src/broker/process_operations.ts";
import { DENO_PROCESS_PORTS, type ProcessPorts } from "../../src/broker/process_ports.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import type { ProcessGrant } from "../../src/policy/grants.ts";
import { ProcessCapability, type ProcessCommand } from "../../src/policy/process_capability.ts";
import { assert, assertEquals } from "../assert.ts";

const ignore = !HAS_PROGRAMS, decoder = new TextDecoder(), encoder = new TextEncoder();

const CAT = { command: "/bin/cat" }, ECHO = { command: "/bin/echo", args: ["own"], moreArgs: true };

interface Options {
  readonly commands: Readonly<Record<string, ProcessCommand>>;
  readonly ports?: Partial<ProcessPorts>;
  readonly outputSize?: number;
  readonly timeout?: number;
  readonly auditAll?: boolean;
  readonly room?: number;
}

/** A sandbox as the process broker serves it, without Worker and channel. */
class TestSandbox {
  readonly operations: ProcessOperations;
  readonly events: AuditEvent[] = [];
  /** Programs that were started, with their words. */
  readonly started: (readonly string[])[] = [];

  constructor(
    { commands, ports = {}, outputSize = 1 << 20, timeout = 10_000, auditAll = false, room = 1 << 20 }:
      Options,
  ) {
    this.operations = new ProcessOperations({
      sandbox: { sandbox: "s1", grants: grantsOf(commands), outputSize, timeout, auditAll },
      ports: {
        ...DENO_PROCESS_PORTS,
        start: (command, args) => {
          this.started.push([command, ...args]);
          return DENO_PROCESS_PORTS.start(command, args);
        },
        ...ports,
      },
      audit: (event) => this.events.push(event),
      room,
    });
  }

  async run(name: string, words: readonly string[] = [], input = "") {
    const text = words.map((word) => `${word}\0`).join("");
    const answer = await this.operations.perform("processRun", {
      name,
      words: text,
      input: encoder.encode(input),
    });
    return answer.reply ?? nameOf(answer.errno);
  }

  /** Runs a command that ends, and gives its number. */
  async process(name: string, words: readonly string[] = []): Promise<number> {
    const result = await this.run(name, words);
    assert(typeof result !== "string", `${String(result)}`);
    return result.process;
  }

  async read(process: number, { stream = 1, offset = 0, length = 1000 } = {}): Promise<string> {
    const answer = await this.operations.perform("processRead", { process, stream, offset, length });
    return answer.reply === undefined ? nameOf(answer.errno) : `"${decoder.decode(answer.reply.bytes)}"`;
  }

  async close(process: number): Promise<string> {
    return nameOf((await this.operations.perform("processClose", { process })).errno);
  }
}

function grantsOf(commands: Options["commands"]): ProcessGrant[] {
  return Object.entries(commands).flatMap(([name, command]) =>
    ProcessCapability.command(name, command).grants
  );
}

Deno.test({
  name: "processRun runs the command of a name with its words, and no other",
  ignore,
  fn: async () => {
    const sandbox = new TestSandbox({ commands: { say: ECHO, copy: CAT } });
    const said = await sandbox.run("say", ["a b", "", "$(id)"]);
    assertEquals(said, { process: 1, status: 0, stdout: 15, stderr: 0, truncated: 0 });
    assertEquals(await sandbox.read(1), '"own a b  $(id)\n"');
    assertEquals(sandbox.started, [["/bin/echo", "own", "a b", "", "$(id)"]]);
    for (const name of ["/bin/echo", "echo", "SAY", "say ", "say\0", "", "__proto__"]) {
      assertEquals(await sandbox.run(name), "notcapable", name);
    }
    assertEquals(sandbox.started.length, 1);
    assertEquals(
      sandbox.events.map(({ capability, action, allowed }) => [capability, action, allowed]),
      Array(7).fill(["process", "run", false]),
    );
    assertEquals(sandbox.events[1]?.target, "echo");
  },
});

Deno.test("processRun refuses words without moreArgs, and malformed ones, and starts nothing", async () => {
  const sandbox = new TestSandbox({ commands: { copy: CAT } });
  assertEquals(await sandbox.run("copy", ["/etc/passwd"]), "notcapable");
  assertEquals(await sandbox.run("copy", [""]), "notcapable");
  assertEquals(sandbox.events.map(({ target, reason }) => [target, reason]), [
    ["copy", 'command "copy" was granted without words of the guest'],
    ["copy", 'command "copy" was granted without words of the guest'],
  ]);
  const request = { name: "copy", words: "no end", input: new Uint8Array() };
  assertEquals(nameOf((await sandbox.operations.perform("processRun", request)).errno), "inval");
  assertEquals(await sandbox.run("copy", Array(1001).fill("")), "toobig");
  assertEquals(sandbox.started, []);
});

Deno.test("processRun starts nothing that Deno does not permit, without asking", async () => {
  const sandbox = new TestSandbox({
    commands: { copy: CAT },
    ports: { permitted: () => false },
    auditAll: true,
  });
  assertEquals(await sandbox.run("copy"), "notcapable");
  assertEquals(sandbox.started, []);
  assertEquals(sandbox.events.map(({ allowed, reason }) => [allowed, reason]), [
    [false, "the broker may not run that program"],
  ]);
});

Deno.test({
  name: "processRun says what cannot be started",
  ignore,
  fn: async () => {
    const commands = {
      none: { command: "/no/such/program" },
      data: { command: "/etc/passwd" },
      folder: { command: "/etc" },
    };
    const sandbox = new TestSandbox({ commands, auditAll: true });
    assertEquals(await sandbox.run("none"), "noent");
    assertEquals(await sandbox.run("data"), "acces");
    assertEquals(await sandbox.run("folder"), "acces");
    assertEquals(sandbox.events.map(({ allowed }) => allowed), [true, true, true]);
  },
});

Deno.test({
  name: "processRead gives any part of each stream, and no more than fits",
  ignore,
  fn: async () => {
    const command = { command: "/bin/sh", args: ["-c", "cat; echo error >&2"] };
    const sandbox = new TestSandbox({ commands: { both: command }, room: 5 });
    const result = await sandbox.run("both", [], "0123456789");
    assert(typeof result !== "string");
    const { process } = result;
    assertEquals([result.stdout, result.stderr], [10, 6]);
    assertEquals(await sandbox.read(process), '"01234"');
    assertEquals(await sandbox.read(process, { offset: 7 }), '"789"');
    assertEquals(await sandbox.read(process, { offset: 2, length: 2 }), '"23"');
    assertEquals(await sandbox.read(process, { stream: 2, offset: 1 }), '"rror\n"');
    for (const offset of [10, 11, 2 ** 32, 2 ** 53 - 1]) {
      assertEquals(await sandbox.read(process, { offset }), '""');
    }
    for (const offset of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      assertEquals(await sandbox.read(process, { offset }), "inval", `${offset}`);
    }
    for (const stream of [0, 3, 255]) assertEquals(await sandbox.read(process, { stream }), "inval");
    assertEquals(await sandbox.read(process + 1), "badf");
    assertEquals(await sandbox.close(process), "success");
    assertEquals([await sandbox.close(process), await sandbox.read(process)], ["badf", "badf"]);
  },
});

Deno.test({
  name: "what a command prints beyond outputSize is dropped, and that is said",
  ignore,
  fn: async () => {
    const sandbox = new TestSandbox({ commands: { copy: CAT }, outputSize: 3 });
    const kept = await sandbox.run("copy", [], "0123456789".repeat(100_000));
    assertEquals(kept, { process: 1, status: 0, stdout: 3, stderr: 0, truncated: 1 });
    assertEquals(await sandbox.read(1), '"012"');
  },
});

Deno.test({
  name: "eight processes can be open, and closing one makes room",
  ignore,
  fn: async () => {
    const sandbox = new TestSandbox({ commands: { say: ECHO } });
    const open: number[] = [];
    for (let i = 0; i < 8; i++) open.push(await sandbox.process("say", [`${i}`]));
    assertEquals(await sandbox.run("say"), "mfile");
    assertEquals(sandbox.started.length, 8);
    assertEquals(await sandbox.close(open[3] ?? 0), "success");
    assertEquals(await sandbox.read(await sandbox.process("say", ["new"])), '"own new\n"');
    assertEquals(await sandbox.read(open[7] ?? 0), '"own 7\n"');
  },
});

Deno.test({
  name: "the timeout, interrupt(), narrow() and close() kill what is under way",
  ignore,
  fn: async () => {
    const ends: readonly [string, (sandbox: TestSandbox) => void][] = [
      ["timedout", () => {}],
      ["intr", ({ operations }) => operations.interrupt()],
      ["notcapable", ({ operations }) => operations.narrow([])],
      ["intr", ({ operations }) => operations.close()],
    ];
    for (const [index, [errno, end]] of ends.entries()) {
      const time = longTime();
      const commands = { sleep: { command: "/bin/sleep", args: [time] } };
      const sandbox = new TestSandbox({ commands, timeout: index === 0 ? 200 : 10_000 });
      const running = sandbox.run("sleep");
      assertEquals(await processesBecome(time, 1), 1);
      end(sandbox);
      assertEquals(await running, errno);
      assertEquals(await processesBecome(time, 0), 0);
      sandbox.operations.close();
    }
  },
});

Deno.test({
  name: "narrow() lets a command run on that is still granted, and drops the output of one that is not",
  ignore,
  fn: async () => {
    const time = "0.3", commands = { say: ECHO, sleep: { command: "/bin/sleep", args: [time] } };
    const sandbox = new TestSandbox({ commands });
    const said = await sandbox.process("say"), sleeping = sandbox.run("sleep");
    sandbox.operations.narrow(grantsOf({ sleep: commands.sleep }));
    assertEquals(await sandbox.read(said), "notcapable");
    assertEquals(typeof await sleeping, "object");
    assertEquals(await sandbox.run("say"), "notcapable");
    assertEquals(await sandbox.close(said), "success");
  },
});

Deno.test({
  name: "interrupt() closes a result that the guest may not have learned of, and no other",
  ignore,
  fn: async () => {
    const sandbox = new TestSandbox({ commands: { say: ECHO } });
    const first = await sandbox.process("say"), second = await sandbox.process("say");
    sandbox.operations.interrupt();
    assertEquals(await sandbox.read(second), "badf");
    assertEquals(await sandbox.read(first), '"own\n"');
    sandbox.operations.interrupt();
    assertEquals(await sandbox.read(first), '"own\n"');
  },
});

Deno.test({
  name: "processRun takes the input as it was when it was asked for",
  ignore,
  fn: async () => {
    const sandbox = new TestSandbox({ commands: { copy: CAT } }), input = encoder.encode("first");
    const running = sandbox.operations.perform("processRun", { name: "copy", words: "", input });
    input.fill(120);
    assertEquals((await running).reply?.stdout, 5);
    assertEquals(await sandbox.read(1), '"first"');
  },
});
