import { Aegis } from "../../../src/sandbox/aegis.ts";
import { mcpServer } from "../../../src/wrappers/mcp/mcp_server.ts";
import { StdioTransport } from "../../../src/wrappers/mcp/stdio_transport.ts";
import { assertEquals } from "../../assert.ts";
import { InMemoryTransport } from "./client.ts";
import { moduleOf } from "./section_module.ts";

Deno.test("a request of an id that is under way is refused, and both end with the session", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", timeout: "20s" });
  const bytes = await moduleOf(`(module (func (export "spin") (loop br 0)))`), outcomes: string[] = [];
  await using server = await mcpServer([{ name: "m", bytes, runtime }], {
    onAudit: ({ outcome }) => outcomes.push(outcome),
  });
  const input = new TransformStream<Uint8Array, Uint8Array>(), writer = input.writable.getWriter();
  const refused = Promise.withResolvers<unknown>();
  const session = await server.connect(
    new StdioTransport({
      input: input.readable,
      grace: 10,
      write: (line) => {
        const { id, error } = JSON.parse(new TextDecoder().decode(line));
        if (id === 7) refused.resolve(error?.code);
        return Promise.resolve();
      },
    }),
  );
  const send = (message: Record<string, unknown>) =>
    writer.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  const clientInfo = { name: "t", version: "1" }, params = { name: "spin", arguments: {} };
  await send({
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
  });
  await send({ method: "notifications/initialized" });
  for (let time = 0; time < 2; time++) await send({ id: 7, method: "tools/call", params });
  assertEquals(await refused.promise, -32600);
  const started = performance.now();
  await session.close();
  await server.close();
  assertEquals(outcomes, ["cancelled"]);
  assertEquals(performance.now() - started < 5000, true);
});

Deno.test("a client cancels the first request of an id, when a second one was refused", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", timeout: "20s" });
  const bytes = await moduleOf(`(module (func (export "spin") (loop br 0)))`);
  const told = Promise.withResolvers<string>(), refused = Promise.withResolvers<void>();
  await using server = await mcpServer([{ name: "m", bytes, runtime }], {
    onAudit: ({ outcome }) => told.resolve(outcome),
  });
  const [client, other] = InMemoryTransport.createLinkedPair();
  await server.connect(other);
  client.onmessage = (message: object) => {
    if ("error" in message) refused.resolve();
  };
  await client.start();
  const params = { name: "spin", arguments: {} };
  for (let time = 0; time < 2; time++) {
    await client.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
  }
  await refused.promise;
  const started = performance.now();
  await client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
  assertEquals(await told.promise, "cancelled");
  assertEquals(performance.now() - started < 5000, true);
});
