/** `aegis serve`: what its process may do, and that it answers, logs, reloads and ends as it says. */
import { decodeServePlan, encodeServePlan, type ServePlan } from "../../src/cli/serve_plan.ts";
import { AegisError } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";
import { printing } from "../wrappers/http/rig.ts";
import { type FakeWorld, runCommand } from "./fake_io.ts";
import { ServeProcess } from "./serve_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function started(
  words: readonly string[],
  files: NonNullable<FakeWorld["files"]> = {},
): Promise<{ readonly args: readonly string[]; readonly plan: ServePlan }> {
  const { started: [start], err } = await runCommand(["serve", ...words], { files });
  assert(start !== undefined, err);
  return { args: start.args.slice(0, -1), plan: decodeServePlan(start.args.at(-1) ?? "") };
}

async function refused(
  words: readonly string[],
  files: NonNullable<FakeWorld["files"]> = {},
): Promise<string> {
  const { status, out, err, started } = await runCommand(["serve", ...words], { files });
  assertEquals([status, out, started], [2, "", []], err);
  return err;
}

Deno.test("aegis serve gives its process its module, its folder and its port, and nothing else", async () => {
  const { args, plan } = await started(["hello.wasm", "--port", "81", "--static", "/=public"], {
    "hello.wasm": "",
    "public": "",
  });
  assertEquals(args, [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-worker-options",
    "--allow-read=/folder/hello.wasm,/folder/public",
    "--allow-net=127.0.0.1:81",
    `--config=${ROOT}deno.json`,
    "--frozen",
    `--lock=${ROOT}deno.lock`,
    new URL("../../src/cli/serve_main.ts", import.meta.url).href,
  ]);
  assertEquals([plan.filesRoute, plan.files, plan.hosts?.includes("localhost")], [
    "/",
    "/folder/public",
    true,
  ]);
  assertEquals(decodeServePlan(encodeServePlan(plan)), plan);
  assertThrows(
    () => decodeServePlan(encodeServePlan({ ...plan, accessLog: "loud" as "off" })),
    AegisError,
  );
});

Deno.test("aegis serve takes all modules of a manifest, each with its own route, grants and limits", async () => {
  const manifest = `timeout = "2s"
[serve]
port = 9000
concurrency = 7
[modules.shop]
path = "shop.wasm"
allow_read = ["data"]
[modules.shop.http]
route = "/buy"
form = "json"
concurrency = 2
[modules.home]
path = "home.wasm"
timeout = "1s"
`;
  const { plan } = await started(["-c", "aegis.toml", "--request-size", "1KiB"], {
    "aegis.toml": manifest,
    "shop.wasm": "",
    "home.wasm": "",
    "data": "",
  });
  assertEquals(
    plan.modules.map(({ name, route, form, concurrency, requestSize, guest }) =>
      [
        name,
        route,
        form,
        concurrency,
        requestSize,
        guest.limits.timeout,
        guest.grants.directories.length,
      ] as const
    ),
    [["shop", "/buy", "json", 2, 1024, 2000, 1], ["home", "/home", null, 7, 1024, 1000, 0]],
  );
  assertEquals(plan.port, 9000);
  assertStringIncludes(
    await refused(["-c", "aegis.toml"], {
      "aegis.toml": '[modules.a]\npath = "a"\n[modules.a.http]\nrout = "/"',
    }),
    'unknown key "modules.a.http.rout"',
  );
});

Deno.test("aegis serve refuses what it could not do", async () => {
  const files = { "m.wasm": "", "a,b": "" };
  assertStringIncludes(await refused(["m.wasm", "--port", "70000"], files), "Cannot listen on port 70000");
  assertStringIncludes(
    await refused(["m.wasm", "--concurrency", "0"], files),
    "Cannot work on 0 requests at once",
  );
  assertStringIncludes(await refused(["-"], files), "from stdin");
  assertStringIncludes(await refused([], files), "Cannot serve nothing");
  assertStringIncludes(await refused(["m.wasm", "--static", "a,b"], files), "a path with a comma");
  assertStringIncludes(await refused(["m.wasm", "--form", "soap"], files), "cgi");
});

Deno.test("what no guest may reach is denied to the process of aegis serve, but for where it listens", async () => {
  const deniedOf = async (...words: string[]) => {
    const { args } = await started(["m.wasm", ...words], { "m.wasm": "" });
    return args.find((one) => one.startsWith("--deny-net="))?.slice("--deny-net=".length).split(",");
  };
  assertEquals(await deniedOf(), undefined, "nothing is granted");
  const denied = await deniedOf("--allow-net", "api.example.com") ?? [];
  for (const range of ["10.0.0.0/8", "169.254.0.0/16", "127.0.0.0/32", "127.128.0.0/9", "[::1]"]) {
    assert(denied.includes(range), `${range}: ${denied}`);
  }
  assert(!denied.includes("127.0.0.0/8") && !denied.includes("127.0.0.1/32"), String(denied));
  const other = await deniedOf("--allow-net", "api.example.com", "--host", "::1") ?? [];
  assertEquals([other.includes("[::1]"), other.includes("127.0.0.0/8")], [false, true]);
  await using site = await ServeProcess.start(["examples/http/hello.wasm", "--allow-net", "api.example.com"]);
  assertEquals((await fetch(site.url)).status, 200);
});

Deno.test("a guest that fails amid its answer is one line in each log, and a client of HTTP/1.0 takes no part for the whole", async () => {
  const folder = await Deno.makeTempDir(), much = `A: 1\n\n${"x".repeat(70_000)}`;
  const write = (name: string, text: string) => Deno.writeFile(`${folder}/${name}.wasm`, compileText(text));
  try {
    await write("fails", printing(much, "unreachable"));
    await write("whole", printing(much));
    await write("sized", printing(`Content-Length: 80000\n${much}`, "unreachable"));
    await Deno.writeTextFile(
      `${folder}/aegis.toml`,
      ["fails", "whole", "sized"].map((name) => `[modules.${name}]\npath = "${name}.wasm"\n`).join(""),
    );
    await using site = await ServeProcess.start(["-c", `${folder}/aegis.toml`]);
    const cut = await fetch(`${site.url}/fails`).then((response) => response.bytes()).catch(() => "cut");
    assertEquals(cut, "cut");
    // Nothing but the length tells a client of that version that something is missing.
    const old = async (path: string) => {
      const [head = "", body = ""] = (await site.whole(`GET ${path} HTTP/1.0\r\n\r\n`)).split("\r\n\r\n");
      return [Number(head.split(" ")[1]), /^content-length: (\d+)$/im.exec(head)?.[1], body.length] as const;
    };
    assertEquals(await old("/fails"), [502, "16", 16]);
    assertEquals(await old("/whole"), [200, "70000", 70_000]);
    const [status, length, come] = await old("/sized");
    assertEquals([status, length, come <= 70_000], [200, "80000", true], "it is cut");
    while (site.log.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(await site.end(), 0);
    assertEquals(site.log.map((line) => / GET (\S+) (\d+) /.exec(line)?.slice(1)), [
      ["/fails", "502"],
      ["/fails", "502"],
      ["/whole", "200"],
      ["/sized", "502"],
    ]);
    assertEquals(site.err.trim().split("\n").map((line) => line.slice(0, 18)), [
      "failed: fails: 502",
      "failed: fails: 502",
      "failed: sized: 502",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a site answers a thousand requests and loses none, and its log has a line for each", async () => {
  await using site = await ServeProcess.start([
    "examples/http/hello.wasm",
    "--static",
    "/files=examples/http",
  ]);
  assertEquals(site.modules, [{ name: "hello", route: "/", form: "cgi" }]);
  let left = 1000, right = 0;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const response = await fetch(`${site.url}/${left}`);
      if (response.status === 200 && (await response.text()).startsWith("GET /")) right++;
    }
  }));
  assertEquals(right, 1000);
  const file = await fetch(`${site.url}/files/hello.c`);
  assertEquals([file.status, (await file.text()).includes("int main(void)")], [200, true]);
  assertEquals((await fetch(`${site.url}/files/..%2f..%2fREADME.md`)).status, 404);

  // Requests that no client would make.
  const host = `Host: 127.0.0.1:${site.port}\r\n`;
  assertMatch(await site.raw("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), /^HTTP\/1\.1 421 /);
  assertMatch(
    await site.raw(`GET / HTTP/1.1\r\n${host}X: ${"x".repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
  for (
    const smuggled of [
      `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
      `GET /\x00 HTTP/1.1\r\n${host}\r\n`,
    ]
  ) assertMatch(await site.raw(smuggled), /^HTTP\/1\.1 400 /);
  assertMatch(
    await site.raw(`GET /a%0a2026%20forged HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
    /^HTTP\/1\.1 200 /,
  );
  assertEquals(await site.end(), 0);
  const lines = site.log.filter((line) => line.endsWith(" hello"));
  assertEquals(lines.filter((line) => / GET \/\d+ 200 \d+B /.test(line)).length, 1000);
  assert(
    site.log.every((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z \S+ [A-Z]+ \S+ \d{3} \d+B [\d.]+ms \S+$/.test(line)),
    site.log.at(-1),
  );
  assertEquals(site.err, "");
});

Deno.test("a client that leaves has its guest stopped, and the site goes on; a loop is a line in the log", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(
      `${folder}/spin.wasm`,
      compileText('(module (func (export "_start") (loop $l (br $l))))'),
    );
    await using site = await ServeProcess.start([
      `${folder}/spin.wasm`,
      "--concurrency",
      "1",
      "--timeout",
      "1s",
    ]);
    const left = new AbortController();
    const asking = fetch(site.url, { signal: left.signal }).catch((error) => error.name);
    setTimeout(() => left.abort(), 100);
    assertEquals(await asking, "AbortError");
    const began = performance.now();
    assertEquals((await fetch(site.url)).status, 504);
    assert(performance.now() - began < 1900, "it did not wait for the first one");
    while (site.log.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(site.log.map((line) => / (\d{3}) 0B /.exec(line)?.[1]), ["499", "504"]);
    assertMatch(site.err, /failed: spin: 499: the client has gone\nfailed: spin: 504: /);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Answers with its variables, as they lie in memory. */
const VARIABLES = `(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2) (data (i32.const 64) "A: 1\\0a\\0a")
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 1024) (i32.const 8192)))
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 6))
    (i32.store (i32.const 24) (i32.const 8192)) (i32.store (i32.const 28) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 2) (i32.const 8)))))`;

Deno.test("no header of a client's stands above a variable that the guest is granted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/m.wasm`, compileText(VARIABLES));
    await using site = await ServeProcess.start([`${folder}/m.wasm`, "--env", "HTTP_X_ROLE=granted"]);
    const variables = await (await fetch(site.url, { headers: { "x-role": "forged" } })).text();
    assertEquals(variables.split("\0").filter((one) => one.startsWith("HTTP_X_ROLE")), [
      "HTTP_X_ROLE=granted",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a module that changes is taken anew, and a broken one leaves the old one", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/m.wasm`;
  const write = (text: string) => Deno.writeFile(path, compileText(printing(`A: 1\n\n${text}`)));
  try {
    await write("old");
    await Deno.symlink(".", `${folder}/current`);
    await using site = await ServeProcess.start([path, "--reload", "--access-log", "off"]);
    const ask = async () => await (await fetch(site.url)).text();
    assertEquals(await ask(), "old");
    await Deno.writeTextFile(path, "no module");
    while (!site.err.includes("the old module goes on")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals(await ask(), "old");
    await write("newer");
    while (!site.err.includes("the new module answers")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals(await ask(), "newer");
    assertEquals(site.log, []);
    // As a folder of releases is switched, by a link on the way.
    await Deno.mkdir(`${folder}/next`);
    await Deno.writeFile(`${folder}/next/m.wasm`, compileText(printing("A: 1\n\nnext")));
    await using linked = await ServeProcess.start([`${folder}/current/m.wasm`, "--reload"]);
    const told = async () => await (await fetch(linked.url)).text();
    assertEquals(await told(), "newer");
    await Deno.symlink("next", `${folder}/switched`);
    await Deno.rename(`${folder}/switched`, `${folder}/current`);
    while (!linked.err.includes("the new module answers")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assertEquals(await told(), "next");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a site that is asked to end answers what is under way first", async () => {
  const site = await ServeProcess.start(["examples/http/shout.wasm"]);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(), writer = writable.getWriter();
  const asking = fetch(site.url, { method: "POST", body: readable });
  await writer.write(new TextEncoder().encode("late "));
  const response = await asking;
  const ending = site.end();
  await writer.write(new TextEncoder().encode("words"));
  await writer.close();
  assertEquals(await response.text(), "LATE WORDS");
  assertEquals(await ending, 0);
});
