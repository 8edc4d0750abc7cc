import { Aegis } from "../../../src/sandbox/aegis.ts";
import {
  type McpHttpHandler,
  mcpHttpHandler,
  type McpHttpOptions,
} from "../../../src/wrappers/mcp/http_handler.ts";
import { mcpServer } from "../../../src/wrappers/mcp/mcp_server.ts";
import { assert, assertEquals } from "../../assert.ts";

const NOTES = await Deno.readFile(new URL("../../../examples/mcp/notes.wasm", import.meta.url));

async function handler(options: McpHttpOptions = {}) {
  const runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", timeout: "20s" });
  const server = await mcpServer([{ name: "m", bytes: NOTES, runtime }]);
  const http = await mcpHttpHandler(server, options);
  return {
    http,
    [Symbol.asyncDispose]: async () => {
      await http.close();
      await server.close();
      await runtime.close();
    },
  };
}

const URL_ = "http://127.0.0.1:3000/mcp";

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly method?: string;
  readonly url?: string;
}

async function ask(
  { fetch }: McpHttpHandler,
  { headers = {}, body, method = "POST", url = URL_ }: Asking = {},
) {
  const accept = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  return await fetch(
    new Request(url, {
      method,
      headers: { ...accept, ...headers },
      ...(method === "POST" ? { body: body ?? "{}" } : {}),
    }),
  );
}

function initialize(capabilities: object = {}): string {
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "t", version: "1" } };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
}

async function begin(http: McpHttpHandler): Promise<string> {
  const response = await ask(http, { body: initialize() });
  await response.text();
  assertEquals(response.status, 200);
  return response.headers.get("mcp-session-id") ?? "";
}

Deno.test("G59 names, origins and forms that are not allowed are refused before the protocol sees them", async () => {
  await using served = await handler({ bodySize: 1000, origins: ["https://ok.example"] });
  const { http } = served, status = async (asking: Asking) => (await ask(http, asking)).status;
  assertEquals(await status({ url: "http://evil.example:3000/mcp" }), 403);
  assertEquals(await status({ headers: { Host: "evil.example" } }), 403);
  assertEquals(await status({ headers: { Host: "127.0.0.1:3000@evil.example" } }), 403);
  for (const Origin of ["https://evil.example", "http://127.0.0.1:3000", "null"]) {
    assertEquals(await status({ headers: { Origin } }), 403, Origin);
  }
  assertEquals(await status({ headers: { "Sec-Fetch-Site": "cross-site" } }), 403);
  assertEquals(await status({ headers: { "Content-Type": "text/plain" } }), 415);
  assertEquals(await status({ body: "x".repeat(1001) }), 413);
  assertEquals(
    await status({ body: ReadableStream.from(Array.from({ length: 20 }, () => new Uint8Array(100))) }),
    413,
  );
  assertEquals(await status({ body: "{" }), 400);
  assertEquals(await status({ body: `[${initialize()}]` }), 400);
  // A message that would be taken, if it were less deep.
  const deep = JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`);
  assertEquals(await status({ body: initialize({ experimental: deep }) }), 400);
  assertEquals(await status({ url: "http://127.0.0.1:3000/other" }), 404);
  assertEquals(await status({ method: "PUT" }), 405);
  const allowed = await ask(http, { headers: { Origin: "https://ok.example" }, body: initialize() });
  await allowed.text();
  assertEquals([allowed.status, allowed.headers.get("access-control-allow-origin")], [
    200,
    "https://ok.example",
  ]);
  const preflight = await ask(http, { method: "OPTIONS", headers: { Origin: "https://ok.example" } });
  assertEquals(preflight.status, 204);
});

Deno.test("G59 a body that does not come is not waited for", async () => {
  await using served = await handler({ bodyTime: 20 });
  const stuck = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  assertEquals((await ask(served.http, { body: stuck })).status, 408);
});

Deno.test("G59 a session is ended by its client, and is another one's business to nobody", async () => {
  await using served = await handler();
  const { http } = served, id = await begin(http), other = await begin(http);
  assert(id !== other && /^[0-9a-f-]{36}$/.test(id));
  const session = { "Mcp-Session-Id": id }, ping = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" });
  const answer = await ask(http, { headers: session, body: ping });
  assertEquals([answer.status, (await answer.text()).includes('"id":2')], [200, true]);
  assertEquals((await ask(http, { method: "DELETE", headers: session })).status, 200);
  assertEquals((await ask(http, { headers: session, body: ping })).status, 404);
  assertEquals((await ask(http, { method: "GET" })).status, 400);
});

Deno.test("G59 a session that nobody uses ends by itself", async () => {
  await using served = await handler({ idleTime: "20ms" });
  const headers = { "Mcp-Session-Id": await begin(served.http) };
  await new Promise((resolve) => setTimeout(resolve, 300)); // looked at thirty times
  const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" });
  assertEquals((await ask(served.http, { headers, body })).status, 404);
});

Deno.test("G59 there are no more sessions than allowed, and one that nobody uses makes room", async () => {
  await using served = await handler({ sessions: 2, idleTime: "200ms" });
  const { http } = served, first = await begin(http);
  await begin(http);
  assertEquals((await ask(http, { body: initialize() })).status, 503);
  const began = performance.now();
  let status = 503;
  while (status === 503 && performance.now() - began < 3000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const response = await ask(http, { body: initialize() });
    await response.text();
    status = response.status;
  }
  assertEquals(status, 200);
  assertEquals((await ask(http, { headers: { "Mcp-Session-Id": first } })).status, 404);
});

Deno.test("G59 a body that fails is refused", async () => {
  await using served = await handler();
  const broken = new ReadableStream<Uint8Array>({
    pull: () => {
      throw new Error("broken");
    },
  });
  assertEquals((await ask(served.http, { body: broken })).status, 400);
});

Deno.test("G59 over HTTP, a request of an id that is under way is refused, and what is no request is told so", async () => {
  await using served = await handler();
  const { http } = served, headers = { "Mcp-Session-Id": await begin(http) };
  const send = async (message: Record<string, unknown>) =>
    await ask(http, { headers, body: JSON.stringify({ jsonrpc: "2.0", ...message }) });
  const spin = { id: 7, method: "tools/call", params: { name: "spin", arguments: {} } };
  const first = await send(spin);
  assertEquals(first.status, 200);
  const second = await send(spin), { error, id } = await second.json();
  assertEquals([second.status, id, error.code], [400, 7, -32600]);
  const unreadable = await send({ id: 8, method: "ping", more: true });
  assertEquals((await unreadable.json()).error.code, -32600);
  // Refused by the transport for another reason: the id is free.
  const accept = { ...headers, Accept: "application/json" },
    ping = JSON.stringify({ jsonrpc: "2.0", id: 9, method: "ping" });
  assertEquals((await ask(http, { headers: accept, body: ping })).status, 406);
  const pinged = await ask(http, { headers, body: ping });
  assertEquals([pinged.status, (await pinged.text()).includes('"id":9')], [200, true]);
  assertEquals((await send({ method: "notifications/cancelled", params: { requestId: 7 } })).status, 202);
  assertEquals(await first.text(), ""); // nobody waits for it any more, and it ends
  assertEquals((await send({ ...spin, params: { name: "add", arguments: { a: 1, b: 2 } } })).status, 200);
});
