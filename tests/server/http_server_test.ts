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

Deno.test("G59 a connection that sends nothing, half a head or half a body is ended in time, and one with a large head at once", async () => {
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

Deno.test("G59 connections past the bound are ended, and make room when they are gone", async () => {
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

/** A server of one app, with what its answers say of themselves. */
async function serving(
  app: Parameters<typeof listenHttp>[0],
  test: (port: number, printed: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const server = await listenHttp(app, { hostname: "127.0.0.1", port: 0 }, BOUNDS), printed: unknown[] = [];
  const { error, info, log } = console;
  console.error = console.info = console.log = (...words) => void printed.push(...words);
  try {
    await test(server.port, printed);
  } finally {
    Object.assign(console, { error, info, log });
    await server.close(1000);
  }
}

Deno.test("G59 requests that could be read as two different ones are refused on the wire, and their connection ends", async () => {
  const asked: string[] = [];
  const app = {
    fetch: (request: Request) => {
      asked.push(new URL(request.url).pathname);
      return new Response("answered");
    },
  };
  const next = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  await serving(app, async (port) => {
    for (
      const head of [
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n",
        "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://user:secret@x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        `GET / HTTP/1.1\r\nHost: x\r\nContent-Length: ${next.length}\r\n\r\n`,
        `HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ]
    ) {
      const { text, after } = await raw(port, head + next);
      assert(/^HTTP\/1\.1 400 /.test(text) && after < 2000, `${JSON.stringify(head)}: ${text}`);
      assertEquals(text.match(/HTTP\/1\.1 /g)?.length, 1, head);
    }
    for (
      const [line, status] of [["CONNECT x:443", 501], ["GET ftp://x/", 400], ["OPTIONS *", 400]] as const
    ) {
      const { text } = await raw(port, `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert(text.startsWith(`HTTP/1.1 ${status} `), text);
    }
    assertEquals(asked, []);
  });
});

Deno.test("G59 who asks for a tunnel keeps no connection, whatever it does with its end", async () => {
  const app = { fetch: () => new Response("here") };
  const server = await listenHttp(app, { hostname: "127.0.0.1", port: 0 }, BOUNDS, 2), { port } = server;
  const held: Deno.Conn[] = [], last = performance.now() + 3000;
  for (let count = 0; count < 6; count++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    held.push(connection);
    await connection.write(new TextEncoder().encode("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")).catch(
      () => {},
    );
    await connection.read(new Uint8Array(1000)).catch(() => null); // and is left open
  }
  let text = "";
  while (text === "") {
    assert(performance.now() < last, "the connections are kept");
    ({ text } = await raw(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }
  assert(text.endsWith("here"), text);
  for (const connection of held) connection.close();
  await server.close(1000);
});

Deno.test("G59 a URL in the request line stands above the header Host", async () => {
  const app = { fetch: (request: Request) => new Response(`at ${new URL(request.url).host}`) };
  await serving(app, async (port) => {
    const { text } = await raw(
      port,
      "GET http://inner/a HTTP/1.1\r\nHost: outer\r\nConnection: close\r\n\r\n",
    );
    assert(text.endsWith("at inner"), text);
  });
});

Deno.test("G59 an answer that fails amid its body is cut, says nothing of why, and prints nothing", async () => {
  const piece = new TextEncoder().encode("part"),
    pause = () => new Promise((resolve) => setTimeout(resolve, 30));
  const failing = (before: number) =>
    new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        if (before-- > 0) return controller.enqueue(piece);
        if (before < -1) await pause();
        throw new Error("a secret reason");
      },
    });
  const app = {
    fetch: (request: Request) => {
      const pieces = Number(new URL(request.url).pathname.slice(1));
      return new Response(failing(pieces), { headers: { "x-one": "1" } });
    },
  };
  await serving(app, async (port, printed) => {
    for (const pieces of [0, 1, 2, 5]) {
      const { text } = await raw(port, `GET /${pieces} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert(!text.includes("secret") && !text.endsWith("0\r\n\r\n"), text);
      const answer = await fetch(`http://127.0.0.1:${port}/${pieces}`).then((response) => response.text())
        .then((got) => `whole: ${got}`, () => "cut");
      assertEquals(answer, "cut", `${pieces} pieces`);
    }
    assertEquals(printed, []);
  });
});

Deno.test("answers of one piece say their length, others come as they are made, and a client that leaves ends them", async () => {
  const gone = Promise.withResolvers<void>();
  let pieces = 0;
  const app = {
    fetch: (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/none") return new Response(null, { status: 204 });
      if (pathname === "/cookies") {
        return new Response("a", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-one", "1"]] });
      }
      const endless = new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          pieces++;
          await new Promise((resolve) => setTimeout(resolve, 5));
          controller.enqueue(new Uint8Array(100_000));
        },
        cancel: () => gone.resolve(),
      }, { highWaterMark: 0 });
      return new Response(pathname === "/endless" ? endless : "text");
    },
  };
  await serving(app, async (port) => {
    const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await ask("/text");
    assertEquals([text.headers.get("content-length"), text.headers.get("content-type"), await text.text()], [
      "4",
      "text/plain;charset=UTF-8",
      "text",
    ]);
    const head = await ask("/text", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
    const none = await ask("/none");
    assertEquals([none.status, none.headers.get("content-type"), await none.text()], [204, null, ""]);
    const cookies = await ask("/cookies");
    assertEquals([cookies.headers.getSetCookie(), await cookies.text()], [["a=1", "b=2"], "a"]);
    const endless = await ask("/endless"), reader = endless.body?.getReader();
    assertEquals(endless.headers.get("content-length"), null);
    assert(((await reader?.read())?.value?.length ?? 0) > 0);
    await reader?.cancel();
    await gone.promise;
    const made = pieces;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(pieces, made, "nobody makes more of it");
  });
});
