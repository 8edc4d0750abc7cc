/** A relay that stands in for a broker: what it sends when, and the lock that it holds meanwhile. */
import { BrokerRelay } from "../../src/relay/broker_relay.ts";
import { decodeFrame, encodeTurnedHead } from "../../src/relay/packet_contents.ts";
import { type PacketKind, PacketParser, PACKETS, WireError } from "../../src/relay/wire.ts";
import type { BrokerReport } from "../../src/broker/messages.ts";
import { PathLock } from "../../src/broker/path_lock.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { decodeData, encodeData } from "../../src/protocol/data.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { readAnswer, writeRequest } from "../../src/protocol/operation_frames.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

/** Milliseconds in which something would happen that must not. */
const PAUSE = 20;

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A broker for files with two sandboxes, whose child only takes note. */
class Rig implements Disposable {
  readonly sent: { readonly kind: PacketKind; readonly content: Uint8Array<ArrayBuffer> }[] = [];
  readonly reports: BrokerReport[] = [];
  readonly lost: string[] = [];
  readonly killed: (string | undefined)[] = [];
  /** Whether what the child is sent is in its pipe at once. */
  written = true;
  /** Whether nothing can be sent. */
  broken = false;
  readonly lock = new SharedArrayBuffer(4);
  readonly relay: BrokerRelay;
  readonly #words = new SharedArrayBuffer(8);
  readonly #mail = new SharedArrayBuffer(4);
  readonly guests: readonly GuestEnd[];
  readonly #awake = setInterval(() => {}, 1000); // waiting for a bell alone keeps no process alive

  constructor() {
    const limits = { [PACKETS.post]: 1 << 20, [PACKETS.frame]: 1 << 20 };
    const parser = new PacketParser(limits, (kind, content) => this.sent.push({ kind, content }));
    const send = (bytes: Uint8Array) => {
      if (this.broken) throw new Error("broken");
      assert(bytes[0] !== PACKETS.post, "what asks for no answer is told, and counted");
      parser.push(bytes);
      return { written: this.written };
    };
    const kill = (why?: string) => void this.killed.push(why);
    this.relay = new BrokerRelay({ send, tell: (bytes) => parser.push(bytes), kill }, {
      performer: "files",
      onReport: (report) => this.reports.push(report),
      onLost: (why) => this.lost.push(why),
    });
    const [words, mail, lock] = [this.#words, this.#mail, this.lock];
    this.mail();
    this.relay.post({ kind: "start", words, mail, lock, changes: new SharedArrayBuffer(12) });
    this.guests = [0, 1].map((slot) => {
      const channel = createSharedBuffer(8192);
      this.mail();
      this.relay.post({ kind: "attach", slot, channel });
      return new GuestEnd(channel);
    });
  }

  /** Counts a message that the relay will get. */
  mail(): void {
    Atomics.add(new Int32Array(this.#mail), 0, 1);
  }

  ring(): void {
    Atomics.add(new Int32Array(this.#words), BROKER_WORDS.bell, 1);
    Atomics.notify(new Int32Array(this.#words), BROKER_WORDS.bell);
  }

  guest(slot: number): GuestEnd {
    const guest = this.guests[slot];
    assert(guest !== undefined);
    return guest;
  }

  /** A guest asks for an operation, on a path or not. */
  ask(slot: number, onPath: boolean): void {
    const guest = this.guest(slot), writer = guest.writer();
    if (onPath) writeRequest(writer, "unlink", { directory: 0, path: "x" });
    else writeRequest(writer, "stat", { descriptor: 4 });
    const words = new Int32Array(this.#words);
    guest.giveBroker("files", {
      words,
      bell: BROKER_WORDS.bell,
      readyWord: BROKER_WORDS.ready,
      readyBit: 1 << slot,
    });
  }

  answer(slot: number, turn: number = TURNS.guest): void {
    const frame = { kind: FRAMES.answer, bytes: Uint8Array.of(0, 0, 0, 0) },
      readings = { state: 0, meters: [] };
    const head = encodeTurnedHead({ slot, turn, readings, frame });
    this.relay.packet(PACKETS.turned, Uint8Array.from([...head, ...frame.bytes]));
  }

  /** Slots whose operations have been sent, in order; waits until there are so many. */
  async asked(count: number): Promise<number[]> {
    const slots = () =>
      this.sent.filter(({ kind }) => kind === PACKETS.frame).map(({ content }) => decodeFrame(content).slot);
    for (let looks = 0; slots().length < count && looks < 1000; looks++) await wait(1);
    return slots();
  }

  get isLocked(): boolean {
    return new Int32Array(this.lock)[0] !== 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#awake);
    this.relay.close();
  }
}

Deno.test("BrokerRelay sends messages with sizes in place of what threads share", () => {
  using rig = new Rig();
  const posts = rig.sent.map(({ content }) => decodeData(content));
  assertEquals(posts[0], { kind: "start", performer: "files", words: 8, changes: 12 });
  assertEquals(posts[1], { kind: "attach", slot: 0, channel: 8192 });
});

Deno.test("BrokerRelay carries operations to the child and answers back", async () => {
  using rig = new Rig();
  rig.ask(1, false);
  assertEquals(await rig.asked(1), [1]);
  assert(!rig.isLocked, "no path, no lock");
  rig.answer(1);
  await rig.guest(1).nextTurn();
  assertEquals([rig.guest(1).frameKind, readAnswer(rig.guest(1).reader(), "unlink").errno], [
    FRAMES.answer,
    0,
  ]);
});

Deno.test("BrokerRelay sends nothing that was asked for after a message, before that message", async () => {
  using rig = new Rig();
  rig.mail(); // the host has counted a message that is still on its way
  rig.ask(0, false);
  await wait(PAUSE);
  assertEquals(await rig.asked(0), []);
  rig.relay.post({ kind: "narrow" });
  assertEquals(await rig.asked(1), [0]);
  assertEquals(rig.sent.slice(-2).map(({ kind }) => kind), [PACKETS.post, PACKETS.frame]);
});

Deno.test("BrokerRelay holds the lock of this process for one operation on paths at a time", async () => {
  using rig = new Rig();
  const free = await new PathLock(rig.lock).acquire();
  rig.ask(0, true);
  await wait(PAUSE);
  assertEquals(await rig.asked(0), [], "another broker holds it");
  free?.();
  assertEquals(await rig.asked(1), [0]);
  assert(rig.isLocked);
  rig.ask(1, true);
  await wait(PAUSE);
  assertEquals(await rig.asked(0), [0], "one at a time");
  rig.answer(0);
  assertEquals(await rig.asked(2), [0, 1]);
  assert(rig.isLocked);
  rig.answer(1);
  await wait(PAUSE);
  assert(!rig.isLocked);
});

Deno.test("BrokerRelay gives the lock back when its child is gone, and when a sandbox is detached", async () => {
  using rig = new Rig();
  rig.ask(0, true);
  await rig.asked(1);
  rig.relay.packet(PACKETS.report, encodeData({ kind: "detached", slot: 0 }));
  await wait(PAUSE);
  assertEquals([rig.isLocked, rig.reports], [false, [{ kind: "detached", slot: 0 }]]);
  rig.ask(1, true);
  await rig.asked(2);
  assert(rig.isLocked);
  rig.relay.childEnded({ why: "gone", heapFull: false });
  await wait(PAUSE);
  assertEquals([rig.isLocked, rig.lost], [false, ["gone"]]);
});

Deno.test("BrokerRelay does not keep a lock that it got when its child was gone", async () => {
  using rig = new Rig();
  const free = await new PathLock(rig.lock).acquire();
  rig.ask(0, true);
  await wait(PAUSE);
  rig.relay.childEnded({ why: "gone", heapFull: false });
  free?.();
  await wait(PAUSE);
  assert(!rig.isLocked);
});

Deno.test("BrokerRelay takes no answer that nobody waits for, or that is for somebody else", async () => {
  using rig = new Rig();
  assertThrows(() => rig.answer(0), WireError);
  assertThrows(() => rig.answer(7), WireError);
  rig.ask(0, false);
  await rig.asked(1);
  assertThrows(() => rig.answer(0, TURNS.host), WireError);
  rig.answer(0);
  assertThrows(() => rig.answer(0), WireError);
});

Deno.test("BrokerRelay asks once, however often a guest rings", async () => {
  using rig = new Rig();
  rig.ask(0, false);
  await rig.asked(1);
  rig.ask(0, false);
  rig.ring();
  await wait(PAUSE);
  assertEquals(await rig.asked(1), [0]);
});

Deno.test("BrokerRelay takes no answer to an operation that is still to be sent, or to be written", async () => {
  using rig = new Rig();
  const free = await new PathLock(rig.lock).acquire();
  rig.ask(0, true);
  await wait(PAUSE);
  assertThrows(() => rig.answer(0), WireError, "unread");
  free?.();
  rig.written = false;
  rig.ask(1, false);
  await rig.asked(2);
  assertThrows(() => rig.answer(1), WireError, "unread");
});

Deno.test("BrokerRelay ends its child when a frame cannot be taken, and says why", async () => {
  using rig = new Rig();
  rig.ask(0, false);
  const words = new Int32Array(rig.guest(0).buffer, 0, 64);
  words[WORDS.frameLength] = -1; // before the relay looks, in its event loop
  await wait(PAUSE);
  assertEquals(rig.killed, ["its relay failed: Cannot read a frame of -1 bytes"]);
});

Deno.test("BrokerRelay ends its child when an operation on paths cannot be sent, and gives the lock back", async () => {
  using rig = new Rig();
  rig.broken = true;
  rig.ask(0, true);
  await wait(PAUSE);
  assertEquals([rig.killed, rig.isLocked], [['its relay failed: "broken"'], false]);
});

Deno.test("BrokerRelay takes no report that a broker of ours would not make", () => {
  const event = {
    time: 1,
    sandbox: "s",
    capability: "filesystem",
    action: "read",
    target: "/f",
    allowed: true,
  };
  const wrong: readonly unknown[] = [
    ...[undefined, null, 5, "ready", [], {}, { kind: "other" }, { kind: "told" }, {
      kind: "detached",
      slot: "0",
    }],
    ...[{ kind: "audit" }, { kind: "audit", events: {} }, { kind: "audit", events: [null] }],
    ...[{ ...event, target: 5 }, { ...event, count: "2" }, { ...event, allowed: undefined }]
      .map((altered) => ({ kind: "audit", events: [altered] })),
  ];
  for (const report of wrong) {
    using rig = new Rig();
    assertThrows(
      () => rig.relay.packet(PACKETS.report, encodeData(report)),
      WireError,
      undefined,
      String(report),
    );
    assertEquals(rig.reports, []);
  }
  using rig = new Rig();
  rig.relay.packet(PACKETS.report, encodeData({ kind: "audit", events: [{ ...event, count: 2, more: 1 }] }));
  assertEquals(rig.reports, [{ kind: "audit", events: [{ ...event, count: 2 }] }]);
});
