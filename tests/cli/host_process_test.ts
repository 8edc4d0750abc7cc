/** The two processes as the system sees them. Linux tells of a process in `/proc`; elsewhere these tests skip. */
import { startHostProcess } from "../../src/cli/host_process.ts";
import { decodePlan } from "../../src/cli/run_plan.ts";
import { becomes, childrenOf, guestsOf } from "../isolation/child_processes.ts";
import { assert, assertEquals } from "../assert.ts";
import { makeFixtures } from "./transcript_fixtures.ts";

const ROOT = new URL("../../", import.meta.url);
const noProc = Deno.build.os !== "linux";

/** Waits until `look` finds something, at most ten seconds. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Waited ten seconds in vain");
}

/** The words that started a process; undefined once it has ended, even while nobody has asked for its status. */
function commandLine(pid: number): string[] | undefined {
  try {
    const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").slice(0, -1);
    return words.length > 0 ? words : undefined;
  } catch {
    return undefined;
  }
}

/** Hundredths of a second for which a process has computed. */
function processorTime(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\)/s, "").trim().split(" ");
  return Number(fields[11]) + Number(fields[12]); // utime and stime, counted behind the name
}

/** The child of a process that runs the host's entry. */
function hostOf(pid: number): number | undefined {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return children.map(Number).find((child) =>
    commandLine(child)?.some((word) => word.endsWith("/host_main.gen.js"))
  );
}

/** Starts the command on a guest that never ends, and waits for its host process. */
async function startEndless(
  folder: string,
  ...flags: readonly string[]
): Promise<{ command: Deno.ChildProcess; host: number }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", new URL("cli.ts", ROOT).href, "run", "endless_loop.wat", "-e", "spin"],
      ...["--fuel-limit", "unlimited", "--timeout", "20s", ...flags],
    ],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return { command, host: await until(() => hostOf(command.pid)) };
}

Deno.test({
  name: "G57 aegis run starts its host process with the right to read the module and no other",
  ignore: noProc,
  async fn() {
    const folder = await makeFixtures();
    try {
      const { command, host } = await startEndless(folder);
      const words = commandLine(host) ?? [];
      command.kill("SIGTERM");
      await command.status;
      assertEquals(words.slice(1, -1), [
        "run",
        "--quiet",
        "--no-prompt",
        "--unstable-worker-options",
        `--allow-read=${folder}/endless_loop.wat`,
        `--config=${new URL("deno.json", ROOT).pathname}`,
        "--frozen",
        `--lock=${new URL("deno.lock", ROOT).pathname}`,
        new URL("src/cli/host_main.gen.js", ROOT).href,
      ]);
      assertEquals(decodePlan(words.at(-1) ?? "").functionName, "spin");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "aegis run --isolation process runs the guest in a child of the host process, which goes with it",
  ignore: noProc,
  async fn() {
    const folder = await makeFixtures();
    try {
      const workers = await startEndless(folder),
        inProcess = await startEndless(folder, "--isolation=process");
      const started = () => guestsOf(inProcess.host).map(({ pid }) => pid);
      const busy = await until(() => started().find((pid) => processorTime(pid) > 50)); // hundredths of a second
      assertEquals(childrenOf(workers.host), [], "a Worker takes none");
      const all = started();
      for (const { command } of [workers, inProcess]) {
        command.kill("SIGTERM");
        assertEquals((await command.status).code, 143);
      }
      assert(all.includes(busy));
      assert(await becomes(() => all.every((pid) => commandLine(pid) === undefined)), `${all}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "aegis run passes signals on, and ends with its host process",
  ignore: noProc,
  async fn() {
    const folder = await makeFixtures();
    try {
      for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const { command, host } = await startEndless(folder);
        command.kill(signal);
        assertEquals((await command.status).code, status, signal);
        assertEquals(commandLine(host), undefined, `${signal}: the host process lives on`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "C29 the host process ends when the command is killed, so that no guest is left running",
  ignore: noProc,
  async fn() {
    const folder = await makeFixtures();
    try {
      const { command, host } = await startEndless(folder);
      command.kill("SIGKILL");
      await command.status;
      assert(await until(() => commandLine(host) === undefined || undefined));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("startHostProcess() kills a process that outlives its deadline", async () => {
  const args = ["eval", "for (;;);"];
  const { ended } = startHostProcess({ command: Deno.execPath(), args, environment: {}, deadline: 200 });
  const end = await ended;
  assertEquals([end.overdue, end.forwarded], [true, []]);
  if (Deno.build.os !== "windows") assertEquals([end.status, end.signal], [137, "SIGKILL"]);
});

Deno.test("startHostProcess() gives back the status of a process that ends in time", async () => {
  const args = ["eval", "Deno.exit(42)"];
  const { ended } = startHostProcess({ command: Deno.execPath(), args, environment: {}, deadline: 60_000 });
  assertEquals(await ended, { status: 42, signal: null, overdue: false, forwarded: [] });
});

Deno.test({
  name: "hearEndingSignals() hears a signal that is still on its way when it is told to stop",
  ignore: Deno.build.os === "windows",
  async fn() {
    const source = `
      import { hearEndingSignals } from ${JSON.stringify(new URL("src/cli/host_process.ts", ROOT).href)};
      const { promise, resolve } = Promise.withResolvers(), stop = hearEndingSignals(resolve);
      Deno.kill(Deno.pid, "SIGINT");
      stop();
      console.log(await promise);
    `;
    // Where the listeners go at once, about half of these processes end by the signal.
    const ends = await Promise.all(Array.from({ length: 8 }, async () => {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-config", source],
        stderr: "null",
      });
      const { code, stdout } = await command.output();
      return `${code} ${new TextDecoder().decode(stdout)}`;
    }));
    assertEquals(ends, ends.map(() => "0 SIGINT\n"));
  },
});
