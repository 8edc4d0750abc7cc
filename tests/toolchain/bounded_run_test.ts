import { runBounded } from "../../src/toolchain/bounded_run.ts";
import type { ToolCommand } from "../../src/toolchain/ports.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

const ignore = Deno.build.os === "windows"; // there is no shell there

async function withFolder(
  use: (
    run: (script: string, of?: Partial<ToolCommand>) => ReturnType<typeof runBounded>,
    folder: string,
  ) => Promise<void>,
) {
  const folder = await Deno.makeTempDir({ prefix: "aegis_bounds_" });
  try {
    await use((script, of = {}) =>
      runBounded({
        program: "/bin/sh",
        args: ["-c", script],
        directory: folder,
        environment: { PATH: "/usr/bin:/bin" },
        time: 20_000,
        memory: undefined,
        ...of,
      }), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "runBounded() gives status and streams, the environment that was said and no other, and no stdin",
  ignore,
  fn: () =>
    withFolder(async (run, folder) => {
      const { status, out, err } = await run("cat; env | sort; pwd; echo oops >&2; exit 3", {
        environment: { PATH: "/usr/bin:/bin", ONE: "1" },
      });
      const lines = out.trim().split("\n").filter((line) =>
        !/^(?:_|SHLVL|OLDPWD|PWD|AEGIS_BUILD)=/.test(line)
      );
      assertEquals([status, lines, err], [
        3,
        ["ONE=1", "PATH=/usr/bin:/bin", Deno.realPathSync(folder)],
        "oops\n",
      ]);
    }),
});

Deno.test({
  name: "runBounded() kills a compiler that takes too long, with all that it started",
  ignore,
  fn: () =>
    withFolder(async (run, folder) => {
      const { overdue, status } = await run("sleep 60 & echo $! > child; sleep 60", { time: 300 });
      assertEquals([overdue, status], [true, 137]);
      await assertGone(Number(await Deno.readTextFile(`${folder}/child`)));
    }),
});

Deno.test({
  name: "runBounded() leaves nothing behind that a compiler has started and not waited for",
  ignore,
  fn: () =>
    withFolder(async (run, folder) => {
      const { overdue, status } = await run("sleep 60 & echo $! > child");
      assertEquals([overdue, status], [false, 0]);
      await assertGone(Number(await Deno.readTextFile(`${folder}/child`)));
    }),
});

/** Waits until a process has died, which takes it a moment; one that nobody waits for stays as a zombie. */
async function assertGone(pid: number) {
  assert(pid > 0);
  for (const end = performance.now() + 5000; performance.now() < end;) {
    const state = Deno.build.os === "linux" ? stateOf(pid) : undefined;
    if (state === undefined || state === "Z" || state === "X") return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(false, "it runs on");
}

function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s+(\w)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  } catch {
    return undefined;
  }
}

Deno.test({
  name: "runBounded() does not wait for a process that left the group with the streams in its hands",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (run, folder) => {
      const { status, out } = await run("setsid sleep 60 & echo $! > child; sleep 0.2; echo done");
      assertEquals([status, out], [0, "done\n"]);
      await assertGone(Number(await Deno.readTextFile(`${folder}/child`)));
    }),
});

/** Leaves the group twice over, so that it is nobody's child, and closes what would tell of it. */
const LEAVE =
  "setsid sh -c 'setsid sleep 60 <&- >&- 2>&- & echo $! > child' <&- >&- 2>&- & while [ ! -s child ]; do sleep 0.02; done";

for (
  const [how, script, time] of [["ends", LEAVE, 20_000], ["is killed", `${LEAVE}; sleep 60`, 1000]] as const
) {
  Deno.test({
    name: `runBounded() kills what left the group of a compiler that ${how}`,
    ignore: ignore || Deno.build.os !== "linux",
    fn: () =>
      withFolder(async (run, folder) => {
        assertEquals((await run(script, { time })).overdue, time === 1000);
        await assertGone(Number(await Deno.readTextFile(`${folder}/child`)));
      }),
  });
}

Deno.test({
  name: "runBounded() leaves no listener behind when nothing can be started",
  ignore,
  fn: () =>
    withFolder(async (run) => {
      const { addSignalListener, removeSignalListener } = Deno, heard: unknown[] = [];
      try {
        Deno.addSignalListener = (_signal, listener) => void heard.push(listener);
        Deno.removeSignalListener = (_signal, listener) => void heard.splice(heard.indexOf(listener), 1);
        await assertRejects(
          () => run("true", { directory: "/there is no such folder" }),
          Deno.errors.NotFound,
        );
        assertEquals(heard, []);
      } finally {
        Object.assign(Deno, { addSignalListener, removeSignalListener });
      }
    }),
});

Deno.test({
  name: "runBounded() bounds memory: what asks for more is refused it",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (run) => {
      const grow = "dd if=/dev/zero of=/dev/null bs=400M count=1 2>/dev/null";
      assertEquals((await run(grow)).status, 0);
      assert((await run(grow, { memory: 200 * 1024 * 1024 })).status !== 0);
    }),
});

Deno.test({
  name: "runBounded() bounds what is written to where the address space is not bounded: typed arrays, too",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (run, folder) => {
      const program = Deno.execPath(), environment = { PATH: "/usr/bin:/bin", DENO_DIR: `${folder}/deno` };
      await Deno.writeTextFile(
        `${folder}/grow.js`,
        "const kept = []; for (let i = 0; i < 9; i++) kept.push(new Uint8Array(1e8).fill(1)); console.log(kept.length);",
      );
      const of = {
        program,
        args: ["run", "--no-config", "--v8-flags=--max-old-space-size=128", "grow.js"],
        environment,
      };
      assertEquals((await run("", of)).out, "9\n");
      const { status, out } = await run("", { ...of, writable: 640 * 1024 * 1024 });
      assertEquals([status !== 0, out], [true, ""]);
    }),
});

Deno.test({
  name: "runBounded() keeps the first part of a flood of output, and is not held up by it",
  ignore,
  fn: () =>
    withFolder(async (run) => {
      const { status, out } = await run("head -c 5000000 /dev/zero | tr '\\0' x");
      assertEquals([status, out.length], [0, 64 * 1024 + 2]);
    }),
});
