/** The files broker in a Worker of its own, with the Deno permissions of its grants; this thread is its guests. */
import type { BrokerReport, FilesMessage } from "../../src/broker/messages.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { TURNS } from "../../src/protocol/layout.ts";
import { readAnswer, writeRequest } from "../../src/protocol/operation_frames.ts";
import {
  OPEN_FLAGS,
  type OperationName,
  type ReplyOf,
  type RequestOf,
} from "../../src/protocol/operations.ts";
import { assert, assertEquals, fail } from "../assert.ts";
import { errnoName, mountOf, NO_QUOTAS, Place, READ_ONLY } from "./files_rig.ts";

class Broker {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4 * 10));
  readonly mail: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));
  readonly lock: SharedArrayBuffer;
  readonly reports: BrokerReport[] = [];
  readonly #worker: Worker;
  #waiting: (() => void) | undefined;

  constructor(
    path: string,
    options: { readonly write?: boolean; readonly lock?: SharedArrayBuffer; readonly spin?: boolean } = {},
  ) {
    const { write = true, lock = new SharedArrayBuffer(4), spin = true } = options;
    this.lock = lock;
    this.#worker = new Worker(new URL("../../src/broker/files_main.ts", import.meta.url), {
      type: "module",
      deno: { permissions: { read: [path], write: write ? [path] : false } },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<BrokerReport>) => {
      this.reports.push(data);
      this.#waiting?.();
    };
    this.post({
      kind: "start",
      words: this.words.buffer,
      mail: this.mail.buffer,
      lock,
      changes: new SharedArrayBuffer(64),
      secret: new Uint32Array(4),
      spin,
    });
  }

  post(message: FilesMessage): void {
    Atomics.add(this.mail, 0, 1);
    this.#worker.postMessage(message);
    Atomics.add(this.words, BROKER_WORDS.bell, 1);
    Atomics.notify(this.words, BROKER_WORDS.bell);
  }

  async report(kind: BrokerReport["kind"]): Promise<BrokerReport> {
    for (;;) {
      const found = this.reports.find((report) => report.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
  }

  attach(slot: number, path: string, less: Parameters<typeof mountOf>[1] = {}): Guest {
    const channel = createSharedBuffer(2 ** 21);
    const mounts = [mountOf(path, less)], quotas = NO_QUOTAS;
    this.post({ kind: "attach", slot, sandbox: `sandbox ${slot}`, channel, mounts, quotas, auditAll: false });
    return new Guest(this, { channel, slot });
  }

  async close(): Promise<void> {
    this.post({ kind: "close" });
    await this.report("closed");
    this.#worker.terminate();
  }
}

class Guest {
  readonly end: GuestEnd;
  readonly #broker: Broker;
  readonly #slot: number;

  constructor(
    broker: Broker,
    { channel, slot }: { readonly channel: SharedArrayBuffer; readonly slot: number },
  ) {
    this.#broker = broker;
    this.#slot = slot;
    this.end = new GuestEnd(channel);
  }

  give(): void {
    const readyWord = BROKER_WORDS.ready + (this.#slot >>> 5), readyBit = 1 << (this.#slot & 31);
    this.end.giveBroker("files", { words: this.#broker.words, bell: BROKER_WORDS.bell, readyWord, readyBit });
  }

  /** The answer; a broker that has rested because the machine held it up is asked again, as guests do. */
  ask<Name extends OperationName>(name: Name, request: RequestOf<Name>): ReplyOf<Name> | string {
    for (;;) {
      writeRequest(this.end.writer(), name, request);
      this.give();
      if (!this.end.spinForTurn(TURNS.guest, 20_000)) this.end.waitForTurn();
      const { errno, reply, retryAfter } = readAnswer(this.end.reader(), name);
      if (retryAfter === undefined) return reply ?? errnoName(errno);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryAfter);
    }
  }

  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): ReplyOf<Name> {
    const answer = this.ask(name, request);
    return typeof answer === "string" ? fail(`${name}: ${answer}`) : answer;
  }

  open(path: string, flags: number): ReplyOf<"open"> {
    return this.perform("open", { directory: 0, path, flags });
  }
}

const { read, write, create, follow } = OPEN_FLAGS;

for (const spin of [true, false]) {
  Deno.test(`the files broker serves many guests from its thread, ${spin ? "spinning" : "parking"}`, async () => {
    using place = new Place().file("f", "content");
    const broker = new Broker(place.path, { spin });
    assertEquals((await broker.report("ready")).kind, "ready");
    const guests = [0, 31, 32, 63, 200].map((slot) => broker.attach(slot, place.path));
    for (const [index, guest] of guests.entries()) {
      const { descriptor } = guest.open(`new ${index}`, read | write | create);
      guest.perform("write", { descriptor, offset: 0, bytes: new TextEncoder().encode(`by ${index}`) });
      const { bytes } = guest.perform("read", { descriptor, offset: 0, length: 100 });
      assertEquals(new TextDecoder().decode(bytes.slice()), `by ${index}`);
    }
    await broker.close();
    assertEquals(broker.reports.map(({ kind }) => kind), ["ready", "closed"]);
  });
}

Deno.test("the files broker has no more power than Deno gave it, whatever a mount says, and asks nobody", async () => {
  using place = new Place().file("f", "content");
  const broker = new Broker(place.path, { write: false });
  const guest = broker.attach(0, place.path), beyond = broker.attach(1, place.root);
  guest.open("f", read);
  const open = (path: string, flags: number) => ({ directory: 0, path, flags });
  assertEquals(guest.ask("open", open("f", write)), "notcapable");
  assertEquals(guest.ask("unlink", { directory: 0, path: "f" }), "notcapable");
  assertEquals(beyond.ask("open", open("out", read)), "notcapable");
  await broker.close();
});

Deno.test("the files broker reads what was posted before an operation, also while another guest keeps it busy", async () => {
  using place = new Place().file("f", "content");
  const broker = new Broker(place.path), guest = broker.attach(0, place.path);
  const { descriptor } = guest.open("f", read | write);
  for (let round = 0; round < 200; round++) {
    const slot = 1 + round % 5, fresh = broker.attach(slot, place.path);
    assertEquals(typeof fresh.open("f", read), "object");
    if (round % 5 === 4) {
      broker.post({ kind: "narrow", slot, mounts: [mountOf(place.path, { ...READ_ONLY })] });
      assertEquals(fresh.ask("unlink", { directory: 0, path: "f" }), "rofs", `round ${round}`);
    }
    guest.perform("read", { descriptor, offset: 0, length: 10 });
  }
  await broker.report("audit");
  await broker.close();
});

Deno.test("the files broker tells of refusals while it waits for more", async () => {
  using place = new Place().file("f");
  const broker = new Broker(place.path), guest = broker.attach(0, place.path, READ_ONLY);
  assertEquals(guest.ask("unlink", { directory: 0, path: "f" }), "rofs");
  const report = await broker.report("audit");
  assert(report.kind === "audit");
  assertEquals(report.events.map(({ action, target, sandbox }) => [action, target, sandbox]), [
    ["delete", "/data/f", "sandbox 0"],
  ]);
  await broker.close();
});

Deno.test("the files broker is not stopped by bells, bits and turns that mean nothing", async () => {
  using place = new Place().file("f");
  const broker = new Broker(place.path), guest = broker.attach(0, place.path);
  for (let i = 0; i < 1000; i++) {
    for (let word = BROKER_WORDS.ready; word < 10; word++) Atomics.store(broker.words, word, -1);
    Atomics.add(broker.words, BROKER_WORDS.bell, 1);
    Atomics.notify(broker.words, BROKER_WORDS.bell);
    if (i % 100 === 0) guest.open("f", read);
  }
  guest.end.writer().u32(0xdeadbeef);
  guest.give();
  guest.end.waitForTurn();
  assertEquals(errnoName(guest.end.reader().u32()), "nosys");
  await broker.close();
});

Deno.test("two brokers that share the lock never let one guest's swap into another's check", async () => {
  // Both guests are driven from this thread, one operation of each under way at a time.
  using place = new Place().directory("d").directory("e").link("e/f", "../../out").file("d/f", "inside");
  const lock = new SharedArrayBuffer(4);
  const reader = new Broker(place.path, { lock }), swapper = new Broker(place.path, { lock });
  await Promise.all([reader.report("ready"), swapper.report("ready")]);
  const eye = reader.attach(0, place.path), hand = swapper.attach(0, place.path);
  const seen = new Set<string>();
  for (const end = performance.now() + 1000; performance.now() < end;) {
    for (const [from, to] of [["d", "x"], ["e", "d"], ["d", "e"], ["x", "d"]] as const) {
      writeRequest(hand.end.writer(), "rename", { directory: 0, path: from, toDirectory: 0, toPath: to });
      hand.give();
      const opened = eye.ask("open", { directory: 0, path: "d/f", flags: read | follow });
      hand.end.waitForTurn();
      if (typeof opened === "string") {
        seen.add(opened);
        continue;
      }
      const { bytes } = eye.perform("read", { descriptor: opened.descriptor, offset: 0, length: 100 });
      seen.add(new TextDecoder().decode(bytes.slice()));
      eye.perform("close", { descriptor: opened.descriptor });
    }
  }
  assertEquals([...seen].sort(), ["inside", "noent", "perm"], "what was there, and never a half of each");
  await Promise.all([reader.close(), swapper.close()]);
});

Deno.test("the files broker answers an operation in microseconds, on an idle machine", async () => {
  using place = new Place().file("f", "content");
  const broker = new Broker(place.path), guest = broker.attach(0, place.path);
  const { descriptor } = guest.open("f", read);
  const times: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const before = performance.now();
    guest.perform("read", { descriptor, offset: 0, length: 100 });
    times.push(performance.now() - before);
  }
  times.sort((one, other) => one - other);
  const median = times[times.length >> 1] ?? 0;
  console.log(`median ${(median * 1000).toFixed(1)} µs`);
  assert(median < 1, "far below a millisecond on any machine");
  await broker.close();
});
