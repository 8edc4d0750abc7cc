import { AuditLog } from "../../src/broker/audit_log.ts";
import { SYSTEM_CLOCK } from "../../src/broker/clock.ts";
import { FilesLoop } from "../../src/broker/files_loop.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { assert, assertEquals } from "../assert.ts";

const { bell, ready } = BROKER_WORDS;

/** A loop over sandboxes that ask for so many operations each; after the last of all there is mail. */
function loopOver(work: Record<number, number>, after: (slot: number, mail: Int32Array) => void = () => {}) {
  const words = new Int32Array(new SharedArrayBuffer(4 * 10)),
    mail = new Int32Array(new SharedArrayBuffer(4));
  const served: number[] = [], events: number[] = [];
  const left = new Map(Object.entries(work).map(([slot, count]) => [Number(slot), count]));
  const set = (slot: number) => Atomics.or(words, ready + (slot >>> 5), 1 << (slot & 31));
  for (const slot of left.keys()) set(slot);
  const serve = (slot: number) => {
    const count = left.get(slot) ?? 0;
    if (count === 0) return false;
    served.push(slot);
    left.set(slot, count - 1);
    if (count > 1) set(slot);
    after(slot, mail);
    if ([...left.values()].every((count) => count === 0)) Atomics.add(mail, 0, 1);
    return true;
  };
  const audit = new AuditLog(SYSTEM_CLOCK, ({ length }) => events.push(length));
  const loop = new FilesLoop({ serve, serveAll: () => [...left.keys()].forEach(serve), audit }, {
    words: words.buffer,
    mail: mail.buffer,
    clock: SYSTEM_CLOCK,
    spin: false,
  });
  return { loop, words, mail, served, audit, events };
}

Deno.test("FilesLoop.run() gives every sandbox one operation, and then the next", () => {
  const { loop, served } = loopOver({ 0: 3, 31: 3, 32: 3, 255: 2 });
  loop.run(0);
  assertEquals(served, [0, 31, 32, 255, 0, 31, 32, 255, 0, 31, 32]);
});

Deno.test("FilesLoop.run() serves nobody whose operation may be newer than a message", () => {
  const { loop, words, served } = loopOver({ 0: 2, 1: 2, 40: 1 }, (_, mail) => Atomics.add(mail, 0, 1));
  loop.run(0);
  assertEquals(served, [0]);
  loop.run(1);
  assertEquals(served.length, 2);
  loop.run(2);
  loop.run(3);
  loop.run(4);
  assertEquals(served.toSorted(), [0, 0, 1, 1, 40], "none is forgotten");
  assertEquals([...words.subarray(ready)].every((bits) => bits === 0), true);
});

Deno.test("FilesLoop.run() counts messages past the end of 32 bits", () => {
  const { loop, mail, served } = loopOver({ 5: 1 });
  mail[0] = 2 ** 31 - 1;
  loop.run(2 ** 31 - 1);
  assertEquals(served, [5]);
});

Deno.test("FilesLoop.run() wakes up to tell of what waits", async () => {
  const { loop, words, mail, audit, events } = loopOver({});
  const decision = { action: "read", target: "/f", flag: "" };
  audit.allowed("one", decision);
  audit.flush();
  audit.allowed("one", decision);
  const worker = new Worker(
    `data:text/javascript,onmessage = ({ data }) => setTimeout(() => {
      const [words, mail] = data;
      Atomics.add(mail, 0, 1); Atomics.add(words, ${bell}, 1); Atomics.notify(words, ${bell});
      close();
    }, 200)`,
    { type: "module" },
  );
  worker.postMessage([words, mail]);
  await new Promise((resolve) => setTimeout(resolve));
  const began = performance.now();
  loop.run(0);
  assertEquals(events, [1, 1]);
  assert(performance.now() - began < 5000);
});

Deno.test("FilesLoop.run() finds by itself who asks without ringing, or whose bit somebody else has cleared", () => {
  const { loop, words, served } = loopOver({ 3: 1 });
  words.fill(0);
  loop.run(0);
  assertEquals(served, [3]);
});
