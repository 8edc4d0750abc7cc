/** F49: bodies and heads that are too large, too slow or without end cost a guest its own time and bytes, and nobody else. */
import { HttpGuest, startHttp } from "./http_guest.ts";
import { assert, assertEquals } from "../../assert.ts";
import { ok, startServer, write } from "../../broker/net_servers.ts";
import { residentMemory, sleep } from "../process_facts.ts";
import { NetworkCapability } from "../../../mod.ts";

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** Writes a text again and again, until the other side leaves. */
async function flood(connection: Deno.Conn, first: string, rest: string, pause = 0): Promise<void> {
  await write(connection, first);
  const bytes = new TextEncoder().encode(rest);
  for (;;) {
    await write(connection, bytes);
    if (pause > 0) await sleep(pause);
  }
}

Deno.test("F49 a body beyond the grant is refused, announced, in chunks, or by the guest itself", async () => {
  const size = 100_001, long = "x".repeat(size);
  const answers: Readonly<Record<string, string>> = {
    "/announced": `HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`,
    "/huge": "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
    "/chunked": `${CHUNKED}${size.toString(16)}\r\n${long}\r\n0\r\n\r\n`,
    "/open": `HTTP/1.1 200 OK\r\n\r\n${long}`,
    "/just": ok("x".repeat(100_000)),
  };
  await using server = startServer(({ head }) => answers[head.split(" ")[1] ?? ""] ?? "");
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host], { maxBody: 100_000 })]);
  assertEquals(await rig.guest.fetch(`http://${host}/announced`), "msgsize");
  assert(["msgsize", "proto"].includes(await rig.guest.fetch(`http://${host}/huge`)));
  assertEquals(await rig.guest.fetch(`http://${host}/chunked`), "200 msgsize");
  assertEquals(await rig.guest.fetch(`http://${host}/open`), "200 msgsize");
  assertEquals(await rig.guest.fetch(`http://${host}/just`), `200 ${"x".repeat(100_000)}`);
  await using small = await startHttp([NetworkCapability.hosts([host], { maxBody: 10 })]);
  const before = server.connections();
  assertEquals(
    await small.guest.fetch(`http://${host}/`, { method: "POST", body: "x".repeat(11) }),
    "msgsize",
  );
  assertEquals(server.connections(), before);
});

Deno.test("F49 heads and framing without end are ended: headers, reasons, empty lines, 1xx, chunks, trailers", async () => {
  const floods: Readonly<Record<string, readonly [string, string]>> = {
    "/headers": ["HTTP/1.1 200 OK\r\n", "a: b\r\n"],
    "/header": ["HTTP/1.1 200 OK\r\na: ", "x".repeat(1000)],
    "/name": ["HTTP/1.1 200 OK\r\n", "x".repeat(1000)],
    "/reason": ["HTTP/1.1 200 ", "x".repeat(1000)],
    "/lines": ["", "\r\n".repeat(1000)],
    "/continue": ["", "HTTP/1.1 100 Continue\r\n\r\n"],
    "/early": ["", `HTTP/1.1 103 Early\r\nlink: ${"x".repeat(8000)}\r\n\r\n`],
    "/size": [CHUNKED, "0".repeat(1000)],
    "/extension": [`${CHUNKED}1;`, "x".repeat(1000)],
    "/trailers": [`${CHUNKED}0\r\n`, "a: b\r\n".repeat(100)],
  };
  await using server = startServer(({ head }, connection) => {
    const [first, rest] = floods[head.split(" ")[1] ?? ""] ?? ["", ""];
    return flood(connection, first, rest, 1);
  });
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  await Promise.all(
    Object.keys(floods).map(async (path) => {
      const guest = await HttpGuest.start(rig.runtime, { timeout: "300ms" });
      const started = performance.now(),
        answer = await guest.fetch(`http://${host}${path}`).catch(() => "time");
      assert(performance.now() - started < 2500, path);
      assert(
        ["msgsize", "proto", "time", "timedout", "200 connreset", "200 timedout"].includes(answer),
        `${path}: ${answer}`,
      );
      await guest.sandbox.close();
    }),
  );
  assertEquals(
    await (await HttpGuest.start(rig.runtime)).fetch(`http://127.0.0.1:1/`),
    "notcapable",
    "the broker serves",
  );
});

Deno.test("F49 a slow server takes a guest's time and no more, in each phase", async () => {
  const slow: Readonly<Record<string, (connection: Deno.Conn) => Promise<void>>> = {
    "/silent": () => new Promise((resolve) => setTimeout(resolve, 900)),
    "/head": (connection) => flood(connection, "HTTP/1.1 200 OK\r\n", "a", 20),
    "/body": (connection) => flood(connection, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", "a", 20),
    "/stall": async (connection) => {
      await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
      await sleep(900);
    },
  };
  await using server = startServer(({ head }, connection) => slow[head.split(" ")[1] ?? ""]?.(connection));
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  await Promise.all(
    Object.keys(slow).map(async (path) => {
      const guest = await HttpGuest.start(rig.runtime, { timeout: "300ms" });
      const started = performance.now(), outcome = await guest.ask(`http://${host}${path}`);
      const end = async (): Promise<string> => {
        if (outcome.kind !== "value") return outcome.kind;
        for (let reads = 0; reads < 1000; reads++) {
          const read = await guest.sandbox.tryCall("read", [1], { timeout: "300ms" });
          if (read.kind !== "value") return read.kind;
          if (read.values[0] !== 0) return "errno";
          if (performance.now() - started > 800) return "goes on";
        }
        return "end";
      };
      // One call a byte: the guest may go on as long as something comes.
      const expected = path === "/body" ? ["goes on"] : ["limit", "errno"];
      assert(expected.includes(await end()), path);
      assert(performance.now() - started < 1400, path);
    }),
  );
});

Deno.test("F49 what a guest does not read stays in the network, however many responses it leaves open", async () => {
  let sent = 0;
  const chunk = new Uint8Array(65_536);
  await using server = startServer(async (_, connection) => {
    await write(connection, "HTTP/1.1 200 OK\r\n\r\n");
    for (;;) {
      await write(connection, chunk);
      sent += chunk.length;
    }
  });
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host], { connections: 1000 })], {
    connections: 16,
  });
  const before = residentMemory(), heads: number[] = [];
  for (let i = 0; i < 16; i++) {
    const head = await rig.guest.head(`http://${host}/`);
    assert(typeof head !== "string", String(head));
    heads.push(head.response);
    assert((await rig.guest.read(head.response)).length > 0);
  }
  assertEquals(await rig.guest.head(`http://${host}/`), "mfile");
  await sleep(300);
  const settled = sent;
  await sleep(300);
  assertEquals(sent, settled, "nobody reads, and the server goes on");
  assert(residentMemory() - before < 200, `${residentMemory() - before} MiB`);
  assertEquals(await rig.guest.close(heads[0] ?? 0), "success");
  const again = await rig.guest.head(`http://${host}/`);
  assert(typeof again !== "string");
  assertEquals(heads.includes(again.response), false, "a number is not given twice in a row");
});

Deno.test("F49 connections are bounded for each host of a grant, by whatever spelling it is named", async () => {
  await using server = startServer(() => ok("x".repeat(10)));
  const { port } = server;
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${port}`], { connections: 2 })]);
  const answers: string[] = [];
  for (const host of ["127.0.0.1", "127.1", "2130706433", "[::ffff:127.0.0.1]"]) {
    const head = await rig.guest.head(`http://${host}:${port}/`);
    answers.push(typeof head === "string" ? head : "open");
  }
  assertEquals(answers, ["open", "open", "mfile", "mfile"]);
  assertEquals(server.connections(), 2);
});

Deno.test("F49 bytes over a sandbox's life and bytes a second hold over many small requests, and across redirects", async () => {
  const body = "x".repeat(20_000);
  await using server = startServer(() => ok(body));
  const host = `127.0.0.1:${server.port}`, url = `http://${host}/`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  const total = await HttpGuest.start(rig.runtime, { readBytes: 100_000 }), answers: string[] = [];
  for (let i = 0; i < 7; i++) answers.push((await total.fetch(url)).slice(0, 9));
  assertEquals(answers, [...Array(4).fill("200 xxxxx"), "200 dquot", "dquot", "dquot"]);
  const writes = await HttpGuest.start(rig.runtime, { writeBytes: 50_000 });
  const asked = { method: "POST", body };
  const written = [
    await writes.fetch(url, asked),
    await writes.fetch(url, asked),
    await writes.fetch(url, asked),
  ];
  assertEquals(written.map((text) => text.slice(0, 5)), ["200 x", "200 x", "dquot"]);
  const slow = await HttpGuest.start(rig.runtime, { readRate: 40_000 }), started = performance.now();
  for (let i = 0; i < 4; i++) assertEquals((await slow.fetch(url)).length, 20_004);
  // A second's worth at once, then two and a bit by the second, less what the last read leaves owing.
  assert(performance.now() - started > 450, `${performance.now() - started} ms for 80 KB at 40 KB a second`);
});

Deno.test("F49 bytes that were moved count on after a reset, also when a life has a thread of its own", async () => {
  const body = "x".repeat(20_000);
  await using server = startServer(() => ok(body));
  const host = `127.0.0.1:${server.port}`, url = `http://${host}/`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  // A thread that has dropped 128 MiB is replaced at the next reset: two are here.
  const guest = await HttpGuest.start(rig.runtime, { readBytes: 100_000, writeBytes: 50_000 }, 1024);
  const answers: string[] = [];
  for (let life = 0; life < 7; life++) {
    answers.push((await guest.fetch(url, life < 2 ? { method: "POST", body } : {})).slice(0, 9));
    await guest.sandbox.reset();
  }
  assertEquals(answers, [...Array(4).fill("200 xxxxx"), "200 dquot", "dquot", "dquot"]);
  await guest.sandbox.reset({ quotas: "renew" });
  assertEquals((await guest.fetch(url, { method: "POST", body })).slice(0, 9), "200 xxxxx");
});

Deno.test("F49 nothing is unpacked: a bomb is as long as it came", async () => {
  const zeros = new Blob([new Uint8Array(10_000_000)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bomb = new Uint8Array(await new Response(zeros).arrayBuffer());
  await using server = startServer(async (_, connection) => {
    await write(
      connection,
      `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`,
    );
    await write(connection, bomb);
  });
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host], { maxBody: "1MiB" })]);
  for (const headers of ["", "accept-encoding: gzip\n"]) {
    const head = await rig.guest.head(`http://${host}/`, { headers });
    assert(typeof head !== "string");
    let length = 0;
    for (
      let bytes = await rig.guest.read(head.response);
      bytes.length > 0;
      bytes = await rig.guest.read(head.response)
    ) {
      assert(typeof bytes !== "string", String(bytes));
      length += bytes.length;
    }
    assertEquals(length, bomb.length);
  }
  assert(server.received[0]?.head.includes("accept-encoding: identity"));
});

Deno.test("F49 a guest whose server floods keeps no neighbour from being served", async () => {
  await using server = startServer(({ head }, connection) =>
    head.startsWith("GET /good")
      ? ok("in")
      : flood(connection, CHUNKED, "400\r\n" + "x".repeat(1024) + "\r\n")
  );
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  const hostile = await HttpGuest.start(rig.runtime, { timeout: "2s" });
  const head = await hostile.head(`http://${host}/bad`);
  assert(typeof head !== "string");
  let over = false;
  const reading = (async () => {
    const until = performance.now() + 700;
    while (performance.now() < until) if (typeof await hostile.read(head.response) === "string") break;
    over = true;
  })();
  let slowest = 0, served = 0;
  while (!over) {
    const started = performance.now();
    assertEquals(await rig.guest.fetch(`http://${host}/good`), "200 in");
    slowest = Math.max(slowest, performance.now() - started);
    served++;
  }
  await reading;
  assert(served > 3 && slowest < 500, `${served} requests, the slowest in ${slowest} ms`);
});
