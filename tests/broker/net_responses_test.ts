/** Responses: as fast as they are read, of bounded heads, bodies and numbers, and cut off at their deadline. */
import { nameOf } from "./errno_name.ts";
import { everything, grants, NAMES, TestSandbox } from "./net_sandbox.ts";
import { ok, startServer, write } from "./net_servers.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("a response is read only as fast as its guest reads it", async () => {
  let sent = 0;
  const piece = new Uint8Array(65536), most = 512 * 1024 * 1024;
  await using server = startServer(async (_request, connection) => {
    await write(connection, "HTTP/1.1 200 OK\r\n\r\n");
    while (sent < most) {
      await write(connection, piece);
      sent += piece.length;
    }
  });
  using sandbox = new TestSandbox({ grants: grants([`127.0.0.1:${server.port}`], { maxBody: most }) });
  const head = await sandbox.head(`http://127.0.0.1:${server.port}/`);
  assert(typeof head !== "string");
  const bytes = await sandbox.read(head.response, 10);
  assert(typeof bytes !== "string");
  assertEquals(bytes.length, 10);
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // What the kernel's buffers and one piece of ours hold.
  assert(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
});

Deno.test("a response that is cut off is an error, not an end", async () => {
  await using server = startServer(({ head }) =>
    head.startsWith("GET /length")
      ? "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"
      : "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nonly this\r\n"
  );
  using sandbox = new TestSandbox({ grants: everything(server.port) });
  for (const path of ["length", "chunks"]) {
    assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/${path}`), "200 connreset", path);
  }
});

Deno.test("slow servers end at the deadline: head, endless 1xx, body", async () => {
  await using server = startServer(async ({ head }, connection) => {
    if (head.startsWith("GET /body")) {
      await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
    } else if (head.startsWith("GET /1xx")) {
      for (;;) {
        await write(connection, "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await connection.read(new Uint8Array(1)); // until the broker leaves
  });
  using sandbox = new TestSandbox({ grants: everything(server.port), timeout: 150 });
  const url = `http://127.0.0.1:${server.port}`;
  for (const path of ["head", "1xx", "body"]) {
    const start = performance.now();
    assertEquals(await sandbox.fetch(`${url}/${path}`), path === "body" ? "200 timedout" : "timedout", path);
    const took = performance.now() - start;
    assert(took >= 100 && took < 1500, `${path}: ${took} ms`);
  }
});

Deno.test("a head that is too long, in bytes or in headers, is refused; so is what is not HTTP", async () => {
  await using server = startServer(({ head }) => {
    const path = head.split(" ")[1];
    if (path === "/long") return ok("", `x: ${"a".repeat(20_000)}\r\n`);
    if (path === "/many") return ok("", "a: b\r\n".repeat(201));
    if (path === "/fits") return ok("", "a: b\r\n".repeat(199));
    if (path === "/upgrade") return "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    if (path === "/version") return ok("").replace("1.1", "0.9");
    if (path === "/status") return ok("").replace("200", "099");
    if (path === "/switched") return ok("").replace("200", "101");
    if (path === "/two") return "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd";
    if (path === "/both") {
      return "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    }
    return "SSH-2.0-server\r\n\r\n";
  });
  using sandbox = new TestSandbox({ grants: everything(server.port) });
  const url = `http://127.0.0.1:${server.port}`;
  assertEquals(await sandbox.fetch(`${url}/long`), "msgsize");
  assertEquals(await sandbox.fetch(`${url}/many`), "msgsize");
  assertEquals(await sandbox.fetch(`${url}/fits`), "200 ");
  assertEquals(await sandbox.fetch(`${url}/upgrade`), "proto");
  for (const path of ["version", "status", "switched"]) {
    assertEquals(await sandbox.fetch(`${url}/${path}`), "proto", path);
  }
  assertEquals(await sandbox.fetch(`${url}/two`), "proto");
  assertEquals(await sandbox.fetch(`${url}/both`), "proto");
  assertEquals(await sandbox.fetch(`${url}/ssh`), "proto");
  assertEquals(await sandbox.fetch(url, { headers: `x: ${"a".repeat(20_000)}\n` }), "nametoolong");
  assertEquals(await sandbox.fetch(url, { headers: "a: b\n".repeat(201) }), "nametoolong");
});

Deno.test("a response's headers come without those of the connection, and without control characters", async () => {
  await using server = startServer(() =>
    "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authenticate: x\r\n" +
    "Transfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Tab: a\tb\r\n\r\n0\r\n\r\n"
  );
  using sandbox = new TestSandbox({ grants: everything(server.port) });
  const head = await sandbox.head(`http://127.0.0.1:${server.port}/`);
  assert(typeof head !== "string");
  assertEquals(head.headers, "set-cookie: a=1\nset-cookie: b=2\nx-tab: a b\n");
});

Deno.test("a head that does not fit into a frame is refused, and its response is not left open", async () => {
  await using server = startServer(() => ok("", `x: ${"a".repeat(5000)}\r\n`));
  using sandbox = new TestSandbox({
    grants: everything(server.port),
    room: 4096,
    quotas: { connections: 1 },
  });
  const url = `http://127.0.0.1:${server.port}/`;
  for (let i = 0; i < 3; i++) assertEquals(await sandbox.fetch(url), "msgsize");
});

Deno.test("open responses are bounded for a sandbox, and for each host of a grant", async () => {
  await using server = startServer(() => ok("x"));
  const { port } = server;
  using sandbox = new TestSandbox({
    grants: grants([`a.test:${port}`, `b.test:${port}`, `127.0.0.1:${port}`], { connections: 2 }),
    names: NAMES,
    quotas: { connections: 3 },
  });
  const a = `http://a.test:${port}/`, b = `http://b.test:${port}/`;
  const first = await sandbox.head(a);
  assert(typeof first !== "string");
  assert(typeof await sandbox.head(a) !== "string");
  assertEquals(await sandbox.head(a), "mfile", "two for each host");
  assert(typeof await sandbox.head(b) !== "string");
  assertEquals(await sandbox.head(b), "mfile", "three in all");
  assertEquals(nameOf((await sandbox.operations.perform("httpClose", first)).errno), "success");
  assertEquals(await sandbox.body(first.response), "badf");
  assertEquals(nameOf((await sandbox.operations.perform("httpClose", first)).errno), "badf");
  assertEquals(await sandbox.fetch(b), "200 x");
});

Deno.test("bytes are counted over a sandbox's life, heads included", async () => {
  await using server = startServer(() => ok("x".repeat(1000)));
  const url = `http://127.0.0.1:${server.port}/`;
  using reader = new TestSandbox({ grants: everything(server.port), quotas: { readBytes: 1500 } });
  assertEquals(await reader.fetch(url), `200 ${"x".repeat(1000)}`);
  assertEquals(await reader.fetch(url), "200 dquot");
  using headless = new TestSandbox({ grants: everything(server.port), quotas: { readBytes: 1010 } });
  assertEquals(await headless.fetch(url), "200 dquot", "the body alone would fit");
  using writer = new TestSandbox({ grants: everything(server.port), quotas: { writeBytes: 1500 } });
  const asked = { method: "POST", body: "y".repeat(1000) };
  assertEquals(await writer.fetch(url, asked), `200 ${"x".repeat(1000)}`);
  const before = server.received.length;
  assertEquals(await writer.fetch(url, asked), "dquot");
  assertEquals(server.received.length, before);
});

Deno.test("the guest waits as long as its rates demand", async () => {
  await using server = startServer(() => ok("x".repeat(10_000)));
  const url = `http://127.0.0.1:${server.port}/`;
  let now = 0;
  const ports = {
    now: () => now,
    delay: (milliseconds: number) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
  using reader = new TestSandbox({ grants: everything(server.port), quotas: { readRate: 1000 }, ports });
  assertEquals(await reader.fetch(url), `200 ${"x".repeat(10_000)}`);
  assert(now > 8000 && now < 11_000, `${now} ms for 10,000 bytes at 1,000 a second`);
  now = 0;
  using writer = new TestSandbox({ grants: everything(server.port), quotas: { writeRate: 1000 }, ports });
  assertEquals((await writer.fetch(url, { method: "POST", body: "y".repeat(3000) })).slice(0, 3), "200");
  assert(now > 2000 && now < 4000, `${now} ms for 3,000 bytes at 1,000 a second`);
  const before = server.received.length;
  assertEquals(
    await writer.fetch(url, { method: "POST", body: "y".repeat(6000) }),
    "timedout",
    "5 s are all there is",
  );
  assertEquals(server.received.length, before);
});
