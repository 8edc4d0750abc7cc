import { readAuditLog } from "../../mod.ts";
import { auditFiles } from "../../src/sandbox/audit_paths.ts";
import { decodeMcpPlan, type McpPlan } from "../../src/cli/mcp_plan.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { askHttp, call, codeOf, startAegis } from "../wrappers/mcp/client.ts";
import { moduleOf } from "../wrappers/mcp/section_module.ts";
import { type FakeWorld, runCommand } from "./fake_io.ts";
import { aegis } from "./server_process.ts";
import { McpProcess } from "./mcp_process.ts";

const NOTES = "examples/mcp/notes.wasm";

/** The words for Deno that a command line leads to, and the plan behind them. */
async function started(words: readonly string[], files: NonNullable<FakeWorld["files"]> = { "a.wasm": "" }) {
  const { started: [start], err } = await runCommand(["mcp", ...words], { files });
  assert(start !== undefined, err);
  const plan: McpPlan = decodeMcpPlan(start.args.at(-1) ?? "");
  return { ...start, args: start.args.slice(0, -1), plan };
}

async function refused(words: readonly string[], files: NonNullable<FakeWorld["files"]> = { "a.wasm": "" }) {
  const { status, out, err, started } = await runCommand(["mcp", ...words], { files });
  assertEquals([status, out, started], [2, "", []], err);
  return err;
}

Deno.test("a client lists and calls what a module offers, on stdin and stdout", async () => {
  let told = "";
  {
    await using client = await startAegis([NOTES, "--fuel-limit", "20M"], (text) => told += text);
    assertEquals(
      client.getServerVersion(),
      { name: "notes", version: "1.0.0", title: "A few notes" } as never,
    );
    const { tools } = await client.listTools();
    assertEquals(tools.map(({ name }) => name), ["search", "add", "swatch", "index", "spin"]);
    const { structuredContent } = await call(client, "search", { word: "ada" });
    assertEquals(structuredContent, { found: [{ id: 3, text: "Ada has the keys of the office." }] });
    assertEquals((await client.readResource({ uri: "notes://help" })).contents.length, 1);
    assertEquals(
      (await client.getPrompt({ name: "summarise", arguments: { style: "x" } })).messages.length,
      1,
    );
    assertEquals(codeOf(await call(client, "spin")), "OutOfFuel");
    const seen: number[] = [];
    await call(client, "index", { rounds: 5 }, { onprogress: ({ progress }) => seen.push(progress) });
    // The client drops what it reads in one piece with the answer, which may be the last one.
    assertEquals(seen[0], 1);
    assert(seen.every((one, index) => one > (seen[index - 1] ?? 0) && one <= 5), seen.join());
  }
  const records = told.trim().split("\n").map((line) => JSON.parse(line)); // nothing else is printed
  assertEquals(records.map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`).sort(), [
    "prompt summarise ok",
    "resource notes://help ok",
    "tool index ok",
    "tool search ok",
    "tool spin error",
  ]);
  assertEquals(records[0].client, { session: 1, transport: "stdio", name: "tests", version: "1.2.3" });
});

Deno.test("a client cancels a tool that loops, and the server serves on", async () => {
  let told = "";
  await using client = await startAegis([NOTES, "--timeout", "60s"], (text) => told += text);
  const stop = new AbortController(), spinning = call(client, "spin", {}, { signal: stop.signal });
  await call(client, "add", { a: 1, b: 1 }); // by now the other one runs
  stop.abort();
  await assertRejects(() => spinning, Error);
  const asked = performance.now();
  while (!told.includes('"cancelled"')) {
    assert(performance.now() - asked < 5000, told);
    await call(client, "add", { a: 1, b: 2 });
  }
  assertStringIncludes(told, '"name":"spin","module":"notes"');
});

Deno.test("a manifest serves several modules, with grants and limits of single tools", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_mcp_" });
  try {
    await Deno.writeTextFile(`${folder}/data.txt`, "granted");
    const root = new URL("../../", import.meta.url).pathname;
    await Deno.writeTextFile(
      `${folder}/aegis.toml`,
      `fuel_limit = "50M"
on_denial = "stop"
[modules.cat]
path = "${root}tests/programs/wasm/cat.wasm"
[modules.reader]
path = "${root}tests/programs/wasm/cat.wasm"
[modules.reader.tools.reader]
title = "Read"
dir = ["${folder}::/data:ro"]
[modules.notes]
path = "${root}${NOTES}"
[modules.notes.tools.spin]
name = "turn"
fuel_limit = 1000
[mcp]
audit = "${folder}/audit.jsonl"
`,
    );
    await using client = await startAegis(["--config", `${folder}/aegis.toml`]);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    assertEquals(names.slice(0, 3), ["cat.cat", "reader.reader", "notes.search"]);
    assert(names.includes("notes.turn"));
    assertEquals(tools[1]?.title, "Read");
    const read = await call(client, "reader.reader", { args: ["/data/data.txt"] });
    assertEquals(read.structuredContent?.["stdout"], "granted");
    const denied = await call(client, "cat.cat", { args: ["/data/data.txt"] });
    assertEquals(denied.isError, true);
    const spent = await call(client, "notes.turn");
    assertStringIncludes(spent.content[0]?.text ?? "", "of 1000 units");
    await client.close();
    const requests = await Array.fromAsync(readAuditLog(`${folder}/audit.jsonl`, { kinds: ["request"] }));
    assertEquals(requests.map(({ detail }) => [detail["of"], detail["name"], detail["outcome"]]), [
      ["reader", "reader.reader", "ok"],
      ["cat", "cat.cat", "error"],
      ["notes", "notes.turn", "error"],
    ]);
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${folder}/audit.jsonl`)).mode! & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a denial is an error of the tool that says what would allow it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_mcp_" });
  try {
    await Deno.writeTextFile(
      `${folder}/log.wat`,
      `(module (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
        (func (export "say") (call $log (i32.const 0) (i32.const 1))))`,
    );
    let told = "";
    await using client = await startAegis(
      [`${folder}/log.wat`, "--on-denial", "stop"],
      (text) => told += text,
    );
    const answer = await call(client, "say");
    assertEquals(codeOf(answer), "CapabilityDenied");
    assertStringIncludes(answer.content[0]?.text ?? "", "--allow-logging");
    await client.close();
    const record = JSON.parse(told);
    assertEquals([record.code, record.denials[0]?.capability], ["CapabilityDenied", "logging"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("over HTTP: sessions, a token, and no page of another origin or name", async () => {
  const token = "0123456789abcdef0123456789abcdef";
  await using server = await McpProcess.start([NOTES], { AEGIS_MCP_TOKEN: token });
  const { url } = server, headers = { Authorization: `Bearer ${token}` };
  {
    await using one = await askHttp(url, headers);
    await using two = await askHttp(url, headers);
    assertEquals((await one.listTools()).tools.length, 5);
    const seen: number[] = [];
    await call(two, "index", { rounds: 5 }, { onprogress: ({ progress }) => seen.push(progress) });
    // The client drops what it reads in one piece with the answer, which may be the last one.
    assertEquals(seen[0], 1);
    assert(seen.every((one, index) => one > (seen[index - 1] ?? 0) && one <= 5), seen.join());
    const stop = new AbortController(), spinning = call(one, "spin", {}, { signal: stop.signal });
    await call(two, "add", { a: 1, b: 1 });
    stop.abort();
    await assertRejects(() => spinning, Error);
    assertEquals((await call(one, "add", { a: "2", b: 3 })).structuredContent, { result: "5" });
  }
  const ask = async (extra: Record<string, string>) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const accept = "application/json, text/event-stream";
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: accept, ...extra },
      body,
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask({}), 401);
  assertEquals(await ask({ Authorization: "Bearer wrong" }), 401);
  assertEquals(await ask({ ...headers, Origin: "https://evil.example" }), 403);
  assertEquals(await ask(headers), 400); // no session
  assertEquals(await ask({ ...headers, "Mcp-Session-Id": crypto.randomUUID() }), 404);
  const { code, err } = await server.end();
  assertEquals(code, 0, err);
  assertStringIncludes(err, '"transport":"http"');
});

Deno.test("what cannot be served is said on stderr, with a status, and stdout stays empty", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_mcp_" });
  try {
    await Deno.writeTextFile(`${folder}/none.wat`, "(module (memory 1))");
    await Deno.writeTextFile(`${folder}/needs.wat`, `(module (import "x" "y" (func)) (func (export "f")))`);
    await Deno.writeFile(`${folder}/broken.wasm`, new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 9]));
    for (
      const [name, status, says] of [["none.wat", 65, "no tool"], ["needs.wat", 77, '"x" "y"'], [
        "broken.wasm",
        65,
        "invalid",
      ]] as const
    ) {
      const { code, out, err } = await aegis(["mcp", `${folder}/${name}`]);
      assertEquals([code, out], [status, ""], err);
      assertStringIncludes(err, says);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the process that serves may do what was granted, and nothing else", async () => {
  const { args, plan, passOn } = await started(
    ["a.wasm", "--allow-read=data", "--audit", "log/a.jsonl"],
    {
      "a.wasm": "",
      data: "",
      log: "",
    },
  );
  const permissions = args.filter((word) => word.startsWith("--allow"));
  const log = auditFiles("/folder/log/a.jsonl").join();
  assertEquals(permissions, [
    `--allow-read=/folder/a.wasm,/folder/data,${log}`,
    `--allow-write=${log}`,
  ]);
  assert(args.includes("--no-prompt"));
  assertEquals([plan.http, plan.modules[0]?.name, passOn], [null, "a", "signal"]);
  const http = await started(["a.wasm", "--http", "--port", "0"]);
  assertEquals(http.args.filter((word) => word.startsWith("--allow")), [
    "--allow-read=/folder/a.wasm",
    "--allow-net=127.0.0.1:0",
  ]);
  assertEquals(http.passOn, "input");
});

Deno.test("a token stands in the environment of the process, and on no command line", async () => {
  const token = "0123456789abcdef0123456789abcdef";
  const { args, environment, plan } = await started(["a.wasm", "--http", "--token-file", "t"], {
    "a.wasm": "",
    t: `${token}\n`,
  });
  assertEquals(environment, { AEGIS_MCP_TOKEN: token });
  assert(!Deno.inspect([args, plan], { depth: 20 }).includes(token));
  assert(args.includes("--allow-env=AEGIS_MCP_TOKEN"));
});

Deno.test("what does not go together is refused", async () => {
  assertStringIncludes(await refused(["a.wasm", "--port", "1"]), "--http");
  assertStringIncludes(await refused(["-"]), "stdin");
  assertStringIncludes(await refused([]), "MODULE");
  assertStringIncludes(await refused(["a.wasm", "--http", "--host", "0.0.0.0"]), "token");
  assertStringIncludes(await refused(["a.wasm", "--http", "--port", "70000"]), "65535");
  assertStringIncludes(await refused(["a.wasm", "--http", "--cors", "evil"]), "origin");
  assertStringIncludes(
    await refused(["a.wasm", "--http", "--token-file", "t"], { "a.wasm": "", t: "short" }),
    "16",
  );
  const inGrant = ["a.wasm", "--allow-write", "data", "--audit", "data/log"];
  assertStringIncludes(await refused(inGrant, { "a.wasm": "", data: "" }), "guests may change what is in");
});

Deno.test("--print-config gives each client what it reads, with absolute paths", async () => {
  const shown = async (words: readonly string[]) => {
    const { status, out, err, started } = await runCommand(["mcp", "a.wasm", ...words], {
      files: { "a.wasm": "" },
    });
    assertEquals([status, started], [0, []], err);
    return JSON.parse(out);
  };
  const claude = await shown([
    "--print-config=claude",
    "--fuel-limit",
    "10M",
    "--timeout",
    "2s",
    "--allow-clock",
  ]);
  const { command, args } = claude.mcpServers.a;
  assertEquals(command, Deno.execPath());
  assertEquals(args.slice(args.indexOf("mcp")), [
    "mcp",
    "/folder/a.wasm",
    "--fuel-limit",
    "10000000",
    "--timeout",
    "2000ms",
    "--allow-clock",
  ]);
  assertEquals((await shown(["--print-config=vscode"])).servers.a.type, "stdio");
  const url = "http://127.0.0.1:3000/mcp";
  assertEquals((await shown(["--print-config=cursor", "--http"])).mcpServers.a, { url });
  assertEquals((await shown(["--print-config", "--http", "--name", "n"])).mcpServers.n, {
    type: "http",
    url,
  });
  assertStringIncludes(await refused(["a.wasm", "--print-config=claude", "--http"]), "claude");
  const relative = ["a.wasm", "--print-config", "--allow-read", "data"];
  assertStringIncludes(await refused(relative, { "a.wasm": "", data: "" }), "absolute");
});

Deno.test("no tool takes another's name: the server does not start", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_mcp_" });
  try {
    const wat =
      `(module (func (export "f") (result i32) i32.const 1) (func (export "g") (result i32) i32.const 2))`;
    const tools = ["read_file", "Read.File"].map((name, at) => ({ name, function: at === 0 ? "f" : "g" }));
    await Deno.writeFile(`${folder}/twice.wasm`, await moduleOf(wat, { mcp: { tools } }));
    const alone = await aegis(["mcp", `${folder}/twice.wasm`]);
    assertEquals([alone.code, alone.out], [65, ""], alone.err);
    assertStringIncludes(alone.err, 'could be mixed up with "read_file"');
    await Deno.writeFile(`${folder}/one.wasm`, await moduleOf(wat));
    await Deno.writeTextFile(
      `${folder}/aegis.toml`,
      `[modules.notes]\npath = "one.wasm"\n[modules.Notes]\npath = "one.wasm"\n`,
    );
    const both = await aegis(["mcp", "--config", `${folder}/aegis.toml`]);
    assertEquals([both.code, both.out], [65, ""], both.err);
    assertStringIncludes(both.err, 'module "notes" has that name');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("over HTTP, denials and spent fuel are errors of the tool, too", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_mcp_" });
  try {
    await Deno.writeTextFile(
      `${folder}/log.wat`,
      `(module (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
        (func (export "say") (call $log (i32.const 0) (i32.const 1)))
        (func (export "spin") (loop br 0)))`,
    );
    const flags = ["--on-denial", "stop", "--fuel-limit", "1M"];
    await using server = await McpProcess.start([`${folder}/log.wat`, ...flags]);
    await using client = await askHttp(server.url);
    assertEquals((await client.listTools()).tools.map(({ name }) => name), ["say", "spin"]);
    assertEquals(codeOf(await call(client, "say")), "CapabilityDenied");
    assertEquals(codeOf(await call(client, "spin")), "OutOfFuel");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
