/** What one client, or one module, may take of what belongs to all. */
import { Aegis } from "../../../src/sandbox/aegis.ts";
import type { McpAuditRecord } from "../../../src/wrappers/mcp/audit.ts";
import { mcpServer } from "../../../src/wrappers/mcp/mcp_server.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { call, codeOf, connectTo } from "./client.ts";
import { guest, moduleOf } from "./section_module.ts";

const NUL_BYTES = 60_000;

/** Functions that return NULs, each of which is six bytes to a client. */
const NULS = await moduleOf(
  guest(`(func (export "nuls") (result i64) (i64.const ${(8n << 32n) | BigInt(NUL_BYTES - 4096)}))
    (func (export "small") (result i64) (i64.const ${(8n << 32n) | 1000n}))`),
  {
    signatures: "nuls() -> string\nsmall() -> string",
    mcp: {
      tools: [{ name: "nuls" }, { name: "small" }],
      resources: [
        { uri: "x://nuls", name: "n", function: "nuls" },
        { uri: "x://text", name: "t", text: "\0".repeat(20_000) },
      ],
      resourceTemplates: [],
      prompts: [{ name: "nuls" }],
    },
  },
);

Deno.test("G59 the bytes that a client gets are bounded, for results of every kind", async () => {
  await using runtime = await Aegis.create({ isolation: "worker" });
  const records: McpAuditRecord[] = [], onAudit = (record: McpAuditRecord) => records.push(record);
  {
    await using server = await mcpServer([{ name: "m", bytes: NULS, runtime }], {
      resultSize: 100_000,
      onAudit,
    });
    await using client = await connectTo(server);
    assertEquals(codeOf(await call(client, "nuls")), "InvalidResult");
    assertEquals(codeOf(await call(client, "small")), undefined);
    for (const uri of ["x://nuls", "x://text"]) {
      await assertRejects(() => client.readResource({ uri }), Error, "InvalidResult");
    }
    await assertRejects(() => client.getPrompt({ name: "nuls" }), Error, "InvalidResult");
  }
  assertEquals(records.map(({ outcome, code }) => [outcome, code]), [
    ["error", "InvalidResult"],
    ["ok", undefined],
    ["error", "InvalidResult"],
    ["refused", "InvalidResult"],
    ["error", "InvalidResult"],
  ]);
  assert(records[1]?.resultBytes !== undefined && records[1].resultBytes > 6000);
  assert(records.every(({ resultBytes }) => resultBytes < 100_000));
});

const COUNTER = await moduleOf(`(module (global $n (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1))) global.get $n)
  (func (export "spin") (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    global.get $n)
  (func (export "forever") (loop (br 0))))`);

Deno.test("a call that is cancelled before it began leaves what a session keeps", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", timeout: "5s" });
  await using server = await mcpServer([{ name: "m", bytes: COUNTER, runtime }], { keep: true });
  await using client = await connectTo(server);
  assertEquals((await call(client, "next")).structuredContent, { result: 1 });
  const spinning = call(client, "spin", { arg0: 100_000_000 }), cancel = new AbortController();
  const waiting = call(client, "next", {}, { signal: cancel.signal });
  cancel.abort();
  await assertRejects(() => waiting, Error);
  assertEquals((await spinning).structuredContent, { result: 1 });
  assertEquals((await call(client, "next")).structuredContent, { result: 2 });
});

Deno.test("G59 one session's calls do not keep those of another waiting", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", timeout: "20s" });
  await using server = await mcpServer([{ name: "m", bytes: COUNTER, runtime }], { guests: 2 });
  await using greedy = await connectTo(server);
  await using other = await connectTo(server);
  const stop = new AbortController(), asked = performance.now();
  const spinning = Promise.allSettled(
    Array.from({ length: 5 }, () => call(greedy, "forever", {}, { signal: stop.signal })),
  );
  for (let time = 0; time < 3; time++) {
    assertEquals((await call(other, "next")).structuredContent, { result: 1 });
  }
  assert(performance.now() - asked < 10_000);
  stop.abort();
  assertEquals((await spinning).map(({ status }) => status), Array(5).fill("rejected"));
});

Deno.test("G59 programs are bounded as other guests are", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", maxSandboxes: 1, timeout: "5s" });
  const bytes = await moduleOf(`(module (memory (export "memory") 1) (func (export "_start")))`);
  await using server = await mcpServer([{ name: "m", bytes, runtime }], { guests: 1 });
  await using client = await connectTo(server);
  const answers = await Promise.all([1, 2, 3].map(() => call(client, "m")));
  assertEquals(answers.map(codeOf), [undefined, undefined, undefined]);
});
