import { decodeServerPlan, encodeServerPlan, type ServerPlan } from "../../src/cli/server_plan.ts";
import { NO_GRANTS } from "../../src/manifest/grants.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { type FakeWorld, runCommand } from "./fake_io.ts";
import { pseudoTerminalAvailable } from "../terminal/pseudo_terminal.ts";
import { aegis, ServerProcess } from "./server_process.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { converse } from "./terminal_talk.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The words for Deno that a command line leads to, and the plan behind them. */
async function started(
  words: readonly string[],
  files: NonNullable<FakeWorld["files"]> = {},
): Promise<
  {
    readonly args: readonly string[];
    readonly plan: ServerPlan;
    readonly environment: Readonly<Record<string, string>>;
  }
> {
  const { started: [start], err } = await runCommand(["server", "--data", "data", ...words], { files });
  assert(start !== undefined, err);
  return {
    args: start.args.slice(0, -1),
    plan: decodeServerPlan(start.args.at(-1) ?? ""),
    environment: start.environment,
  };
}

/** What a command line is refused with. */
async function refused(
  words: readonly string[],
  files: NonNullable<FakeWorld["files"]> = {},
): Promise<string> {
  const { status, out, err, started } = await runCommand(["server", "--data", "data", ...words], { files });
  assertEquals([status, out, started], [2, "", []], err);
  return err;
}

const FIXED = [
  `--config=${ROOT}deno.json`,
  "--frozen",
  `--lock=${ROOT}deno.lock`,
  new URL("../../src/cli/server_main.ts", import.meta.url).href,
];

Deno.test("G57 aegis server gives its process its data and its port, and nothing else", async () => {
  const { args, plan, environment } = await started([]);
  assertEquals(args, [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-worker-options",
    "--allow-read=/folder/data",
    "--allow-write=/folder/data",
    "--allow-net=127.0.0.1:8080",
    ...FIXED,
  ]);
  assertEquals(environment, {});
  assertEquals(plan, {
    version: 2,
    hostname: "127.0.0.1",
    port: 8080,
    data: "/folder/data",
    auth: true,
    newToken: false,
    hosts: [],
    origins: [],
    webhook: null,
    limits: resolveLimits(),
    engine: "v8",
    grants: NO_GRANTS,
    grace: 10_000,
    json: false,
    colour: false,
  });
});

Deno.test("aegis server gives its process what the policy grants, each once", async () => {
  const files = {
    "policy.toml": [
      'memory_limit = "32MiB"',
      'fuel_limit = "unlimited"',
      'engine = "interpreter"',
      'allow_read = ["in"]',
      'dir = ["out::/out"]',
      'allow_net = ["api.example:443"]',
      'sensor = ["0=21", "1=@sub/gauge"]',
      'env = ["KEY=secret"]',
    ].join("\n"),
    in: "",
    out: "",
    sub: "",
    "sub/gauge": "1",
  };
  const { args, plan, environment } = await started([
    "--policy",
    "policy.toml",
    "--host",
    "::1",
    "--port",
    "0",
  ], files);
  assertEquals(args.slice(4, -FIXED.length), [
    "--allow-read=/folder/data,/folder/in,/folder/out,/folder/sub/gauge",
    "--allow-write=/folder/data,/folder/out",
    "--allow-net=[::1]:0,api.example:443",
    "--allow-env=AEGIS_GUEST_ENV_0",
  ]);
  assertEquals([plan.limits.memoryLimit, plan.engine, plan.hostname], [32 * 2 ** 20, "interpreter", "::1"]);
  assertEquals(environment, { AEGIS_GUEST_ENV_0: "secret" });
  assert(![...args, encodeServerPlan(plan)].join().includes("secret"), "no secret stands on a command line");
});

Deno.test("aegis server may reach the host of its webhook, and posts to no other scheme", async () => {
  for (
    const [url, host] of [["https://alerts.example/in", "alerts.example:443"], [
      "http://127.0.0.1:9/",
      "127.0.0.1:9",
    ]] as const
  ) {
    const { args, plan, environment } = await started(["--alert-webhook", url]);
    assert(args.includes(`--allow-net=127.0.0.1:8080,${host}`), args.join(" "));
    assertEquals([plan.webhook, environment["AEGIS_ALERT_WEBHOOK"]], [host, url]);
    assert(!args.join().includes(url), "who may post there is told to nobody else");
  }
  for (const url of ["alerts.example", "file:///in", "ftp://alerts.example", "https://me@alerts.example/"]) {
    assertStringIncludes(await refused(["--alert-webhook", url]), "give the URL of an HTTP server", url);
  }
});

Deno.test("aegis server refuses what would be heard by nobody, or open more than was meant", async () => {
  assertStringIncludes(await refused(["--port", "65536"]), "Cannot listen on port 65536");
  for (
    const origin of [
      "*",
      "board.example",
      "https://board.example/",
      "https://board.example/a",
      "file:///a",
      "null",
    ]
  ) {
    assertStringIncludes(await refused(["--cors", origin]), "give an origin", origin);
  }
  for (const host of ["0.0.0.0", "10.0.0.1", "::", "board.example"]) {
    assertStringIncludes(await refused(["--no-auth", "--host", host]), "Leave --no-auth out", host);
  }
  for (
    const line of [
      'function = "f"',
      'format = "json"',
      "metrics = true",
      'isolation = "process"',
      'on_denial = "stop"',
    ]
  ) {
    assertStringIncludes(await refused(["--policy", "p"], { p: line }), "it says how one run is made", line);
  }
  assertStringIncludes(await refused(["--policy", "p"], { p: "alow_read = []" }), 'unknown key "alow_read"');
  assertStringIncludes(await refused(["--policy", "none.toml"]), "there is no such file");
  assertStringIncludes(await refused(["--grace", "soon"]), "--grace");
});

Deno.test("G55 aegis server grants no part of its own data, and nothing that holds it", async () => {
  for (const path of ["data", "data/tokens.json"]) {
    for (const line of [`allow_read = ["${path}"]`, `dir = ["${path}::/x"]`, `sensor = ["0=@${path}/a"]`]) {
      assertStringIncludes(
        await refused(["--policy", "p"], { p: line, [path]: "" }),
        "keeps its own data there",
        line,
      );
    }
  }
  const files = { p: 'allow_read = ["data"]', data: "" };
  const inner = await runCommand(["server", "--data", "data/inner", "--policy", "p"], { files });
  assertStringIncludes(inner.err, "keeps its own data there");
  const near = await runCommand(["server", "--data", "database", "--policy", "p"], { files });
  assertEquals(near.err, "", "a name that begins in the same way is another directory");
  assertStringIncludes(
    (await runCommand(["server", "--data", "a,b"], {})).err,
    "a path with a comma cannot be granted",
  );
});

Deno.test("the first start prints a token once, the next ones none, and --new-token makes the old one worthless", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" }), data = `${folder}/data`;
  try {
    const ask = async ({ url }: ServerProcess, token: string | undefined) => {
      const response = await fetch(`${url}/api/v1/stats`, { headers: { Authorization: `Bearer ${token}` } });
      await response.body?.cancel();
      return response.status;
    };
    const first = await ServerProcess.start([], data), { token } = first;
    assertMatch(token ?? "", /^aegis_[\w-]{43}$/);
    assertEquals(await ask(first, token), 200);
    const kept = await Deno.readTextFile(`${data}/tokens.json`);
    assert(!kept.includes(token ?? ""), "its hash is kept");
    if (Deno.build.os !== "windows") {
      const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
      assertEquals(mode(data), 0o700);
      for (const { name } of Deno.readDirSync(data)) assertEquals(mode(`${data}/${name}`), 0o600, name);
    }
    assertEquals(await first.end(), { code: 0, err: "" });

    const second = await ServerProcess.start([], data);
    assertEquals([second.token, await ask(second, token)], [undefined, 200]);
    assertEquals(await second.end("SIGINT"), { code: 0, err: "" });

    const third = await ServerProcess.start(["--new-token"], data);
    assertEquals([await ask(third, token), await ask(third, third.token)], [401, 200]);
    await third.end();

    const open = await ServerProcess.start(["--no-auth"], data);
    assertEquals([open.token, await ask(open, "")], [undefined, 200]);
    await open.end();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a second server on the same data, or on the same port, is refused in words, and the first goes on", async () => {
  await using first = await ServerProcess.start();
  const same = await aegis(["server", "--port", "0", "--data", first.data]);
  assertEquals([same.code, same.out], [1, ""]);
  assertMatch(
    same.err,
    /^error: Cannot open ".*tasks\.db": another process has it\nhint: Stop the other server/,
  );
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" });
  try {
    const port = new URL(first.url).port;
    const { code, out, err } = await aegis(["server", "--port", port, "--data", folder]);
    assertEquals([code, out], [1, ""]);
    assertEquals(err.split("\n"), [
      `error: Cannot listen on "127.0.0.1:${port}": another program does`,
      "hint: Name another port with --port, or 0 for any that is free.",
      "",
    ]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["tasks.db", "tokens.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertEquals((await fetch(`${first.url}/api/v1/health`)).status, 200);
});

/** Adds a loop that ends with its server. */
async function startLoop({ environment: env }: ServerProcess): Promise<void> {
  const bounds = ["--fuel-limit", "unlimited", "--timeout", "5m"];
  const words = [
    "task",
    "add",
    "examples/endless_loop.wat",
    "-e",
    "spin",
    "--name",
    "loop",
    ...bounds,
    "--start",
  ];
  const added = await aegis(words, { env });
  assertEquals(added.code, 0, added.err);
}

Deno.test("SIGTERM ends a server within its grace, whatever runs, with the store closed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" }), data = `${folder}/data`;
  try {
    await Deno.writeTextFile(`${folder}/policy.toml`, 'fuel_limit = "unlimited"\ntimeout = "10m"\n');
    const server = await ServerProcess.start(["--grace", "300ms", "--policy", `${folder}/policy.toml`], data);
    await startLoop(server);
    const began = performance.now(), { code, err } = await server.end();
    assertEquals([code, err], [0, ""]);
    assert(performance.now() - began < 8000, "in time");
    assertEquals([...Deno.readDirSync(data)].map(({ name }) => name).sort(), ["tasks.db", "tokens.json"]);

    const next = await ServerProcess.start([], data);
    const { out } = await aegis(["task", "list"], {
      env: { ...next.environment, AEGIS_TOKEN: server.token ?? "" },
    });
    assertMatch(out, /^\S{8} +loop +interrupted +1 +1 /m);
    await next.end();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The error number of opening `a.txt` in the first directory that is granted; 8 where none is. */
const OPENER = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "a.txt")
  (func (export "open") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64))))`;

Deno.test("F46 tasks reach the files that the policy grants, or fewer, after the server has given up its permissions", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" });
  try {
    await Deno.mkdir(`${folder}/granted/inner`, { recursive: true });
    for (const place of ["", "granted/", "granted/inner/"]) {
      await Deno.writeTextFile(`${folder}/${place}a.txt`, "a");
    }
    await Deno.writeTextFile(
      `${folder}/policy.toml`,
      `allow_read = [${JSON.stringify(`${folder}/granted`)}]\n`,
    );
    await using server = await ServerProcess.start(["--policy", `${folder}/policy.toml`], `${folder}/data`);
    const ask = async (path: string, type: string, body: BodyInit) => {
      const headers = { Authorization: `Bearer ${server.token}`, "Content-Type": type };
      return await (await fetch(`${server.url}/api/v1${path}`, { method: "POST", headers, body })).json();
    };
    const { hash: module } = await ask("/modules", "application/wasm", compileText(OPENER));
    const run = (read?: string) => {
      const grants = read === undefined ? {} : { grants: { read: [`${folder}/${read}`] } };
      return ask("/run", "application/json", JSON.stringify({ module, function: "open", ...grants }));
    };
    assertEquals((await run()).results, [0]);
    assertEquals((await run("granted/inner")).results, [0]);
    assertMatch(JSON.stringify((await run(".")).error), /Cannot grant/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wish to end that the first process passes on late is no second one; a second one ends a server at once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 1000));
  try {
    await Deno.writeTextFile(`${folder}/policy.toml`, 'fuel_limit = "unlimited"\ntimeout = "10m"\n');
    const flags = ["--policy", `${folder}/policy.toml`, "--grace"];
    await using patient = await ServerProcess.start([...flags, "3s"], `${folder}/patient`);
    await startLoop(patient);
    const began = performance.now();
    Deno.kill(patient.pid, "SIGTERM"); // as a supervisor sends it to both, here to the second process first
    await rest();
    assertEquals(await patient.end(), { code: 0, err: "" });
    assert(performance.now() - began >= 3000, "with its grace");

    await using hasty = await ServerProcess.start([...flags, "1m"], `${folder}/hasty`);
    await startLoop(hasty);
    const ended = hasty.end();
    await rest();
    assertEquals(await hasty.end(), { code: 130, err: "" });
    await ended;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a server whose first process is killed ends, and leaves its store closed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_server_" });
  try {
    const server = await ServerProcess.start([], folder);
    assertEquals((await server.end("SIGKILL")).code, 137);
    const last = performance.now() + 20_000;
    while ([...Deno.readDirSync(folder)].some(({ name }) => name === "tasks.db-wal")) {
      assert(performance.now() < last, "it runs on");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "Ctrl-C on a terminal, which both processes get, ends a server as one signal does",
  ignore: !await pseudoTerminalAvailable(),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aegis_server_" });
    try {
      const { code, shown } = await converse(["server", "--port", "0", "--data", `${folder}/data`], [
        [/shown this once\)\r?\n$/, "\x03"],
      ]);
      assertEquals(code, 0, shown);
      assertEquals([...Deno.readDirSync(`${folder}/data`)].map(({ name }) => name).sort(), [
        "tasks.db",
        "tokens.json",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
