import { type IsolationPorts, processPorts, workerOptionsEnabled } from "../../src/sandbox/isolation.ts";
import { assert, assertEquals } from "../assert.ts";

const COMMAND_LINE = "/proc/self/cmdline", ENVIRONMENT = "/proc/self/environ";

interface Process {
  readonly commandLine?: readonly string[];
  readonly args?: readonly string[];
  readonly mainModule?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string | undefined;
}

function enabled(process: Process): Promise<boolean> {
  const { commandLine = ["deno", "run", "main.ts"], args = [], files = {} } = process;
  const ports: IsolationPorts = {
    readText: (path) =>
      path === COMMAND_LINE ? [...commandLine, ...args].map((part) => `${part}\0`).join("") : files[path],
    mainModule: process.mainModule ?? "file:///home/app/src/main.ts",
    args,
    workingDirectory: "workingDirectory" in process ? process.workingDirectory : "/home",
  };
  return workerOptionsEnabled(ports);
}

const ON = '{ "unstable": ["worker-options"] }', OFF = "{}";

const EVIDENCE: Readonly<Record<string, Process>> = {
  "the flag": { commandLine: ["deno", "run", "--unstable-worker-options", "main.ts"] },
  "deno.json beside the main module": { files: { "/home/app/src/deno.json": ON } },
  "deno.jsonc above the main module": { files: { "/home/app/deno.jsonc": ON } },
  "comments and commas in it": {
    files: {
      "/home/app/deno.json":
        '// x\n{ /* "unstable": [] */ "a": "//", "unstable": [ "kv", "worker-options", ], }',
    },
  },
  "a named configuration": {
    commandLine: ["deno", "run", "--config", "/etc/other.json", "main.ts"],
    files: { "/etc/other.json": ON, "/home/app/deno.json": OFF },
  },
  "a configuration named with a short flag": {
    commandLine: ["deno", "run", "-c", "/etc/other.json", "main.ts"],
    files: { "/etc/other.json": ON },
  },
  "a configuration named in one word": {
    commandLine: ["deno", "run", "--config=/etc/other.json", "main.ts"],
    files: { "/etc/other.json": ON },
  },
  "a configuration named by a path from where Deno was started, though the program has left it": {
    commandLine: ["deno", "run", "--config", "../other.json", "./src/main.ts"],
    files: { "/home/other.json": ON },
    workingDirectory: "/elsewhere",
  },
  "one named in one word": {
    commandLine: ["deno", "run", "--config=other.json", "src/main.ts"],
    files: { "/home/app/other.json": ON },
  },
  "one named with a short flag": {
    commandLine: ["deno", "run", "-c", "other.json", "main.ts"],
    files: { "/home/app/src/other.json": ON },
  },
  "one named by a path from the current folder, which the shell was in": {
    commandLine: ["deno", "run", "--config", "other.json", "/home/app/src/main.ts"],
    files: { "/work/other.json": ON, [ENVIRONMENT]: "A=1\0PWD=/work\0" },
    workingDirectory: "/work",
  },
  "the root of a workspace": {
    files: {
      "/home/deno.json": '{ "workspace": ["./app"], "unstable": ["worker-options"] }',
      "/home/app/deno.json": OFF,
    },
  },
  "the working directory, for a main module from elsewhere": {
    mainModule: "https://example.com/main.ts",
    files: { "/home/deno.json": ON },
  },
};

for (const [what, process] of Object.entries(EVIDENCE)) {
  Deno.test(`workerOptionsEnabled() takes for evidence: ${what}`, async () => assert(await enabled(process)));
}

const NO_EVIDENCE: Readonly<Record<string, Process>> = {
  "nothing at all": {},
  "a configuration named by a path from a folder that the program may have left": {
    commandLine: ["deno", "run", "--config", "other.json", "/home/app/src/main.ts"],
    files: { "other.json": ON, "/work/other.json": ON, [ENVIRONMENT]: "PWD=/home\0" },
    workingDirectory: "/work",
  },
  "a configuration beside a main module that a path upwards names": {
    commandLine: ["deno", "run", "--config", "other.json", "../src/main.ts"],
    files: { "/home/app/other.json": ON, "/home/app/src/other.json": ON, "/home/other.json": ON },
  },
  "a configuration that is missing where Deno was started, and not where the program is now": {
    commandLine: ["deno", "run", "--config", "other.json", "main.ts"],
    files: { "/work/other.json": ON, [ENVIRONMENT]: "PWD=/work\0" },
    workingDirectory: "/work",
  },
  "a configuration named in a cluster of short flags": {
    commandLine: ["deno", "run", "-Ac", "/etc/other.json", "main.ts"],
    files: { "/etc/other.json": ON },
  },
  "a configuration above a package of its own": {
    files: { "/home/app/src/package.json": "{}", "/home/app/deno.json": ON },
  },
  "a configuration above one that is empty": { files: { "/home/app/deno.json": "", "/home/deno.json": ON } },
  "another unstable flag": { commandLine: ["deno", "run", "--unstable-kv", "main.ts"] },
  "an argument of the main module": { args: ["--unstable-worker-options"] },
  "a configuration named by an argument of the main module": {
    args: ["--config", "/etc/other.json"],
    files: { "/etc/other.json": ON },
  },
  "a configuration that is switched off": {
    commandLine: ["deno", "run", "--no-config", "main.ts"],
    files: { "/home/app/deno.json": ON },
  },
  "a nearer configuration without it": { files: { "/home/app/deno.json": OFF, "/home/deno.json": ON } },
  "deno.json without it beside deno.jsonc with it": {
    files: { "/home/app/deno.json": OFF, "/home/app/deno.jsonc": ON },
  },
  "a configuration beside another that is named": {
    commandLine: ["deno", "run", "--config=/etc/other.json", "main.ts"],
    files: { "/etc/other.json": OFF, "/home/app/deno.json": ON },
  },
  "a comment": { files: { "/home/app/deno.json": '{ /* "unstable": ["worker-options"] */ }' } },
  "a string": {
    files: { "/home/app/deno.json": '{ "description": "\\"unstable\\": [\\"worker-options\\"]" }' },
  },
  "the key in another place": {
    files: { "/home/app/deno.json": '{ "tasks": { "unstable": ["worker-options"] } }' },
  },
  "a value that is no list": { files: { "/home/app/deno.json": '{ "unstable": "worker-options" }' } },
  "text that is no JSON": { files: { "/home/app/deno.json": '{ "unstable": ["worker-options"]' } },
  "a workspace of others": {
    files: {
      "/home/deno.json": '{ "workspace": ["./lib"], "unstable": ["worker-options"] }',
      "/home/app/deno.json": OFF,
    },
  },
  "a main module from elsewhere, where the working directory may not be read": {
    mainModule: "https://example.com/main.ts",
    workingDirectory: undefined,
    files: { "/home/deno.json": ON },
  },
};

for (const [what, process] of Object.entries(NO_EVIDENCE)) {
  Deno.test(`workerOptionsEnabled() does not take for evidence: ${what}`, async () =>
    assertEquals(await enabled(process), false));
}

Deno.test("workerOptionsEnabled() takes nothing for evidence that it may not read", async () => {
  const files: Readonly<Record<string, string | undefined | null>> = {
    [COMMAND_LINE]: "deno\0run\0main.ts\0",
    "/home/app/deno.json": ON,
  };
  const ports = (readText: IsolationPorts["readText"]): IsolationPorts => ({
    readText,
    mainModule: "file:///home/app/src/main.ts",
    args: [],
    workingDirectory: undefined,
  });
  assert(await workerOptionsEnabled(ports((path) => files[path])));
  for (const hidden of [COMMAND_LINE, "/home/app/src/deno.json", "/home/app/deno.json", "/home/deno.json"]) {
    assertEquals(
      await workerOptionsEnabled(ports((path) => path === hidden ? null : files[path])),
      false,
      hidden,
    );
  }
});

Deno.test("workerOptionsEnabled() sees the evidence of this process", async () => {
  assert(await workerOptionsEnabled());
  assertEquals(processPorts().readText("/nowhere/at/all"), undefined);
});

/** Runs a program in a process of its own that makes a runtime, and gives its output and status. */
async function create(flags: readonly string[], args: readonly string[] = []): Promise<string> {
  const program = `import { Aegis } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)};
    try {
      const runtime = await Aegis.create();
      await runtime.loadBytes(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
      await runtime.close();
      console.log("runs");
    } catch (error) { console.log(error.code); }`;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const map = new URL("../../deno.json", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-prompt",
        "--no-lock",
        ...flags,
        `--import-map=${map}`,
        `${folder}/main.ts`,
        ...args,
      ],
      stdout: "piped",
      stderr: "null",
    });
    const { code, stdout } = await command.output();
    return `${new TextDecoder().decode(stdout).trim()} ${code}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Aegis.create() runs guests in processes where a Worker would end the process", async () => {
  assertEquals(await create([]), "runs 0");
  assertEquals(await create([], ["--unstable-worker-options"]), "runs 0");
  assertEquals(await create(["--unstable-worker-options"]), "runs 0");
});
