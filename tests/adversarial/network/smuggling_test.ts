/**
 * F49: neither a guest nor a server decides where a message ends, whom it is for, or what becomes of a connection; and
 * no answer, however odd, ends the broker.
 */
import { type Asked, type HttpGuest, startHttp } from "./http_guest.ts";
import { assert, assertEquals } from "../../assert.ts";
import { ok, startServer, write } from "../../broker/net_servers.ts";
import { NetworkCapability } from "../../../mod.ts";

/** Headers that would frame a message or turn it to somebody else; each must be gone, and the request must be one. */
const DROPPED: readonly string[] = [
  "content-length: 0\ntransfer-encoding: chunked\n",
  "Content-Length: 5\nContent-Length: 6\n",
  "CONTENT-LENGTH:+5\n",
  "transfer-encoding: chunked\n",
  "Transfer-Encoding: identity, chunked\n",
  "Transfer-Encoding:\tchunked\n",
  "TE: trailers\ntrailer: x-smuggled\n",
  "host: evil.test\nHOST: evil.test\n",
  "connection: keep-alive, x-one\nkeep-alive: timeout=1000\n",
  "upgrade: h2c\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\nconnection: upgrade, http2-settings\n",
  "upgrade: websocket\nsec-websocket-key: AAAA\n",
  "expect: 100-continue\n",
  "proxy-connection: keep-alive\nproxy-authorization: Basic AAAA\n",
];

/** Lines that are none: each must be refused, and nothing sent. */
const REFUSED: readonly string[] = [
  "x: a\r\n",
  "x: a\r\nhost: evil.test\r\n",
  "x: a\rhost: evil.test\n",
  "x: a\0b\n",
  "x\0: a\n",
  "x: a\n folded: b\n",
  "x: a\n\tfolded\n",
  " x: a\n",
  "content-length : 5\n",
  "transfer-encoding\t: chunked\n",
  "transfer-encoding\v: chunked\n",
  "x:\u{2028}a\n",
  "x: \u{10a}host\n",
  "x: a\u{560d}\u{560a}host: evil.test\n",
  "\u{17f}ost: a\n",
  "no colon\n",
  ": a\n",
  "\n",
  "x: a\n\nGET /smuggled HTTP/1.1\n",
  "GET / HTTP/1.1\n",
  "x: \x7f\n",
  "x(y): a\n",
  '"x": a\n',
];

/** The one request that a server got, after the guest asked for something odd. */
function assertOne(head: string, port: number, note: string): void {
  const lines = head.split("\r\n"), names = lines.slice(1).map((line) => line.split(":")[0] ?? "");
  assertEquals(lines[0], "POST /one HTTP/1.1", note);
  assertEquals(lines.filter((line) => /^host:/i.test(line)), [`host: 127.0.0.1:${port}`], note);
  assertEquals(lines.filter((line) => /^content-length:/i.test(line)), ["content-length: 5"], note);
  assertEquals(lines.filter((line) => /^connection:/i.test(line)), ["connection: close"], note);
  const framing = /^(transfer-encoding|te|trailer|upgrade|http2-settings|expect|keep-alive|proxy-.*)$/i;
  assertEquals(names.filter((name) => framing.test(name)), [], note);
  assertEquals(new Set(names.map((name) => name.toLowerCase())).size, names.length, note);
}

Deno.test("F49 no header of a guest frames a request: lengths, encodings, hosts, upgrades, continuations", async () => {
  await using server = startServer(() => ok("in"));
  const url = `http://127.0.0.1:${server.port}/one`;
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  const asked: Asked = { method: "POST", body: "A\r\n\r\n" };
  for (const headers of DROPPED) {
    assertEquals(await rig.guest.fetch(url, { ...asked, headers }), "200 in", JSON.stringify(headers));
    const last = server.received.at(-1);
    assertOne(last?.head ?? "", server.port, JSON.stringify(headers));
    assertEquals(last?.body, "A\r\n\r\n");
  }
  const sent = server.received.length;
  for (const headers of REFUSED) {
    assertEquals(await rig.guest.fetch(url, { ...asked, headers }), "inval", JSON.stringify(headers));
  }
  for (
    const headers of [
      "x: a\n".repeat(201),
      "\n".repeat(10_000),
      `x: ${"a".repeat(16_380)}\n`,
      "x".repeat(17_000),
    ]
  ) {
    const answer = await rig.guest.fetch(url, { ...asked, headers });
    assert(["nametoolong", "inval"].includes(answer), answer);
  }
  assertEquals(server.received.length, sent);
});

Deno.test("F49 a body that reads like a request is a body, whatever its method", async () => {
  await using server = startServer(() => ok("in"));
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  const body = `0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`;
  for (const method of ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PATCH", "PROPFIND"]) {
    const answer = await rig.guest.fetch(`http://127.0.0.1:${server.port}/one`, { method, body });
    assertEquals(answer, method === "HEAD" ? "200 " : "200 in", method);
    const { head, body: got } = server.received.at(-1) ?? { head: "", body: "" };
    assert(head.includes(`content-length: ${body.length}`), method);
    assertEquals(got, body, method);
  }
  assertEquals([server.connections(), server.received.length], [7, 7], "one request a connection");
});

const OK = "HTTP/1.1 200 OK\r\n", CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** Answers that are not quite HTTP, and how the guest sees them: the error number, or status and body. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ["", "connreset"],
  ["\0".repeat(100), "proto"],
  ["GET / HTTP/1.1\r\n\r\n", "proto"],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "proto"],
  ["SSH-2.0-OpenSSH_9.9\r\n", "proto"],
  ["HTTP/1.1 1000 X\r\n\r\n", "proto"],
  ["HTTP/1.1 -20 X\r\n\r\n", "proto"],
  [`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, "proto"],
  [`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nokk`, "proto"],
  [`${OK}content-length: -1\r\n\r\n`, "proto"],
  [`${OK}content-length: 1e3\r\n\r\n`, "proto"],
  [`${OK}content-length: 99999999999999999999\r\n\r\n`, "proto"],
  [`${OK}content-length: 9007199254740993\r\n\r\n`, "msgsize"],
  [`${OK}content-length : 5\r\n\r\nhello`, "proto"],
  [`${OK} folded: a\r\n\r\n`, "proto"],
  [`${OK}a: b\r\n folded\r\ncontent-length: 0\r\n\r\n`, "proto"],
  [`${OK}a: b\0c\r\n\r\n`, "proto"],
  [`${OK}a: b\rc\r\n\r\n`, "proto"],
  [`${OK}: x\r\n\r\n`, "proto"],
  ["HTTP/1.1 200 OK\ncontent-length: 1\n\nx", "proto"],
  ["HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nabc", "proto"],
  [`${ok("ok")}${ok("second")}`, "200 ok"],
  [`${ok("ok")}\0\xff garbage`, "200 ok"],
  ["HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\nhello", "204 "],
  ["HTTP/1.1 304 No\r\ncontent-length: 99999999\r\n\r\n", "304 "],
  [`${OK}content-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc`, "200 abc"],
  [`${OK}transfer-encoding: gzip\r\n\r\nabc`, "200 abc"],
  [`${CHUNKED}ffffffffffffffff\r\n`, "200 connreset"],
  [`${CHUNKED}-1\r\n`, "200 connreset"],
  [`${CHUNKED}1\r\nxx\r\n`, "200 connreset"],
  [`${CHUNKED}5;a="\r\n\r\nhello\r\n0\r\n\r\n`, "200 connreset"],
  [`${CHUNKED}1\r\nx\r\n`, "200 connreset"],
  [`${CHUNKED}1\r\nx\r\n0\r\ncontent-length: 9\r\n\r\nmore`, "200 connreset"],
  [`${CHUNKED}1\r\nx\r\n0\r\nset-cookie: a\r\n\r\nmore`, "200 x"],
  [`${OK}content-length: 5\r\n\r\nhell`, "200 connreset"],
];

Deno.test("F49 an answer that is not quite HTTP is an error or one answer, and never two", async () => {
  let answer = "";
  await using server = startServer((_, connection) =>
    write(connection, Uint8Array.from(answer, (c) => c.charCodeAt(0)))
  );
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  const url = `http://127.0.0.1:${server.port}/`;
  for (const [text, expected] of ANSWERS) {
    answer = text;
    assertEquals(await rig.guest.fetch(url), expected, JSON.stringify(text));
  }
  assertEquals(server.connections(), ANSWERS.length, "each on a connection of its own");
});

Deno.test("F49 a guest sees no header of a connection, and no line that a header was not", async () => {
  const odd =
    "__proto__: a\r\nconstructor: b\r\nx-tab: a\tb\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-byte: \xe9\xff\x80\r\n";
  await using server = startServer((_, connection) =>
    write(
      connection,
      Uint8Array.from(ok("", `${odd}connection: x-own, close\r\nx-own: 1\r\nproxy-x: 1\r\n`), (c) =>
        c.charCodeAt(0)),
    )
  );
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  const head = await rig.guest.head(`http://127.0.0.1:${server.port}/`);
  assert(typeof head !== "string");
  assertEquals(head.headers.split("\n"), [
    ...["content-length: 0", "__proto__: a", "constructor: b", "x-tab: a b"],
    ...["set-cookie: a=1", "set-cookie: b=2", "x-byte: \xe9\xff\x80", ""],
  ]);
});

/** Numbers that look random, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

async function storm(
  guest: HttpGuest,
  options: { readonly url: string; readonly time: number; readonly next: () => void },
) {
  const until = performance.now() + options.time, seen = new Map<string, number>();
  for (let round = 0; performance.now() < until; round++) {
    options.next();
    const answer = await guest.fetch(options.url, { timeout: 1000 });
    const kind = /^\d/.test(answer) ? "answered" : answer;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  return seen;
}

Deno.test("F49 mutated, cut, early and reset answers never end the broker (seed 20260801)", async () => {
  const random = numbers(20_260_801);
  let bytes = new Uint8Array(0), way = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.Conn) => {
    try {
      // Closing while something is unread resets the connection; an answer can also come before the request.
      if (way !== 1) await connection.read(new Uint8Array(way === 2 ? 1 : 65_536));
      await write(connection, way === 3 ? bytes.subarray(0, random(bytes.length + 1)) : bytes);
    } catch {
      // The broker left.
    }
    connection.close();
  };
  const serving = (async () => {
    try {
      for await (const connection of listener) serve(connection);
    } catch {
      // The listener is closed.
    }
  })();
  const { port } = listener.addr as Deno.NetAddr; // it listens on TCP
  const rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${port}`])]);
  try {
    const next = () => {
      way = random(5);
      const text = ANSWERS[random(ANSWERS.length)]?.[0] ?? "";
      bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
      for (let changes = random(4); changes > 0 && bytes.length > 0; changes--) {
        bytes[random(bytes.length)] = random(256);
      }
    };
    for (const scheme of ["http", "https"]) {
      const seen = await storm(rig.guest, { url: `${scheme}://127.0.0.1:${port}/`, time: 300, next });
      const odd = [...seen.keys()].filter((kind) =>
        !["answered", "proto", "connreset", "io", "msgsize", "notcapable", "time", "timedout"].includes(kind)
      );
      assertEquals(odd, [], scheme);
      assert([...seen.values()].reduce((sum, count) => sum + count, 0) > 20, `${scheme}: too few`);
    }
    [bytes, way] = [new TextEncoder().encode(ok("after")), 0];
    assertEquals(await rig.guest.fetch(`http://127.0.0.1:${port}/`), "200 after");
  } finally {
    await rig.runtime.close();
    listener.close();
    await serving;
  }
});
