import { parseCommand } from "../../src/cli/parse.ts";
import { type CommandName, COMMANDS } from "../../src/cli/commands.ts";
import type { CommandRow } from "../../src/cli/commands/command_row.ts";
import { decodePlan } from "../../src/cli/run_plan.ts";
import { decodeServerPlan } from "../../src/cli/server_plan.ts";
import { readSettings, withSettings } from "../../src/cli/settings.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { runCommand } from "./fake_io.ts";

const read = (words: readonly string[], file = "") =>
  readSettings("run", parseCommand("run", words), {
    read: () => Promise.resolve(Uint8Array.from(new TextEncoder().encode(file))),
  });

const MANIFEST = `
  memory_limit = "32MiB"
  metrics = true

  [modules.greeter]
  path = "greet.wasm"
  fuel_limit = "10M"
  [modules.greeter.tools.greet]
  name = "hello"
  title = "Greeting"
  description = "Says hello"
  timeout = 1
  [modules.greeter.http]
  route = "/greet"
  form = "json"

  [modules.counter]
  path = "/opt/count.wasm"
  memory_limit = "1MiB"

  [run]
  format = "json"
  [server]
  port = 9090
`;

Deno.test("readSettings() takes a module by its name, with the flags of the top, of its table and of the words", async () => {
  const { modules } = await read(["greeter", "-c", "conf/aegis.toml", "--timeout", "2"], MANIFEST);
  const flags = {
    memoryLimit: 32 * 1024 * 1024,
    metrics: true as const,
    format: "json" as const,
    fuelLimit: 10_000_000n,
    config: "conf/aegis.toml",
    timeout: 2000,
  } as const;
  assertEquals(modules, [
    {
      name: "greeter",
      shown: "conf/greet.wasm",
      flags,
      tools: {
        greet: { name: "hello", title: "Greeting", description: "Says hello", own: { timeout: 1000 }, flags },
      },
      http: { route: "/greet", form: "json" as const },
    },
  ]);
});

Deno.test("readSettings() takes every module where none is named, and a file that no module is called", async () => {
  const all = await read(["-c", "aegis.toml"], MANIFEST);
  assertEquals(all.modules.map(({ shown, flags }) => [shown, flags.memoryLimit]), [
    ["greet.wasm", 33_554_432],
    ["/opt/count.wasm", 1_048_576],
  ]);
  const file = await read(["counter.wasm", "-c", "aegis.toml"], MANIFEST);
  assertEquals(file.modules.map(({ name, shown, flags }) => [name, shown, flags.memoryLimit]), [
    ["counter", "counter.wasm", 33_554_432],
  ]);
});

Deno.test("readSettings() refuses keys that nobody reads, with their path", async () => {
  for (
    const [text, key] of [
      ["[modules.a]\npath = 'a'\nfuel = 1", "modules.a.fuel"],
      ["[modules.a.http]\nrout = 'a'\n[modules.a]\npath = 'a'", "modules.a.http.rout"],
      ["[server]\nprot = 1", "server.prot"],
    ] as const
  ) {
    const error = await assertRejects(() => read(["a", "-c", "m.toml"], text), AegisError);
    assertEquals(error.message, `Cannot use configuration "m.toml": unknown key "${key}"`);
  }
});

Deno.test("every command that takes --config reads the file", async () => {
  const commands = Object.entries(COMMANDS as Record<string, CommandRow>);
  for (const [name, { flags, operand }] of commands.filter(([, row]) => row.flags.includes("config"))) {
    const isManifest = operand?.optional === true && name.startsWith("config ");
    const words = [
      ...name.split(" "),
      ...operand === undefined || isManifest ? [] : ["m.wasm"],
      "-c",
      "none.toml",
    ];
    const required = flags.includes("output") ? ["--output", "tool"] : [];
    const { status, err } = await runCommand([...words, ...required], { files: { "m.wasm": "" } });
    assertEquals([name, status], [name, 2], err);
    assertStringIncludes(err, 'Cannot read "none.toml"', name);
  }
});

const settled = (command: CommandName, words: readonly string[], file: string) =>
  withSettings(command, parseCommand(command, words), {
    read: () => Promise.resolve(Uint8Array.from(new TextEncoder().encode(file))),
  });

Deno.test("withSettings() puts in what the file says to a command, and leaves what the words say", async () => {
  const file = `
    format = "json"
    allow_read = "data"
    [modules.job]
    path = "job.wasm"
    stack_limit = "64KiB"
    allow_net = "a.example"
    [task]
    server = "http://a.example"
    token_file = "secret"
    priority = "high"
  `;
  const { operand, flags } = await settled(
    "task add",
    ["job", "-c", "conf/m.toml", "--server", "http://b.example", "--allow-net", "b.example"],
    file,
  );
  assertEquals([operand, flags], ["conf/job.wasm", {
    format: "json",
    stackLimit: 65_536,
    allowNet: ["b.example"],
    server: "http://b.example",
    tokenFile: "conf/secret",
    priority: "high",
    config: "conf/m.toml",
  }]);
  const list = await settled("task list", ["-c", "conf/m.toml"], file);
  assertEquals([list.operand, list.flags.tokenFile, list.flags.format], [undefined, "conf/secret", "json"]);
  assertEquals((await settled("task show", ["job", "-c", "conf/m.toml"], file)).operand, "job");
  assertEquals((await settled("validate", ["-c", "m.toml"], file)).operand, "job.wasm");
  const error = await assertRejects(() => settled("inspect", ["-c", "m.toml"], "[modules]"), AegisError);
  assertEquals(error.message, 'Missing MODULE of "aegis inspect"');
});

Deno.test("aegis server takes its table, whose paths start where the file is", async () => {
  const files = {
    "conf/aegis.toml":
      '[server]\nport = 9090\ncors = "https://a.example"\npolicy = "policy.toml"\ndata = "kept"',
    "conf/policy.toml": 'host_call_limit = 5\nallow_read = "open"\ninclude = "more.toml"',
    "conf/more.toml": 'allow_clock = "monotonic"',
    "conf/open": "",
  };
  const { started, err } = await runCommand(["server", "-c", "conf/aegis.toml", "--no-auth"], { files });
  assertEquals(err, "");
  const plan = decodeServerPlan(started[0]?.args.at(-1) ?? "");
  assertEquals([plan.port, plan.origins, plan.data, plan.auth], [
    9090,
    ["https://a.example"],
    "/folder/conf/kept",
    false,
  ]);
  assertEquals([plan.limits.hostCallLimit, plan.grants.clock], [5, { clock: "monotonic" }]);
  assertEquals(plan.grants.directories.map(({ host, guest }) => [host, guest]), [[
    "/folder/conf/open",
    "open",
  ]]);
  const refused = await runCommand(["server", "--policy", "p.toml"], {
    files: { "p.toml": 'on_denial = "stop"' },
  });
  assertEquals([refused.status, refused.started], [2, []]);
});

Deno.test("no path of a manifest is stdin", async () => {
  const { modules } = await read(["m", "-c", "aegis.toml"], '[modules.m]\npath = "-"');
  assertEquals(modules.map(({ shown }) => shown), ["./-"]);
});

Deno.test("G60 a module that is another one than the manifest means is refused by every command, and again where it runs", async () => {
  const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const manifest = (sha256: string) => `[modules.m]\npath = "m.wasm"\nsha256 = "${sha256}"`;
  for (const command of ["run", "validate", "inspect", "bindgen", "task add", "serve", "mcp"]) {
    const files = {
      "a.toml": manifest(hash.replace(/./, (digit) => digit === "0" ? "1" : "0")),
      "m.wasm": bytes,
    };
    const { status, err, started } = await runCommand([...command.split(" "), "m", "-c", "a.toml"], {
      files,
    });
    assertEquals([status, started], [65, []], command);
    assertStringIncludes(err, `the SHA-256 of "m.wasm" is ${hash}, and the manifest says`);
  }
  const { started } = await runCommand(["run", "m", "-c", "a.toml"], {
    files: { "a.toml": manifest(hash), "m.wasm": bytes },
  });
  assertEquals(decodePlan(started[0]?.args.at(-1) ?? "").module.sha256, hash);
  const reloaded = await runCommand(["serve", "-c", "a.toml", "--reload"], {
    files: { "a.toml": manifest(hash), "m.wasm": bytes },
  });
  assertEquals([reloaded.status, reloaded.started], [2, []]);
  assertStringIncludes(reloaded.err, 'Cannot reload module "m"');
  const error = await assertRejects(() => read(["m", "-c", "a.toml"], manifest("xyz")), AegisError);
  assertEquals(error.field, "modules.m.sha256");
});

Deno.test("a policy says nothing of modules, nor of commands", async () => {
  for (const text of ['[modules.a]\npath = "a"', "[server]\nport = 1"]) {
    const { status, err } = await runCommand(["server", "--policy", "p.toml"], { files: { "p.toml": text } });
    assertEquals([status, err.includes('Cannot use "p.toml" as a policy')], [2, true], err);
  }
});

Deno.test("aegis resume goes on with the checkpoint of a module of the manifest", async () => {
  const files = {
    "c/m.toml": '[modules.job]\npath = "job.wasm"\ncheckpoint = "job.snap"\n[modules.none]\npath = "x.wasm"',
    "c/job.snap": "",
    "c": "",
  };
  const { started, err } = await runCommand(["resume", "job", "-c", "c/m.toml"], { files });
  assertEquals(err, "");
  const plan = decodePlan(started[0]?.args.at(-1) ?? "");
  assertEquals([plan.module.shown, plan.resumes, plan.checkpoint?.shown], ["c/job.snap", true, "c/job.snap"]);
  const none = await runCommand(["resume", "none", "-c", "c/m.toml"], { files });
  assertEquals([none.status, none.err.includes("it has no checkpoint")], [2, true]);
});
