import { grants, nameOf, NO_QUOTAS } from "./net_sandbox.ts";
import { ok, redirect, startServer } from "./net_servers.ts";
import type { AttachNetMessage, BrokerReport, NetMessage } from "../../src/broker/messages.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { GuestEnd, HostEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import {
  type OperationName,
  readAnswer,
  type RequestOf,
  writeRequest,
} from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";

/** The broker in a Worker with the permission for some hosts, and the host's side of it. */
class TestBroker {
  readonly events: AuditEvent[] = [];
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * (BROKER_WORDS.ready + 2)));
  readonly #worker: Worker;
  readonly #reports: BrokerReport[] = [];
  #wake: () => void = () => {};

  constructor(net: readonly string[]) {
    this.#worker = new Worker(new URL("../../src/broker/net_main.ts", import.meta.url), {
      type: "module",
      deno: { permissions: { net: [...net] } },
    });
    this.#worker.onmessage = (event: MessageEvent<BrokerReport>) => {
      if (event.data.kind === "audit") this.events.push(...event.data.events);
      this.#reports.push(event.data);
      this.#wake();
    };
    this.post({ kind: "start", words: this.#words.buffer as SharedArrayBuffer }); // made above
  }

  post(message: NetMessage): void {
    Atomics.add(this.#words, BROKER_WORDS.mail, 1);
    this.#worker.postMessage(message);
    this.#ring();
  }

  #ring(): void {
    Atomics.add(this.#words, BROKER_WORDS.bell, 1);
    Atomics.notify(this.#words, BROKER_WORDS.bell);
  }

  async report(kind: BrokerReport["kind"]): Promise<BrokerReport> {
    for (;;) {
      const found = this.#reports.find((report) => report.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  attach(slot: number, hosts: readonly string[], more: Partial<AttachNetMessage> = {}): TestGuest {
    const channel = createSharedBuffer(65536);
    this.post({
      kind: "attach",
      slot,
      sandbox: `s${slot}`,
      channel,
      grants: grants(hosts),
      quotas: NO_QUOTAS,
      auditAll: false,
      ...more,
    });
    return new TestGuest(channel, {
      words: this.#words,
      bell: BROKER_WORDS.bell,
      readyWord: BROKER_WORDS.ready + (slot >>> 5),
      readyBit: 1 << (slot & 31),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.post({ kind: "close" });
    await this.report("closed");
    this.#worker.terminate();
  }
}

/** A guest that waits in the event loop, so that servers of the same thread can answer. */
class TestGuest {
  readonly end: GuestEnd;
  readonly words: Int32Array;
  readonly #link: Parameters<GuestEnd["giveBroker"]>[1];

  constructor(readonly channel: SharedArrayBuffer, link: Parameters<GuestEnd["giveBroker"]>[1]) {
    this.end = new GuestEnd(channel);
    this.words = new Int32Array(channel, 0, 16);
    this.#link = link;
  }

  /** Gives the turn with whatever was written. */
  give(): void {
    this.end.giveBroker("net", this.#link);
  }

  async answered(): Promise<void> {
    // A wait on shared memory alone does not keep the event loop going.
    const timer = setTimeout(() => {}, 10_000);
    await this.end.nextTurn();
    clearTimeout(timer);
    assertEquals(this.end.frameKind, FRAMES.answer);
  }

  async perform<Name extends OperationName>(name: Name, request: RequestOf<Name>) {
    writeRequest(this.end.writer(), name, request);
    this.give();
    await this.answered();
    const answer = readAnswer(this.end.reader(), name);
    return answer.reply ?? nameOf(answer.errno);
  }

  async fetch(url: string): Promise<string> {
    const head = await this.perform("httpRequest", {
      method: "GET",
      url,
      headers: "",
      body: new Uint8Array(),
    });
    if (typeof head === "string") return head;
    const read = await this.perform("httpRead", { response: head.response, length: 1000 });
    const closed = await this.perform("httpClose", { response: head.response });
    if (typeof read === "string" || typeof closed === "string") {
      return `${head.status} ${String(read)} ${String(closed)}`;
    }
    return `${head.status} ${new TextDecoder().decode(new Uint8Array(read.bytes))}`;
  }

  /** Errno of an answer to whatever frame. */
  async refused(): Promise<string> {
    this.give();
    await this.answered();
    return nameOf(this.end.reader().u32());
  }
}

Deno.test("the broker serves several guests at once, with the permission for its hosts alone", async () => {
  await using server = startServer(({ head }) => ok(head.split(" ")[1] ?? ""));
  await using other = startServer(() => ok("other"));
  const { port } = server;
  await using broker = new TestBroker([`127.0.0.1:${port}`, `localhost:${port}`]);
  const guests = [0, 1, 31, 32, 40].map((slot) =>
    broker.attach(slot, [`127.0.0.1:${port}`, `localhost:${port}`, `127.0.0.1:${other.port}`])
  );
  const answers = await Promise.all(guests.map((guest, i) => guest.fetch(`http://127.0.0.1:${port}/${i}`)));
  assertEquals(answers, ["200 /0", "200 /1", "200 /2", "200 /3", "200 /4"]);
  const [guest] = guests;
  assert(guest !== undefined);
  // By its name: resolved by Deno under a permission that names it.
  assertEquals(await guest.fetch(`http://localhost:${port}/name`), "200 /name");
  assertEquals(
    await guest.fetch(`http://127.0.0.1:${other.port}/`),
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
  const guest = broker.attach(3, [`127.0.0.1:${port}`]);
  assertEquals(await guest.fetch(`http://127.0.0.1:${port}/`), "notcapable");
  await broker.report("audit");
  assertEquals(broker.events.map(({ sandbox, target, allowed }) => [sandbox, target, allowed]), [
    ["s3", "http://169.254.169.254", false],
  ]);
});

Deno.test("a hostile frame gets an error, and the broker goes on", async () => {
  await using server = startServer(() => ok("x"));
  const { port } = server;
  await using broker = new TestBroker([`127.0.0.1:${port}`]);
  const guest = broker.attach(0, [`127.0.0.1:${port}`]), neighbour = broker.attach(1, [`127.0.0.1:${port}`]);
  const frame = (...words: readonly number[]) => {
    const writer = guest.end.writer();
    for (const word of words) writer.u32(word);
  };
  frame();
  assertEquals(await guest.refused(), "inval", "empty");
  for (const code of [0, 1, 23, 59, 63, 0xffff_ffff]) {
    frame(code);
    assertEquals(await guest.refused(), "nosys", `operation ${code}`);
  }
  frame(60, 0xffff_ffff);
  assertEquals(await guest.refused(), "inval", "a length past the end");
  frame(61, 1);
  assertEquals(await guest.refused(), "inval", "fields are missing");
  for (const response of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    assertEquals(await guest.perform("httpRead", { response, length: 0xffff_ffff }), "badf");
    assertEquals(await guest.perform("httpClose", { response }), "badf");
  }
  // The frame's length is forged while it is given away.
  frame(62, 1);
  guest.give();
  Atomics.store(guest.words, WORDS.frameLength, 0x7fff_ffff);
  await guest.answered();
  // A bell without a turn, and a turn without an operation, are not answered.
  guest.give();
  Atomics.store(guest.words, WORDS.turn, TURNS.guest);
  frame(62, 1);
  guest.give();
  Atomics.store(guest.words, WORDS.frameKind, FRAMES.result);
  assertEquals(await neighbour.fetch(`http://127.0.0.1:${port}/`), "200 x");
});

Deno.test("no operation is lost when guests ask again at once", async () => {
  await using broker = new TestBroker(["127.0.0.1:1"]);
  const guests = [0, 1, 2].map((slot) => broker.attach(slot, ["127.0.0.1:1"]));
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
  const guest = broker.attach(0, [`127.0.0.1:${port}`]), host = new HostEnd(guest.channel);
  const hanging = guest.fetch(url);
  while (server.received.length < 1) await new Promise((again) => setTimeout(again, 1));
  host.abort("cancelled");
  broker.post({ kind: "interrupt", slot: 0 });
  assertEquals(await hanging, "intr");
  assertEquals(await guest.fetch(url), "intr");
  assertEquals(await guest.perform("httpClose", { response: 1 }), "badf", "closing is always done");
  assertEquals(server.received.length, 1);
});

Deno.test("narrow holds from the next message on; the timeout is the host's", async () => {
  await using server = startServer(({ head }, connection) =>
    head.startsWith("GET /slow") ? connection.read(new Uint8Array(1)).then(() => {}) : ok("x")
  );
  const { port } = server, hosts = [`127.0.0.1:${port}`];
  await using broker = new TestBroker(hosts);
  const guest = broker.attach(0, hosts, { timeout: 100 });
  assertEquals(await guest.fetch(`http://127.0.0.1:${port}/slow`), "timedout");
  assertEquals(await guest.fetch(`http://127.0.0.1:${port}/`), "200 x");
  broker.post({ kind: "narrow", slot: 0, grants: [] });
  assertEquals(await guest.fetch(`http://127.0.0.1:${port}/`), "notcapable");
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
  const guest = broker.attach(5, hosts);
  const open = await guest.perform("httpRequest", {
    method: "GET",
    url: `http://127.0.0.1:${port}/open`,
    headers: "",
    body: new Uint8Array(),
  });
  assert(typeof open !== "string");
  const hanging = guest.fetch(`http://127.0.0.1:${port}/hang`);
  while (server.received.length < 2) await new Promise((again) => setTimeout(again, 1));
  broker.post({ kind: "detach", slot: 5 });
  assertEquals(await hanging, "intr");
  assertEquals(await broker.report("detached"), { kind: "detached", slot: 5 });
  await ended.promise;
  // The old guest may go on ringing: the slot is another's, and its channel is not looked at.
  guest.end.writer().u32(62);
  guest.give();
  const next = broker.attach(5, hosts);
  assertEquals(
    await next.perform("httpRead", { response: open.response, length: 1 }),
    "badf",
    "another's response",
  );
  assertEquals(guest.words[WORDS.turn], TURNS.net);
});
