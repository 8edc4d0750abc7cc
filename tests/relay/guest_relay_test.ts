/** A relay between the channel of the host and a child that is not believed. */
import { GuestRelay } from "../../src/relay/guest_relay.ts";
import { decodeFrame, encodeReadings, encodeTurnedHead } from "../../src/relay/packet_contents.ts";
import { type PacketKind, PacketParser, PACKETS, WireError } from "../../src/relay/wire.ts";
import type { BrokerLinks } from "../../src/protocol/broker_link.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { decodeData } from "../../src/protocol/data.ts";
import { createSharedBuffer, FrameError } from "../../src/protocol/frame.ts";
import { CONTROLS, FRAMES, RESULTS, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { METER_COUNT } from "../../src/protocol/relay_end.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const FRAME_SIZE = 8192;

interface Sent {
  readonly kind: PacketKind;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** A relay with a child that only takes note. @param written whether what it is sent is in its pipe at once */
function rig(links: BrokerLinks = {}, written = true) {
  const buffer = createSharedBuffer(FRAME_SIZE), host = new HostEnd(buffer);
  const sent: Sent[] = [], lost: string[] = [], killed: (string | undefined)[] = [];
  const any = 1 << 20, limits = { [PACKETS.post]: any, [PACKETS.control]: any, [PACKETS.frame]: any };
  const parser = new PacketParser(limits, (kind, content) => sent.push({ kind, content }));
  const child = {
    send: (bytes: Uint8Array) => {
      assert(bytes[0] !== PACKETS.control, "what asks for no answer is told, and counted");
      parser.push(bytes);
      return { written };
    },
    tell: (bytes: Uint8Array) => parser.push(bytes),
    kill: (why?: string) => void killed.push(why),
  };
  host.giveSilently();
  const guest = {
    buffer,
    links,
    start: { kind: "start" },
    heapSize: 1000,
    onLost: (why: string) => lost.push(why),
  };
  const relay = new GuestRelay(child, guest);
  return { relay, host, sent, lost, killed, buffer };
}

function turned(turn: number, bytes: Uint8Array = new Uint8Array(), kind: number = FRAMES.result) {
  const readings = { state: 1, meters: Array.from({ length: METER_COUNT }, (_, index) => BigInt(index)) };
  const head = encodeTurnedHead({ slot: 0, turn, readings, frame: { kind, bytes } });
  return Uint8Array.from([...head, ...bytes]);
}

/** Waits until the relay has sent so many packets: it hears of the host in its event loop. */
async function settle(sent: readonly Sent[], count: number): Promise<void> {
  const until = performance.now() + 2000;
  while (sent.length < count && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("GuestRelay starts the guest, then passes turns and frames in both directions", async () => {
  const { relay, host, sent } = rig();
  assertEquals(sent.map(({ kind }) => kind), [PACKETS.post, PACKETS.control]);
  assertEquals(decodeData(sent[0]?.content ?? new Uint8Array()), { kind: "start", links: [] });
  relay.packet(PACKETS.turned, turned(TURNS.host, Uint8Array.of(5), FRAMES.result));
  assert(await host.nextTurn());
  assertEquals([host.frameKind, host.reader().u8(), host.meters().fuelUsed], [FRAMES.result, 5, 0n]);
  host.setFuelBudget(77n);
  host.writer().u8(9);
  host.give(FRAMES.call);
  await settle(sent, 3);
  const last = sent.at(-1);
  assertEquals(last?.kind, PACKETS.frame);
  const { control, frame } = decodeFrame(last?.content ?? new Uint8Array());
  assertEquals([control.fuelBudget, frame.kind, [...frame.bytes]], [77n, FRAMES.call, [9]]);
  relay.close();
});

Deno.test("GuestRelay tells the child of pauses, aborts and fuel while it has the turn", async () => {
  const { relay, host, sent } = rig();
  const controls = () => sent.filter(({ kind }) => kind === PACKETS.control).map(({ content }) => content[0]);
  const changes = [
    () => host.pause(),
    () => host.run(),
    () => host.setFuelBudget(5n),
    () => host.abort("timeout"),
  ];
  for (const [index, change] of changes.entries()) {
    change();
    await settle(sent, 3 + index);
  }
  assertEquals(controls(), [CONTROLS.run, CONTROLS.pause, CONTROLS.run, CONTROLS.run, CONTROLS.abort]);
  relay.close();
});

Deno.test("GuestRelay sends a turn without a frame before the message that it belongs to", () => {
  const { relay, host, sent } = rig();
  relay.packet(PACKETS.turned, turned(TURNS.host, new Uint8Array(), FRAMES.none));
  host.giveSilently();
  relay.post({ kind: "reset" });
  assertEquals(sent.slice(-2).map(({ kind }) => kind), [PACKETS.frame, PACKETS.post]);
  relay.close();
});

Deno.test("GuestRelay gives turns to the brokers of the guest, and rings for them", () => {
  const words = new Int32Array(new SharedArrayBuffer(16));
  const { relay, buffer } = rig({ net: { words, bell: 0, readyWord: 2, readyBit: 8 } });
  relay.packet(PACKETS.turned, turned(TURNS.net));
  assertEquals([...words], [1, 0, 8, 0]);
  assertEquals(new Int32Array(buffer, 0, 64)[WORDS.turn], TURNS.net);
  relay.close();
});

Deno.test("GuestRelay takes nothing that a child may not send", () => {
  const offences: Readonly<Record<string, (relay: GuestRelay) => void>> = {
    "the turn of a broker that the guest has not": (relay) =>
      relay.packet(PACKETS.turned, turned(TURNS.files)),
    "the guest's own turn": (relay) => relay.packet(PACKETS.turned, turned(TURNS.guest)),
    "a turn that there is not": (relay) => relay.packet(PACKETS.turned, turned(99)),
    "a frame out of turn": (relay) => {
      relay.packet(PACKETS.turned, turned(TURNS.host));
      relay.packet(PACKETS.turned, turned(TURNS.host));
    },
    "a packet that is cut": (relay) => relay.packet(PACKETS.turned, turned(TURNS.host).slice(0, 20)),
    "readings that are cut": (relay) => relay.packet(PACKETS.readings, new Uint8Array(3)),
    "readings without end": (relay) => {
      const content = encodeReadings({ slot: 0, readings: { state: 1, meters: [] } });
      for (let count = 0; count < 1001; count++) relay.packet(PACKETS.readings, content);
    },
    "a report": (relay) => relay.packet(PACKETS.report, new Uint8Array()),
  };
  for (const [what, offend] of Object.entries(offences)) {
    const { relay, host } = rig();
    assertThrows(() => offend(relay), WireError, undefined, what);
    assertEquals(host.meters().fuelUsed, 0n, what);
    relay.close();
  }
  const { relay } = rig();
  assertThrows(
    () => relay.packet(PACKETS.turned, turned(TURNS.host, new Uint8Array(FRAME_SIZE + 1))),
    FrameError,
  );
  relay.close();
});

Deno.test("GuestRelay takes no end of a turn whose beginning is still to be written", () => {
  const { relay, host } = rig({}, false);
  assertThrows(() => relay.packet(PACKETS.turned, turned(TURNS.host)), WireError, "unread");
  assertEquals(host.meters().hostCalls, 0);
  relay.close();
});

Deno.test("GuestRelay ends the request of a guest whose heap was full, and then the guest", async () => {
  const { relay, host, lost } = rig();
  relay.childEnded({ why: "its heap was full", heapFull: true });
  assert(await host.nextTurn());
  const reader = host.reader();
  assertEquals([host.frameKind, reader.u8(), reader.f64()], [FRAMES.result, RESULTS.heapFull, 1000]);
  assertEquals(lost, ["its heap was full"]);
});

Deno.test("GuestRelay says once why a guest is gone, and nothing when it was to end", () => {
  const one = rig();
  one.relay.childEnded({ why: "x", heapFull: false });
  one.relay.childEnded({ why: "y", heapFull: false });
  assertEquals(one.lost, ["x"]);
  const other = rig();
  other.relay.close();
  other.relay.childEnded({ why: "x", heapFull: false });
  assertEquals([other.lost, other.killed], [[], [undefined]]);
});

Deno.test("GuestRelay quotes what a child says of its failure", () => {
  const { relay, killed } = rig();
  relay.packet(PACKETS.failed, new TextEncoder().encode("\u001b[2Jall is well\n"));
  assertEquals(killed, ['its program failed: "\\u001b[2Jall is well"']);
  relay.packet(PACKETS.failed, new Uint8Array(4096));
  assert((killed[1] ?? "").length < 7000);
  relay.close();
});

Deno.test("GuestRelay ends its child when a frame cannot be taken, and says why", async () => {
  const { relay, host, killed } = rig();
  relay.packet(PACKETS.turned, turned(TURNS.host));
  host.give(FRAMES.call, -1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(killed, ["its relay failed: Cannot read a frame of -1 bytes"]);
  relay.close();
});
