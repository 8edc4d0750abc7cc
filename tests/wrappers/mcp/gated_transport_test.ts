import { GatedTransport } from "../../../src/wrappers/mcp/gated_transport.ts";
import { loadSdk, type McpMessage, type McpTransport } from "../../../src/wrappers/mcp/sdk.ts";
import { assert, assertEquals } from "../../assert.ts";

/** A gate between a client whose messages are given, and a server whose messages are taken. */
async function gate() {
  const { types } = await loadSdk(), taken: McpMessage[] = [], sent: unknown[] = [], dropped: unknown[] = [];
  const inner: McpTransport = {
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    send: (message) => Promise.resolve(void sent.push(message)),
  };
  const gated = new GatedTransport(inner, types, { onDropped: (id) => dropped.push(id) });
  gated.onmessage = (message) => taken.push(message);
  await gated.start();
  return {
    gated,
    taken,
    sent,
    dropped,
    give: (message: unknown) => inner.onmessage?.(message as McpMessage),
    answer: (id: string | number) => gated.send({ jsonrpc: "2.0", id, result: {} }),
  };
}

const call = (id: unknown) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "spin" } });
const cancel = (requestId: unknown) => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});
const refused = (id: unknown, message: string) => ({ jsonrpc: "2.0", id, error: { code: -32600, message } });

Deno.test("a request of an id that is under way is refused, and the first one stays to be cancelled", async () => {
  const { gated, give, taken, sent, dropped, answer } = await gate();
  for (const id of [0, 0, "0"]) give(call(id));
  assertEquals(taken.map((message) => "id" in message && message.id), [0, "0"]);
  assertEquals(sent, [refused(0, "A request of that id is under way")]);
  const signal = gated.signalOf(0);
  assertEquals([signal?.aborted, gated.signalOf("0")?.aborted], [false, false]);
  give(cancel(0));
  assertEquals([signal?.aborted, gated.signalOf("0")?.aborted], [true, false]);
  await answer(0); // nobody waits for it
  await answer("0");
  assertEquals([sent.length, dropped], [2, [0]]);
  give(call(0)); // it is free again
  assertEquals(taken.length, 3);
});

Deno.test("an id can be taken before its request comes, and given back", async () => {
  const { gated, give, taken } = await gate();
  assertEquals([gated.reserve(1), gated.reserve(1)], [true, false]);
  give(call(1));
  gated.release(1); // it is under way
  assertEquals([taken.length, gated.reserve(1)], [1, false]);
  assert(gated.reserve(2));
  gated.release(2);
  assert(gated.reserve(2));
});

Deno.test("what the SDK cannot read is answered, and what nobody asked for is dropped", async () => {
  const { give, taken, sent } = await gate();
  give({ ...call(1), more: true });
  give({ jsonrpc: "2.0", id: 2, method: "ping", params: { _meta: { progressToken: {} } } });
  give({ jsonrpc: "2.0", id: 3, method: "ping", params: { _meta: { progressToken: "x".repeat(5000) } } });
  give(call("x".repeat(5000)));
  give({ jsonrpc: "2.0", method: "notifications/x", params: { _meta: 1 } });
  give({ jsonrpc: "2.0", id: 9, result: {} });
  assertEquals(taken, []);
  assertEquals(sent, [1, 2, 3, null, null].map((id) => refused(id, "Invalid request")));
});

Deno.test("errors of the protocol are bounded, and show all that they have", async () => {
  const { gated, sent } = await gate();
  const error = {
    code: -32603,
    message: `a\u202eb\u{e0041}\n${"x".repeat(100_000)}`,
    data: { uri: "y".repeat(100_000) },
  };
  await gated.send({ jsonrpc: "2.0", id: 1, error });
  const [{ error: told }] = sent as [{ error: { message: string; data?: unknown } }];
  assertEquals(told.message.slice(0, 4), "ab\nx");
  assert(told.message.length < 5000);
  assertEquals(told.data, undefined);
  await gated.send({ jsonrpc: "2.0", id: 2, error: { ...error, data: { uri: "notes://x" } } });
  assertEquals((sent[1] as { error: { data: unknown } }).error.data, { uri: "notes://x" });
});
