/** Programs that answer by CGI: what they are told, and what of their answers reaches a client. */
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { printing, type Served, served } from "./rig.ts";

/** Prints its variables as the body. */
const VARIABLES = `(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $es (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $eg (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "Content-Type: text/plain\\0a\\0a")
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 26))
    (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))
    (drop (call $es (i32.const 0) (i32.const 20)))
    (drop (call $eg (i32.const 1024) (i32.const 8192)))
    (i32.store (i32.const 16) (i32.const 8192))
    (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))`;

async function variablesOf(site: Served, path: string, init: RequestInit = {}): Promise<Map<string, string>> {
  const [status, text] = await site.ask(path, init);
  assertEquals(status, 200, JSON.stringify(site.log));
  return new Map(
    text.split("\0").filter((line) => line !== "").map((line): [string, string] => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

Deno.test("a CGI program finds the request in its variables, as RFC 3875 and WAGI name them", async () => {
  await using site = await served(VARIABLES, { route: "/app", env: { OWN: "1", QUERY_STRING: "fixed" } });
  const got = await variablesOf(site, "/app/a%20b/c?x=1&y=%2F", {
    method: "POST",
    body: "hello",
    headers: { "content-type": "text/x", "x-one": "1", "cookie": "a=b" },
  });
  assertEquals(Object.fromEntries([...got].filter(([name]) => !name.startsWith("HTTP_"))), {
    AUTH_TYPE: "",
    CONTENT_LENGTH: "5",
    CONTENT_TYPE: "text/x",
    GATEWAY_INTERFACE: "CGI/1.1",
    OWN: "1",
    PATH_INFO: "/a b/c",
    PATH_TRANSLATED: "/a b/c",
    QUERY_STRING: "fixed",
    REMOTE_ADDR: "",
    REMOTE_HOST: "",
    REMOTE_USER: "",
    REQUEST_METHOD: "POST",
    SCRIPT_NAME: "/app",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "Aegis",
    X_FULL_URL: "http://localhost/app/a%20b/c?x=1&y=%2F",
    X_MATCHED_ROUTE: "/app/...",
    X_RAW_PATH_INFO: "/a%20b/c",
  });
  assertEquals([got.get("HTTP_X_ONE"), got.get("HTTP_COOKIE")], ["1", "a=b"]);
});

Deno.test("headers that would pass for something else become no variable of a CGI program", async () => {
  await using site = await served(VARIABLES);
  const headers = {
    "proxy": "http://evil.example",
    "authorization": "Basic c2VjcmV0",
    "x_real_ip": "1.2.3.4",
    "connection": "x",
    "content-length": "5",
    "x.dot": "1",
    "x-two": "a",
  };
  const list = new Headers(headers);
  list.append("x-two", "b");
  const got = await variablesOf(site, "/", { method: "POST", body: "hello", headers: list });
  const named = [...got.keys()].filter((name) => name.startsWith("HTTP_")).sort();
  assertEquals(named, ["HTTP_X_TWO"]);
  assertEquals(got.get("HTTP_X_TWO"), "a, b");
  assert(!got.has("PATH"), "nothing of this process");

  await using open = await served(VARIABLES, { authorization: true });
  const passed = await variablesOf(open, "/", { method: "POST", body: "hello", headers });
  assertEquals([passed.get("HTTP_AUTHORIZATION"), passed.get("HTTP_PROXY")], ["Basic c2VjcmV0", undefined]);
});

Deno.test("a path that no program could be told is refused before one runs", async () => {
  await using site = await served(VARIABLES, { route: "/app" });
  assertEquals((await site.ask("/app/a%00b"))[0], 400);
  assertEquals((await site.ask("/app/%ff"))[0], 400);
  assertEquals((await site.ask("/apple"))[0], 404, "a route ends with a segment");
  assertEquals(site.handler.stats().pool.uses, 0);
});

Deno.test("headers by which a guest would steer the connection or a proxy never reach a client", async () => {
  const names = [
    "Connection: X-Named, close",
    "X-Named: 1",
    "Keep-Alive: timeout=9",
    "Transfer-Encoding: chunked",
    "Upgrade: h2c",
    "Trailer: X",
    "Proxy-Authenticate: Basic",
    "Server: evil",
    "Date: never",
    "Via: 1.1 x",
    'Alt-Svc: h2="evil.example:443"',
    "X-Accel-Redirect: /etc/passwd",
    "X-Accel-Buffering: no",
    "X-Sendfile: /etc/passwd",
    "X-Sendfile2: /etc/passwd 0-",
    "X-Lighttpd-Send-File: /etc/passwd",
    "X-LIGHTTPD-send-tempfile: /etc/passwd",
    "X-LiteSpeed-Location: /other",
    "X-Reproxy-URL: http://10.0.0.1/",
    "X-REPROXY-FILE: /etc/passwd",
    "X_Accel_Redirect: /etc/passwd",
    "X-Envoy-Immediate-Health-Check-Fail: true",
    "Surrogate-Control: content=ESI/1.0",
    "Edge-Control: dca=esi",
    "X-Hono-Already-Sent: true",
    "Set-Cookie: a=1",
    "Set-Cookie: b=2",
    "X-Own: yes",
  ];
  await using site = await served(printing(`${names.join("\r\n")}\r\n\r\nbody`));
  const response = await site.handler.fetch(new Request("http://localhost/"));
  assertEquals([...response.headers], [
    ["content-length", "4"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["x-own", "yes"],
  ]);
  await response.body?.cancel();
});

Deno.test("HEAD, 204 and 304 have no body, and a HEAD says the length that GET would", async () => {
  await using site = await served(printing("A: 1\n\nbody"));
  const head = await site.handler.fetch(new Request("http://localhost/", { method: "HEAD" }));
  assertEquals([head.status, head.body, head.headers.get("content-length")], [200, null, "4"]);
  for (const status of [204, 304]) {
    await using empty = await served(printing(`Status: ${status}\n\nbody`));
    const response = await empty.handler.fetch(new Request("http://localhost/"));
    assertEquals([response.status, response.body, response.headers.get("content-length")], [
      status,
      null,
      null,
    ]);
  }
});

Deno.test("a local redirect is followed below the route, bounded, and leads to no other host", async () => {
  await using round = await served(printing("Location: /again\n\n"));
  assertEquals((await round.ask("/"))[0], 502);
  assertMatch(round.log.at(-1)?.text ?? "", /redirects more than 4 times/);
  await using away = await served(printing("Location: //evil.example/x\n\n"), { route: "/app" });
  const response = await away.handler.fetch(new Request("http://localhost/app"));
  assertEquals([response.status, response.headers.get("location")], [
    302,
    "http://localhost//evil.example/x",
  ]);
  await using other = await served(printing("Location: /x\nX: 1\n\n"));
  assertEquals((await other.ask("/"))[0], 502, "nothing may stand beside it");
});

Deno.test("a program that exits with a status has answered all the same, and the log says it", async () => {
  await using site = await served(printing("A: 1\n\nbody", "(call $exit (i32.const 3))"));
  assertEquals(await site.ask("/"), [200, "body"]);
  assertEquals(site.log.map(({ text }) => text), ["502: the guest exited with status 3"]);
});

Deno.test("a C program reads a body of any form from stdin, and each request has an instance of its own", async () => {
  await using site = await served("examples/http/hello.wasm", { concurrency: 2 });
  assertEquals(await site.ask("/x?a=b", { method: "PUT", body: "x".repeat(100_000) }), [
    200,
    "PUT /x?a=b\n100000 bytes\n",
  ]);
  const unsized = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let count = 0; count < 3; count++) controller.enqueue(new Uint8Array(1000));
      controller.close();
    },
  });
  assertEquals(await site.ask("/", { method: "POST", body: unsized }), [200, "POST /\n3000 bytes\n"]);
  const many = await Promise.all(Array.from({ length: 20 }, (_, index) => site.ask(`/${index}`)));
  assertEquals(many, Array.from({ length: 20 }, (_, index) => [200, `GET /${index}\n0 bytes\n`] as const));
});
