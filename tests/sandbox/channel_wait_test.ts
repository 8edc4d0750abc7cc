/** Waits of the host in a channel, and how each of them is given up without losing a message. */
import { AegisError, type ChannelWaitOptions } from "../../mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { channels, decoder, given, opened, taken } from "./channel_rig.ts";
import { settled } from "./pool_rig.ts";

/** What a promise came to by now: its value, its error's code, or that it waits. */
async function soFar(promise: Promise<unknown>): Promise<unknown> {
  let found: unknown = "waiting";
  promise.then(
    (value) => found = value instanceof Uint8Array ? decoder.decode(value) : value,
    (error) => found = error instanceof AegisError ? error.code : error,
  );
  await settled();
  return found;
}

Deno.test("receive() with a signal that aborts takes nothing, also when the message has just come", async () => {
  const own = channels(), channel = own.create("a", {}), handle = opened(own, "a");
  const early = new AbortController(), first = channel.receive({ signal: early.signal });
  early.abort(new Error("enough"));
  given(own, handle, "one");
  const error = await assertRejects(() => first, AegisError);
  assertEquals([error.code, error.cause], ["Cancelled", early.signal.reason]);
  assertEquals(decoder.decode(channel.tryReceive()), "one");

  const late = new AbortController(), second = channel.receive({ signal: late.signal });
  given(own, handle, "two");
  given(own, handle, "three");
  late.abort(); // the message was taken for it, and nobody has seen it
  assertEquals(await soFar(second), "Cancelled");
  assertEquals([await soFar(channel.receive()), await soFar(channel.receive())], ["two", "three"]);

  const after = new AbortController(), third = channel.receive({ signal: after.signal });
  given(own, handle, "four");
  assertEquals(await soFar(third), "four");
  after.abort();
  await settled();
  assertEquals(channel.sizes.fromGuest.messages, 0, "it is not there a second time");
  given(own, handle, "five");
  assertEquals(await soFar(channel.receive({ signal: after.signal })), "Cancelled");
  assertEquals(channel.sizes.fromGuest.messages, 1);
});

Deno.test("receive() hears of the end though its signal aborts at the same moment", async () => {
  const own = channels(), channel = own.create("a", {}), controller = new AbortController();
  const waiting = channel.receive({ signal: controller.signal });
  own.endLife();
  controller.abort();
  assertEquals(await soFar(waiting), undefined);
});

Deno.test("send() with a signal that aborts has sent nothing, or everything", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  await channel.send("one", { signal: AbortSignal.timeout(60_000) });
  const controller = new AbortController(), { signal } = controller;
  const gone = channel.send("gone", { signal }), behind = channel.send("two");
  controller.abort();
  assertEquals([await soFar(gone), await soFar(behind)], ["Cancelled", "waiting"]);
  const late = new AbortController(), third = channel.send("three", { signal: late.signal });
  assertEquals([taken(own, handle), taken(own, handle)], ["one", "two"]);
  late.abort(); // it lies in the queue already
  assertEquals([await soFar(third), taken(own, handle)], [undefined, "three"]);
  assertEquals(await soFar(channel.send("x", { signal })), "Cancelled");
  assertEquals(channel.sizes.toGuest.messages, 0);
});

Deno.test("send() and receive() leave nothing at a signal that lives on", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listening++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listening--, remove(...args));
  await channel.send("one", { signal });
  const second = channel.send("two", { signal }), received = channel.receive({ signal });
  assertEquals(listening, 2);
  taken(own, handle);
  given(own, handle, "back");
  await Promise.all([second, received]);
  assertEquals(listening, 0);
});

Deno.test("send() and receive() refuse options that are none", async () => {
  const channel = channels().create("a", {});
  const wrong: readonly [unknown, string][] = [[{ signal: 5 }, "signal"], [{ timeout: 5 }, "timeout"]];
  for (const [options, field] of wrong) {
    const given = options as ChannelWaitOptions;
    for (const wait of [() => channel.receive(given), () => channel.send("x", given)]) {
      const error = await assertRejects(wait, AegisError);
      assertEquals([error.code, error.field], ["InvalidOption", field]);
    }
  }
  assertEquals(channel.sizes.toGuest.messages, 0);
});

Deno.test("a loop over a channel can be left while it waits, and the message that comes later stays", async () => {
  const own = channels(), channel = own.create("a", {}), handle = opened(own, "a");
  const loop = channel[Symbol.asyncIterator](), first = loop.next(), second = loop.next();
  await settled();
  assertEquals(await loop.return?.(), { done: true, value: undefined });
  given(own, handle, "later");
  const end = { done: true, value: undefined };
  assertEquals([await first, await second, await loop.next()], [end, end, end]);
  assertEquals(decoder.decode(channel.tryReceive()), "later");

  const reader = ReadableStream.from(channel).getReader(), reading = reader.read();
  await settled();
  await reader.cancel();
  assertEquals((await reading).done, true);
  given(own, handle, "open still");
  assertEquals(decoder.decode(await channel.receive()), "open still");
});

Deno.test("a loop over a channel ends once, though the guest begins anew", async () => {
  const own = channels(), channel = own.create("a", {}), loop = channel[Symbol.asyncIterator]();
  own.endLife();
  assertEquals((await loop.next()).done, true);
  own.restart();
  given(own, opened(own, "a"), "anew");
  assertEquals((await loop.next()).done, true);
  assertEquals(decoder.decode(channel.tryReceive()), "anew");
});

Deno.test("writable can be aborted while a chunk waits, which is not sent", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  const writer = channel.writable.getWriter();
  await writer.write("one");
  const second = writer.write("two"), third = writer.write("three");
  writer.closed.catch(() => {});
  await settled();
  const refused = Promise.allSettled([second, third]);
  await writer.abort(new Error("enough"));
  assertEquals((await refused).map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals([taken(own, handle), channel.sizes.toGuest.messages], ["one", 0]);
  assertEquals(await soFar(channel.send("x")), "Closed");
});

Deno.test("a pipe with a signal ends when its chunk finds room, and at once when the channel is closed", async () => {
  for (const way of ["room", "close"] as const) {
    const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
    const controller = new AbortController();
    let cancelled = false;
    const source = new ReadableStream<string>({
      pull: (to) => to.enqueue("x"),
      cancel: () => void (cancelled = true),
    });
    const piping = source.pipeTo(channel.writable, { signal: controller.signal });
    assertEquals(await soFar(piping), "waiting");
    controller.abort();
    if (way === "room") assertEquals(taken(own, handle), "x");
    else await channel.close();
    assertEquals((await Promise.allSettled([piping]))[0].status, "rejected");
    assert(cancelled, way);
  }
});
