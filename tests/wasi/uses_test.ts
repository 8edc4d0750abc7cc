import { POWERS } from "../../src/protocol/powers.ts";
import type { ClockSettings } from "../../src/wasi/host.ts";
import { assertEquals } from "../assert.ts";
import { FakeGuest, RESULT } from "./fake_guest.ts";

/** The powers of which the host was told, in order. */
function told({ host }: FakeGuest): (string | undefined)[] {
  return host.operations.log.filter(({ name }) => name === "used").map(({ request }) =>
    POWERS[Number(request["power"])]
  );
}

const CLOCK = { monotonic: true, realtime: true, fixed: undefined, resolution: 1 } as const;

/** Asks for all that a guest is given without asking the host, twice. */
function useAll(guest: FakeGuest): void {
  for (let times = 0; times < 2; times++) {
    guest.ok("clock_time_get", 1, 0n, RESULT);
    guest.ok("clock_time_get", 0, 0n, RESULT);
    guest.ok("random_get", 64, 8);
    guest.ok("environ_sizes_get", RESULT, RESULT + 4);
    guest.ok("environ_get", 64, 128);
  }
}

Deno.test("a life tells once of each power that it uses", () => {
  const guest = new FakeGuest({ settings: { clock: CLOCK, seed: undefined, env: [["NAME", "1"]] } });
  assertEquals(told(guest), []);
  useAll(guest);
  assertEquals(told(guest), ["monotonic", "realtime", "random", "env"]);
  guest.wasi.reset();
  guest.ok("random_get", 64, 8);
  assertEquals(told(guest).slice(4), ["random"]);
});

Deno.test("what stands in for a power that was not granted is told of, too; nothing that was not looked at", () => {
  const guest = new FakeGuest({ settings: { clock: undefined, seed: 1n, env: [] } });
  useAll(guest);
  assertEquals(told(guest), ["monotonic", "realtime", "random"], "no variables are no power");
  const idle = new FakeGuest({ settings: { clock: CLOCK, seed: undefined, env: [["NAME", "1"]] } });
  idle.ok("random_get", 64, 0);
  idle.ok("args_sizes_get", RESULT, RESULT + 4);
  assertEquals(told(idle), []);
});

const CLOCKS: readonly (readonly [ids: number[], settings: ClockSettings, expected: string[]])[] = [
  [[0], { ...CLOCK, monotonic: false }, ["realtime"]],
  [[1], { ...CLOCK, monotonic: false }, ["monotonic"]],
  [[2], CLOCK, ["monotonic"]],
  [[3, 0], { ...CLOCK, realtime: false }, ["monotonic", "realtime"]],
  [[0], { ...CLOCK, realtime: false, fixed: 5 }, ["realtime"]],
];

Deno.test("the clock that was read is the one that is told of", () => {
  for (const [ids, clock, expected] of CLOCKS) {
    for (const function_ of ["clock_time_get", "clock_res_get"] as const) {
      const guest = new FakeGuest({ settings: { clock } });
      for (const id of ids) {
        if (function_ === "clock_time_get") guest.ok(function_, id, 0n, RESULT);
        else guest.ok(function_, id, RESULT);
      }
      assertEquals(told(guest), expected, `${function_} of ${ids}`);
    }
  }
});

Deno.test("who waits uses the clock that lets time pass", () => {
  const wait = (clock: ClockSettings | undefined) => {
    const guest = new FakeGuest({ settings: { clock } }), { view } = guest;
    view.setUint8(256 + 8, 0); // a clock
    view.setUint32(256 + 16, 3, true); // of the thread, which is not read for a relative time
    view.setBigUint64(256 + 24, 1_000_000n, true);
    guest.ok("poll_oneoff", 256, 512, 1, RESULT);
    return told(guest);
  };
  assertEquals(wait(CLOCK), ["monotonic"]);
  assertEquals(wait({ ...CLOCK, monotonic: false }), ["realtime"]);
  assertEquals(wait({ ...CLOCK, monotonic: false, realtime: false, fixed: 5 }), ["monotonic"]);
  assertEquals(wait(undefined), ["monotonic"]);
});
