/** Channels of a sandbox, as the host opens them and as a guest asks for them; no guest. */
import { AegisError, type AuditEvent, type ChannelOptions, EMPTY_POLICY } from "../../mod.ts";
import { SandboxIo } from "../../src/sandbox/sandbox_io.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { channels, decoder, encoder, given, opened, taken } from "./channel_rig.ts";
import { settled } from "./pool_rig.ts";

Deno.test("GuestChannels.create() refuses names and bounds that are none", () => {
  const own = channels();
  for (const name of ["", "x".repeat(257), "é".repeat(129), 7 as unknown as string]) {
    const error = assertThrows(() => own.create(name, {}), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "name"]);
  }
  const wrong: readonly [unknown, string][] = [
    [{ capacity: 0 }, "capacity"],
    [{ capacity: 65_537 }, "capacity"],
    [{ capacity: 1.5 }, "capacity"],
    [{ messageSize: 65_537 }, "messageSize"],
    [{ messageSize: -1 }, "messageSize"],
    [{ messageSize: 1000, queueSize: 999 }, "queueSize"],
    [{ size: 5 }, "size"],
  ];
  for (const [options, field] of wrong) {
    const error = assertThrows(() => own.create("a", options as ChannelOptions), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", field]);
  }
  own.create("a", { messageSize: "64KiB" });
  assertEquals(assertThrows(() => own.create("a", {}), AegisError).field, "name", "it is open already");
});

Deno.test("a guest opens what the host has opened, and nothing else", () => {
  const own = channels();
  own.create("a", {});
  for (const name of ["", "b", "A", "a\0", "__proto__", "constructor"]) {
    assertEquals(own.open({ name }), { errno: ERRNO.notcapable });
  }
  assertEquals(own.open({ name: "a" }), { errno: ERRNO.success, reply: { channel: 1 } });
});

Deno.test("a handle is good until it is closed, and one that is none does nothing", () => {
  const own = channels();
  own.create("a", {});
  const handle = opened(own, "a");
  for (const channel of [0, 2, 64, 65, 2 ** 31, 2 ** 32 - 1]) {
    assertEquals(given(own, channel, "x"), ERRNO.badf);
    assertEquals(taken(own, channel), ERRNO.badf);
    assertEquals(own.close({ channel }).errno, ERRNO.badf);
  }
  assertEquals([own.close({ channel: handle }).errno, own.close({ channel: handle }).errno], [
    ERRNO.success,
    ERRNO.badf,
  ]);
});

Deno.test("handles to channels that the host has closed make room", () => {
  const own = channels();
  for (let count = 1; count <= 100; count++) {
    const channel = own.create("a", {});
    assertEquals(taken(own, opened(own, "a")), ERRNO.again, "nothing of the former channel is there");
    channel.trySend("left");
    channel.close();
  }
  for (let count = 1; count <= 100; count++) {
    const channel = own.create(`b${count}`, {});
    opened(own, `b${count}`);
    channel.close();
  }
});

Deno.test("a guest has at most 64 handles; one that was closed makes room", () => {
  const own = channels();
  own.create("a", {});
  for (let count = 1; count <= 64; count++) assertEquals(opened(own, "a"), count);
  assertEquals(own.open({ name: "a" }), { errno: ERRNO.mfile });
  own.close({ channel: 7 });
  assertEquals(opened(own, "a"), 7);
});

Deno.test("a sandbox has at most 256 channels; those that are closed and read make room", async () => {
  const own = channels(), all = Array.from({ length: 256 }, (_, index) => own.create(`c${index}`, {}));
  assertEquals(assertThrows(() => own.create("more", {}), AegisError).code, "InvalidOption");
  assert(all[5]?.trySend("unread"));
  await all[5]?.close();
  assertEquals(assertThrows(() => own.create("more", {}), AegisError).code, "InvalidOption");
  await all[6]?.close();
  own.create("more", {});
  assert(own.has("c5") && !own.has("c6"));
});

Deno.test("messages cross in order, within the bounds of each direction", async () => {
  const own = channels(), channel = own.create("a", { capacity: 2, messageSize: 4, queueSize: 6 });
  const handle = opened(own, "a");
  assertEquals(
    [channel.trySend("abcd"), channel.trySend("efg"), channel.trySend("ef"), channel.trySend("")],
    [
      true,
      false,
      true,
      false,
    ],
  );
  assertEquals(channel.sizes, { toGuest: { messages: 2, bytes: 6 }, fromGuest: { messages: 0, bytes: 0 } });
  assertEquals([taken(own, handle), taken(own, handle), taken(own, handle)], ["abcd", "ef", ERRNO.again]);
  assertEquals([given(own, handle, "abcd"), given(own, handle, "efg"), given(own, handle, "abcde")], [
    ERRNO.success,
    ERRNO.again,
    ERRNO.msgsize,
  ]);
  assertEquals(decoder.decode(channel.tryReceive()), "abcd");
  assertEquals(channel.tryReceive(), undefined);
  for (const wrong of ["abcde", new Uint8Array(5)]) {
    assertEquals((await assertRejects(() => channel.send(wrong), AegisError)).field, "messageSize");
  }
  assertEquals(
    (await assertRejects(() => channel.send(5 as unknown as string), AegisError)).code,
    "TypeMismatch",
  );
});

Deno.test("bytes are copied when they are sent", () => {
  const own = channels(), channel = own.create("a", {}), handle = opened(own, "a");
  const bytes = encoder.encode("first");
  channel.trySend(bytes);
  bytes.fill(0);
  assertEquals(taken(own, handle), "first");
  const frame = new Uint8Array(new SharedArrayBuffer(5));
  frame.set(encoder.encode("again"));
  void own.send({ channel: handle, wait: 0, bytes: frame });
  frame.fill(0);
  const received = channel.tryReceive();
  assertEquals(decoder.decode(received), "again");
  assert(received?.buffer instanceof ArrayBuffer);
});

Deno.test("a message that a stopped guest was about to get is the next one again", async () => {
  const own = channels(), channel = own.create("a", {}), handle = opened(own, "a");
  const waiting = own.receive({ channel: handle, wait: 1, room: 100 });
  assert(waiting instanceof Promise);
  channel.trySend("kept");
  own.abandon();
  assertEquals(channel.sizes.toGuest.messages, 1);
  own.restart();
  assertEquals(taken(own, opened(own, "a")), "kept");
  await waiting;
});

Deno.test("the host hears of the end when the guest closes its last handle, and of its beginning anew", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), first = opened(own, "a");
  const second = opened(own, "a");
  given(own, second, "last");
  own.close({ channel: first });
  assertEquals(decoder.decode(await channel.receive()), "last");
  assertEquals(given(own, second, "more"), ERRNO.success, "one is open still");
  assertEquals(decoder.decode(await channel.receive()), "more");
  const waiting = channel.receive();
  own.close({ channel: second });
  assertEquals(await waiting, undefined);
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
  assertEquals(assertThrows(() => channel.trySend("x"), AegisError).code, "Closed");
  const again = opened(own, "a");
  await channel.send("x");
  assertEquals([taken(own, again), given(own, again, "y"), decoder.decode(await channel.receive())], [
    "x",
    0,
    "y",
  ]);
});

Deno.test("the guest hears of the end when the host closes, behind what was sent", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  given(own, handle, "unread");
  await channel.send("rest");
  const held = channel.send("held");
  await channel.close();
  assertEquals((await assertRejects(() => held, AegisError)).code, "Closed");
  assertEquals([given(own, handle, "x"), taken(own, handle), taken(own, handle)], [
    ERRNO.pipe,
    "rest",
    ERRNO.pipe,
  ]);
  assertEquals([decoder.decode(await channel.receive()), await channel.receive()], ["unread", undefined]);
  const anew = own.create("a", {});
  await anew.send("new");
  assertEquals([taken(own, handle), taken(own, opened(own, "a"))], [ERRNO.pipe, "new"]);
});

Deno.test("end() ends one direction alone, behind what waits to be sent", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  await channel.send("one");
  const held = channel.send("two");
  channel.end();
  assertEquals([taken(own, handle), taken(own, handle), taken(own, handle)], ["one", "two", ERRNO.pipe]);
  await held;
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
  assertEquals([given(own, handle, "sum"), decoder.decode(await channel.receive())], [0, "sum"]);
  own.restart();
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed", "for good");
  assertEquals(taken(own, opened(own, "a")), ERRNO.pipe);
});

Deno.test("what is queued outlives the guest; who waits for a guest whose life has ended is told", async () => {
  const own = channels(), channel = own.create("a", {}), handle = opened(own, "a");
  given(own, handle, "said");
  await channel.send("for the next");
  own.endLife();
  assertEquals(given(own, handle, "x"), ERRNO.badf, "handles end with the life");
  assertEquals([decoder.decode(await channel.receive()), await channel.receive()], ["said", undefined]);
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
  own.restart();
  const waiting = channel.receive();
  await settled();
  const next = opened(own, "a");
  assertEquals([taken(own, next), given(own, next, "hello")], ["for the next", 0]);
  assertEquals(decoder.decode(await waiting), "hello");
  own.restart();
  assertEquals(given(own, next, "x"), ERRNO.badf, "and with a reset");
});

Deno.test("a channel that is opened after a life has ended is as those before it, until the next life", async () => {
  const own = channels();
  own.endLife();
  const channel = own.create("a", {});
  assertEquals(await channel.receive(), undefined);
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
  const handle = opened(own, "a"); // by a function that is called after the program has ended
  assertEquals([given(own, handle, "hello"), decoder.decode(await channel.receive())], [0, "hello"]);
  own.endLife();
  const next = own.create("b", {});
  own.restart();
  await next.send("for the next");
  assertEquals(taken(own, opened(own, "b")), "for the next");
  assert(own.create("c", {}).trySend("one that begins in this life"));
});

Deno.test("what a guest has sent can be read when its sandbox is closed, and nothing else can be done", async () => {
  const own = channels(), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  given(own, handle, "last words");
  channel.trySend("unread");
  const held = channel.send("held");
  own.shut();
  assertEquals((await assertRejects(() => held, AegisError)).code, "Closed");
  assertEquals([decoder.decode(await channel.receive()), await channel.receive()], ["last words", undefined]);
  assertEquals(assertThrows(() => own.create("b", {}), AegisError).code, "Closed");
  assertEquals([given(own, handle, "x"), own.open({ name: "a" }).errno], [ERRNO.badf, ERRNO.notcapable]);
});

Deno.test("in a pool nothing that is queued or waited for outlives the use", async () => {
  const own = channels(true), channel = own.create("a", { capacity: 1 }), handle = opened(own, "a");
  given(own, handle, "secret");
  channel.trySend("secret");
  const held = channel.send("secret, too");
  own.restart();
  assertEquals((await assertRejects(() => held, AegisError)).code, "Closed");
  assertEquals(channel.sizes, { toGuest: { messages: 0, bytes: 0 }, fromGuest: { messages: 0, bytes: 0 } });
  const waiting = channel.receive();
  own.restart();
  assertEquals(await waiting, undefined, "it would get what another tenant's guest says");
});

Deno.test("a channel goes on as web streams, which take nothing ahead", async () => {
  const own = channels(), channel = own.create("a", { capacity: 2 }), handle = opened(own, "a");
  const writer = channel.writable.getWriter(), reader = channel.readable.getReader();
  given(own, handle, "first");
  await settled();
  assertEquals(channel.sizes.fromGuest.messages, 1);
  assertEquals(decoder.decode((await reader.read()).value), "first");
  await writer.write("one");
  await writer.write(encoder.encode("two"));
  const held = writer.write("three"), closed = writer.close();
  assertEquals([taken(own, handle), taken(own, handle)], ["one", "two"]);
  await Promise.all([held, closed]);
  assertEquals([taken(own, handle), taken(own, handle)], ["three", ERRNO.pipe]);
  await reader.cancel();
  assertEquals(given(own, handle, "x"), ERRNO.pipe);
});

Deno.test("a loop over a channel ends with it, and leaving the loop does not end the channel", async () => {
  const own = channels();
  await using channel = own.create("a", {});
  const handle = opened(own, "a"), seen: string[] = [];
  for (const text of ["a", "b", "c"]) given(own, handle, text);
  for await (const message of channel) {
    seen.push(decoder.decode(message));
    break;
  }
  own.close({ channel: handle });
  for await (const message of channel) seen.push(decoder.decode(message));
  assertEquals(seen.join(), "a,b,c");
});

Deno.test("a name as long as a frame is neither opened nor told", async () => {
  const events: AuditEvent[] = [];
  const io = new SandboxIo({}, {
    sandbox: "one",
    outputSize: 100,
    frameSize: 65_600,
    pooled: false,
    policy: () => EMPTY_POLICY,
    audit: (event) => events.push(event),
    alerted: () => {},
  });
  assertEquals(await io.operations.perform("channelOpen", { name: "x".repeat(257) }), {
    errno: ERRNO.nametoolong,
  });
  assertEquals([events.length, io.denials.kept.length], [0, 0]);
  const answer = await io.operations.perform("channelOpen", { name: "x".repeat(256) });
  assertEquals([answer.errno, answer.missing?.capability], [ERRNO.notcapable, "channel"]);
  assertEquals([events.length, io.denials.kept.length], [1, 1]);
});
