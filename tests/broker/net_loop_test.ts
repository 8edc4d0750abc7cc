import { BrokerRig, type RigGuest } from "./async_rig.ts";
import { grants, NO_QUOTAS } from "./net_sandbox.ts";
import { ok, redirect, startServer } from "./net_servers.ts";
import type { AttachNetMessage } from "../../src/broker/messages.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { CONTROLS, FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { assert, assertEquals } from "../assert.ts";

/** The broker in a Worker with the permission for some hosts. */
class TestBroker extends BrokerRig<AttachNetMessage> {
  constructor(net: readonly string[]) {
    super("net_main.ts", { net: [...net] });
  }

  join(slot: number, hosts: readonly string[], more: Partial<AttachNetMessage> = {}): RigGuest {
    return this.attach(slot, (channel) => ({
      kind: "attach",
      slot,
      sandbox: `s${slot}`,
      channel,
      grants: grants(hosts),
      quotas: NO_QUOTAS,
      auditAll: false,
      ...more,
    }));
  }
}

async function fetchWith(guest: RigGuest, url: string): Promise<string> {
  const head = await guest.perform("httpRequest", {
    method: "GET",
    url,
    headers: "",
    body: new Uint8Array(),
  });
  if (typeof head === "string") return head;
  const read = await guest.perform("httpRead", { response: head.response, length: 1000 });
  const closed = await guest.perform("httpClose", { response: head.response });
  if (typeof read === "string" || typeof closed === "string") {
    return `${head.status} ${String(read)} ${String(closed)}`;
  }
  return `${head.status} ${new TextDecoder().decode(new Uint8Array(read.bytes))}`;
}

Deno.test("the broker serves several guests at once, with the permission for its hosts alone", async () => {
  await using server = startServer(({ head }) => ok(head.split(" ")[1] ?? ""));
  await using other = startServer(() => ok("other"));
  const { port } = server;
  await using broker = new TestBroker([`127.0.0.1:${port}`, `localhost:${port}`]);
  const guests = [0, 1, 31, 32, 40].map((slot) =>
    broker.join(slot, [`127.0.0.1:${port}`, `localhost:${port}`, `127.0.0.1:${other.port}`])
  );
  const answers = await Promise.all(
    guests.map((guest, i) => fetchWith(guest, `http://127.0.0.1:${port}/${i}`)),
  );
  assertEquals(answers, ["200 /0", "200 /1", "200 /2", "200 /3", "200 /4"]);
  const [guest] = guests;
  assert(guest !== undefined);
  // By its name: resolved by Deno under a permission that names it.
  assertEquals(await fetchWith(guest, `http://localhost:${port}/name`), "200 /name");
  assertEquals(
    await fetchWith(guest, `http://127.0.0.1:${other.port}/`),
    "notcapable",
    "granted, yet not to the Worker",
  );
  assertEquals(other.connections(), 0);
  await broker.report("audit");
  assertEquals(broker.events.map(({ reason }) => reason), ["the broker may not connect to that host"]);
});

Deno.test("a denial is told to the host, also one in a redirect", async () => {
  await using server = startServer(() => redirect("http://169.254.169.254/"));
  const { port } = server;
  await using broker = new TestBroker([`127.0.0.1:${port}`]);
  const guest = broker.join(3, [`127.0.0.1:${port}`]);
  assertEquals(await fetchWith(guest, `http://127.0.0.1:${port}/`), "notcapable");
  await broker.report("audit");
  assertEquals(broker.events.map(({ sandbox, target, allowed }) => [sandbox, target, allowed]), [
    ["s3", "http://169.254.169.254", false],
  ]);
});

Deno.test("a hostile frame gets an error, and the broker goes on", async () => {
  await using server = startServer(() => ok("x"));
  const { port } = server;
  await using broker = new TestBroker([`127.0.0.1:${port}`]);
  const guest = broker.join(0, [`127.0.0.1:${port}`]), neighbour = broker.join(1, [`127.0.0.1:${port}`]);
  const frame = (...words: readonly number[]) => {
    const writer = guest.end.writer();
    for (const word of words) writer.u32(word);
  };
  frame();
  assertEquals(await guest.refused("net"), "inval", "empty");
  for (const code of [0, 1, 23, 59, 63, 0xffff_ffff]) {
    frame(code);
    assertEquals(await guest.refused("net"), "nosys", `operation ${code}`);
  }
  frame(60, 0xffff_ffff);
  assertEquals(await guest.refused("net"), "inval", "a length past the end");
  frame(61, 1);
  assertEquals(await guest.refused("net"), "inval", "fields are missing");
  for (const response of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    assertEquals(await guest.perform("httpRead", { response, length: 0xffff_ffff }), "badf");
    assertEquals(await guest.perform("httpClose", { response }), "badf");
  }
  // The frame's length is forged while it is given away.
  frame(62, 1);
  guest.give("net");
  Atomics.store(guest.words, WORDS.frameLength, 0x7fff_ffff);
  await guest.answered();
  // A bell without a turn, and a turn without an operation, are not answered.
  guest.give("net");
  Atomics.store(guest.words, WORDS.turn, TURNS.guest);
  frame(62, 1);
  guest.give("net");
  Atomics.store(guest.words, WORDS.frameKind, FRAMES.result);
  assertEquals(await fetchWith(neighbour, `http://127.0.0.1:${port}/`), "200 x");
});

Deno.test("no operation is lost when guests ask again at once", async () => {
  await using broker = new TestBroker(["127.0.0.1:1"]);
  const guests = [0, 1, 2].map((slot) => broker.join(slot, ["127.0.0.1:1"]));
  await Promise.all(guests.map(async (guest) => {
    for (let i = 0; i < 500; i++) assertEquals(await guest.perform("httpClose", { response: i }), "badf");
  }));
});

Deno.test("interrupt ends what is under way; nothing is begun for a guest that is to end", async () => {
  await using server = startServer(async (_request, connection) =>
    void await connection.read(new Uint8Array(1))
  );
  const { port } = server, url = `http://127.0.0.1:${port}/`;
  await using broker = new TestBroker([`127.0.0.1:${port}`]);
  const guest = broker.join(0, [`127.0.0.1:${port}`]), host = new HostEnd(guest.channel);
  const hanging = fetchWith(guest, url);
  while (server.received.length < 1) await new Promise((again) => setTimeout(again, 1));
  host.abort("cancelled");
  broker.post({ kind: "interrupt", slot: 0 });
  assertEquals(await hanging, "intr");
  assertEquals(await fetchWith(guest, url), "intr");
  assertEquals(await guest.perform("httpClose", { response: 1 }), "badf", "closing is always done");
  guest.words[WORDS.control] = CONTROLS.run;
  assertEquals(await fetchWith(guest, url), "intr", "whatever the guest makes of the word");
  assertEquals(server.received.length, 1);
  broker.post({ kind: "resume", slot: 0 });
  const again = fetchWith(guest, url);
  while (server.received.length < 2) await new Promise((again) => setTimeout(again, 1));
  broker.post({ kind: "interrupt", slot: 0 });
  assertEquals(await again, "intr");
});

Deno.test("narrow holds from the next message on; the timeout is the host's", async () => {
  await using server = startServer(({ head }, connection) =>
    head.startsWith("GET /slow") ? connection.read(new Uint8Array(1)).then(() => {}) : ok("x")
  );
  const { port } = server, hosts = [`127.0.0.1:${port}`];
  await using broker = new TestBroker(hosts);
  const hasty = broker.join(1, hosts, { timeout: 100 }), guest = broker.join(0, hosts);
  assertEquals(await fetchWith(hasty, `http://127.0.0.1:${port}/slow`), "timedout");
  assertEquals(await fetchWith(guest, `http://127.0.0.1:${port}/`), "200 x");
  broker.post({ kind: "narrow", slot: 0, grants: [] });
  assertEquals(await fetchWith(guest, `http://127.0.0.1:${port}/`), "notcapable");
});

Deno.test("a broker that is asked to tell does so before it says that it has", async () => {
  await using broker = new TestBroker(["127.0.0.1:1"]);
  const guest = broker.join(3, ["127.0.0.1:1"]),
    denied = (port: number) => fetchWith(guest, `http://127.0.0.1:${port}/`);
  for (let port = 2; port < 20; port++) assertEquals(await denied(port), "notcapable");
  broker.post({ kind: "tell", slot: 3 });
  assertEquals(await broker.report("told"), { kind: "told", slot: 3 });
  assertEquals(broker.events.length, 18);
});

Deno.test("detach closes what is open and under way before it is reported, and frees the slot", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = startServer(async ({ head }, connection) => {
    if (head.startsWith("GET /open")) return "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab";
    await connection.read(new Uint8Array(1)); // until the broker leaves
    ended.resolve();
    return "";
  });
  const { port } = server, hosts = [`127.0.0.1:${port}`];
  await using broker = new TestBroker(hosts);
  const guest = broker.join(5, hosts);
  const open = await guest.perform("httpRequest", {
    method: "GET",
    url: `http://127.0.0.1:${port}/open`,
    headers: "",
    body: new Uint8Array(),
  });
  assert(typeof open !== "string");
  const hanging = fetchWith(guest, `http://127.0.0.1:${port}/hang`);
  while (server.received.length < 2) await new Promise((again) => setTimeout(again, 1));
  broker.post({ kind: "detach", slot: 5 });
  assertEquals(await hanging, "intr");
  assertEquals(await broker.report("detached"), { kind: "detached", slot: 5 });
  await ended.promise;
  // The old guest may go on ringing: the slot is another's, and its channel is not looked at.
  guest.end.writer().u32(62);
  guest.give("net");
  const next = broker.join(5, hosts);
  assertEquals(
    await next.perform("httpRead", { response: open.response, length: 1 }),
    "badf",
    "another's response",
  );
  assertEquals(guest.words[WORDS.turn], TURNS.net);
});
