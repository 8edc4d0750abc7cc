/**
 * Each template in a clean folder: made, built, run and tested by the command, as a person would. What takes long is run
 * with `AEGIS_TEMPLATES=all`: `deno task test:templates`. A language whose compiler is missing is left out, and said.
 */
import { COMMANDS } from "../../src/cli/commands.ts";
import { LANGUAGE_NAMES, type LanguageName } from "../../src/toolchain/languages.ts";
import { TEMPLATE_KINDS, type TemplateKindName } from "../../src/toolchain/template_kinds.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { readSignatures } from "../../src/wasm/read_signatures.ts";
import { readMcpSection } from "../../src/wrappers/mcp/section.ts";
import { PluginHost } from "../../src/wrappers/plugin/plugin_host.ts";
import { parsePluginManifest } from "../../src/wrappers/plugin/plugin_manifest.ts";
import { PluginRegistry } from "../../src/wrappers/plugin/plugin_registry.ts";
import { assert, assertEquals } from "../assert.ts";
import { missingCompiler } from "./missing_compiler.ts";

const ROOT = new URL("../../", import.meta.url);
const KINDS = Object.keys(TEMPLATE_KINDS) as TemplateKindName[]; // a literal's keys are those of its type
const ALL = Deno.env.get("AEGIS_TEMPLATES") === "all";

/** What is quick enough for every run of the tests. */
const QUICK: Readonly<Record<LanguageName, readonly TemplateKindName[]>> = {
  wat: KINDS,
  assemblyscript: ["command", "plugin"],
  c: ["http", "plugin"],
  rust: ["plugin"],
  go: [],
  zig: [],
};

const SIGNATURES: Readonly<Record<TemplateKindName, readonly string[]>> = {
  http: ["handle"],
  mcp: ["greet", "add"],
  command: [],
  plugin: ["greet"],
};

interface Place {
  readonly folder: string;
  /** With `aegis` on the path. */
  readonly env: Record<string, string>;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_template_" }), bin = `${folder}/bin`;
  try {
    const words = [
      "run",
      "-A",
      "--frozen",
      `--lock=${ROOT.pathname}deno.lock`,
      `--config=${ROOT.pathname}deno.json`,
    ];
    await Deno.mkdir(bin);
    await Deno.writeTextFile(
      `${bin}/aegis`,
      `#!/bin/sh\nexec "${Deno.execPath()}" ${words.join(" ")} "${ROOT.pathname}cli.ts" "$@"\n`,
      { mode: 0o755 },
    );
    await use({ folder, env: { PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`, NO_COLOR: "1" } });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run({ folder, env }: Place, command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    env,
    stdin: "null",
  })
    .output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, `${command} ${args.join(" ")}: ${decoder.decode(stderr)}${decoder.decode(stdout)}`);
  return decoder.decode(stdout);
}

/** What a module says of itself, read by our own reader. */
async function checkSections(path: string, kind: TemplateKindName, name: string): Promise<void> {
  const module = readModule(await Deno.readFile(path));
  const signatures = readSignatures(module).exports;
  const program = module.exports.some((item) => item.name === "_start"); // which says nothing of functions
  for (const exported of program ? [] : SIGNATURES[kind]) assert(signatures.has(exported), exported);
  const plugin = module.customs.find((custom) => custom.name === "aegis:plugin");
  assertEquals(plugin !== undefined, kind === "plugin");
  if (plugin !== undefined) {
    const text = new TextDecoder().decode(module.bytes.subarray(plugin.start, plugin.end));
    assertEquals((await parsePluginManifest(text, path)).name, name);
  }
  assertEquals(readMcpSection(module)?.name, kind === "mcp" ? name : undefined);
}

/** What the kind's own command does with it, as far as there is one. */
const KIND_STEPS: { readonly [Kind in TemplateKindName]?: (place: Place, name: string) => Promise<void> } = {
  command: async (place, name) => {
    const said = await run(place, "aegis", ["run", name, "--config", "aegis.toml", "--quiet", "--", "Ada"]);
    assertEquals(said, "Hello, Ada!\n");
  },
  plugin: async (place, name) => {
    const args = ["run", name, "--config", "aegis.toml", "--function", "greet", "--quiet", "--", "Ada"];
    assertEquals(await run(place, "aegis", args), "Hello, Ada!\n");
    await runPlugin(place, name);
  },
  ...(Object.hasOwn(COMMANDS, "mcp") ? { mcp: askServer } : {}),
  ...(Object.hasOwn(COMMANDS, "serve") ? { http: askService } : {}),
};

/** Registers the plugin that was built, and runs it in a host: started, called, checked, stopped. */
async function runPlugin({ folder }: Place, name: string): Promise<void> {
  const registry = await PluginRegistry.open(), module = `${folder}/${name}.wasm`;
  // Both of its manifests: the one in the module, and the one beside it.
  await registry.register(await Deno.readFile(module));
  const record = await registry.registerFile(module);
  assertEquals([record.name, record.manifest.provides], [name, { greet: "(string) -> string" }]);
  await using host = new PluginHost(registry, {
    plugins: { [name]: { limits: { memoryLimit: "32MiB", fuelLimit: "100M" } } },
  });
  assertEquals(await host.start(name), [name]);
  assertEquals(await host.call(name, "greet", ["Ada"]), "Hello, Ada!");
  const { state, reason } = await host.check(name);
  assertEquals([state, reason], ["healthy", null]);
  assertEquals(await host.call(name, "greet", ["Grace"]), "Hello, Grace!");
  await host.stop(name);
  assertEquals(host.list(), []);
}

/** Asks the tool of an MCP server on its standard streams. */
async function askServer({ folder, env }: Place): Promise<void> {
  const child = new Deno.Command("aegis", {
    args: ["mcp", "--config", "aegis.toml"],
    cwd: folder,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter(), info = { name: "test", version: "1" };
  const send = (message: object) =>
    writer.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  await send({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: info },
  });
  await send({ method: "notifications/initialized" });
  await send({ id: 2, method: "tools/call", params: { name: "greet", arguments: { name: "Ada" } } });
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('"id":2')) break;
  }
  assert(text.includes("Hello, Ada!"), text);
  await writer.close();
  await child.status;
}

/** Sends a request to a service. */
async function askService({ folder, env }: Place, name: string): Promise<void> {
  const child = new Deno.Command("aegis", {
    args: ["serve", "--config", "aegis.toml", "--port", "0", "--format", "json"],
    cwd: folder,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes("\n")) break;
    }
    const { url } = JSON.parse(text) as { url: string };
    const response = await fetch(new URL("/ada", url));
    assertEquals(response.status, 200);
    assert((await response.text()).includes(`Hello from ${name}`));
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

for (const language of LANGUAGE_NAMES) {
  const why = Deno.build.os === "windows" ? "its test is a shell's" : await missingCompiler(language, ALL);
  if (why !== undefined) console.log(`templates in ${language} are not tested: ${why}`);
  for (const kind of KINDS) {
    if (!ALL && !QUICK[language].includes(kind)) continue;
    Deno.test({
      name: `aegis new ${kind} --lang ${language} makes a project that builds, runs and passes its test`,
      ignore: why !== undefined,
      fn: () =>
        withPlace(async (place) => {
          const name = `my-${kind}`, folder = `${place.folder}/${name}`;
          await run(place, "aegis", ["new", kind, name, "--lang", language, "--quiet"]);
          assertEquals(await run(place, "sh", [`${name}/test.sh`]), `${name}: ok\n`);
          await checkSections(`${folder}/${name}.wasm`, kind, name);
          const step = KIND_STEPS[kind];
          if (step !== undefined) await step({ ...place, folder }, name);
        }),
    });
  }
}
