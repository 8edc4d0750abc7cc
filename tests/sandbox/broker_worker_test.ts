/** What the host does when a broker fails: nobody waits for it, and nobody is let in any more. */
import { BrokerWorker } from "../../src/sandbox/broker_worker.ts";
import { portOf, startWorker } from "../../src/sandbox/worker.ts";
import { AegisError } from "../../src/core/errors.ts";
import { GuestEnd, HostEnd } from "../../src/protocol/channel.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { readAnswer } from "../../src/protocol/operation_frames.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

interface Message {
  readonly kind: string;
}

function start(source: string): BrokerWorker<Message> {
  return new BrokerWorker<Message>({
    start: () => portOf(startWorker({ name: "broken", source }, {})),
    slots: 40,
    performer: "files",
    audit: () => {},
  });
}

const SERVES = `onmessage = ({ data }) => {
  if (data.kind === "fail") throw new Error("broken");
  postMessage({ kind: data.kind === "detach" ? "detached" : data.kind === "close" ? "closed" : "ready", slot: data.slot });
};`;

Deno.test("a broker that fails answers whoever waits for it, and lets nobody in any more", async () => {
  const broker = start(SERVES), lost: string[] = [];
  broker.post({ kind: "start" });
  await broker.started;
  const buffer = createSharedBuffer(4096), host = new HostEnd(buffer), guest = new GuestEnd(buffer);
  const slot = broker.take({ channel: host, lose: (why) => lost.push(why) });
  guest.writer().u32(0);
  guest.giveBroker("files", broker.link(slot));
  broker.post({ kind: "fail" });
  const awake = setInterval(() => {}, 1000); // waiting for a turn alone keeps no process alive
  await guest.nextTurn();
  clearInterval(awake);
  assertEquals(readAnswer(guest.reader(), "close"), { errno: ERRNO.io });
  assertEquals(lost, ["the files broker failed"]);
  assertEquals(
    assertThrows(() => broker.take({ channel: host, lose: () => {} }), AegisError).code,
    "GuestFault",
  );
  await broker.release(slot, { kind: "detach" });
  await broker.close({ kind: "close" });
});

Deno.test("a broker has told when it says so, or will never tell any more, and not when it takes too long", async () => {
  const client = { channel: new HostEnd(createSharedBuffer(4096)), lose: () => {} };
  const tell = (slot: number) => ({ kind: "tell", slot }) as Message;
  const broker = start(`let held;
    onmessage = ({ data }) => {
      if (data.kind === "hold") held = [];
      else if (data.kind === "fail") throw new Error("broken");
      else if (data.kind !== "tell") postMessage({ kind: data.kind === "close" ? "closed" : "ready" });
      else if (held === undefined) postMessage({ kind: "told", slot: data.slot });
    };`);
  broker.post({ kind: "start" });
  await broker.started;
  const slots = [broker.take(client), broker.take(client)];
  assertEquals(await Promise.all([...slots, ...slots].map((slot) => broker.told(slot, tell(slot)))), [
    true,
    true,
    true,
    true,
  ]);
  broker.post({ kind: "hold" });
  assertEquals(await broker.told(0, tell(0)), false, "nothing came for long");
  const waiting = broker.told(1, tell(1));
  broker.post({ kind: "fail" });
  assertEquals([await waiting, await broker.told(0, tell(0))], [true, true]);
  await broker.close({ kind: "close" });
});

Deno.test("a broker that cannot start is an error, not a wait without end", async () => {
  const broker = start("throw new Error('no')");
  const error = await assertRejects(() => broker.started, AegisError);
  assertEquals(error.code, "GuestFault");
  await broker.close({ kind: "close" });
});

Deno.test("slots are given anew once they were released, and each has a bit of its own", async () => {
  const broker = start(`onmessage = ({ data }) => {
    postMessage({ kind: data.kind === "detach" ? "detached" : data.kind === "close" ? "closed" : "ready", slot: data.slot });
  };`);
  const client = { channel: new HostEnd(createSharedBuffer(4096)), lose: () => {} };
  const slots = Array.from({ length: 40 }, () => broker.take(client));
  assertEquals(slots, slots.map((_, index) => index));
  const bits = new Set(slots.map((slot) => {
    const { readyWord, readyBit } = broker.link(slot);
    assert(readyWord < broker.words.byteLength / 4, `word ${readyWord}`);
    return `${readyWord} ${readyBit}`;
  }));
  assertEquals(bits.size, 40);
  await broker.release(7, { kind: "detach", slot: 7 } as Message);
  assertEquals(broker.take(client), 7);
  await broker.close({ kind: "close" });
});
