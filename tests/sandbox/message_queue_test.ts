import { MessageQueue, type Taken } from "../../src/sandbox/message_queue.ts";
import { assert, assertEquals } from "../assert.ts";
import { settled } from "./pool_rig.ts";

function message(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function text(taken: Taken | undefined): string {
  if (taken === undefined || typeof taken === "string") return taken ?? "nothing yet";
  return "message" in taken ? new TextDecoder().decode(taken.message) : `too long: ${taken.tooLong}`;
}

/** What came of a wait so far. */
async function soFar<Result>(result: Promise<Result>): Promise<Result | undefined> {
  let found: Result | undefined;
  void result.then((value) => found = value);
  await settled();
  return found;
}

Deno.test("a message queue holds no more messages and no more bytes than its bounds", () => {
  const few = new MessageQueue({ messages: 2, bytes: 100 });
  assertEquals([few.tryPut(message("")), few.tryPut(message("")), few.tryPut(message(""))], [
    "put",
    "put",
    "full",
  ]);
  assertEquals(few.size, { messages: 2, bytes: 0 });
  const small = new MessageQueue({ messages: 100, bytes: 5 });
  assertEquals([small.tryPut(message("abc")), small.tryPut(message("abc")), small.tryPut(message("ab"))], [
    "put",
    "full",
    "put",
  ]);
  assertEquals(small.size, { messages: 2, bytes: 5 });
  assertEquals([text(small.tryTake(9)), text(small.tryTake(9)), text(small.tryTake(9))], [
    "abc",
    "ab",
    "empty",
  ]);
  assertEquals(small.size, { messages: 0, bytes: 0 });
});

Deno.test("a message queue keeps the order, also of those who wait, and nobody passes them", async () => {
  const queue = new MessageQueue({ messages: 1, bytes: 4 });
  const puts = ["a", "bbbb", "c"].map((name) => queue.put(message(name)));
  const wide = new MessageQueue({ messages: 9, bytes: 4 });
  wide.tryPut(message("aaa"));
  wide.put(message("bb"));
  assertEquals(wide.tryPut(message("c")), "full", "another waits, who needs more room");
  const read: string[] = [];
  for (let turn = 0; turn < 3; turn++) read.push(text(queue.tryTake(9)));
  assertEquals(read, ["a", "bbbb", "c"]);
  assertEquals(await Promise.all(puts.map(({ result }) => result)), ["put", "put", "put"]);
  const takes = [queue.take(9), queue.take(9)];
  assertEquals([queue.tryPut(message("d")), queue.tryPut(message("e"))], ["put", "put"]);
  assertEquals((await Promise.all(takes.map(({ result }) => result))).map(text), ["d", "e"]);
});

Deno.test("a message that is too long for its taker stays", async () => {
  const queue = new MessageQueue({ messages: 4, bytes: 100 });
  const waiting = queue.take(2);
  queue.tryPut(message("long"));
  assertEquals(text(await waiting.result), "too long: 4");
  assertEquals([text(queue.tryTake(3)), text(queue.tryTake(4))], ["too long: 4", "long"]);
});

Deno.test("who leaves a message queue has put and taken nothing, in whatever moment", async () => {
  const queue = new MessageQueue({ messages: 1, bytes: 100 });
  queue.tryPut(message("a"));
  const gone = queue.put(message("gone")), behind = queue.put(message("b"));
  gone.leave();
  assertEquals([text(queue.tryTake(9)), text(queue.tryTake(9)), text(queue.tryTake(9))], ["a", "b", "empty"]);
  assertEquals([await soFar(gone.result), await soFar(behind.result)], [undefined, "put"]);

  const before = queue.take(9);
  before.leave();
  queue.tryPut(message("c"));
  assertEquals(await soFar(before.result), undefined);
  assertEquals(text(queue.tryTake(9)), "c");

  const late = queue.take(9);
  queue.tryPut(message("d"));
  assertEquals(queue.size.messages, 0);
  queue.tryPut(message("e"));
  late.leave();
  assertEquals(queue.size, { messages: 2, bytes: 2 }, "it was taken, and nobody had it");
  late.leave();
  assertEquals([text(queue.tryTake(9)), text(queue.tryTake(9)), text(queue.tryTake(9))], ["d", "e", "empty"]);
});

Deno.test("a putter that leaves makes way for those behind it", async () => {
  const queue = new MessageQueue({ messages: 9, bytes: 4 });
  queue.tryPut(message("aa"));
  const large = queue.put(message("bbb")), small = queue.put(message("c"));
  assertEquals(await soFar(small.result), undefined);
  large.leave();
  assertEquals(await soFar(small.result), "put");
});

Deno.test("the end of a source comes behind what was put and what waits to be", async () => {
  const queue = new MessageQueue({ messages: 1, bytes: 100 });
  queue.tryPut(message("a"));
  const waiting = queue.put(message("b"));
  queue.endSource();
  assertEquals(queue.tryPut(message("c")), "ended");
  assertEquals([text(queue.tryTake(9)), text(queue.tryTake(9)), text(queue.tryTake(9))], ["a", "b", "ended"]);
  assertEquals([await waiting.result, await queue.take(9).result], ["put", "ended"]);
  queue.beginSource();
  assertEquals([queue.tryPut(message("d")), text(queue.tryTake(9))], ["put", "d"]);
});

Deno.test("the end of a sink refuses those who put; what is there can be taken", async () => {
  const queue = new MessageQueue({ messages: 1, bytes: 100 });
  queue.tryPut(message("a"));
  const waiting = queue.put(message("b"));
  queue.endSink();
  assertEquals([await waiting.result, queue.tryPut(message("c"))], ["ended", "ended"]);
  assertEquals([text(queue.tryTake(9)), text(queue.tryTake(9))], ["a", "ended"]);
  const empty = new MessageQueue({ messages: 1, bytes: 100 }), taking = empty.take(9);
  empty.endSink();
  assertEquals(await taking.result, "ended");
});

Deno.test("a message queue that is cleared takes those who wait", async () => {
  const queue = new MessageQueue({ messages: 1, bytes: 100 });
  queue.tryPut(message("a"));
  const waiting = queue.put(message("b"));
  queue.clear();
  assertEquals([await waiting.result, text(queue.tryTake(9))], ["put", "b"]);
  const refused = (queue.tryPut(message("c")), queue.put(message("d")));
  queue.refusePutters();
  queue.clear();
  assertEquals([await refused.result, text(queue.tryTake(9))], ["ended", "empty"]);
});

Deno.test("a message queue moves many messages without keeping what was taken", () => {
  const queue = new MessageQueue({ messages: 3, bytes: 1000 });
  let put = 0, taken = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    while (queue.tryPut(message(String(put))) === "put") put++;
    for (let left = 1 + turn % 3; left > 0; left--) assertEquals(text(queue.tryTake(9)), String(taken++));
  }
  assert(put > 30_000);
  assertEquals(queue.size.messages, put - taken);
});
