import { type HttpBounds, listenHttp } from "../../src/server/http_server.ts";
import { newApp } from "../../src/server/server_context.ts";
import { assert, assertEquals } from "../assert.ts";

const BOUNDS: HttpBounds = {
  headersTimeout: 300,
  requestTimeout: 600,
  keepAliveTimeout: 300,
  connectionsCheckingInterval: 50,
  maxHeaderSize: 8192,
};

/** Sends what is given, and reads until the other side ends it. @returns what came, and after how many milliseconds */
async function raw(port: number, text: string): Promise<{ readonly text: string; readonly after: number }> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port }), began = performance.now();
  await connection.write(new TextEncoder().encode(text)).catch(() => {});
  let read = "";
  const decoder = new TextDecoder(), buffer = new Uint8Array(4096);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null); // reset, where more was sent than was read
    if (count === null) break;
    read += decoder.decode(buffer.subarray(0, count));
  }
  connection.close();
  return { text: read, after: performance.now() - began };
}

Deno.test("a connection that sends nothing, half a head or half a body is ended in time, and one with a large head at once", async () => {
  const app = newApp();
  app.all("*", async (c) => c.text(`got ${(await c.req.text()).length}`));
  const server = await listenHttp(app, { hostname: "127.0.0.1", port: 0 }, BOUNDS), { port } = server;
  const [idle, head, body, large, many, kept] = await Promise.all([
    raw(port, ""),
    raw(port, "GET / HTTP/1.1\r\nHost: x\r\n"),
    raw(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"),
    raw(port, `GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`),
    raw(port, `GET / HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(5000)}\r\n`),
    raw(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  ]);
  for (const { text, after } of [idle, head, body]) assert(text.includes(" 408 ") && after < 3000, text);
  for (const { text } of [large, many]) assert(text === "" || text.includes(" 431 "), text.slice(0, 80));
  assert(kept.text.endsWith("got 0") && kept.after < 5000, "who is done is let go");
  assertEquals(
    await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "abc" }).then((r) => r.text()),
    "got 3",
  );
  await server.close(1000);
});

Deno.test("connections past the bound are ended, and make room when they are gone", async () => {
  const app = newApp();
  app.get("/", (c) => c.text("here"));
  const server = await listenHttp(app, { hostname: "127.0.0.1", port: 0 }, BOUNDS, 2), { port } = server;
  const ask = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const held = await Promise.all([0, 1].map(async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    await connection.read(new Uint8Array(4096));
    return connection;
  }));
  assertEquals((await raw(port, ask)).text, "");
  for (const connection of held) connection.close();
  let text = "";
  while (text === "") text = (await raw(port, ask)).text;
  assert(text.endsWith("here"), text);
  await server.close(1000);
});

Deno.test("a server that closes lets an answer come to its end, and cuts what takes too long", async () => {
  const app = newApp();
  app.get("/slow", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return c.text("done");
  });
  app.get(
    "/endless",
    (c) => c.body(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })),
  );
  const server = await listenHttp(app, { hostname: "127.0.0.1", port: 0 }),
    url = `http://127.0.0.1:${server.port}`;
  const slow = fetch(`${url}/slow`).then((response) => response.text());
  const endless = await fetch(`${url}/endless`), reading = endless.bytes().then(() => "ended", () => "cut");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const began = performance.now();
  await server.close(500);
  assert(performance.now() - began < 3000);
  assertEquals([await slow, await reading], ["done", "cut"]);
});
