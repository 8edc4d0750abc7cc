/**
 * F45 to F51 for commands of the host: a guest names a command and adds words where it may; it names no program, reaches no
 * shell, and nothing that a command does binds the broker.
 */
import { assert, assertEquals } from "../../assert.ts";
import { nameOf } from "../../broker/errno_name.ts";
import { HAS_PROGRAMS, longTime, processesBecome } from "../../broker/running_commands.ts";
import { residentMemory } from "../process_facts.ts";
import { Aegis, type AegisOptions, ProcessCapability, type Sandbox } from "../../../mod.ts";

/** Where texts lie, and what comes back. */
const NAME = 4096, WORDS = 8192, INPUT = 131_072, BUFFER = 65_536;

const TEXT = `(module
  (import "aegis:process" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:process" "read" (func $read (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 32)
  (func (export "run") (param i32 i32 i32) (result i32)
    (call $run (i32.const ${NAME}) (local.get 0) (i32.const ${WORDS}) (local.get 1) (i32.const ${INPUT}) (local.get 2)
      (i32.const 0)))
  (func (export "read") (param i32 i32 i32) (result i32)
    (call $read (local.get 0) (local.get 1) (local.get 2) (i32.const ${BUFFER}) (i32.const 60000) (i32.const 32))))`;

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

interface Asked {
  /** As they go over: each word has a NUL behind it. */
  readonly words?: string;
  readonly input?: Uint8Array;
}

class Guest implements AsyncDisposable {
  private constructor(readonly runtime: Aegis, readonly sandbox: Sandbox) {}

  static async start(capabilities: readonly ProcessCapability[], options: AegisOptions = {}): Promise<Guest> {
    const runtime = await Aegis.create({ isolation: "worker", timeout: "5s", capabilities, ...options });
    const sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadWat(TEXT));
    return new Guest(runtime, sandbox);
  }

  /** What a command printed first, or the name of the error number, or how the call ended. */
  async run(name: string, { words = "", input = new Uint8Array(0) }: Asked = {}): Promise<string> {
    const texts = [ENCODER.encode(name), ENCODER.encode(words), input] as const;
    for (const [index, at] of [NAME, WORDS, INPUT].entries()) {
      await this.sandbox.writeMemory(at, texts[index] ?? new Uint8Array(0));
    }
    const outcome = await this.sandbox.tryCall("run", texts.map(({ length }) => length));
    if (outcome.kind !== "value") return outcome.kind;
    if (outcome.values[0] !== 0) return nameOf(Number(outcome.values[0]));
    const view = new DataView((await this.sandbox.readMemory(0, 20)).buffer);
    await this.sandbox.call("read", [view.getUint32(0, true), 1, 0]);
    const count = new DataView((await this.sandbox.readMemory(32, 4)).buffer).getUint32(0, true);
    const text = DECODER.decode(await this.sandbox.readMemory(BUFFER, count));
    await this.sandbox.reset();
    return `${view.getUint32(4, true)} ${text}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runtime.close();
  }
}

function shell(name: string, script: string): ProcessCapability {
  return ProcessCapability.command(name, { command: "/bin/sh", args: ["-c", script] });
}

const METACHARACTERS = [
  ..."; & | ` $ ( ) < > * ? [ ] { } ~ ! # % ^ ' \" \\ = @ + - , . / :".split(" "),
  ...[
    "$(id)",
    "`id`",
    "; id",
    "&& id",
    "| id",
    "> /tmp/out",
    "$HOME",
    "${IFS}",
    "*",
    "\n id",
    "\r\n",
    "\t",
    " ",
    "",
    "--",
    "-c",
    "é\u{1f600}",
    "\x1b[2J",
  ],
];

Deno.test({
  name: "F45 the words of a guest reach a command as they are: no shell, no splitting, no expansion",
  ignore: !HAS_PROGRAMS,
  fn: async () => {
    const print = ProcessCapability.command("print", {
      command: "/usr/bin/printf",
      args: ["[%s]"],
      moreArgs: true,
    });
    await using guest = await Guest.start([print]);
    const words = METACHARACTERS.map((word) => `${word}\0`).join("");
    assertEquals(
      await guest.run("print", { words }),
      `0 ${METACHARACTERS.map((word) => `[${word}]`).join("")}`,
    );
  },
});

Deno.test({
  name: "F45 a guest names commands, no programs: paths, prototypes, NULs, other cases, words in the name",
  ignore: !HAS_PROGRAMS,
  fn: async () => {
    const say = ProcessCapability.command("say", { command: "/bin/echo", args: ["own"] });
    await using guest = await Guest.start([say]);
    const names = [
      ...[
        "/bin/echo",
        "/bin/sh",
        "echo",
        "sh",
        "../bin/sh",
        "",
        " say",
        "say ",
        "SAY",
        "say\0",
        "say\0sh",
        "say -n",
        "say;id",
      ],
      ...["__proto__", "constructor", "toString", "say\n", "ｓａｙ", "*", "s?y"],
    ];
    for (const name of names) assertEquals(await guest.run(name), "notcapable", JSON.stringify(name));
    assertEquals(await guest.run("x".repeat(1025)), "nametoolong");
    for (const words of ["\0", "-n\0", "a\0b\0"]) {
      assertEquals(await guest.run("say", { words }), "notcapable");
    }
    for (const words of ["a", "a\0b", "x".repeat(9000)]) {
      assertEquals(await guest.run("say", { words }), "inval", "the last word has no end");
    }
    assertEquals(await guest.run("say", { words: "a\0".repeat(1001) }), "toobig");
    assertEquals(await guest.run("say", { words: "a".repeat(65_537) }), "toobig");
    assertEquals(await guest.run("say"), "0 own\n");
  },
});

Deno.test({
  name: "F49 a command that reads nothing, prints without end or says nothing costs time alone",
  ignore: !HAS_PROGRAMS,
  fn: async () => {
    const time = longTime(), before = residentMemory();
    await using guest = await Guest.start([
      shell("deaf", "echo heard"),
      shell("deaf for long", `exec sleep ${time}`),
      shell("closed", "exec <&- >&- 2>&-; exit 3"),
      ProcessCapability.command("flood", { command: "/usr/bin/yes", args: [`x${time}`] }),
      shell("flood and end", "head -c 50000000 /dev/zero | tr '\\0' a; exit 4"),
    ], { timeout: "400ms", outputSize: 1000 });
    const input = new Uint8Array(1_000_000);
    assertEquals(await guest.run("deaf", { input }), "0 heard\n");
    assertEquals(await guest.run("closed", { input }), "3 ");
    for (const name of ["flood", "deaf for long"]) {
      const started = performance.now();
      assertEquals(await guest.run(name, { input }), "limit", name);
      assert(performance.now() - started < 1500, name);
      await guest.sandbox.reset();
    }
    assertEquals(await processesBecome(time, 0), 0);
    assertEquals(await processesBecome(`x${time}`, 0), 0);
    await using patient = await Guest.start([
      shell("flood and end", "head -c 50000000 /dev/zero | tr '\\0' a; exit 4"),
    ], { outputSize: 1000 });
    assertEquals(await patient.run("flood and end"), `4 ${"a".repeat(1000)}`);
    assert(residentMemory() - before < 150, `${residentMemory() - before} MiB`);
  },
});

Deno.test({
  name: "F49 a command that leaves children with its pipes does not hold the guest, and its end is its own",
  ignore: !HAS_PROGRAMS,
  fn: async () => {
    const time = "3.21";
    await using guest = await Guest.start([
      shell("leave", `sleep ${time} & echo parent; exit 5`),
      shell("many", `for i in 1 2 3 4 5 6 7 8; do sleep ${time} & done; echo parent`),
      shell("signal", "kill -9 $$"),
    ]);
    for (
      const [name, expected] of [["leave", "5 parent\n"], ["many", "0 parent\n"], ["signal", "137 "]] as const
    ) {
      const started = performance.now();
      assertEquals(await guest.run(name), expected);
      assert(performance.now() - started < 2000, name);
    }
  },
});

Deno.test({
  name: "F50 a command finds no environment, no open file and no terminal of the host",
  ignore: !HAS_PROGRAMS,
  fn: async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    Deno.env.set("AEGIS_HOSTILE_SECRET", "s3cret");
    try {
      await using guest = await Guest.start([
        ProcessCapability.command("env", { command: "/usr/bin/env" }),
        shell(
          "files",
          "for f in /proc/self/fd/*; do readlink $f; done; pwd; test -t 0 || test -t 1 || echo none",
        ),
      ]);
      assertEquals(await guest.run("env"), "0 ");
      const files = await guest.run("files");
      assertEquals(/s3cret|socket:|\/dev\/pts|\.ts/.test(files), false, files);
      assert(files.endsWith("/\nnone\n"), files);
    } finally {
      Deno.env.delete("AEGIS_HOSTILE_SECRET");
      listener.close();
    }
  },
});
