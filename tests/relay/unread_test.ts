/** A real child that reads nothing of what it is sent, while it goes on to ask: the host's memory must not fill. */
import { type ChildEnd, ChildProcess } from "../../src/relay/child_process.ts";
import { guestPacketLimits, GuestRelay } from "../../src/relay/guest_relay.ts";
import { encodeTurnedHead } from "../../src/relay/packet_contents.ts";
import { packet, PACKETS } from "../../src/relay/wire.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES, TURNS } from "../../src/protocol/layout.ts";
import { METER_COUNT } from "../../src/protocol/relay_end.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const MEBIBYTE = 2 ** 20, FRAME_SIZE = 4 * MEBIBYTE;

/** Mebibytes of answers after which a test gives up: the relay takes no offence. */
const MOST = 32;

/** A packet that claims that the guest calls a host function, as a list of numbers. */
function hostCall(): string {
  const readings = { state: 1, meters: Array.from({ length: METER_COUNT }, () => 0n) };
  const frame = { kind: FRAMES.hostCall, bytes: new Uint8Array() };
  return packet(PACKETS.turned, encodeTurnedHead({ slot: 0, turn: TURNS.host, readings, frame })).join();
}

/** Reads what it was sent first, which is its own beginning, and nothing after it. */
const READ_ONCE = "Deno.stdin.readSync(new Uint8Array(65536));";

/** Runs a guest's child with this program, and answers each of its host calls with a mebibyte. */
async function serve(program: string): Promise<{ readonly served: number; readonly lost: string }> {
  const buffer = createSharedBuffer(FRAME_SIZE),
    host = new HostEnd(buffer),
    answer = new Uint8Array(MEBIBYTE);
  const ended = Promise.withResolvers<ChildEnd>();
  let lost = "";
  const limits = guestPacketLimits(FRAME_SIZE);
  const child = new ChildProcess({ execPath: Deno.execPath(), program, limits }, {
    packet: (kind, content) => relay.packet(kind, content),
    end: (end) => {
      relay.childEnded(end);
      ended.resolve(end);
    },
  });
  host.giveSilently();
  const onLost = (why: string) => {
    lost = why;
    host.end();
  };
  const relay: GuestRelay = new GuestRelay(child, {
    buffer,
    links: {},
    start: { kind: "start" },
    heapSize: 1,
    onLost,
  });
  const awake = setInterval(() => {}, 1000); // waiting for a turn alone keeps no process alive
  let served = 0;
  while (served < MOST && await host.nextTurn()) {
    host.writer().alignedBytes(answer);
    host.give(FRAMES.hostReturn);
    served++;
  }
  clearInterval(awake);
  relay.close();
  await ended.promise;
  return { served, lost };
}

Deno.test("GuestRelay kills a child that asks again before it has read the answer", async () => {
  const { served, lost } = await serve(`const call = new Uint8Array([${hostCall()}]); ${READ_ONCE}
    for (;;) {
      Deno.stdout.writeSync(call);
      Deno.stdin.readSync(new Uint8Array(1)); // an answer has begun, and it is the guest's turn again
    }`);
  assertMatch(lost, /^it sent what it may not: .* unread$/);
  assert(served < 4, `${served} MiB were written for a child that read none of them`);
});

Deno.test("GuestRelay takes the answer of a child that has only just read the last byte", async () => {
  const { served, lost } = await serve(`const call = new Uint8Array([${hostCall()}]); ${READ_ONCE}
    const fill = (to) => { for (let at = 0; at < to.length;) at += Deno.stdin.readSync(to.subarray(at)); return to; };
    for (;;) {
      Deno.stdout.writeSync(call);
      let kind;
      do {
        const head = new Uint32Array(fill(new Uint8Array(8)).buffer);
        kind = head[0];
        fill(new Uint8Array(head[1]));
      } while (kind !== ${PACKETS.frame});
    }`);
  assertEquals([served, lost], [MOST, ""]);
});

Deno.test("ChildProcess kills a child that leaves more unread than it may of what it is told", async () => {
  const ended = Promise.withResolvers<ChildEnd>(), program = "setInterval(() => {}, 1000);";
  const options = { execPath: Deno.execPath(), program, limits: {}, backlog: 300_000 };
  const child = new ChildProcess(options, { packet: () => {}, end: ended.resolve });
  for (let count = 0; count < 10; count++) child.tell(packet(PACKETS.control, new Uint8Array(100_000)));
  const late = setTimeout(() => child.kill("late"), 5000);
  assertMatch((await ended.promise).why, /^it left 200016 bytes unread/);
  clearTimeout(late);
});

Deno.test("ChildProcess tells a child that reads as much as there is to tell", async () => {
  const ended = Promise.withResolvers<ChildEnd>();
  const program = "for (let left = 1_000_080; left > 0;) left -= Deno.stdin.readSync(new Uint8Array(65536));";
  const options = { execPath: Deno.execPath(), program, limits: {}, backlog: 300_000 };
  const child = new ChildProcess(options, { packet: () => {}, end: ended.resolve });
  for (let count = 0; count < 10; count++) {
    child.tell(packet(PACKETS.control, new Uint8Array(100_000)));
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  assertEquals((await ended.promise).why, "its process ended with status 0");
});
