import { nameOf } from "./errno_name.ts";
import { grants, TestSandbox } from "./net_sandbox.ts";
import { deadPort, ok, redirect, startServer, write } from "./net_servers.ts";
import { resolveSecrets } from "../../src/policy/secret.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

/** Everything to a server, under the names a.test, b.test and by its address. */
function everything(port: number) {
  return grants([`127.0.0.1:${port}`, `a.test:${port}`, `b.test:${port}`]);
}

const NAMES = { "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] };

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

Deno.test("every hop of a redirect is decided: a denied one is not reached, whichever it is", async () => {
  await using forbidden = startServer(() => ok("secret"));
  for (let hops = 1; hops <= 4; hops++) {
    let left = 0;
    await using server = startServer(() =>
      --left > 0
        ? redirect(`http://b.test:${server.port}/${left}`)
        : redirect(`http://127.0.0.1:${forbidden.port}/`)
    );
    using sandbox = new TestSandbox({ grants: everything(server.port), names: NAMES });
    left = hops;
    assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`), "notcapable", `after ${hops} hops`);
    assertEquals(server.received.length, hops);
    assertEquals(sandbox.events.map(({ target, allowed }) => [target, allowed]), [
      [`http://127.0.0.1:${forbidden.port}`, false],
    ]);
  }
  assertEquals(forbidden.connections(), 0);
});

Deno.test("redirects to other schemes, other forms of an address and credentials are refused", async () => {
  await using forbidden = startServer(() => ok("secret"));
  const { port } = forbidden;
  const cases: readonly (readonly [string, string])[] = [
    ["file:///etc/passwd", "notcapable"],
    [`http://2130706433:${port}/`, "notcapable"],
    [`//127.1:${port}/`, "notcapable"],
    [`http://[::ffff:127.0.0.1]:${port}/`, "notcapable"],
    ["http://169.254.169.254/latest/meta-data/", "notcapable"],
    ["http://[fd00:ec2::254]/", "notcapable"],
    ["javascript:alert(1)", "notcapable"],
    ["http://u:p@a.test/", "proto"],
    ["http://[", "proto"],
  ];
  for (const [location, errno] of cases) {
    await using server = startServer(() => redirect(location));
    using sandbox = new TestSandbox({
      grants: grants([`a.test:${server.port}`, `127.0.0.1:${server.port}`]),
      names: NAMES,
    });
    assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`), errno, location);
  }
  assertEquals(port > 0 && forbidden.connections(), 0);
});

Deno.test("ten redirects are followed, eleven are not", async () => {
  let left = 0;
  await using server = startServer(() => left-- > 0 ? redirect(`/${left}`) : ok("there"));
  using sandbox = new TestSandbox({ grants: everything(server.port), auditAll: true });
  left = 10;
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "200 there");
  assertEquals(
    sandbox.events.map(({ allowed }) => allowed),
    new Array(11).fill(true),
    "each hop is recorded",
  );
  left = 11;
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "loop");
});

Deno.test("a redirect to another origin loses what proves who asks, and the secrets", async () => {
  await using server = startServer(({ head }) => {
    return head.includes("host: a.test") ? redirect(`http://b.test:${server.port}/`, 307) : ok("x");
  });
  using sandbox = new TestSandbox({
    grants: everything(server.port),
    names: NAMES,
    secrets: resolveSecrets([{
      name: "KEY",
      value: "s3cret",
      hosts: [`http://a.test:${server.port}`, `http://b.test:${server.port}`],
    }]),
  });
  const headers = "Authorization: me\nCookie: c\nx-key: {{secret:KEY}}\nx-other: o\n";
  const asked = { method: "POST", headers, body: "content" };
  assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`, asked), "200 x");
  const [first, second] = server.received;
  for (const line of ["authorization: me", "cookie: c", "x-key: s3cret"]) {
    assertStringIncludes(first?.head ?? "", line);
    assert(!second?.head.includes(line), line);
  }
  assertStringIncludes(second?.head ?? "", "POST / HTTP/1.1");
  assertStringIncludes(second?.head ?? "", "x-other: o");
  assertEquals(second?.body, "content");
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
