import { LoggingCapability, type ReportDocument } from "../../mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { COUNT, running, start } from "./started.ts";

const PAGE = 65536;

const FIELDS = `(import "env" "host" (func $host (param i32) (result i32)))
  (import "env" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1 8) (data (i32.const 0) "hello") ${COUNT}
  (func (export "busy") (drop (call $host (i32.const 1))) (drop (call $host (i32.const 2)))
    (call $log (i32.const 0) (i32.const 5))
    (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 3))))
  (func (export "trap") unreachable)`;

const OPTIONS = { offers: { "env.host(i32)->i32": (value: number) => value }, memoryLimit: 4 * PAGE };

Deno.test("report() has what a sandbox did and used", async () => {
  await using started = await running(FIELDS, OPTIONS);
  const { sandbox } = started, before = sandbox.report();
  assertEquals([before.lastCall, before.metrics.calls], [undefined, 0]);
  await sandbox.call("busy");
  const report = sandbox.report(), metrics = sandbox.metrics();
  assertEquals(report.metrics, metrics);
  assertEquals(report.limits, sandbox.limits);
  assertEquals(report.lastCall, { execution: 1, function: "busy", outcome: "value" });
  assertEquals(report.module?.hash.length, 64);
  assertEquals(report.hostFunctions.map(({ module, name, calls }) => [module, name, calls]), [[
    "env",
    "host",
    2,
  ]]);
  assertEquals(report.denials.map(({ capability, action }) => [capability, action]), [["logging", "log"]]);
  const share = (name: string) => report.shares.find(({ limit }) => limit === name);
  assertEquals(share("memoryLimit"), { limit: "memoryLimit", used: 2 * PAGE, allowed: 4 * PAGE, share: 0.5 });
  assertEquals(share("fuelLimit")?.used, metrics.fuelConsumed);
  assertEquals(share("cpuTime")?.allowed, Infinity);
  assert((share("timeout")?.share ?? 0) > 0);
});

Deno.test("report() has the budget with the fuel that was added, and the code of a failure", async () => {
  await using started = await running(FIELDS, { ...OPTIONS, fuelLimit: 1000 });
  const { sandbox } = started;
  sandbox.addFuel(1000);
  await sandbox.tryCall("trap");
  const { shares, lastCall } = sandbox.report();
  assertEquals(shares.find(({ limit }) => limit === "fuelLimit")?.allowed, 2000n);
  assertEquals([lastCall?.function, lastCall?.outcome, lastCall?.error?.code], ["trap", "trap", "Trap"]);
});

Deno.test("report() has nothing of a call that was cancelled before it began", async () => {
  await using started = await running(FIELDS, OPTIONS);
  const { sandbox } = started, signal = AbortSignal.abort();
  await sandbox.call("count", [1]);
  const before = sandbox.report().lastCall;
  assertEquals(sandbox.tryCallSync("trap", [], { signal }).kind, "aborted");
  assertEquals((await sandbox.tryCall("trap", [], { signal })).kind, "aborted");
  await sandbox.callMany("count", [[1]], { signal });
  assertEquals(sandbox.report().lastCall, before);
  assertEquals(before, { execution: 1, function: "count", outcome: "value" });
});

Deno.test("report() amid a call says which one is running", async () => {
  await using started = await start({ fuelLimit: "unlimited" });
  const { sandbox } = started;
  let during: unknown;
  sandbox.registerFunc("env", "look", { params: [], results: [] }, () => {
    during = sandbox.report().lastCall;
  });
  await started.load('(import "env" "look" (func $look)) (func (export "f") (call $look))');
  await sandbox.call("f");
  assertEquals(during, { execution: 1, function: "f" });
  assertEquals(sandbox.report().shares.find(({ limit }) => limit === "fuelLimit")?.allowed, Infinity);
});

Deno.test("toJSON() is a document of version 1 with fuel as decimal text, as JSON.stringify writes it", async () => {
  await using started = await running(FIELDS, { ...OPTIONS, fuelLimit: "unlimited" });
  await started.sandbox.call("busy");
  const report = started.sandbox.report(), document: ReportDocument = report.toJSON();
  assertEquals(JSON.parse(JSON.stringify(report)), document);
  assertEquals([document.version, document.metrics.fuelConsumed], [1, String(report.metrics.fuelConsumed)]);
  assertEquals([document.limits.fuelLimit, document.limits.cpuTime], ["unlimited", "unlimited"]);
  assertEquals(document.lastCall, { execution: 1, function: "busy", outcome: "value" });
  assertEquals(Object.keys(document), [
    "version",
    "time",
    "sandbox",
    "module",
    "lastCall",
    "limits",
    "metrics",
    "shares",
    "hostFunctions",
    "alerts",
    "denials",
    "output",
  ]);
});

Deno.test("toText() is aligned and says what matters", async () => {
  await using started = await running(FIELDS, { ...OPTIONS, engine: "v8" });
  await started.sandbox.call("busy");
  const lines = started.sandbox.report().toText().split("\n");
  assertEquals(lines[0]?.startsWith(`Sandbox ${started.sandbox.id} at 20`), true);
  assertMatch(lines[1] ?? "", /^Module {5}\d+ bytes, sha-256 [0-9a-f]{64}$/);
  assertEquals(lines[2], 'Last call  "busy", number 1: value');
  assertMatch(lines[3] ?? "", /^Calls {6}1 in \S+, \S+ of work$/);
  assertEquals(lines[4], "Growths    1 refused");
  assertEquals(lines[5], "Output     0 bytes to stdout, 0 bytes to stderr");
  assertEquals(lines[6], "Limits");
  assertMatch(lines[7] ?? "", /^ {2}memoryLimit {4}128KiB +of 256KiB +50\.0 %$/);
  const columns = new Set(lines.slice(7, 13).map((line) => line.indexOf(" of ")));
  assertEquals(columns.size, 1, "what is allowed stands in one column");
  assertMatch(lines[10] ?? "", /^ {2}cpuTime .* of unlimited$/);
  assertEquals(lines[13], "Host functions");
  assertMatch(lines[14] ?? "", /^ {2}"env"\."host" {2}2 calls {2}\S+$/);
  assertEquals(lines[15], "Denied once");
  assertMatch(lines[16] ?? "", /^ {2}"logging" {2}"log" {2}"info" {2}"no .*"$/);
});

Deno.test("toText() has no escape sequence, whatever a guest or a module chose", async () => {
  const EVIL = "\x1b]0;title\x07\nSandbox forged\u202e\x9b2J";
  await using started = await start({ capabilities: [LoggingCapability.all()] });
  const { sandbox, runtime } = started;
  sandbox.registerFunc("env", EVIL, { params: [], results: [] }, () => {
    throw new Error(EVIL);
  });
  const text = [...new TextEncoder().encode(EVIL)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`)
    .join("");
  const fields = `(module (import "env" "${text}" (func $h)) (func (export "${text}") (call $h)))`;
  await sandbox.loadModule(await runtime.loadWat(fields, { name: EVIL }));
  await sandbox.tryCall(EVIL);
  const report = sandbox.report().toText();
  // deno-lint-ignore no-control-regex -- control characters are the matter of this test
  assert(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(report), JSON.stringify(report));
  assertEquals(report.match(/^Sandbox/gm)?.length, 1);
  assertEquals(report.match(/forged/g)?.length, 4, "module, function, message, host function");
  assertStringIncludes(report, "\\u001b]0;title");
});
