import { HAS_PROGRAMS, longTime, processesBecome, processesWith } from "./running_commands.ts";
import { Deadline } from "../../src/broker/deadline.ts";
import { type Child, DENO_PROCESS_PORTS } from "../../src/broker/process_ports.ts";
import { type CommandResult, runCommand } from "../../src/broker/process_run.ts";
import { OperationError } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

const ignore = !HAS_PROGRAMS, decoder = new TextDecoder();

interface Asked {
  readonly input?: Uint8Array;
  readonly outputSize?: number;
  readonly deadline?: Deadline;
}

async function run(command: string, args: readonly string[], asked: Asked = {}): Promise<CommandResult> {
  const { input = new Uint8Array(), outputSize = 1 << 20, deadline = new Deadline(10_000) } = asked;
  try {
    return await runCommand(DENO_PROCESS_PORTS.start(command, args), { input, outputSize }, deadline);
  } finally {
    deadline.clear();
  }
}

async function shell(script: string, asked: Asked = {}): Promise<string[]> {
  const { status, stdout, stderr, truncated } = await run("/bin/sh", ["-c", script], asked);
  return [`${status}`, decoder.decode(stdout), decoder.decode(stderr), ...(truncated ? ["truncated"] : [])];
}

Deno.test({
  name: "runCommand() gives status and both streams; a signal is 128 and its number",
  ignore,
  fn: async () => {
    assertEquals(await shell("echo out; echo err >&2; exit 7"), ["7", "out\n", "err\n"]);
    assertEquals(await shell("kill -TERM $$"), ["143", "", ""]);
  },
});

Deno.test({
  name: "runCommand() feeds the input and lets it end; a command need not read it",
  ignore,
  fn: async () => {
    const input = new TextEncoder().encode("line\n".repeat(100_000));
    const { stdout, truncated } = await run("/bin/cat", [], { input });
    assertEquals([stdout.length, truncated], [500_000, false]);
    assertEquals(await shell("exit 3", { input }), ["3", "", ""]);
  },
});

Deno.test({
  name: "runCommand() keeps so much of each stream and lets the command print on",
  ignore,
  fn: async () => {
    const script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done; echo end >&2; exit 4";
    const [status, out, ...rest] = await shell(script, { outputSize: 1000 });
    assertEquals([status, out?.length, ...rest], ["4", 1000, "end\n", "truncated"]);
  },
});

Deno.test({
  name: "runCommand() kills at the deadline, one that ignores signals as well",
  ignore,
  fn: async () => {
    const time = longTime();
    await assertRejects(
      () => run("/bin/sleep", [time], { deadline: new Deadline(100) }),
      OperationError,
      "timedout",
    );
    assertEquals(processesWith(time), []);
    const deadline = new Deadline(10_000), word = longTime();
    const stubborn = run("/bin/sh", ["-c", "trap '' TERM INT; while :; do :; done", word], { deadline });
    assertEquals(await processesBecome(word, 1), 1);
    deadline.end("intr");
    await assertRejects(() => stubborn, OperationError, "intr");
    assertEquals(processesWith(word), []);
  },
});

Deno.test({
  name: "runCommand() kills a command that waits for room in its pipes",
  ignore,
  fn: async () => {
    const input = new Uint8Array(1 << 20), deadline = new Deadline(200);
    await assertRejects(
      () => run("/bin/sleep", [longTime()], { input, deadline }),
      OperationError,
      "timedout",
    );
    const endless = run("/usr/bin/yes", [], { outputSize: 10, deadline: new Deadline(200) });
    await assertRejects(() => endless, OperationError, "timedout");
  },
});

Deno.test({
  name: "runCommand() does not wait for what a command leaves behind with its pipes",
  ignore,
  fn: async () => {
    const time = longTime(), started = performance.now();
    assertEquals(await shell(`/bin/sleep ${time} & echo here`), ["0", "here\n", ""]);
    assert(performance.now() - started < 5000);
    for (const left of processesWith(time)) Deno.kill(left, "SIGKILL");
  },
});

Deno.test({
  name: "DENO_PROCESS_PORTS.start() gives no variable, and the root directory",
  ignore,
  fn: async () => {
    Deno.env.set("AEGIS_TEST_SECRET", "s3cret");
    try {
      assertEquals(decoder.decode((await run("/usr/bin/env", [])).stdout), "");
    } finally {
      Deno.env.delete("AEGIS_TEST_SECRET");
    }
    assertEquals(decoder.decode((await run("/bin/pwd", [])).stdout), "/\n");
  },
});

Deno.test("runCommand() gives up a command that cannot be killed", async () => {
  const child: Child = {
    stdin: new WritableStream(),
    stdout: new ReadableStream(),
    stderr: new ReadableStream(),
    status: new Promise(() => {}),
    kill: () => {
      throw new Deno.errors.PermissionDenied("not ours");
    },
  };
  const options = { input: new Uint8Array(1), outputSize: 1 };
  await assertRejects(() => runCommand(child, options, new Deadline(10)), OperationError, "timedout");
  const held = { ...child, stdin: new WritableStream(), kill: () => {} };
  const again = { ...held, stdout: new ReadableStream(), stderr: new ReadableStream() };
  await assertRejects(() => runCommand(again, options, new Deadline(10)), OperationError, "timedout");
});
