/** Channels to real guests: they wait, are stopped while they wait, and leave messages behind. */
import { Aegis, AegisError, type AuditEvent } from "../../mod.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { CHANNEL_GUEST, LENGTH_AT, MESSAGE_AT } from "./channel_guest.ts";
import { running } from "./started.ts";

const decoder = new TextDecoder();

function text(message: Uint8Array | undefined): string | undefined {
  return message === undefined ? undefined : decoder.decode(message);
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test("sandbox.channel() carries messages of every size to a guest and back, in order", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  const { sandbox } = started, channel = sandbox.channel("words", { capacity: 3, messageSize: "64KiB" });
  const echoing = sandbox.call("echo", [await sandbox.call("join") as number]);
  const sizes = [0, 1, 7, 8, 9, 1023, 65_536, ...Array.from({ length: 500 }, (_, turn) => turn * 7 % 300)];
  const sending = (async () => {
    for (const [turn, size] of sizes.entries()) await channel.send(new Uint8Array(size).fill(turn));
    channel.end();
  })();
  for (const [turn, size] of sizes.entries()) {
    const message = await channel.receive();
    assertEquals(message?.length, size);
    assert(message?.every((byte) => byte === turn % 256));
  }
  await sending;
  assertEquals(await echoing, ERRNO.pipe);
  assertEquals([sandbox.metrics().calls > 0, channel.sizes.fromGuest.messages], [true, 0]);
});

Deno.test("a program that has ended ends its channels, in every way of ending", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: 300 });
  const { sandbox } = started, channel = sandbox.channel("words");
  const program = sandbox.run();
  await channel.send("a");
  assertEquals(text(await channel.receive()), "a");
  const timedOut = assertRejects(() => program, AegisError);
  assertEquals(await channel.receive(), undefined);
  assertEquals((await timedOut).code, "Timeout");

  await sandbox.reset();
  const waiting = channel.receive();
  await assertRejects(() => sandbox.call("exit", [3]), AegisError);
  assertEquals(await waiting, undefined);
  assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
  assertEquals(await sandbox.channel("afterwards").receive(), undefined, "nobody will send there either");

  await sandbox.reset();
  channel.end();
  assertEquals(await sandbox.run(), 0);
  assertEquals(await channel.receive(), undefined, "it returned");
});

Deno.test("a trap leaves a channel open, since the instance goes on", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  const { sandbox } = started,
    channel = sandbox.channel("words"),
    handle = await sandbox.call<number>("join");
  await assertRejects(() => sandbox.call("trap"), AegisError);
  assertEquals(await sandbox.call("send", [handle, 0, 5]), ERRNO.success);
  assertEquals(text(await channel.receive()), "words");
});

Deno.test("a reset keeps what is queued in both directions, and ends the guest's handles", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  const { sandbox } = started,
    channel = sandbox.channel("words"),
    handle = await sandbox.call<number>("join");
  assertEquals(await sandbox.call("send", [handle, 0, 5]), ERRNO.success);
  await channel.send("before");
  await sandbox.reset();
  assertEquals(channel.sizes, { toGuest: { messages: 1, bytes: 6 }, fromGuest: { messages: 1, bytes: 5 } });
  assertEquals(text(await channel.receive()), "words");
  assertEquals(await sandbox.call("try_receive", [handle, MESSAGE_AT, 100, LENGTH_AT]), ERRNO.badf);
  const next = await sandbox.call<number>("join");
  assertEquals(await sandbox.call("try_receive", [next, MESSAGE_AT, 100, LENGTH_AT]), ERRNO.success);
  assertEquals(text(await sandbox.readMemory(MESSAGE_AT, 6)), "before");
  assertEquals(await sandbox.call("try_receive", [next, MESSAGE_AT, 100, LENGTH_AT]), ERRNO.again);
});

Deno.test("a guest that waits for a channel is stopped by its time, by a signal and by a close", async () => {
  for (const wait of ["receive", "flood"] as const) {
    await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
    const { sandbox } = started, channel = sandbox.channel("words", { capacity: 2 });
    const begin =
      async () => [await sandbox.call<number>("join"), ...wait === "flood" ? [] : [4096, 9, 2048]];
    const timed = await sandbox.tryCall(wait, await begin(), { timeout: 50 });
    assert(timed.kind === "limit" && timed.limit === "time", wait);
    await sandbox.reset();

    const controller = new AbortController(), timer = setTimeout(() => controller.abort(), 30);
    const began = performance.now();
    assertEquals(await sandbox.tryCall(wait, await begin(), { signal: controller.signal }), {
      kind: "aborted",
      reason: "cancelled",
    });
    clearTimeout(timer);
    assert(performance.now() - began < 2000);
    await sandbox.reset();

    const call = sandbox.tryCall(wait, await begin());
    await after(30);
    await sandbox.close();
    assertEquals(await call, { kind: "aborted", reason: "closed" });
    assertEquals(channel.sizes.fromGuest.messages, wait === "flood" ? 2 : 0, "no more than the bounds");
    assertEquals((await assertRejects(() => channel.send("x"), AegisError)).code, "Closed");
    for (let left = channel.sizes.fromGuest.messages; left > 0; left--) {
      assertEquals((await channel.receive())?.length, 1024);
    }
    assertEquals(await channel.receive(), undefined);
    assertEquals(assertThrows(() => sandbox.channel("more"), AegisError).code, "Closed");
  }
});

Deno.test("a guest that waits for a channel stands still while it is paused, also when its message is there", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  const { sandbox } = started,
    channel = sandbox.channel("words"),
    handle = await sandbox.call<number>("join");
  let over = false;
  const call = sandbox.tryCall("receive", [handle, MESSAGE_AT, 100, LENGTH_AT]).finally(() => over = true);
  await after(30);
  sandbox.pause();
  await channel.send("late");
  await after(100);
  assert(!over, "it is paused");
  sandbox.resume();
  assertEquals(await call, { kind: "value", values: [ERRNO.success] });
  assertEquals(text(await sandbox.readMemory(MESSAGE_AT, 4)), "late");
});

Deno.test("callSync() takes what is there, and says so where it would have to wait", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  const { sandbox } = started, channel = sandbox.channel("words", { capacity: 1 });
  const handle = sandbox.callSync<number>("join"), receive = [handle, MESSAGE_AT, 100, LENGTH_AT];
  channel.trySend("there");
  assertEquals(sandbox.callSync("receive", receive), ERRNO.success);
  assertEquals(sandbox.callSync("try_receive", receive), ERRNO.again);
  const error = assertThrows(() => sandbox.callSync("receive", receive), AegisError);
  assertEquals([error.code, error.suggestion], ["HostFunctionFailed", "Use call, which waits."]);
  assert(error.message.includes("a channel"), error.message);
  channel.trySend("later");
  assertEquals(channel.sizes.toGuest.messages, 1, "nobody waits for it any more");
  assertEquals(sandbox.callSync("send", [handle, 0, 1]), ERRNO.success);
  assertEquals(
    assertThrows(() => sandbox.callSync("send", [handle, 0, 2]), AegisError).code,
    "HostFunctionFailed",
  );
  assertEquals([text(channel.tryReceive()), channel.tryReceive()], ["w", undefined]);
});

Deno.test("a channel that the host has not opened is denied, and every opening is told", async () => {
  const events: AuditEvent[] = [];
  await using started = await running(CHANNEL_GUEST, {
    timeout: "20s",
    onAudit: (event) => events.push(event),
  });
  const { sandbox } = started;
  assertEquals(await sandbox.call("join"), -ERRNO.notcapable);
  const [denial] = sandbox.denials();
  assertEquals([denial?.capability, denial?.action, denial?.target], ["channel", "open", "words"]);
  sandbox.channel("words");
  assertEquals(await sandbox.call("join"), 1);
  assertEquals(events.map(({ allowed }) => allowed), [false, true]);
  assertEquals(sandbox.metrics().denials, 1);
});

Deno.test("a pool's guest finds nothing in a channel that another tenant's use has left there", async () => {
  await using runtime = await Aegis.create({ timeout: "20s", memoryLimit: "1MiB" });
  const module = await runtime.loadBytes(compileText(`(module ${CHANNEL_GUEST})`));
  let opened: ReturnType<typeof open> | undefined;
  const open = (sandbox: Parameters<NonNullable<Parameters<Aegis["pool"]>[1]>["setup"] & object>[0]) =>
    sandbox.channel("words");
  await using pool = runtime.pool(module, { maximum: 1, setup: (sandbox) => void (opened = open(sandbox)) });
  await pool.use(async (guest) => {
    assertEquals(await guest.call("send", [await guest.call<number>("join"), 0, 5]), ERRNO.success);
    await opened?.send("secret");
  }, { tenant: "alice" });
  await pool.use(async (guest) => {
    const handle = await guest.call<number>("join");
    assertEquals(await guest.call("try_receive", [handle, MESSAGE_AT, 100, LENGTH_AT]), ERRNO.again);
  }, { tenant: "bob" });
  assertEquals(opened?.sizes.fromGuest.messages, 0);
});

Deno.test("two sandboxes with channels of one name hear nothing of each other", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: "20s" });
  await using other = await started.runtime.sandbox().build();
  await other.loadModule(await started.module(CHANNEL_GUEST));
  const one = started.sandbox.channel("words"), two = other.channel("words");
  await started.sandbox.call("send", [await started.sandbox.call<number>("join"), 0, 5]);
  assertEquals([one.sizes.fromGuest.messages, two.sizes.fromGuest.messages], [1, 0]);
});
