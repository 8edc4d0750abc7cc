/** What hostile sources in AssemblyScript reach: the compiler runs code of theirs, and that has no more than it needs. */
import { buildModule } from "../../src/toolchain/build_module.ts";
import { planBuild } from "../../src/toolchain/build_plan.ts";
import { CompileError } from "../../src/toolchain/compile_error.ts";
import { systemPorts } from "../../src/toolchain/system_ports.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { fakeMachine } from "./fake_ports.ts";
import { hasAssemblyScript } from "./fetched_compiler.ts";

const ignore = Deno.build.os === "windows" || !await hasAssemblyScript();

/** A transform that tries to get out, and says how each attempt ended. */
const TRANSFORM = `
const attempts = {
  read: () => Deno.readTextFileSync("/etc/hostname"),
  write: () => Deno.writeTextFileSync(new URL("./made.txt", import.meta.url), "x"),
  environment: () => Deno.env.get("HOME"),
  program: () => new Deno.Command("true").outputSync(),
  network: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  module: () => import("https://example.com/module.js?what=was+read"),
  package: () => import("npm:what-was-read@1.0.0"),
  file: () => import("file:///etc/hostname"),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log(name, "worked");
  } catch (error) {
    console.log(name, /no-remote|cached-only|NotCapable|read access/.exec(error.name + error.message)?.[0] ?? error.message);
  }
}
export function afterParse() {}
`;

async function withProject(files: Record<string, string>, use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "aegis_asc_" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a transform of a source in AssemblyScript reaches no file, no network, no program and no variable",
  ignore,
  fn: () =>
    withProject({
      "main.ts": "export function f(): i32 { return 1; }",
      "asconfig.json": '{ "options": { "transform": ["./transform.mjs"] } }',
      "transform.mjs": TRANSFORM,
    }, async (folder) => {
      const ports = systemPorts(), request = { path: `${folder}/main.ts`, time: 60_000, memory: 2 ** 30 };
      const { said, size } = await buildModule(planBuild(request, ports), ports);
      assertEquals(said.split("\n"), [
        "read NotCapable",
        "write NotCapable",
        "environment NotCapable",
        "program NotCapable",
        "network NotCapable",
        "module no-remote",
        "package cached-only",
        "file read access",
      ]);
      assert(size > 8);
    }),
});

Deno.test({
  name: "a transform of a source in AssemblyScript has no more memory than was allowed, typed arrays counted",
  ignore: ignore || Deno.build.os !== "linux",
  fn: () =>
    withProject({
      "main.ts": "export function f(): i32 { return 1; }",
      "asconfig.json": '{ "options": { "transform": ["./transform.mjs"] } }',
      "transform.mjs":
        "const kept = []; while (kept.length < 15) kept.push(new Uint8Array(1e8).fill(1)); console.log(kept.length);",
    }, async (folder) => {
      const ports = systemPorts(), request = { path: `${folder}/main.ts`, time: 60_000, memory: 2 ** 28 };
      const error = await assertRejects(() => buildModule(planBuild(request, ports), ports), CompileError);
      assertStringIncludes(error.suggestion ?? "", "--compiler-memory allows more");
    }),
});

Deno.test("buildModule() says that AssemblyScript's compiler could not be fetched, and runs nothing then", async () => {
  const { ports, started } = fakeMachine({ "/p/main.ts": "" }, {
    deno: ({ args }) => args[0] === "--version" ? { out: "deno 2" } : { status: 1, err: "error: no network" },
  });
  const plan = planBuild({ path: "/p/main.ts", time: 1000, memory: 2 ** 30 }, ports);
  const error = await assertRejects(() => buildModule(plan, ports), CompileError);
  assertEquals([error.code, error.message, error.output], [
    "UnsupportedPlatform",
    "Cannot fetch AssemblyScript's compiler",
    "error: no network",
  ]);
  assertEquals(started.map(({ args }) => args[0]), ["--version", "cache"]);
});
