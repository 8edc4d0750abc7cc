/** What `deno task compile` makes: with the base binary a program, and without it what that would run. */
import {
  BAKED_IN,
  COMPILE_TARGETS,
  compileArguments,
  readCompileOptions,
  STANDALONE_ENTRY,
} from "../../tools/compile.ts";
import { ListeningProcess } from "../cli/listening_process.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const BASE = Deno.env.get("DENORT_BIN");
if (BASE === undefined) {
  console.error("ignored: no base binary for deno compile; name a denort in DENORT_BIN");
}

async function start(program: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** The words that start the entry of the program, under what is baked into it. */
const STANDALONE = ["run", "--no-check", ...BAKED_IN, "--frozen", "--lock=tests/deno.lock", STANDALONE_ENTRY];

function standalone(...words: string[]) {
  return start(Deno.execPath(), [...STANDALONE, ...words]);
}

Deno.test("compileArguments() bake in that nobody is asked, and what workers need", () => {
  for (const target of [undefined, ...Object.keys(COMPILE_TARGETS) as (keyof typeof COMPILE_TARGETS)[]]) {
    const words = compileArguments("dist/aegis", target);
    for (const word of ["-A", "--no-prompt", "--unstable-worker-options", "--frozen"]) {
      assert(words.includes(word), word);
    }
    assertEquals(words.includes(`--target=${target}`), target !== undefined);
    assert(words.at(-1)?.endsWith(STANDALONE_ENTRY));
  }
  assertEquals(Object.keys(COMPILE_TARGETS).length, 5);
});

Deno.test("readCompileOptions() takes this machine, a target, or all of them", () => {
  assertEquals(readCompileOptions([]), { targets: [undefined], out: "dist" });
  assertEquals(readCompileOptions(["--target=x86_64-apple-darwin", "--out=x"]), {
    targets: ["x86_64-apple-darwin"],
    out: "x",
  });
  assertEquals(
    readCompileOptions(["--all"]).targets,
    Object.keys(COMPILE_TARGETS) as (keyof typeof COMPILE_TARGETS)[],
  );
  for (const word of ["--target=sparc", "--target=", "linux"]) {
    assertThrows(() => readCompileOptions([word]), Error, "--all");
  }
});

Deno.test("the program of its own runs modules in one process, and passes on how they end", async () => {
  const five = await standalone("run", "examples/add.wat", "-e", "add", "-q", "--", "2", "3");
  assertEquals(five, { code: 0, out: "5\n", err: "" });
  const spun = await standalone("run", "examples/endless_loop.wat", "-e", "spin", "--fuel-limit", "1M");
  assertEquals(spun.code, 152);
  assertStringIncludes(spun.err, "error: Out of fuel");
  const late = await standalone("run", "examples/endless_loop.wat", "-e", "spin", "--timeout", "300ms");
  assertEquals(late.code, 124);
  const { err } = await standalone("run", "examples/add.wat", "-e", "add", "-vv", "--", "2", "3");
  for (const kind of ["read", "write", "net", "env", "sys", "run", "ffi", "import"]) {
    assertMatch(err, new RegExp(`host permission ${kind}: denied`), kind);
  }
});

Deno.test({
  name: "the program of its own serves modules, tasks and tools, and ends when it is asked to",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "aegis_standalone_" });
    const listen = (words: readonly string[]) => ListeningProcess.start(words, { command: STANDALONE });
    const urlOf = ({ said }: ListeningProcess) => (said as { url: string }).url; // all of them say it
    try {
      await t.step("aegis serve", async () => {
        await using site = await listen(["serve", "examples/http/hello.wasm", "--access-log", "off"]);
        const answer = await fetch(urlOf(site));
        assertEquals(answer.status, 200, await answer.text());
        assertEquals((await site.end()).code, 0);
      });
      await t.step("aegis server", async () => {
        await using server = await listen(["server", "--no-auth", "--data", `${folder}/data`]);
        const answer = await fetch(new URL("/stats", urlOf(server)));
        assertEquals(answer.status, 200, await answer.text());
        assertEquals((await server.end()).code, 0);
      });
      await t.step("aegis mcp", async () => {
        await using server = await listen(["mcp", "--http", "examples/mcp/notes.wasm"]);
        const answer = await fetch(urlOf(server), {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "initialize",
            params: {
              protocolVersion: "2025-06-18",
              capabilities: {},
              clientInfo: { name: "test", version: "1" },
            },
          }),
        });
        assertStringIncludes(await answer.text(), "serverInfo");
        assertEquals((await server.end()).code, 0);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the program of its own calls plugins", async () => {
  const words = [
    "plugin",
    "call",
    "counter@1.0.0",
    "count",
    "--registry",
    "examples/plugin-host",
    "-q",
    "--",
    "5",
  ];
  const { code, out, err } = await standalone(...words);
  assertEquals([code, out], [0, "5\n"], err);
});

Deno.test("the program of its own refuses what takes files that it gives up", async () => {
  const note = new URL("../../README.md", import.meta.url).pathname;
  const { code, out, err } = await standalone("run", "examples/sensor.wat", "--sensor", `1=@${note}`);
  assertEquals([code, out], [1, ""]);
  assertStringIncludes(err, "error: Cannot go on reading files while guests run: this is a compiled program");
});

Deno.test({
  name: "deno compile makes the program for this machine, and it runs (needs the base binary: DENORT_BIN)",
  ignore: BASE === undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aegis_compiled_" });
    try {
      const made = await start(Deno.execPath(), compileArguments(`${folder}/aegis`));
      assertEquals(made.code, 0, made.err);
      const words = ["run", "examples/add.wat", "-e", "add", "-q", "--", "2", "3"];
      assertEquals(await start(`${folder}/aegis`, words), { code: 0, out: "5\n", err: "" });
      const doctor = await start(`${folder}/aegis`, ["doctor"]);
      assertEquals(doctor.code, 0, doctor.out);
      const refused = await start(`${folder}/aegis`, ["run", "examples/add.wat", "--isolation", "process"]);
      assertStringIncludes(refused.err, "this is a compiled program");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
