/** `aegis serve --audit` and `aegis mcp --audit`: what the log says, and that it holds whatever ends the process. */
import { AuditLog, type AuditRecord, readAuditLog, verifyAuditLog } from "../../mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { askHttp, call, startAegis } from "../wrappers/mcp/client.ts";
import { printing } from "../wrappers/http/rig.ts";
import { AEGIS, ListeningProcess } from "./listening_process.ts";
import { aegis } from "./server_process.ts";

const ROOT = new URL("../../", import.meta.url);

const CONFIG = `--config=${new URL("deno.json", ROOT).pathname}`;

const NOTES = "examples/mcp/notes.wasm";

/** What a guest would have the log say. */
const FORGED = '\n{"seq":1,"kind":"log_closed"}\r\u2028\u001b[2J';

/** A program that answers by CGI, and opens a path above what it was granted: its own words, in the log. */
function opening(path: string): string {
  const bytes = new TextEncoder().encode(path);
  const data = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return `(module
    (import "wasi_snapshot_preview1" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "Content-Type: text/plain\\0a\\0ahi")
    (data (i32.const 1024) "${data}")
    (func (export "_start")
      (drop (call $open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const ${bytes.length})
        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 28))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "aegis_audit_" }));
  try {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeFile(`${folder}/key`, new Uint8Array(32), { mode: 0o600 });
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function recordsOf(file: string): Promise<AuditRecord[]> {
  return await Array.fromAsync(readAuditLog(file));
}

interface Listening {
  readonly url: string;
  readonly pid: number;
}

async function start(words: readonly string[]): Promise<ListeningProcess & { readonly said: Listening }> {
  return await ListeningProcess.start(words) as ListeningProcess & { readonly said: Listening }; // of its first line
}

async function get(url: string): Promise<number> {
  const response = await fetch(url);
  await response.text();
  return response.status;
}

Deno.test("aegis serve --audit records requests and what guests did, in a log that holds and finds what is altered", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/site.wat`, opening(`../x${FORGED}`));
    const file = `${folder}/audit.jsonl`, keyed = ["--audit-key", `${folder}/key`];
    const words = ["serve", `${folder}/site.wat`, "--dir", `${folder}/data::/data:ro`, "--audit", file];
    {
      await using server = await start([...words, ...keyed]);
      const path = encodeURIComponent(FORGED);
      assertEquals(await get(`${server.said.url}/${path}?secret=1`), 200);
      assertEquals(await get(`${server.said.url}/two`), 200);
      const { code, err } = await server.end();
      assertEquals(code, 0, err);
      assertStringIncludes(err, "threat path_escape");
    }
    const { code, out, err } = await aegis(["audit", "verify", file, ...keyed, "-f", "json"]);
    assertEquals(code, 0, err);
    const records = await recordsOf(file), text = await Deno.readTextFile(file);
    assertEquals(JSON.parse(out).records, records.length);
    // A line for each record, and nothing in it that would be another one.
    assertEquals(text.split("\n").length - 1, records.length);
    assertMatch(text, /^[\x20-\x7e\n]*$/);
    assertEquals(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
    assertEquals(records.filter(({ kind }) => kind === "log_closed").length, 1);
    const denied = records.filter(({ kind }) => kind === "grant_denied");
    assertEquals(denied.map(({ detail }) => String(detail["target"]).includes("log_closed")), [true, true]);
    const requests = records.filter(({ kind }) => kind === "request");
    assertEquals(requests.map(({ detail: { method, path, status, name } }) => [method, path, status, name]), [
      ["GET", `/${encodeURIComponent(FORGED)}`, 200, "site"],
      ["GET", "/two", 200, "site"],
    ]);
    const loaded = records.find(({ kind }) => kind === "module_loaded")?.module;
    assertEquals(requests.map(({ module }) => module), [loaded, loaded]);
    assert(!text.includes("secret=1"));

    // What somebody does to it afterwards.
    const lines = text.split("\n").slice(0, -1), options = { keyFile: `${folder}/key` };
    const flawOf = async (changed: string) => {
      await Deno.writeTextFile(file, changed);
      const { intact, flaw } = await verifyAuditLog(file, options);
      return intact ? undefined : flaw?.reason;
    };
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 150)) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1 << at % 7;
      assert(await flawOf(new TextDecoder("latin1").decode(flipped)) !== undefined, `byte ${at}`);
    }
    for (const at of lines.keys()) {
      assert(await flawOf(`${lines.toSpliced(at, 1).join("\n")}\n`) !== undefined, `without line ${at + 1}`);
      assert(
        await flawOf(lines.slice(0, at).map((line) => `${line}\n`).join("")) !== undefined,
        `up to ${at}`,
      );
    }
    assertEquals(await flawOf(text), undefined);
  }));

Deno.test("the log of aegis serve holds when its process is killed in the midst of requests", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/site.wat`, printing("Content-Type: text/plain\n\nhi"));
    const file = `${folder}/audit.jsonl`;
    await using server = await start(["serve", `${folder}/site.wat`, "--audit", file, "--access-log", "off"]);
    const { url, pid } = server.said, answered: number[] = [];
    const asking = Array.from({ length: 4 }, async () => {
      for (;;) {
        try {
          answered.push(await get(url));
        } catch {
          return; // killed
        }
        if (answered.length === 8) Deno.kill(pid, "SIGKILL");
      }
    });
    await Promise.all(asking);
    assertEquals((await server.ended()).code, 137);
    const { intact, closed, flaw } = await verifyAuditLog(file);
    assertEquals([intact, closed], [true, false], flaw?.reason);
    assertEquals((await aegis(["audit", "verify", file, "-q"])).code, 0);
    const requests = (await recordsOf(file)).filter(({ kind }) => kind === "request");
    assert(requests.length >= 8 - 4, `${requests.length} of ${answered.length}`);
    // The next process goes on with it.
    (await AuditLog.open(file)).close();
    const after = await verifyAuditLog(file);
    assertEquals([after.intact, after.closed], [true, true], after.flaw?.reason);
  }));

Deno.test("the log is closed, too, when a person does not want to wait for what is under way", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/spin.wat`, printing("", "(loop $l (br $l))"));
    const file = `${folder}/audit.jsonl`;
    const words = ["serve", `${folder}/spin.wat`, "--timeout", "60s", "--grace", "60s", "--audit", file];
    await using server = await start(words);
    const asking = get(server.said.url).catch(() => 0);
    while (!(await recordsOf(file)).some(({ kind }) => kind === "call_started")) await turn();
    let over = false;
    const ended = server.ended().finally(() => over = true);
    // Two that come at the same time are one.
    while (!over) {
      server.signal("SIGINT");
      await turn();
    }
    assertEquals((await ended).code, 130);
    await asking;
    const { intact, closed } = await verifyAuditLog(file);
    assertEquals([intact, closed], [true, true]);
  }));

/** Time for others. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

Deno.test("aegis mcp --audit records each request with its module, and nothing a client calls itself breaks a line", () =>
  inFolder(async (folder) => {
    const file = `${folder}/audit.jsonl`;
    let told = "";
    {
      await using client = await startAegis(
        [NOTES, "--fuel-limit", "20M", "--audit", file],
        (text) => told += text,
      );
      await call(client, "search", { word: "ada" });
      await call(client, "spin");
      await call(client, `none\ud800${FORGED}`).catch(() => {});
    }
    assertEquals(told, "");
    const { code, err } = await aegis(["audit", "verify", file]);
    assertEquals(code, 0, err);
    const text = await Deno.readTextFile(file), records = await recordsOf(file);
    assertMatch(text, /^[\x20-\x7e\n]*$/);
    assertEquals(text.split("\n").length - 1, records.length);
    assertEquals(records.at(-1)?.kind, "log_closed");
    const requests = records.filter(({ kind }) => kind === "request");
    assertEquals(
      requests.map((
        { detail: { client, request, name, outcome, code = "" } },
      ) => [client, request, String(name).slice(0, 6), outcome, code]),
      [
        ["tests", "tool", "search", "ok", ""],
        ["tests", "tool", "spin", "error", "OutOfFuel"],
        [
          "tests",
          "tool",
          String(requests[2]?.detail["name"]).slice(0, 6),
          "refused",
          requests[2]?.detail["code"] ?? "",
        ],
      ],
    );
    const hash = records.find(({ kind }) => kind === "module_loaded")?.module;
    assertEquals(requests.map(({ module }) => module), [hash, hash, undefined]);
    assertEquals(records.filter(({ kind }) => kind === "limit_hit").length, 1);
  }));

Deno.test("the log of aegis mcp holds when its process is killed in the midst of a call", () =>
  inFolder(async (folder) => {
    const file = `${folder}/audit.jsonl`;
    await using server = await start(["mcp", "--http", NOTES, "--timeout", "60s", "--audit", file]);
    {
      await using client = await askHttp(server.said.url);
      await call(client, "add", { a: 1, b: 2 });
      const spinning = call(client, "spin").catch(() => undefined);
      while ((await recordsOf(file)).filter(({ kind }) => kind === "call_started").length < 2) await turn();
      Deno.kill(server.said.pid, "SIGKILL");
      await server.ended();
      await client.close().catch(() => {});
      await spinning;
    }
    const { intact, closed, flaw } = await verifyAuditLog(file);
    assertEquals([intact, closed], [true, false], flaw?.reason);
    assertEquals((await recordsOf(file)).filter(({ kind }) => kind === "request").length, 1);
  }));

Deno.test("no log is begun where a guest could change it, where its key could be read, or where it would be served", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.wat`, `(module (func (export "main")))`);
    await Deno.writeFile(`${folder}/data/key`, new Uint8Array(32), { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/data/real`, "");
    await Deno.writeTextFile(`${folder}/data/other`, "");
    await Deno.symlink(`${folder}/data/real`, `${folder}/link`);
    await Deno.link(`${folder}/data/other`, `${folder}/hard`);
    await Deno.symlink(`${folder}/data`, `${folder}/alias`);
    const files = () =>
      [...Deno.readDirSync(folder), ...Deno.readDirSync(`${folder}/data`)].map(({ name }) => name);
    const before = files();
    const write = ["--allow-write", `${folder}/data`], read = ["--allow-read", `${folder}/data`];
    const log = ["--audit", `${folder}/log`];
    const refused = [
      ["run", [...write, "--audit", `${folder}/alias/log`], "guests may change"],
      ["run", [...read, ...log, "--audit-key", `${folder}/alias/key`], "guests may reach"],
      ["serve", [...write, "--audit", `${folder}/data/log`], "guests may change"],
      ["serve", [...log, "--audit-key", `${folder}/data/key`, "--static", `${folder}/data`], "is served"],
      ["serve", ["--audit", `${folder}/alias/log`, "--static", `${folder}/data`], "is served"],
      ["serve", ["--audit", `${folder}/m.wat`], "used for something else"],
      ["mcp", [...write, "--audit", `${folder}/data/log`], "guests may change"],
      ["mcp", [...read, ...log, "--audit-key", `${folder}/data/key`], "guests may reach"],
      ["mcp", [...write, "--audit", `${folder}/link`], "symbolic link"],
      ["mcp", [...write, "--audit", `${folder}/hard`], "more names"],
    ] as const;
    const ran = await Promise.all(
      refused.map(([command, words]) => aegis([command, `${folder}/m.wat`, ...words])),
    );
    for (const [index, [command, words, says]] of refused.entries()) {
      const { code, out, err } = ran[index] ?? assert(false) as never;
      assertEquals([code, out], [2, ""], `${command} ${words.join(" ")}: ${err}`);
      assertStringIncludes(err, says);
    }
    assertEquals(files().sort(), before.sort());
  }));

Deno.test("a process that serves can still put files of its log away, and write nothing else", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.wat`, printing("Content-Type: text/plain\n\nhi"));
    const file = `${folder}/audit.jsonl`, others = [`${folder}/data`, `${folder}/key`, `${folder}/m.wat`];
    for (const command of ["serve", "mcp"] as const) {
      const asked = await permissionsOf(command, [file, ...others], [
        `${folder}/m.wat`,
        ...command === "mcp" ? ["--http"] : [],
        "--port",
        "0",
        "--dir",
        `${folder}/data::/data`,
        "--audit",
        file,
        "--audit-key",
        `${folder}/key`,
      ]);
      assertEquals(asked, {
        read: [file, `${file}.head`, `${file}.1`, `${file}.2`, `${file}.3`],
        write: [file, `${file}.head`, `${file}.1`, `${file}.2`, `${file}.3`],
      }, command);
    }
  }));

/** What the process of a command may read and write when it listens, of these and what lies beside the first. */
async function permissionsOf(
  command: "serve" | "mcp",
  [log = "", ...others]: readonly string[],
  words: readonly string[],
): Promise<unknown> {
  const paths = [log, `${log}.head`, `${log}.1`, `${log}.2`, `${log}.3`, `${log}.4`, ...others];
  const main = `
    import { main } from ${JSON.stringify(new URL("src/cli/main.ts", ROOT).href)};
    import { systemIo } from ${JSON.stringify(new URL("src/cli/system_io.ts", ROOT).href)};
    const io = { ...systemIo(), startHost: (start) => {
      console.log(JSON.stringify(start.args));
      return { ended: Promise.resolve({ status: 0, signal: null, overdue: false, forwarded: [] }) };
    } };
    await main(${JSON.stringify([command, ...words])}, io);`;
  const args: string[] = JSON.parse(await evaluated([...AEGIS.slice(0, -1), CONFIG], main));
  const entry = args.findIndex((word) => word.startsWith("file:")), plan = args[entry + 1] ?? "";
  const [host, start, decode] = command === "serve"
    ? ["serve_host", "startSite", "serve_plan.ts decodeServePlan"]
    : ["mcp_host", "startMcp", "mcp_plan.ts decodeMcpPlan"];
  const [planFile, decodePlan] = decode.split(" ");
  const script = `
    import { ${start} } from ${JSON.stringify(new URL(`src/cli/${host}.ts`, ROOT).href)};
    import { ${decodePlan} } from ${JSON.stringify(new URL(`src/cli/${planFile}`, ROOT).href)};
    const io = { out: () => {}, err: (text) => console.error(text) };
    const running = await ${start}(${decodePlan}(Deno.args[0]), io);
    const state = (name, path) => Deno.permissions.querySync({ name, path }).state === "granted";
    const paths = ${JSON.stringify(paths)};
    const all = (name) => Deno.permissions.querySync({ name }).state === "granted" ? ["all"] : paths.filter((path) => state(name, path));
    console.log(JSON.stringify({ read: all("read"), write: all("write") }));
    await running.close();
    Deno.exit(0);`;
  return JSON.parse(await evaluated(args.slice(0, entry), script, plan));
}

/** Runs a program. @param words of Deno, before its name @returns what it prints */
async function evaluated(
  words: readonly string[],
  script: string,
  ...args: readonly string[]
): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(file, script);
    const command = new Deno.Command(Deno.execPath(), {
      args: [...words, file, ...args],
      env: { NO_COLOR: "1" },
    });
    const { stdout, stderr } = await command.output(), out = new TextDecoder().decode(stdout);
    assert(out !== "", new TextDecoder().decode(stderr));
    return out;
  } finally {
    await Deno.remove(file);
  }
}
