/** F51: what is taken away in mid-request is gone, and a request that is ended at any moment leaves nothing behind. */
import { HttpGuest, startHttp } from "./http_guest.ts";
import { assert, assertEquals } from "../../assert.ts";
import { nameOf } from "../../broker/errno_name.ts";
import { ok, redirect, startServer, write } from "../../broker/net_servers.ts";
import { descriptorCount, HAS_PROC, sleep } from "../process_facts.ts";
import { NetworkCapability } from "../../../mod.ts";

const BODY = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfirst";

/** A server that stops in one phase of each answer, and tells when it is there and when the other side has left. */
function stoppingServer() {
  const reached: (() => void)[] = [];
  let left = 0;
  const server = startServer(async ({ head }, connection) => {
    const path = head.split(" ")[1];
    if (path === "/go") return ok("in");
    if (path === "/turn") return redirect("/silent");
    if (path === "/head") await write(connection, "HTTP/1.1 200 OK\r\nx: ");
    if (path === "/body") await write(connection, BODY);
    reached.shift()?.();
    const gone = await connection.read(new Uint8Array(1)).catch(() => null);
    if (gone === null) left++;
    return undefined;
  });
  return {
    server,
    /** Ends when a server is where it stops. */
    stopped: () => new Promise<void>((resolve) => reached.push(resolve)),
    left: () => left,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Waits for something to become true. */
async function becomes(what: () => boolean): Promise<boolean> {
  for (let looks = 0; looks < 100 && !what(); looks++) await sleep(10);
  return what();
}

/** Asks and reads to the end, in one piece for the test. */
async function whole(guest: HttpGuest, url: string, signal?: AbortSignal): Promise<string> {
  const options = signal === undefined ? {} : { signal };
  const outcome = await guest.ask(url, options);
  if (outcome.kind !== "value") return outcome.kind;
  if (outcome.values[0] !== 0) return nameOf(Number(outcome.values[0]));
  const memory = new DataView((await guest.sandbox.readMemory(0, 4)).buffer),
    response = memory.getUint32(0, true);
  for (let reads = 0; reads < 3; reads++) {
    const read = await guest.sandbox.tryCall("read", [response], options);
    if (read.kind !== "value") return read.kind;
    if (read.values[0] !== 0) return nameOf(Number(read.values[0]));
  }
  return "end";
}

Deno.test("F51 revoking ends a request wherever it is, closes its connection, and holds from then on", async () => {
  for (const path of ["/silent", "/head", "/body", "/turn"]) {
    await using stopping = stoppingServer();
    const host = `127.0.0.1:${stopping.server.port}`;
    await using rig = await startHttp([NetworkCapability.hosts([host])]);
    const stopped = stopping.stopped(), running = whole(rig.guest, `http://${host}${path}`);
    await stopped;
    await sleep(30);
    rig.guest.sandbox.revoke("network");
    assertEquals(await running, "notcapable", path);
    assert(await becomes(() => stopping.left() === 1), `${path}: the connection stays`);
    const sent = stopping.server.connections();
    assertEquals(await rig.guest.fetch(`http://${host}/go`), "notcapable");
    await rig.guest.sandbox.reset();
    assertEquals(await rig.guest.fetch(`http://${host}/go`), "notcapable", "a new life has not more");
    assertEquals(stopping.server.connections(), sent);
  }
});

Deno.test("F51 open responses can do nothing once the network is revoked, and are still closed", async () => {
  await using server = startServer(async (_, connection) => {
    await write(connection, BODY);
    await connection.read(new Uint8Array(1)).catch(() => null);
  });
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  const heads = [await rig.guest.head(`http://${host}/`), await rig.guest.head(`http://${host}/`)];
  const numbers = heads.map((head) => typeof head === "string" ? 0 : head.response);
  assertEquals((await rig.guest.read(numbers[0] ?? 0)).length, 5);
  rig.guest.sandbox.revoke("network");
  for (const number of numbers) {
    assertEquals(await rig.guest.read(number), "notcapable");
    assertEquals(await rig.guest.close(number), "success");
    assertEquals(await rig.guest.read(number), "badf");
    assertEquals(await rig.guest.close(number), "badf");
  }
});

Deno.test("F51 revoking in one sandbox takes nothing from another", async () => {
  await using server = startServer(() => ok("in"));
  const host = `127.0.0.1:${server.port}`;
  await using first = await startHttp([NetworkCapability.hosts([host])]);
  const second = await first.runtime.sandbox().build();
  second.revoke("network");
  assertEquals(await first.guest.fetch(`http://${host}/`), "200 in");
});

Deno.test("F51 a request is cancelled at every moment, and each time its connection goes and the next request works", async () => {
  await using stopping = stoppingServer();
  const host = `127.0.0.1:${stopping.server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  const before = HAS_PROC ? descriptorCount() : 0;
  for (const path of ["/silent", "/head", "/body"]) {
    // From before the name is looked at to after the first bytes of a body.
    for (const delay of [0, 0.2, 0.5, 1, 2, 3, 5, 8]) {
      const controller = new AbortController();
      const running = whole(rig.guest, `http://${host}${path}`, controller.signal);
      const until = performance.now() + delay;
      while (performance.now() < until) await new Promise<void>((resolve) => queueMicrotask(resolve));
      if (delay >= 1) await sleep(delay);
      controller.abort();
      assertEquals(await running, "aborted", `${path} after ${delay} ms`);
      await rig.guest.sandbox.reset();
      assertEquals(await rig.guest.fetch(`http://${host}/go`), "200 in");
    }
  }
  assert(
    await becomes(() =>
      stopping.left() === stopping.server.received.filter(({ head }) => !head.startsWith("GET /go")).length
    ),
  );
  if (HAS_PROC) {
    await becomes(() => descriptorCount() <= before + 2);
    assert(descriptorCount() <= before + 2, `${descriptorCount() - before} descriptors are left`);
  }
});

Deno.test("F51 a new life has no response of the last one, and all the room for its own", async () => {
  let open = 0;
  await using server = startServer(async (_, connection) => {
    open++;
    await write(connection, BODY);
    await connection.read(new Uint8Array(1)).catch(() => null);
    open--;
  });
  const host = `127.0.0.1:${server.port}`, url = `http://${host}/`;
  await using rig = await startHttp([NetworkCapability.hosts([host])], { connections: 3 });
  for (let life = 0; life < 3; life++) {
    const numbers: number[] = [];
    for (let i = 0; i < 3; i++) {
      const head = await rig.guest.head(url);
      assert(typeof head !== "string", String(head));
      numbers.push(head.response);
    }
    assertEquals(await rig.guest.head(url), "mfile");
    await rig.guest.sandbox.reset();
    for (const number of numbers) assertEquals(await rig.guest.read(number), "badf");
    assert(await becomes(() => open === 0), `${open} connections of the last life are open`);
  }
});

Deno.test("F51 closing a sandbox closes the responses that its guest left open", async () => {
  await using stopping = stoppingServer();
  const host = `127.0.0.1:${stopping.server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  for (let i = 0; i < 3; i++) assert(typeof await rig.guest.head(`http://${host}/body`) !== "string");
  assertEquals(stopping.left(), 0);
  await rig.guest.sandbox.close();
  assert(await becomes(() => stopping.left() === 3), `${3 - stopping.left()} connections stay`);
});

Deno.test("F51 closing a sandbox in mid-request closes its connections, of the runtime as well", async () => {
  for (const which of ["sandbox", "runtime"] as const) {
    await using stopping = stoppingServer();
    const host = `127.0.0.1:${stopping.server.port}`;
    const rig = await startHttp([NetworkCapability.hosts([host])]);
    const stopped = stopping.stopped(), running = rig.guest.ask(`http://${host}/head`);
    await stopped;
    const started = performance.now();
    await (which === "sandbox" ? rig.guest.sandbox : rig.runtime).close();
    assert(performance.now() - started < 1000, which);
    assertEquals((await running).kind, "aborted");
    assert(await becomes(() => stopping.left() === 1), which);
    await rig.runtime.close();
  }
});

Deno.test("F51 storms of requests and revocations end in errors, and the broker serves on", async () => {
  await using server = startServer(() => ok("in"));
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host])]);
  for (let round = 0; round < 8; round++) {
    const guest = await HttpGuest.start(rig.runtime), running = guest.fetch(`http://${host}/`);
    if (round % 2 === 0) await sleep(round);
    guest.sandbox.revoke("network");
    assert(["200 in", "notcapable", "200 notcapable"].includes(await running), `${await running}`);
    await guest.sandbox.close();
  }
  assertEquals(await rig.guest.fetch(`http://${host}/`), "200 in");
});
