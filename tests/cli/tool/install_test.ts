/** Tools as they are installed and started, and what those try who want more of them. */
import type { HostStart } from "../../../src/cli/host_process.ts";
import { main } from "../../../src/cli/main.ts";
import { decodePlan } from "../../../src/cli/run_plan.ts";
import { systemIo } from "../../../src/cli/system_io.ts";
import { sha256 } from "../../../src/cli/tool/baked_tool.ts";
import { denoDirectory } from "../../../src/cli/tool/deno_directory.ts";
import { runInstalled } from "../../../src/cli/tool/installed_run.ts";
import { startedIn } from "../../../src/cli/tool/tool_run.ts";
import { AegisError } from "../../../src/core/errors.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../assert.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { keptIo, PROGRAMS, ToolFolder } from "./tool_folder.ts";

const windows = Deno.build.os === "windows";

/** What the second process would be started with, and what was printed. */
async function started(words: readonly string[]): Promise<HostStart> {
  const starts: HostStart[] = [];
  const { io } = keptIo({
    startHost: (start) => {
      starts.push(start);
      return { ended: Promise.resolve({ status: 0, signal: null, overdue: false, forwarded: [] }) };
    },
  });
  await runInstalled(words, io);
  const [start] = starts;
  if (start === undefined) throw new Error("it started nothing");
  return start;
}

Deno.test({
  name:
    "aegis install makes a command that works from anywhere, below a path that a shell would not leave alone",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder('it\'s\n$(touch owned) `touch owned` "root"');
    const made = await tools.install(tools.add, "-e", "add", "--timeout", "5s");
    assertEquals(made.status, 0, made.err);
    assertMatch(made.out, /^Installed .*\nIt may read, write and ask nothing\n$/);
    await Deno.remove(tools.add);
    assertEquals(await tools.start("add", ["5", "10"], { cwd: "/" }), { status: 0, out: "15\n", err: "" });
    assertEquals(
      [...Deno.readDirSync(tools.path)].map(({ name }) => name).filter((name) => name === "owned"),
      [],
    );
    const help = await tools.start("add", ["--aegis-help"]);
    for (const part of ["sha256", "timeout       5s", "network: not granted", "--aegis-timeout <TIME>"]) {
      assertStringIncludes(help.out, part);
    }
    const wider = await tools.start("add", ["--aegis-timeout=1m", "5", "10"]);
    assertEquals([wider.status, wider.out], [2, ""]);
    assertStringIncludes(wider.err, "can only be given less");
  },
});

Deno.test("an installed tool is started with what is baked and nothing more, whatever its words say", async () => {
  await using tools = new ToolFolder();
  await Deno.mkdir(`${tools.path}/in`);
  await tools.install(
    tools.add,
    "-e",
    "add",
    `--allow-read=${tools.path}/in`,
    "--env=A=secret",
    "--allow-env=B",
    "--",
    "5",
  );
  const words = tools.words("add"),
    wide = ["--allow-write=/", "-A", "--allow-net", "--", "--aegis-timeout=9h"];
  const { args, environment, inherit = [] } = await started([...words, ...wide]);
  const plan = decodePlan(args.at(-1) ?? "");
  assertEquals(plan.args, ["5", ...wide]);
  assertEquals(args.filter((word) => word.startsWith("--allow")), [
    `--allow-read=${plan.module.path},${tools.path}/in`,
    "--allow-env=B,AEGIS_GUEST_ENV_0",
  ]);
  assert(!args.some((word) => word === "-A" || word === "--allow-all"));
  const { DENO_DIR: _cache, ...values } = environment;
  assertEquals(values, { AEGIS_GUEST_ENV_0: "secret" });
  assertEquals(inherit.filter((name) => /DENO_V8|NODE_|LD_|AEGIS/.test(name)), []);
  assert(inherit.includes("B") && !inherit.includes("A"));
  // The cache that was looked at is the one that it is started with, whatever its name leads to later.
  const before = Deno.env.get("DENO_DIR");
  try {
    await Deno.symlink(`${tools.path}/in`, `${tools.path}/cache`);
    Deno.env.set("DENO_DIR", `${tools.path}/cache`);
    assertEquals((await started(words)).environment["DENO_DIR"], `${tools.path}/in`);
  } finally {
    before === undefined ? Deno.env.delete("DENO_DIR") : Deno.env.set("DENO_DIR", before);
  }
  assertEquals(args.join(" ").includes("secret"), false);
  const without = await started([...words, "--aegis-without=files"]);
  assertEquals(without.args.filter((word) => word.startsWith("--allow-read")), [
    `--allow-read=${plan.module.path}`,
  ]);
});

Deno.test({
  name: "G60 an installed tool refuses a module that was swapped, and another plan",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    await tools.install(tools.add, "-e", "add");
    const [file, hash] = tools.words("add"),
      { module } = decodePlan((await started([file, hash])).args.at(-1) ?? "");
    const original = await Deno.readFile(module.path ?? "");
    await Deno.writeFile(
      module.path ?? "",
      compileText('(module (func (export "add") (param i32 i32) (result i32) (i32.const 666)))'),
    );
    const swapped = await tools.start("add", ["5", "10"]);
    assertEquals([swapped.status, swapped.out], [65, ""]);
    assertStringIncludes(swapped.err, "and it was made for");
    await Deno.writeFile(module.path ?? "", original);

    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace('"clock": false', '"clock": true'));
    const changed = await tools.start("add", ["5", "10"]);
    assertEquals([changed.status, changed.out], [2, ""]);
    assertStringIncludes(changed.err, "it is not the file that was installed");
  },
});

Deno.test({
  name: "an installed tool heeds neither what lies where it is started nor variables of Deno's",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    await tools.install(tools.add, "-e", "add");
    const hostile = `${tools.path}/hostile`, owned = `${tools.path}/owned`;
    await Deno.mkdir(`${hostile}/node_modules/smol-toml`, { recursive: true });
    const evil = `Deno.writeTextFileSync(${JSON.stringify(owned)}, "");`;
    await Deno.writeTextFile(`${hostile}/evil.ts`, evil);
    await Deno.writeTextFile(
      `${hostile}/deno.json`,
      JSON.stringify({
        preload: ["./evil.ts"],
        imports: { "@std/path/posix": "./evil.ts" },
        permissions: { default: { all: true } },
      }),
    );
    await Deno.writeTextFile(
      `${hostile}/package.json`,
      '{"dependencies": {"watr": "file:./evil"}, "type": "commonjs"}',
    );
    await Deno.writeTextFile(`${hostile}/.npmrc`, "registry=http://127.0.0.1:1/\n");
    await Deno.writeTextFile(`${hostile}/.env`, "DENO_V8_FLAGS=--no-such-flag\n");
    const env = {
      DENO_V8_FLAGS: "--no-such-flag",
      DENO_UNSTABLE_CONTROL_SOCK: `unix:${hostile}/socket`,
      DENO_PERMISSION_BROKER_PATH: `${hostile}/broker`,
      DENO_TOKIO_WORKER_THREADS: "0",
      DENO_LOG: "trace",
      DENO_DIR: `${hostile}/cache`,
      DENO_AUDIT_PERMISSIONS: owned,
      DENO_COVERAGE_DIR: `${hostile}/coverage`,
      NODE_OPTIONS: `--require ${hostile}/evil.ts`,
      NPM_CONFIG_REGISTRY: "http://127.0.0.1:1/",
      PATH: hostile,
    };
    await Deno.writeTextFile(`${hostile}/deno`, `#!/bin/sh\n: > ${owned}\n`, { mode: 0o755 });
    const ran = await tools.start("add", ["5", "10"], { cwd: hostile, env });
    assertEquals(ran, { status: 0, out: "15\n", err: "" });
    await assertRejects(() => Deno.lstat(owned), Deno.errors.NotFound);
    await assertRejects(() => Deno.lstat(env.DENO_COVERAGE_DIR), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "--allow-cwd grants the directory of each start, and no home or root",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    const cat = new URL("cat.wasm", PROGRAMS).pathname, one = `${tools.path}/one`, two = `${tools.path}/two`;
    for (const folder of [one, two]) {
      await Deno.mkdir(folder);
      await Deno.writeTextFile(`${folder}/notes.txt`, `of ${folder}\n`);
    }
    const made = await tools.install(cat, "--allow-cwd");
    assertStringIncludes(made.out, "It may use:\n  filesystem: the directory where it is started: read\n");
    for (const folder of [one, two]) {
      assertEquals((await tools.start("cat", ["notes.txt"], { cwd: folder })).out, `of ${folder}\n`);
    }
    const outside = await tools.start("cat", ["../two/notes.txt"], { cwd: one });
    assertEquals([outside.status, outside.out], [1, ""]);
    for (const [cwd, env] of [["/", {}], [one, { HOME: one }]] as const) {
      const refused = await tools.start("cat", ["notes.txt"], { cwd, env });
      assertEquals([refused.status, refused.out], [2, ""]);
      assertStringIncludes(refused.err, "there is too much in this one");
    }
    const comma = `${tools.path}/a,b`;
    await Deno.mkdir(comma);
    const refused = await tools.start("cat", ["x"], { cwd: comma });
    assertStringIncludes(refused.err, "a path with a comma cannot be granted");
  },
});

Deno.test({
  name: "--allow-cwd grants no home by another name, none of before, and nothing that contains one",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    const cat = new URL("cat.wasm", PROGRAMS).pathname;
    const home = `${tools.path}/homes/me`, other = `${tools.path}/homes/other`, work = `${home}/work`;
    for (const folder of [work, other]) await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${work}/notes.txt`, "notes\n");
    await Deno.symlink(home, `${tools.path}/link`);
    const cache = Deno.realPathSync(await denoDirectory({ deno: Deno.execPath(), compiled: false }));
    await Deno.symlink(cache, `${tools.path}/cache`);
    // The cache is found by the home, too, and is to stay where it is.
    const set = {
      HOME: `${tools.path}/link/`,
      DENO_DIR: `${tools.path}/cache`,
    };
    const before = Object.keys(set).map((name) => [name, Deno.env.get(name)] as const);
    try {
      for (const [name, value] of Object.entries(set)) Deno.env.set(name, value);
      assertEquals((await tools.install(cat, "--allow-cwd")).status, 0);
    } finally {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
    }
    const launcher = await Deno.readTextFile(`${tools.root}/bin/cat`);
    assertStringIncludes(launcher, `DENO_DIR='${cache}'`); // and not the name that led there when it was made
    const homes = [`${tools.path}/link/`, `${home}/.`, other, "/none", ""];
    for (const [cwd, named] of [[home, homes], [`${tools.path}/homes`, homes.slice(0, 3)]] as const) {
      for (const HOME of named) {
        const refused = await tools.start("cat", ["work/notes.txt"], { cwd, env: { HOME } });
        assertEquals([refused.status, refused.out], [2, ""], `${cwd} as ${HOME}: ${refused.err}`);
        assertStringIncludes(refused.err, "there is too much in this one");
      }
    }
    assertEquals(
      (await tools.start("cat", ["notes.txt"], { cwd: work, env: { HOME: other } })).out,
      "notes\n",
    );
    const error = assertThrows(() => startedIn("read", { cwd: work, homes: [] }), AegisError);
    assertStringIncludes(error.message, "not known which one is a home");
  },
});

Deno.test("aegis install grants nothing that would let a tool rewrite what runs it", async () => {
  await using tools = new ToolFolder();
  await Deno.mkdir(`${tools.root}/bin`, { recursive: true });
  await Deno.mkdir(`${tools.path}/out`);
  const source = new URL("../../../src", import.meta.url).pathname;
  for (const folder of [tools.path, tools.root, `${tools.root}/bin`, source, "/"]) {
    for (const flag of ["--allow-write=", "--dir="]) {
      const made = await tools.install(tools.add, "-e", "add", `${flag}${folder}`);
      // What leads to the launcher itself is refused whether or not it is there yet.
      if (folder === `${tools.root}/bin`) continue;
      assertEquals(made.status, 2, `${flag}${folder}`);
      assertStringIncludes(made.err, "what runs it lies there");
    }
  }
  assertEquals((await tools.install(tools.add, "-e", "add", `--allow-write=${tools.path}/out`)).status, 0);
  // The same at its start, when the directory of the start decides.
  await tools.install(tools.add, "-e", "add", "--allow-cwd=write", "--force");
  const before = Deno.cwd();
  try {
    Deno.chdir(tools.path);
    const error = await assertRejects(() => started(tools.words("add")), AegisError);
    assertStringIncludes(error.message, "what runs it lies there");
    Deno.chdir(`${tools.path}/out`);
    await started(tools.words("add"));
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("aegis install replaces nothing without --force, and follows no link", async () => {
  await using tools = new ToolFolder();
  const bin = `${tools.root}/bin`, mine = `${tools.path}/mine`;
  await Deno.mkdir(bin, { recursive: true });
  await Deno.writeTextFile(mine, "mine");
  await Deno.symlink(mine, `${bin}/add`);
  const refused = await tools.install(tools.add, "-e", "add");
  assertEquals(refused.status, 2);
  assertStringIncludes(refused.err, "it is there, and no tool of aegis");
  assertEquals((await tools.install(tools.add, "-e", "add", "--force")).status, 0);
  assertEquals([await Deno.readTextFile(mine), (await Deno.lstat(`${bin}/add`)).isSymlink], ["mine", false]);

  assertStringIncludes((await tools.install(tools.add, "-e", "add")).err, "a tool of that name is there");
  assertEquals((await tools.install(tools.add, "-e", "add", "--force", "--timeout=1s")).status, 0);
  const left = [...Deno.readDirSync(`${tools.root}/lib/aegis/add`)].map(({ name }) =>
    name.replace(/^.*\./, "")
  );
  assertEquals(left.sort(), ["json", "wasm"]);
  await Deno.mkdir(`${bin}/folder`);
  const folder = await tools.install(tools.add, "-e", "add", "--name", "folder", "--force");
  assertStringIncludes(folder.err, "it is a directory");
});

Deno.test("G58 aegis install refuses names that are paths, and modules that could not start", async () => {
  await using tools = new ToolFolder();
  for (const name of ["../up", "a/b", "..", ".hidden", "-x", "a b", "a\nb", "$(x)", ""]) {
    const made = await tools.install(tools.add, "-e", "add", `--name=${name}`);
    assertEquals(made.status, 2, name);
  }
  assertStringIncludes((await tools.install(tools.add)).err, 'exports neither "_start" nor "main"');
  assertStringIncludes((await tools.install(tools.add, "-e", "ad")).err, '"add"');
  assertEquals((await tools.install(`${tools.path}/none.wasm`)).status, 2);
  await assertRejects(() => Deno.lstat(tools.root), Deno.errors.NotFound, undefined, "nothing was made");
});

Deno.test({
  name: "values of --env are for their owner alone, and on no command line",
  ignore: windows,
  async fn() {
    await using tools = new ToolFolder();
    const made = await tools.install(new URL("environment.wasm", PROGRAMS).pathname, "--env=TOKEN=se'cret");
    assertStringIncludes(made.err, "warning: The values of --env lie in the tool's file");
    const [file] = tools.words("environment");
    for (const path of [file, `${tools.root}/bin/environment`]) {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o077, 0, path);
    }
    assertEquals((await Deno.readTextFile(`${tools.root}/bin/environment`)).includes("cret"), false);
    const ran = await tools.start("environment", [], { env: { TOKEN: "other", AEGIS_GUEST_ENV_0: "other" } });
    assertStringIncludes(ran.out, "TOKEN=se'cret");
    assertEquals(ran.out.includes("other"), false);
  },
});

Deno.test("G60 aegis install takes the bytes that the manifest means, and none that took their place meanwhile", async () => {
  await using tools = new ToolFolder();
  const bytes = await Deno.readFile(tools.add), manifest = `${tools.path}/aegis.toml`;
  await Deno.writeTextFile(
    manifest,
    `[modules.add]\npath = "add.wasm"\nfunction = "add"\nsha256 = "${await sha256(bytes)}"\n`,
  );
  const other = compileText('(module (func (export "add") (param i32 i32) (result i32) (i32.const 666)))');
  const words = ["install", "add", "-c", manifest, "--root", tools.root];
  for (const [swapped, status] of [[Infinity, 0], [2, 65]] as const) {
    let reads = 0;
    const { io, made } = keptIo({
      read: (path, most, only) => {
        const late = path === tools.add && ++reads >= swapped;
        return late ? Promise.resolve(other) : systemIo().read(path, most, only);
      },
    });
    const { err } = made(await main([...words, "--force"], io));
    assertEquals([err.includes("it was made for"), (await Deno.stat(tools.words("add")[0])).isFile], [
      status === 65,
      true,
    ]);
  }
  assertEquals(JSON.parse(await Deno.readTextFile(tools.words("add")[0])).sha256, await sha256(bytes));
});

Deno.test("aegis uninstall takes away what install has made, and nothing else", async () => {
  await using tools = new ToolFolder();
  await tools.install(tools.add, "-e", "add");
  const gone = await tools.aegis("uninstall", "add", "--root", tools.root);
  assertEquals([gone.status, gone.out], [0, `Removed ${tools.root}/bin/add${windows ? ".cmd" : ""}\n`]);
  assertEquals([...Deno.readDirSync(`${tools.root}/bin`)], []);
  assertEquals([...Deno.readDirSync(`${tools.root}/lib/aegis`)], []);
  assertEquals((await tools.aegis("uninstall", "add", "--root", tools.root)).status, 1);
  await Deno.writeTextFile(`${tools.root}/bin/other`, "#!/bin/sh\necho mine\n");
  assertStringIncludes(
    (await tools.aegis("uninstall", "other", "--root", tools.root)).err,
    "no tool of aegis",
  );
  assertEquals((await tools.aegis("uninstall", "../bin/other", "--root", tools.root)).status, 2);
  assertEquals(await Deno.readTextFile(`${tools.root}/bin/other`), "#!/bin/sh\necho mine\n");
});

Deno.test("aegis uninstall finds a tool where the manifest has it installed", async () => {
  await using tools = new ToolFolder();
  const manifest = `${tools.path}/aegis.toml`;
  await Deno.writeTextFile(
    manifest,
    '[install]\nroot = "there"\n[modules.add]\npath = "add.wasm"\nfunction = "add"\n',
  );
  assertEquals((await tools.aegis("install", "add", "-c", manifest)).status, 0);
  assert((await Deno.stat(`${tools.path}/there/bin`)).isDirectory);
  assertEquals((await tools.aegis("uninstall", "add", "-c", manifest, "--root", tools.root)).status, 1);
  const gone = await tools.aegis("uninstall", "add", "-c", manifest);
  assertEquals([gone.status, [...Deno.readDirSync(`${tools.path}/there/bin`)]], [0, []], gone.err);
});

Deno.test("aegis install and uninstall leave alone what lies in a tool's folder and is not theirs", async () => {
  await using tools = new ToolFolder();
  const folder = `${tools.root}/lib/aegis/add`, hash = "0".repeat(64);
  const others = ["notes.txt", `${hash}.txt`, "mine.wasm", `${hash}.wasm.part`].sort();
  const own = [`${hash}.wasm`, `${hash}.json`, `${hash}.json.${crypto.randomUUID()}.part`];
  const put = () =>
    Promise.all([...others, ...own].map((name) => Deno.writeTextFile(`${folder}/${name}`, "")));
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  await Deno.mkdir(`${folder}/${"1".repeat(64)}.json`, { recursive: true });
  await put();
  assertEquals((await tools.install(tools.add, "-e", "add")).status, 0);
  const left = names();
  assertEquals([others.every((name) => left.includes(name)), own.filter((name) => left.includes(name))], [
    true,
    [],
  ]);
  await put();
  assertEquals((await tools.aegis("uninstall", "add", "--root", tools.root)).status, 0);
  assertEquals(names(), [...others, `${"1".repeat(64)}.json`].sort());
});
