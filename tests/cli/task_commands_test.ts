/** `aegis task …` against a real server: one for all of these tests. */
import { TASK_STATES } from "../../tasks.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { aegis, type Ran, ServerProcess } from "./server_process.ts";

/** Controls but line breaks. */
// deno-lint-ignore no-control-regex -- control characters are the matter of this expression
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

interface Asking extends AsyncDisposable {
  readonly server: ServerProcess;
  /** Asks it by a command. */
  task(...words: readonly string[]): Promise<Ran>;
  /** The same in JSON, which it has to succeed with. */
  json(...words: readonly string[]): Promise<Record<string, unknown>>;
}

async function start(): Promise<Asking> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_task_" });
  await Deno.writeTextFile(
    `${folder}/policy.toml`,
    'fuel_limit = "unlimited"\ntimeout = "10m"\nallow_logging = true\nsensor = ["0=21", "1=60", "2=1013"]\n',
  );
  const server = await ServerProcess.start(["--policy", `${folder}/policy.toml`]);
  const task = (...words: readonly string[]) => aegis(["task", ...words], { env: server.environment });
  return {
    server,
    task,
    json: async (...words) => {
      const { code, out, err } = await task(...words, "-f", "json-compact");
      assertEquals([code, err], [0, ""]);
      return JSON.parse(out);
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const SIMPLE = "examples/simple.wasm", LOOP = "examples/endless_loop.wat";
const ENDLESS = ["-e", "spin", "--fuel-limit", "unlimited", "--timeout", "5m"] as const;

/** Waits until the last execution of a task has ended. */
async function ended({ json }: Asking, word: string): Promise<Record<string, unknown>> {
  for (const end = performance.now() + 10_000;;) {
    const [last] = await json("history", word) as unknown as Record<string, unknown>[]; // the list of executions
    if (last !== undefined && last["status"] !== "running") return last;
    assert(performance.now() < end, `${word} does not end`);
  }
}

Deno.test("aegis task", async (t) => {
  await using asking = await start();
  const { server, task, json } = asking;

  await t.step(
    "add, start, list, show and history tell of a task by its name, its id and the beginning of that",
    async () => {
      const { id } = await json(
        "add",
        SIMPLE,
        "--name",
        "my-task",
        "--group",
        "a",
        "--priority",
        "high",
        "--retries",
        "2",
      );
      assertMatch(String(id), /^[0-9a-f-]{36}$/);
      assertEquals(
        (await task("list", "--state", "ready")).out.split("\n")[1]?.startsWith(
          `${String(id).slice(0, 8)}  my-task  ready  0     0 `,
        ),
        true,
      );
      assertEquals((await json("start", String(id)))["id"], id);
      const last = await ended(asking, String(id).slice(0, 6));
      assertEquals([last["status"], last["results"], last["trigger"]], ["succeeded", [42], "start"]);
      const shown = await task("show", "my-task");
      for (
        const line of [
          `Id          ${id}`,
          "State       completed",
          "Priority    high",
          "Group       a",
          "Runs        1, 0 failed",
        ]
      ) {
        assertStringIncludes(shown.out, `${line}\n`);
      }
      assertEquals((await task("list", "--group", "nobody")).out, "No tasks\n");
      assertMatch(
        (await task("history", "my-task")).out,
        /^RUN +STARTED .*\n1 +\d{4}-.* start +1 +.* succeeded +4 +\[42\]\n$/,
      );
    },
  );

  await t.step("arguments are read by the types of the function, those of a program as text", async () => {
    await task("add", "examples/add.wat", "-e", "add", "--name", "sum", "--start", "--", "0xff", "1_000");
    assertEquals((await ended(asking, "sum"))["results"], [1255]);
    assertStringIncludes(
      (await task("show", "sum")).out,
      "\nFunction    add\nArguments   255 1000\nPriority ",
    );
    await task(
      "add",
      "examples/factorial.wat",
      "-e",
      "factorial",
      "--name",
      "factorial",
      "--start",
      "--",
      "20",
    );
    assertEquals((await ended(asking, "factorial"))["results"], ["2432902008176640000"]);
    await task("add", "examples/guest/greet_c.wasm", "-e", "greet", "--name", "greet", "--start", "--", "5");
    assertEquals((await ended(asking, "greet"))["results"], ["Hello, 5!"]);
    await task("add", "tests/programs/wasm/cat.wasm", "--name", "cat", "--start", "--", "/etc/hostname");
    assertEquals((await ended(asking, "cat"))["outcome"], "exit:1");
    assertEquals((await task("logs", "cat")).out.split("\n", 1), [
      "stderr: cat: /etc/hostname: Capabilities insufficient",
    ]);
    const few = await task("add", "examples/add.wat", "-e", "add", "--", "1");
    assertEquals([few.code, few.out], [1, ""]);
    assertStringIncludes(few.err, "expected 2 arguments, got 1");
    const none = await aegis(["task", "add", "-", "--name", "piped"], {
      env: server.environment,
      stdin: "(module",
    });
    assertEquals([none.code, none.out], [65, ""]);
  });

  await t.step("pause, resume, stop and restart change what it does, and say what they cannot", async () => {
    await task("add", LOOP, ...ENDLESS, "--name", "loop", "--start");
    assertEquals((await json("pause", "loop"))["state"], "paused");
    assertEquals((await json("resume", "loop"))["state"], "running");
    assertEquals(["running", "queued"].includes(String((await json("restart", "loop"))["state"])), true);
    assertEquals((await json("stop", "loop"))["state"], "stopped");
    const twice = await task("stop", "loop");
    assertEquals([twice.code, twice.out], [1, ""]);
    assertEquals(
      twice.err,
      'error: Cannot stop a task that is "stopped": it must be one of queued, running, paused, waiting\n',
    );
  });

  await t.step("logs print what was said, and --follow goes on until the task is over", async () => {
    await task("add", "examples/sensor.wasm", "--name", "sensor", "--start");
    await ended(asking, "sensor");
    const { out } = await task("logs", "sensor");
    assertMatch(out, /^log info: /);
    assertEquals((await task("logs", "sensor", "--follow")).out, out);
    await task("add", LOOP, ...ENDLESS, "--name", "long", "--start");
    const following = task("logs", "long", "--follow");
    assertEquals(
      await Promise.race([following, new Promise((resolve) => setTimeout(resolve, 600, "follows"))]),
      "follows",
    );
    await task("stop", "long");
    assertEquals((await following).code, 0);
    const never = await json("add", SIMPLE, "--name", "never");
    assertEquals((await task("logs", "never", "--follow")).code, 0);
    assertEquals((await task("logs", String(never["id"]))).err, "error: The task was never started\n");
  });

  await t.step("rm forgets it", async () => {
    const { id } = await json("add", SIMPLE, "--name", "short-lived");
    assertEquals((await task("rm", "short-lived")).out, `Removed ${id}\n`);
    const gone = await task("show", "short-lived");
    assertEquals([gone.code, gone.err], [
      1,
      'error: There is no task "short-lived"\nhint: See: aegis task list\n',
    ]);
  });

  await t.step("names of others are printed escaped, in tables and in JSON", async () => {
    const name = "\x1b[31m<script>alert(1)</script>\r\n\u202eevil\x07";
    const { id } = await json("add", SIMPLE, "--name", name, "--group", name, "--start");
    await ended(asking, String(id));
    for (
      const words of [["list"], ["show", String(id)], ["start", String(id)], ["history", String(id)], [
        "list",
        "-f",
        "json",
      ], ["show", name]]
    ) {
      const { code, out, err } = await task(...words);
      assertEquals([code, err], [0, ""]);
      assert(!CONTROLS.test(out), JSON.stringify(out));
    }
    assertEquals((await json("show", String(id)))["name"], name, "JSON gives it back as it was");
    const unknown = await task("show", "\x1b]0;title\x07");
    assert(!CONTROLS.test(unknown.err), JSON.stringify(unknown.err));
  });

  await t.step("a name that two have is refused, with the ids that tell them apart", async () => {
    const ids = [await json("add", SIMPLE, "--name", "twin"), await json("add", SIMPLE, "--name", "twin")]
      .map(({ id }) => id);
    const { code, out, err } = await task("start", "twin");
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(err, 'Cannot tell which task is meant: 2 are called "twin"');
    for (const id of ids) assertStringIncludes(err, String(id));
  });

  await t.step("what the server refuses is told in its words", async () => {
    const before = (await json("list")) as unknown as unknown[];
    const cron = await task("add", SIMPLE, "--cron", "now and then");
    assertEquals(cron.code, 2);
    assertStringIncludes(cron.err, "use five or six fields");
    assertEquals(
      ((await json("list")) as unknown as unknown[]).length,
      before.length,
      "and no task is left behind",
    );
    const memory = await task("add", SIMPLE, "--memory-limit", "1GiB");
    assertStringIncludes(memory.err, "its runtime has 64MiB");
    const state = await task("list", "--state", "nonsense");
    assertEquals(state.code, 2);
    for (const name of Object.keys(TASK_STATES)) assertStringIncludes(state.err, name);
    const scheduled = await json("add", SIMPLE, "--name", "by the clock", "--cron", "0 4 * * *");
    const schedules = await fetch(`${server.url}/api/v1/schedules`, {
      headers: { Authorization: `Bearer ${server.token}` },
    });
    const { items } = await schedules.json() as { items: { task: string; cron: string }[] };
    assertEquals(items.map(({ task, cron }) => [task, cron]), [[scheduled["id"], "0 4 * * *"]]);
    assertMatch(
      (await task("show", "by the clock")).out,
      /^Schedule +0 4 \* \* \* in UTC, next \d{4}-.* 04:00:00$/m,
    );
  });

  await t.step(
    "a token that is missing, wrong or may only look is told as that, and one in a file is read",
    async () => {
      const { AEGIS_SERVER = "" } = server.environment, list = ["task", "list"];
      const none = await aegis(list, { env: { AEGIS_SERVER, AEGIS_TOKEN: "" } });
      assertEquals([none.code, none.err.split("\n", 1)], [2, ["error: The server asks for a token"]]);
      const wrong = await aegis([...list, "-f", "json"], {
        env: { AEGIS_SERVER, AEGIS_TOKEN: "aegis_wrong" },
      });
      assertEquals([wrong.code, wrong.err.split("\n", 1)], [2, [
        "error: The server does not know that token",
      ]]);
      assertEquals(JSON.parse(wrong.out).outcome.error.code, "InvalidOption");
      const made = await fetch(`${AEGIS_SERVER}/api/v1/tokens`, {
        method: "POST",
        headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ name: "looker", role: "read" }),
      });
      const { secret } = await made.json() as { secret: string };
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(file, `${secret}\nsecond line\n`);
        const env = { AEGIS_SERVER, AEGIS_TOKEN: "aegis_wrong" };
        assertEquals((await aegis([...list, "--token-file", file], { env })).code, 0);
        const start = await aegis(["task", "start", "my-task", "--token-file", file], { env });
        assertEquals([start.code, start.err.split("\n", 1)], [2, ["error: This token may only look"]]);
      } finally {
        await Deno.remove(file);
      }
    },
  );

  await t.step("where no server is, that is said, and how to start one", async () => {
    const nowhere = await task("list", "--server", "http://127.0.0.1:1");
    assertEquals([nowhere.code, nowhere.err], [
      1,
      'error: Cannot reach a server at "http://127.0.0.1:1"\nhint: Start one with: aegis server\n',
    ]);
    for (const url of ["ftp://127.0.0.1", "127.0.0.1:8080", "http://me:secret@127.0.0.1"]) {
      const { code, err } = await task("list", "--server", url);
      assertEquals(code, 2, url);
      assertStringIncludes(err, "give the URL of a server");
    }
  });

  await t.step("--quiet leaves tables away, not what was asked for", async () => {
    assertEquals((await task("list", "-q")).out, "");
    assertStringIncludes((await task("history", "my-task", "-q")).out, "succeeded");
  });
});
