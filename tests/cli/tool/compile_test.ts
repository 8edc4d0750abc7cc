/** The program that `deno compile` is given, run by `deno run` with the same permissions; and the real thing where it can be had. */
import { compileError } from "../../../src/cli/compile.ts";
import { parseCommand } from "../../../src/cli/parse.ts";
import { type Baked, bakeTool } from "../../../src/cli/tool/bake.ts";
import { bakedArguments, compileArguments, compiledEntry } from "../../../src/cli/tool/compiled_entry.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { keptIo, type Made, PROGRAMS, ToolFolder } from "./tool_folder.ts";

const ROOT = new URL("../../../", import.meta.url),
  LIBRARY = new URL("src/cli/tool/compiled_run.ts", ROOT).href;
const windows = Deno.build.os === "windows";

/** Where a base binary is: named by the variable, or fetched before. */
const base = Deno.env.get("DENORT_BIN");
if (base === undefined) {
  console.error("ignored: no base binary for deno compile; name a denort in DENORT_BIN");
}

async function baked(...words: readonly string[]): Promise<Baked> {
  return await bakeTool("compile", parseCommand("compile", words), {
    io: keptIo().io,
    name: ({ name }) => name,
  });
}

/** Runs the entry of a tool as its executable would run it. */
async function runEntry(
  tools: ToolFolder,
  made: Baked,
  { words = [], cwd = tools.path, env = {} }: {
    readonly words?: readonly string[];
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Made> {
  const entry = `${tools.path}/entry.ts`;
  await Deno.writeTextFile(entry, compiledEntry(made, LIBRARY));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", ...bakedArguments(made.tool)],
      ...[`--config=${new URL("deno.json", ROOT).pathname}`, "--frozen"],
      ...[`--lock=${new URL("deno.lock", ROOT).pathname}`, entry, ...words],
    ],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { status: code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("compiledEntry() writes the program that stands here, whose types are checked with all others", async () => {
  await using tools = new ToolFolder();
  const golden = new URL("compiled_entry.gen.ts", import.meta.url);
  const text = compiledEntry(await baked(tools.add, "-e", "add"), "../../../src/cli/tool/compiled_run.ts");
  if (Deno.env.get("AEGIS_UPDATE") === "1") await Deno.writeTextFile(golden, text);
  assertEquals(text, await Deno.readTextFile(golden));
});

Deno.test("H63 the entry of a compiled tool runs with what is baked", async () => {
  await using tools = new ToolFolder();
  const made = await baked(tools.add, "-e", "add", "--timeout=5s");
  assertEquals(bakedArguments(made.tool), ["--no-prompt", "--unstable-worker-options"]);
  assertEquals(await runEntry(tools, made, { words: ["5", "10"] }), {
    status: 0,
    out: "15\n",
    err: "",
  });
  const wider = await runEntry(tools, made, { words: ["5", "10", "--aegis-timeout=6s"] });
  assertEquals([wider.status, wider.out], [2, ""]);
  assertStringIncludes(wider.err, 'this tool was made with "5s"');
  assertStringIncludes((await runEntry(tools, made, { words: ["--aegis-help"] })).out, made.tool.sha256);
});

Deno.test({
  name:
    "a compiled tool reads what it was granted, where it was granted, and its values are not the caller's to choose",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    const cat = new URL("cat.wasm", PROGRAMS).pathname;
    for (const name of ["in", "out"]) {
      await Deno.mkdir(`${tools.path}/${name}`);
      await Deno.writeTextFile(`${tools.path}/${name}/a.txt`, `${name}\n`);
    }
    const made = await baked(cat, "--dir", `${tools.path}/in::/in:ro`);
    assertEquals(bakedArguments(made.tool).at(-1), `--allow-read=${tools.path}/in`);
    assertEquals((await runEntry(tools, made, { words: ["/in/a.txt"] })).out, "in\n");
    assertEquals((await runEntry(tools, made, { words: ["/in/../out/a.txt"] })).status, 1);

    const here = await baked(cat, "--allow-cwd");
    assertEquals((await runEntry(tools, here, { words: ["a.txt"], cwd: `${tools.path}/out` })).out, "out\n");
    const outside = await runEntry(tools, here, { words: ["../in/a.txt"], cwd: `${tools.path}/out` });
    assertEquals([outside.status, outside.out], [1, ""]);
    assertStringIncludes(
      (await runEntry(tools, here, { words: ["a.txt"], cwd: "/" })).err,
      "there is too much",
    );

    const environment = await baked(new URL("environment.wasm", PROGRAMS).pathname, "--env=TOKEN=secret");
    const ran = await runEntry(tools, environment, { env: { TOKEN: "other", AEGIS_GUEST_ENV_0: "other" } });
    assertStringIncludes(ran.out, "TOKEN=secret");
    assertEquals(ran.out.includes("other"), false);
  },
});

Deno.test({
  name: "H63 a compiled tool gives its permissions up before the guest runs",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    const made = await baked(
      new URL("cat.wasm", PROGRAMS).pathname,
      "--allow-cwd=write",
      "--allow-net=a.test",
    );
    // The library of the entry asks in the place of whatever code would run in the process beside the guest.
    const spy = `${tools.path}/spy.ts`;
    await Deno.writeTextFile(
      spy,
      `const { spawn } = { spawn: globalThis.Worker };\nlet told = false;\n` +
        `setInterval(() => {}, 1e6);\nconst { writeSync } = Deno.stderr;\n` +
        `const exit = Deno.exit;\nDeno.exit = (status) => {\n  if (!told) {\n    told = true;\n` +
        `    for (const name of ["read", "write", "net", "env", "run", "ffi", "sys"]) ` +
        `console.error(name, Deno.permissions.querySync({ name }).state);\n  }\n  exit(status);\n};\n` +
        `void spawn, writeSync;\nconst { runCompiled } = await import(${
          JSON.stringify(LIBRARY)
        });\nexport { runCompiled };\n`,
    );
    const entry = `${tools.path}/entry.ts`;
    await Deno.writeTextFile(entry, compiledEntry(made, `file://${spy}`));
    await Deno.writeTextFile(`${tools.path}/a.txt`, "here\n");
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-check", ...bakedArguments(made.tool)],
        ...[
          `--config=${new URL("deno.json", ROOT).pathname}`,
          "--frozen",
          `--lock=${new URL("deno.lock", ROOT).pathname}`,
        ],
        ...[entry, "a.txt"],
      ],
      cwd: await Deno.makeTempDir({ dir: tools.path }),
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "");
    const states = new TextDecoder().decode(stderr).split("\n").filter((line) =>
      /^(?:read|write|net|env|run|ffi|sys) /.test(line)
    );
    assertEquals(
      states,
      ["read", "write", "net", "env", "run", "ffi", "sys"].map((name) => `${name} prompt`),
    );
  },
});

Deno.test("H63 the program that is compiled carries bytes and words as data, whatever is in them", async () => {
  await using tools = new ToolFolder();
  const hostile = '`${Deno.exit(66)}` "; Deno.exit(66); // \u2028 \\';
  const made = await baked(tools.add, "-e", "add", "--", hostile);
  const entry = compiledEntry(made, LIBRARY);
  assertEquals(entry.split("\n").length, 9);
  const ran = await runEntry(tools, made, { words: ["1"] });
  assertStringIncludes(ran.err, "Cannot read argument 1");
  assertEquals(ran.status === 66, false);
});

Deno.test("H63 aegis compile says what is missing where there is no base binary, and leaves nothing behind", async () => {
  await using tools = new ToolFolder();
  const said = "Download https://dl.deno.land/release/v2.9.6/denort-x.zip\nerror: Setting up base binary.";
  const error = compileError(said, "/a/tool");
  assertEquals(error.code, "UnsupportedPlatform");
  assertStringIncludes(error.suggestion ?? "", "$DENORT_BIN");
  assertStringIncludes(error.suggestion ?? "", "aegis install");
  assertStringIncludes(
    compileError("error: Module not found", "/a/tool").message,
    "deno says: error: Module not found",
  );
  const made = await baked(tools.add, "-e", "add");
  const args = compileArguments(made.tool, {
    entry: "/e.ts",
    output: "/o",
    places: { config: "/c/deno.json", lock: "/c/deno.lock" },
  });
  assertEquals([args[0], args.at(-1), args.includes("--output=/o")], ["compile", "/e.ts", true]);
  assert(!args.some((word) => /^-A$|^--allow/.test(word)));
  for (
    const [flags, text] of [
      [["--isolation=process"], "a process of its own"],
      [["-o", `${tools.path}/tool`, `--allow-write=${tools.path}`], "what runs it lies there"],
      [["-o", tools.add], "no tool of aegis"],
      [["-o", "/none/tool"], "there is no such file"],
    ] as const
  ) {
    const { status, err } = await tools.aegis("compile", tools.add, "-e", "add", ...flags);
    assertStringIncludes(err, text);
    assert(status > 0);
  }
});

Deno.test({
  name: "H63 aegis compile makes an executable that runs (needs the base binary: DENORT_BIN)",
  ignore: base === undefined,
  async fn() {
    await using tools = new ToolFolder();
    const path = `${tools.path}/tool`;
    const made = await tools.aegis("compile", tools.add, "-e", "add", "--timeout=5s", "-o", path);
    assertEquals(made.status, 0, made.err);
    const run = async (...args: string[]) => {
      const { code, stdout } = await new Deno.Command(path, { args }).output();
      return [code, new TextDecoder().decode(stdout)];
    };
    assertEquals(await run("5", "10"), [0, "15\n"]);
    assertEquals(await run("--aegis-timeout=6s", "5", "10"), [2, ""]);
  },
});

Deno.test("aegis compile writes where the manifest says, relative to it", async () => {
  await using tools = new ToolFolder();
  const manifest = `${tools.path}/aegis.toml`, taken = `${tools.path}/taken`;
  await Deno.writeTextFile(
    manifest,
    '[compile]\noutput = "taken"\n[modules.add]\npath = "add.wasm"\nfunction = "add"\n',
  );
  await Deno.writeTextFile(taken, "mine");
  const refused = await tools.aegis("compile", "add", "-c", manifest);
  assertEquals([refused.status, refused.out], [2, ""]);
  assertStringIncludes(refused.err, `"${taken}": it is there, and no tool of aegis`);
  assertEquals(await Deno.readTextFile(taken), "mine");
});
