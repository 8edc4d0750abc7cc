/** Channels in the hands of a guest that was written to break them: nothing is filled, nobody is held up for long. */
import { type Outcome, type Sandbox } from "../../../mod.ts";
import { ERRNO } from "../../../src/protocol/errno.ts";
import { assert, assertEquals } from "../../assert.ts";
import { CHANNEL_GUEST, LENGTH_AT, MESSAGE_AT } from "../../sandbox/channel_guest.ts";
import { running } from "../../sandbox/started.ts";
import { residentMemory, withTicks } from "../process_facts.ts";

const HUGE = [2 ** 17 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

function wordOf(outcome: Outcome): string {
  return outcome.kind === "limit" ? outcome.limit : outcome.kind;
}

Deno.test("D37 a guest that sends for ever to nobody waits within its bounds, until its time is over", async () => {
  for (const isolation of ["worker", "process"] as const) {
    await using started = await running(CHANNEL_GUEST, { isolation, timeout: 500, fuelLimit: "unlimited" });
    const { sandbox } = started, channel = sandbox.channel("words", { capacity: 100, queueSize: "64KiB" });
    const handle = await sandbox.call<number>("join"), before = residentMemory();
    const { result, stall } = await withTicks(() => sandbox.tryCall("flood", [handle]));
    assertEquals(wordOf(result), "time");
    assertEquals(channel.sizes.fromGuest, { messages: 64, bytes: 65_536 });
    assert(residentMemory() - before < 50);
    assert(stall < 500, `the event loop stood still for ${stall} ms`);
    assert(sandbox.metrics().cpuTime < 400, "it waits, it does not spin");
  }
});

Deno.test("D37 a guest that sends as fast as the host reads leaves the event loop its turns", async () => {
  await using started = await running(CHANNEL_GUEST, { timeout: 1000, fuelLimit: "unlimited" });
  const { sandbox } = started, channel = sandbox.channel("words", { capacity: 1000 });
  const handle = await sandbox.call<number>("join");
  let read = 0;
  const reading = (async () => {
    for await (const _ of channel) read++;
  })();
  const began = performance.now();
  const { result, stall } = await withTicks(() => sandbox.tryCall("flood", [handle]));
  assertEquals(wordOf(result), "time");
  assert(performance.now() - began < 2500, `${performance.now() - began} ms`);
  await reading;
  assert(read > 1000, `${read} messages`);
  assert(stall < 500, `the event loop stood still for ${stall} ms`);
});

Deno.test("B14 addresses, lengths and handles that are none end with an error number, in both back ends", async () => {
  for (const isolation of ["worker", "process"] as const) {
    await using started = await running(CHANNEL_GUEST, { isolation, timeout: "20s" });
    const { sandbox } = started, channel = sandbox.channel("words", { messageSize: 100 });
    await channel.send("x".repeat(100));
    const handle = await sandbox.call<number>("join");
    const call = (name: string, ...args: readonly number[]) => sandbox.call<number>(name, args);
    for (const huge of HUGE) {
      assertEquals(await call("open", 0, huge), -ERRNO.nametoolong);
      assertEquals(await call("open", huge, 5), -ERRNO.fault);
      for (const name of ["send", "try_send"]) {
        assertEquals(await call(name, handle, 0, huge), ERRNO.fault);
        assertEquals(await call(name, handle, huge, 5), ERRNO.fault);
        assertEquals(await call(name, huge, 0, 5), ERRNO.badf);
      }
      for (const name of ["receive", "try_receive"]) {
        assertEquals(await call(name, handle, MESSAGE_AT, huge, LENGTH_AT), ERRNO.fault);
        assertEquals(await call(name, handle, huge, 100, LENGTH_AT), ERRNO.fault);
        assertEquals(await call(name, handle, MESSAGE_AT, 100, huge), ERRNO.fault);
        assertEquals(await call(name, huge, MESSAGE_AT, 100, LENGTH_AT), ERRNO.badf);
        assertEquals(await call(name, handle, MESSAGE_AT, 99, LENGTH_AT), ERRNO.msgsize);
      }
      assertEquals(await call("close", huge), ERRNO.badf);
    }
    assertEquals(await call("send", handle, MESSAGE_AT, 101), ERRNO.msgsize);
    assertEquals(new Uint32Array((await sandbox.readMemory(LENGTH_AT, 4)).buffer)[0], 100);
    assertEquals(await call("receive", handle, MESSAGE_AT, 100, LENGTH_AT), ERRNO.success);
    assertEquals([await call("close", handle), await call("close", handle)], [ERRNO.success, ERRNO.badf]);
    assertEquals(channel.sizes.fromGuest.messages, 0);
  }
});

Deno.test("D37 a guest that opens and closes for ever keeps to its time, and its denials to their bound", async () => {
  const body = `(import "aegis:channel" "open" (func $open (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "ask") (local $n i32) (loop $l
      (i32.store (i32.const 0) (local.tee $n (i32.add (local.get $n) (i32.const 1))))
      (drop (call $open (i32.const 0) (i32.const 3))) (br $l)))`;
  await using started = await running(body, { timeout: 500, fuelLimit: "unlimited" });
  const { sandbox }: { sandbox: Sandbox } = started, before = residentMemory();
  const began = performance.now();
  const { result, stall } = await withTicks(() => sandbox.tryCall("ask"));
  assertEquals(wordOf(result), "time");
  assert(performance.now() - began < 2000, `${performance.now() - began} ms`);
  assert(sandbox.denials().length <= 100 && sandbox.metrics().denials > 100);
  assert(residentMemory() - before < 50);
  assert(stall < 500, `the event loop stood still for ${stall} ms`);
});
