/** Requests from the words of a guest to the server, and what is refused on the way. */
import { everything, grants, NAMES, TestSandbox } from "./net_sandbox.ts";
import { deadPort, ok, startServer, write } from "./net_servers.ts";
import { resolveSecrets } from "../../src/policy/secret.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

Deno.test("httpRequest sends exactly the request that was asked for, and the broker's own framing", async () => {
  await using server = startServer(() => ok("hello", "X-Served-By: me\r\n"));
  using sandbox = new TestSandbox({ grants: everything(server.port), names: NAMES });
  const head = await sandbox.head(`http://a.test:${server.port}/p%20q/ä?x=1#part`, {
    method: "POST",
    headers: "X-One:  1 \nx-two: two\n",
    body: "body",
  });
  assert(typeof head !== "string", String(head));
  assertEquals([head.status, head.headers], [200, "content-length: 5\nx-served-by: me\n"]);
  assertEquals(await sandbox.body(head.response), "hello");
  assertEquals(server.received, [{
    head: [
      "POST /p%20q/%C3%A4?x=1 HTTP/1.1",
      `host: a.test:${server.port}`,
      "connection: close",
      "x-one: 1",
      "x-two: two",
      "accept-encoding: identity",
      "content-length: 4",
    ].join("\r\n"),
    body: "body",
  }]);
});

Deno.test("httpRequest lets no header of a guest frame a message (request smuggling)", async () => {
  await using server = startServer(() => ok("fine"));
  using sandbox = new TestSandbox({ grants: everything(server.port) });
  const url = `http://127.0.0.1:${server.port}/`;
  const headers = [
    "Transfer-Encoding: chunked",
    "Content-Length: 99",
    "Host: evil.example",
    "Connection: keep-alive, x-one",
    "Keep-Alive: 5",
    "TE: trailers",
    "Trailer: x",
    "Upgrade: h2c",
    "HTTP2-Settings: x",
    "Expect: 100-continue",
    "Proxy-Authorization: x",
    "Proxy-Connection: x",
    "Transfer_Encoding: chunked",
    "content_length: 99",
    "x-one: 1",
    "accept-encoding: gzip",
  ].join("\n");
  assertEquals(await sandbox.fetch(url, { method: "POST", headers, body: "abc" }), "200 fine");
  assertEquals(server.received[0], {
    head: [
      "POST / HTTP/1.1",
      `host: 127.0.0.1:${server.port}`,
      "connection: close",
      "x-one: 1",
      "accept-encoding: gzip",
      "content-length: 3",
    ].join("\r\n"),
    body: "abc",
  });
  for (
    const lines of [
      "x: a\r\n",
      "x: a\rb: c\n",
      "x: a\0b\n",
      "x y: a\n",
      ": a\n",
      "x\n",
      "x: \u0100\n",
      " folded\n",
      "x: 1\n\ny: 2\n",
    ]
  ) {
    assertEquals(await sandbox.fetch(url, { headers: lines }), "inval", JSON.stringify(lines));
  }
  for (const method of ["get", "GET / HTTP/1.1\r\nX:", "", "G\u0000", "GET ", "A".repeat(33)]) {
    assertEquals(await sandbox.fetch(url, { method }), "inval", JSON.stringify(method));
  }
  for (const method of ["CONNECT", "TRACE"]) assertEquals(await sandbox.fetch(url, { method }), "notcapable");
  assertEquals(server.connections(), 1, "none of these came so far");
});

Deno.test("httpRequest refuses what is no URL, credentials in it, and other schemes", async () => {
  using sandbox = new TestSandbox({ grants: everything(80) });
  for (
    const url of [
      "",
      "no url",
      "/path",
      "http://",
      "http://u:p@127.0.0.1/",
      "http://u@127.0.0.1/",
      "http://[::1%25lo]/",
    ]
  ) {
    assertEquals(await sandbox.fetch(url), "inval", url);
  }
  const others = ["file:///etc/passwd", "ftp://127.0.0.1/", "data:,x", "ws://127.0.0.1/", "unix:/run/x"];
  for (const url of [...others, "localhost:8123/hello"]) {
    assertEquals(await sandbox.fetch(url), "inval", url);
  }
  assertEquals(sandbox.events, []);
  assertEquals(await sandbox.fetch(`http://127.0.0.1/${"a".repeat(20_000)}`), "inval");
});

Deno.test("httpRequest records a denial with the flag that would allow it, and connects to nothing", async () => {
  await using server = startServer(() => ok(""));
  using sandbox = new TestSandbox({ grants: grants(["a.test"]) });
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "notcapable");
  assertEquals(sandbox.events, [{
    time: 0,
    sandbox: "s1",
    capability: "network",
    action: "connect",
    target: `http://127.0.0.1:${server.port}`,
    allowed: false,
    reason: `no network grant covers "http://127.0.0.1:${server.port}"`,
    flag: `--allow-net=127.0.0.1:${server.port}`,
  }]);
  assertEquals(server.connections(), 0);
});

Deno.test("httpRequest judges every form of a loopback address as the address it is", async () => {
  await using server = startServer(() => ok("in"));
  const { port } = server;
  const forms = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "1２7.0.0.1",
    "127.0.0.1.",
  ];
  using stranger = new TestSandbox({ grants: grants([`a.test:${port}`]) });
  for (
    const form of [...forms, "0.0.0.0", "0", "[::]", "[::1]", "localhost", "localhost.", "[::127.0.0.1]"]
  ) {
    assertEquals(await stranger.fetch(`http://${form}:${port}/`), "notcapable", form);
  }
  assertEquals(server.connections(), 0);
  using sandbox = new TestSandbox({ grants: grants([`127.0.0.1:${port}`]) });
  for (const form of forms) assertEquals(await sandbox.fetch(`http://${form}:${port}/`), "200 in", form);
  assertStringIncludes(server.received.at(-4)?.head ?? "", `\r\nhost: 127.0.0.1:${port}\r\n`);
});

Deno.test("httpRequest keeps to the methods of the grant", async () => {
  await using server = startServer(() => ok("x"));
  using sandbox = new TestSandbox({ grants: grants([`127.0.0.1:${server.port}`], { methods: ["GET"] }) });
  const url = `http://127.0.0.1:${server.port}/`;
  assertEquals(await sandbox.fetch(url), "200 x");
  assertEquals(await sandbox.fetch(url, { method: "DELETE" }), "notcapable");
});

Deno.test("httpRequest says how a connection failed, and no more", async () => {
  await using server = startServer((_request, connection) => connection.close());
  const dead = deadPort();
  const names = { "gone.test": [] };
  using sandbox = new TestSandbox({
    grants: grants([`127.0.0.1:${dead}`, `127.0.0.1:${server.port}`, `gone.test:${dead}`]),
    names,
  });
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${dead}/`), "connrefused");
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "connreset");
  assertEquals(await sandbox.fetch(`http://gone.test:${dead}/`), "hostunreach");
});

Deno.test("httpRequest connects only where Deno permits it without asking", async () => {
  await using server = startServer(() => ok("x"));
  const asked: string[] = [];
  using sandbox = new TestSandbox({
    grants: grants([`127.0.0.1:${server.port}`, `[::1]:${server.port}`]),
    ports: { permitted: (host, port) => asked.push(`${host} ${port}`) === 0 },
  });
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "notcapable");
  assertEquals(await sandbox.fetch(`http://[::1]:${server.port}/`), "notcapable");
  assertEquals(asked, [`127.0.0.1 ${server.port}`, `[::1] ${server.port}`]);
  assertEquals([server.connections(), sandbox.events.length], [0, 2]);
});

Deno.test("a secret goes to its hosts alone, and never into a URL or a body", async () => {
  await using server = startServer(({ head, body }) => ok(`${head.split(" ")[1]} ${body}`));
  const hosts = [`http://a.test:${server.port}`];
  using sandbox = new TestSandbox({
    grants: everything(server.port),
    names: NAMES,
    secrets: [
      ...resolveSecrets([{ name: "KEY", value: "s3cret {{secret:TWO}}", hosts }, {
        name: "TWO",
        value: "2",
        hosts,
      }]),
      // The host refuses such a value; the broker does not rely on that.
      ...resolveSecrets([{ name: "BROKEN", value: "x", hosts }]).map((secret) => ({
        ...secret,
        value: "a\r\nx-evil: 1",
      })),
    ],
  });
  const a = `http://a.test:${server.port}/`, b = `http://b.test:${server.port}/`;
  await sandbox.fetch(a, { headers: "authorization: Bearer {{secret:KEY}}{{secret:TWO}}\n" });
  assertStringIncludes(server.received[0]?.head ?? "", "authorization: Bearer s3cret {{secret:TWO}}2\r\n");
  assertEquals(
    await sandbox.fetch(`${a}?k={{secret:KEY}}`, { method: "POST", body: "{{secret:KEY}}" }),
    "200 /?k={{secret:KEY}} {{secret:KEY}}",
  );
  assertEquals(sandbox.events, []);
  for (const [url, name] of [[b, "KEY"], [a, "NONE"], [a, "BROKEN"]] as const) {
    assertEquals(await sandbox.fetch(url, { headers: `x: {{secret:${name}}}\n` }), "notcapable", name);
  }
  assertEquals(
    sandbox.events.map(({ action, target, allowed, reason }) => [action, target, allowed, reason]),
    [
      ["secret", "KEY", false, "the secret is not for that host"],
      ["secret", "NONE", false, "no secret has that name"],
      ["secret", "BROKEN", false, "the secret does not fit into a header"],
    ],
  );
  assertEquals(server.received.length, 2);
});

Deno.test("a body that is longer than the grant allows is refused, announced or not", async () => {
  const tooLong = "x".repeat(1001);
  await using server = startServer(({ head }) => {
    if (head.startsWith("GET /announced")) return ok(tooLong);
    if (head.startsWith("GET /fits")) return ok(tooLong.slice(1));
    if (head.startsWith("HEAD")) return "HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n";
    return `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${tooLong}\r\n0\r\n\r\n`;
  });
  using sandbox = new TestSandbox({ grants: grants([`127.0.0.1:${server.port}`], { maxBody: 1000 }) });
  const url = `http://127.0.0.1:${server.port}`;
  assertEquals(await sandbox.fetch(`${url}/fits`), `200 ${tooLong.slice(1)}`);
  assertEquals(await sandbox.fetch(`${url}/announced`), "msgsize");
  assertEquals(await sandbox.fetch(`${url}/streamed`), "200 msgsize");
  assertEquals(await sandbox.fetch(url, { method: "HEAD" }), "200 ");
  const before = server.received.length;
  assertEquals(await sandbox.fetch(url, { method: "POST", body: tooLong }), "msgsize");
  assertEquals(server.received.length, before);
});

Deno.test("interrupt() ends what is under way with intr, and what the guest never heard of", async () => {
  await using server = startServer(async ({ head }, connection) => {
    if (head.startsWith("GET /ok")) await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
    else await connection.read(new Uint8Array(1)); // until the broker leaves
  });
  using sandbox = new TestSandbox({ grants: everything(server.port), quotas: { connections: 1 } });
  const url = `http://127.0.0.1:${server.port}`;
  const hanging = sandbox.fetch(`${url}/hang`);
  while (server.received.length < 1) await new Promise((again) => setTimeout(again, 1));
  sandbox.operations.interrupt();
  assertEquals(await hanging, "intr");
  const head = await sandbox.head(`${url}/ok`);
  assert(typeof head !== "string");
  sandbox.operations.interrupt();
  assertEquals(await sandbox.body(head.response), "badf");
  const next = await sandbox.head(`${url}/ok`);
  assert(typeof next !== "string");
  const read = await sandbox.read(next.response, 2);
  assert(typeof read !== "string");
  sandbox.operations.interrupt();
  assertEquals(await sandbox.body(next.response), "connreset", "a response that the guest reads stays open");
});

Deno.test("narrow() takes a host away at once: open responses, requests under way, new ones", async () => {
  await using server = startServer(async ({ head }, connection) => {
    if (head.startsWith("GET /open")) {
      await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
    }
    await connection.read(new Uint8Array(1)); // until the broker leaves
  });
  const url = `http://127.0.0.1:${server.port}`;
  using sandbox = new TestSandbox({ grants: everything(server.port) });
  const open = await sandbox.head(`${url}/open`);
  assert(typeof open !== "string");
  const hanging = sandbox.fetch(`${url}/hang`);
  while (server.received.length < 2) await new Promise((again) => setTimeout(again, 1));
  sandbox.operations.narrow(everything(server.port));
  sandbox.operations.narrow([]);
  assertEquals(await hanging, "notcapable");
  assertEquals(await sandbox.body(open.response), "notcapable");
  assertEquals(await sandbox.fetch(url), "notcapable");
});
