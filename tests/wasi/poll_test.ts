import { assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

const REAL = { clock: { monotonic: true, realtime: true, fixed: undefined, resolution: 0.001 } } as const;

const EVENTS = 32_768;

interface Clock {
  readonly clock: number;
  readonly timeout: bigint;
  readonly flags?: number;
}

type Wanted = Clock | { readonly read: number } | { readonly write: number } | { readonly type: number };

/** Lays out subscriptions, numbered from 100. */
function subscribe(guest: FakeGuest, wanted: readonly Wanted[], unstable: boolean): number {
  const size = unstable ? 56 : 48, clockAt = unstable ? 24 : 16, list = guest.allocate(wanted.length * size);
  for (const [index, one] of wanted.entries()) {
    const at = list + index * size, { view } = guest;
    view.setBigUint64(at, BigInt(100 + index), true);
    if ("clock" in one) {
      view.setUint32(at + clockAt, one.clock, true);
      view.setBigUint64(at + clockAt + 8, one.timeout, true);
      view.setUint16(at + clockAt + 24, one.flags ?? 0, true);
    } else if ("type" in one) view.setUint8(at + 8, one.type);
    else {
      view.setUint8(at + 8, "read" in one ? 1 : 2);
      view.setUint32(at + 16, "read" in one ? one.read : one.write, true);
    }
  }
  return list;
}

/** Polls, and gives the events as [number, type, error, bytes]. */
function poll(guest: FakeGuest, wanted: readonly Wanted[], unstable = false): number[][] {
  const list = subscribe(guest, wanted, unstable);
  guest.ok("poll_oneoff", list, EVENTS, wanted.length, RESULT);
  return Array.from({ length: guest.u32() }, (_, index) => {
    const at = EVENTS + index * 32, { view } = guest;
    return [
      Number(guest.u64(at)),
      view.getUint8(at + 10),
      view.getUint16(at + 8, true),
      Number(guest.u64(at + 16)),
    ];
  });
}

const waits = (guest: FakeGuest) => guest.host.deeds.filter((deed) => deed !== "flush");

Deno.test("poll_oneoff() sleeps until the first clock is due, in pieces, after handing over the output", () => {
  const guest = new FakeGuest({ settings: REAL });
  const events = poll(guest, [{ clock: 1, timeout: 2_500_000_000n }, { clock: 0, timeout: 9_000_000_000n }]);
  assertEquals(events, [[100, 0, 0, 0]]);
  assertEquals(guest.host.deeds, ["flush", "sleep 1000", "sleep 1000", "sleep 500"]);
});

Deno.test("poll_oneoff() takes points in time, past ones too, on the clock they name", () => {
  const guest = new FakeGuest({ settings: REAL });
  guest.ok("clock_time_get", 0, 0n, RESULT);
  const now = guest.u64();
  assertEquals(poll(guest, [{ clock: 0, timeout: now + 5_000_000n, flags: 1 }]), [[100, 0, 0, 0]]);
  assertEquals(waits(guest), ["sleep 5"]);
  assertEquals(
    poll(guest, [{ clock: 0, timeout: 0n, flags: 1 }, { clock: 1, timeout: 1n, flags: 1 }]).length,
    2,
  );
  assertEquals(waits(guest), ["sleep 5"]);
});

Deno.test("poll_oneoff() without a clock does not park: fake time moves on", () => {
  const guest = new FakeGuest();
  assertEquals(poll(guest, [{ clock: 1, timeout: 7_000_000_000n }]), [[100, 0, 0, 0]]);
  assertEquals(guest.host.deeds, []);
  guest.ok("clock_time_get", 1, 0n, RESULT);
  assertEquals(guest.u64(), 7_001_000_000n);
  assertEquals(poll(guest, [{ clock: 1, timeout: 8_000_000_000n, flags: 1 }]), [[100, 0, 0, 0]]);
  guest.ok("clock_time_get", 1, 0n, RESULT);
  assertEquals(guest.u64(), 8_001_000_000n);
});

Deno.test("poll_oneoff() says at once what files and output are ready for", () => {
  const guest = new FakeGuest({ settings: REAL, trees: [{ file: "0123456789" }] }), fd = guest.open("file");
  guest.read(fd, 3);
  const wanted = [{ read: fd }, { write: fd }, { write: 1 }, { clock: 1, timeout: 1_000_000n }, { read: 0 }];
  guest.host.operations.emptyPolls = 1;
  assertEquals(poll(guest, wanted), [[100, 1, 0, 7], [101, 2, 0, 16_384], [102, 2, 0, 16_384]]);
  assertEquals(waits(guest), []);
  assertEquals(guest.host.operations.log.at(-1), { name: "pollInput", request: { timeout: 0 } });
});

Deno.test("poll_oneoff() tells of descriptors that cannot be polled", () => {
  const guest = new FakeGuest({ trees: [{ file: "" }] }), fd = guest.open("file", { rights: 2n });
  assertEquals(poll(guest, [{ read: 9 }, { read: 1 }, { write: 0 }, { read: fd }, { read: 3 }]), [
    [100, 1, 8, 0],
    [101, 1, 8, 0],
    [102, 2, 8, 0],
    [103, 1, 76, 0],
    [104, 1, 8, 0],
  ]);
});

Deno.test("poll_oneoff() waits for standard input until the nearest clock is due", () => {
  const guest = new FakeGuest({ settings: REAL }), { operations } = guest.host;
  assertEquals(poll(guest, [{ read: 0 }, { clock: 1, timeout: 300_000_000n }]), [[100, 1, 0, 1]]);
  operations.emptyPolls = 1;
  assertEquals(poll(guest, [{ read: 0 }, { clock: 1, timeout: 300_000_000n }]), [[101, 0, 0, 0]]);
  assertEquals(operations.log.map(({ request }) => request), [{ timeout: 300 }, { timeout: 300 }]);
  assertEquals(guest.host.deeds, ["flush", "flush"]);
  operations.emptyPolls = 3;
  assertEquals(poll(guest, [{ read: 0 }]), [[100, 1, 0, 1]], "for ever");
  assertEquals(operations.log.slice(2).map(({ request }) => request.timeout), [1000, 1000, 1000, 1000]);
});

Deno.test("poll_oneoff() of the draft has the clock's fields further behind", () => {
  const guest = new FakeGuest({ settings: REAL, module: "wasi_unstable" });
  assertEquals(poll(guest, [{ clock: 1, timeout: 4_000_000n }, { write: 1 }], true), [[101, 2, 0, 16_384]]);
  assertEquals(poll(guest, [{ clock: 1, timeout: 4_000_000n }], true), [[100, 0, 0, 0]]);
  assertEquals(waits(guest), ["sleep 4"]);
});

Deno.test("B20 timeouts that are huge or overflow wait until the guest is to stop [CVE-2026-54914]", () => {
  for (const timeout of [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    for (const flags of [0, 1]) {
      const guest = new FakeGuest({ settings: REAL });
      guest.host.patience = 6;
      const list = subscribe(guest, [{ clock: 1, timeout, flags }], false);
      assertEquals(guest.call("poll_oneoff", list, EVENTS, 1, RESULT), "intr");
      assertEquals(waits(guest), Array(5).fill("sleep 1000"));
    }
    const fake = new FakeGuest();
    for (let i = 0; i < 4; i++) assertEquals(poll(fake, [{ clock: 1, timeout }]), [[100, 0, 0, 0]]);
    fake.ok("clock_time_get", 0, 0n, RESULT);
    assertEquals(
      fake.u64(),
      1_640_995_200_000_000_000n + 2n ** 62n,
      "fake time has an end, and does not wrap",
    );
  }
});

Deno.test("B20 waiting for standard input for ever ends when the guest is to stop", () => {
  const guest = new FakeGuest({ settings: REAL });
  guest.host.operations.emptyPolls = 100;
  guest.host.patience = 4;
  const list = subscribe(guest, [{ read: 0 }], false);
  assertEquals(guest.call("poll_oneoff", list, EVENTS, 1, RESULT), "intr");
  assertEquals(guest.host.operations.count("pollInput"), 4);
});

Deno.test("B20 clocks and flags that are none are told as events, types as an error", () => {
  const guest = new FakeGuest({ settings: REAL });
  const wanted = [{ clock: 4, timeout: 1n }, { clock: 2 ** 31, timeout: 1n }, {
    clock: 1,
    timeout: 1n,
    flags: 2,
  }];
  assertEquals(poll(guest, wanted), [[100, 0, 28, 0], [101, 0, 28, 0], [102, 0, 28, 0]]);
  for (const type of [3, 255]) {
    const list = subscribe(guest, [{ type }], false);
    assertEquals(guest.call("poll_oneoff", list, EVENTS, 1, RESULT), "inval");
  }
});

Deno.test("B15 subscriptions by the million are refused before they are looked at", () => {
  const guest = new FakeGuest();
  guest.buffer = new ArrayBuffer(1 << 20);
  for (const count of [0, 4097, 10 ** 6, 2 ** 31, 2 ** 32 - 1]) {
    assertEquals(guest.call("poll_oneoff", 0, 0, count, RESULT), "inval", String(count));
  }
  guest.bytes.fill(0);
  guest.ok("poll_oneoff", 0, 1 << 19, 4096, 4);
  assertEquals(guest.u32(4), 4096);
});

Deno.test("poll_oneoff() reads its list before it writes: they may overlap", () => {
  const guest = new FakeGuest(),
    list = subscribe(guest, [{ clock: 1, timeout: 0n }, { clock: 1, timeout: 0n }], false);
  guest.ok("poll_oneoff", list, list, 2, RESULT);
  assertEquals([guest.u64(list), guest.u64(list + 32)], [100n, 101n]);
});
