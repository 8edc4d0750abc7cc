import { SeededRandom, stateOfSeed } from "../../src/wasi/random.ts";
import { assertEquals, assertNotEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

Deno.test("args_get() and environ_get() give the strings, each with a NUL behind it", () => {
  const guest = new FakeGuest();
  guest.ok("args_sizes_get", RESULT, RESULT + 4);
  assertEquals([guest.u32(), guest.u32(RESULT + 4)], [2, 20]);
  guest.ok("args_get", 64, 128);
  assertEquals([guest.u32(64), guest.u32(68)], [128, 136]);
  assertEquals(guest.text(128, 20), "program\0an argument\0");
  guest.ok("environ_sizes_get", RESULT, RESULT + 4);
  assertEquals([guest.u32(), guest.u32(RESULT + 4)], [1, 12]);
  guest.ok("environ_get", 64, 128);
  assertEquals(guest.text(128, 12), "NAME=värde\0");
});

Deno.test("args_get() writes nothing unless all of it fits", () => {
  const guest = new FakeGuest(), size = guest.buffer.byteLength;
  assertEquals(guest.call("args_get", size - 7, 128), "fault");
  assertEquals(guest.call("args_get", 64, size - 19), "fault");
  assertEquals(guest.call("args_sizes_get", RESULT, size - 3), "fault");
  assertEquals(guest.bytes.every((byte) => byte === 0), true);
});

Deno.test("clock_time_get() without a grant is the same in each life", () => {
  const guest = new FakeGuest();
  const readings = () => {
    const times: bigint[] = [];
    for (const id of [0, 1, 1, 2, 3, 0]) {
      guest.ok("clock_time_get", id, 0n, RESULT);
      times.push(guest.u64());
    }
    return times;
  };
  const first = readings(), start = 1_640_995_200_000_000_000n, step = 1_000_000n;
  assertEquals(first, [start + step, 2n * step, 3n * step, 4n * step, 5n * step, start + 6n * step]);
  guest.wasi.reset();
  assertEquals(readings(), first);
  guest.ok("clock_res_get", 1, RESULT);
  assertEquals(guest.u64(), step);
  assertEquals(guest.host.time, 5000, "no real time is read for it, and none passes");
});

Deno.test("clock_time_get() rounds granted clocks down to their resolution, and never goes back", () => {
  const clock = { monotonic: true, realtime: true, fixed: undefined, resolution: 10 };
  const guest = new FakeGuest({ settings: { clock } });
  const read = (id: number) => {
    guest.ok("clock_time_get", id, 0n, RESULT);
    return guest.u64();
  };
  assertEquals(read(0), 1_700_000_000_120_000_000n);
  guest.host.wall -= 60_000;
  assertEquals(read(0), 1_700_000_000_120_000_000n);
  const first = read(1);
  assertEquals(first, 10_000_000n, "from the life's start on, and not 0");
  guest.host.time += 9.9;
  assertEquals(read(1), first);
  guest.host.time += 0.2;
  assertEquals([read(1), read(2), read(3)], [20_000_000n, 20_000_000n, 20_000_000n]);
  guest.ok("clock_res_get", 0, RESULT);
  assertEquals(guest.u64(), 10_000_000n);
});

Deno.test("clock_time_get() of a fixed clock stands still, and a resolution is a microsecond at least", () => {
  const clock = { monotonic: true, realtime: false, fixed: 1000.5, resolution: 0 };
  const guest = new FakeGuest({ settings: { clock } });
  for (let i = 0; i < 3; i++) {
    guest.ok("clock_time_get", 0, 0n, RESULT);
    assertEquals(guest.u64(), 1_000_500_000n);
  }
  guest.host.time += 0.0015;
  guest.ok("clock_time_get", 1, 0n, RESULT);
  assertEquals(guest.u64(), 2000n);
});

Deno.test("clock functions refuse ids that no clock has", () => {
  const guest = new FakeGuest();
  for (const id of [4, 2 ** 31, 2 ** 32 - 1]) {
    assertEquals(guest.call("clock_time_get", id, 0n, RESULT), "inval");
    assertEquals(guest.call("clock_res_get", id, RESULT), "inval");
  }
});

Deno.test("SeededRandom is xoshiro128**, seeded by SplitMix64: the authors' values", () => {
  const bytes = new Uint8Array(40), view = new DataView(bytes.buffer);
  new SeededRandom(Int32Array.of(1, 2, 3, 4)).fill(bytes);
  const words = Array.from({ length: 10 }, (_, index) => view.getUint32(index * 4, true));
  assertEquals(words.slice(0, 5), [11520, 0, 5927040, 70819200, 2031721883]);
  const state = new DataView(stateOfSeed(1234567n).buffer);
  assertEquals(state.getBigUint64(0, true), 6457827717110365317n);
  assertEquals(state.getBigUint64(8, true), 3203168211198807973n);
});

Deno.test("random_get() with a seed gives one sequence, however it is cut, in each life", () => {
  const guest = new FakeGuest();
  guest.ok("random_get", 64, 100);
  const whole = guest.bytes.slice(64, 164);
  guest.wasi.reset();
  for (let at = 0; at < 100; at += 10) {
    guest.ok("random_get", 1000 + at, at === 90 ? 10 : 7),
      guest.ok("random_get", 1007 + at, at === 90 ? 0 : 3);
  }
  assertEquals(guest.bytes.slice(1000, 1100), whole);
  const other = new FakeGuest({ settings: { seed: 2n } });
  other.ok("random_get", 64, 100);
  assertNotEquals(other.bytes.slice(64, 164), whole);
});

Deno.test("random_get() without a seed takes secure bytes in pieces, and stops between them", () => {
  const guest = new FakeGuest({ settings: { seed: undefined } });
  guest.buffer = new ArrayBuffer(1 << 20);
  guest.ok("random_get", 1, 200_000);
  assertEquals(guest.host.deeds, ["random 65536", "random 65536", "random 65536", "random 3392"]);
  assertEquals([guest.bytes[0], guest.bytes[1], guest.bytes[200_000], guest.bytes[200_001]], [
    0,
    0xaa,
    0xaa,
    0,
  ]);
  guest.host.deeds.length = 0;
  guest.host.patience = 1;
  guest.ok("random_get", 0, 1 << 20);
  assertEquals(guest.host.deeds.length, 2);
});

Deno.test("proc_exit() ends the guest: what it calls after it does nothing", () => {
  const guest = new FakeGuest();
  const write = guest.bound("fd_write"), exit = guest.bound("proc_exit");
  const [at, count] = guest.iovecs(guest.put("text"));
  assertEquals(exit(-1), undefined);
  assertEquals(guest.host.status, 2 ** 32 - 1);
  assertEquals(write(1, at, count, RESULT), 11);
  assertEquals(exit(7), undefined);
  assertEquals(guest.call("fd_close", 1), "canceled");
  assertEquals([guest.host.deeds, guest.host.operations.log, guest.host.status], [[], [], 2 ** 32 - 1]);
  guest.wasi.reset();
  assertEquals(write(1, at, count, RESULT), 0, "the next life");
});

Deno.test("proc_raise() and sched_yield() change nothing", () => {
  const guest = new FakeGuest();
  assertEquals([guest.call("proc_raise", 6), guest.call("proc_raise", 31)], ["notsup", "inval"]);
  assertEquals(guest.call("sched_yield"), "success");
});

Deno.test("sock functions know no socket", () => {
  const guest = new FakeGuest(), free = 5;
  for (const fd of [0, 1, 2, 3]) {
    assertEquals(guest.call("sock_accept", fd, 0, RESULT), "notsock");
    assertEquals(guest.call("sock_recv", fd, 0, 0, 0, RESULT, RESULT), "notsock");
    assertEquals(guest.call("sock_send", fd, 0, 0, 0, RESULT), "notsock");
    assertEquals(guest.call("sock_shutdown", fd, 3), "notsock");
  }
  for (const fd of [4, free, 2 ** 32 - 1]) assertEquals(guest.call("sock_shutdown", fd, 1), "badf");
});
