import { AegisError } from "../../mod.ts";
import { GuestSet, type GuestVoice } from "../../src/tasks/guest_set.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { FakeTimers, settled } from "../sandbox/pool_rig.ts";
import { FakeGuest } from "./scheduler_rig.ts";

/** Guests in a runtime with room for some. */
function guestsOf(mostIdle: number, room = 100) {
  const timers = new FakeTimers(), set = new GuestSet({ mostIdle, idleTime: 5000, timers });
  const made: FakeGuest[] = [], voices: GuestVoice[] = [];
  const build = (voice: GuestVoice) => {
    if (made.filter(({ closed }) => !closed).length >= room) {
      return Promise.reject(new AegisError("TooManySandboxes", "no room"));
    }
    const guest = new FakeGuest();
    made.push(guest);
    voices.push(voice);
    return Promise.resolve(guest.sandbox);
  };
  return { set, timers, made, voices, take: (kind: string | undefined) => set.take(kind, build) };
}

Deno.test("G54 GuestSet.take() gives a guest of the same kind again, as new", async () => {
  const { set, made, take } = guestsOf(2), guest = await take("a");
  await set.giveBack(guest);
  assertEquals([set.idle, made[0]?.resets], [1, 1]);
  assertEquals([await take("b") === guest, await take("a") === guest, set.idle], [false, true, 0]);
});

Deno.test("GuestSet.take() waits for a guest of the same kind that is being made as new, and starts one where that fails", async () => {
  const { set, made, take } = guestsOf(2), guest = await take("a"), renewal = Promise.withResolvers<void>();
  const [first] = made;
  assert(first !== undefined);
  first.reset = () => renewal.promise;
  void set.giveBack(guest);
  const [one, two] = [take("a"), take("a")];
  await settled();
  assertEquals(made.length, 1, "a thread takes longer to start than a guest to be made as new");
  assert(await take("b") !== guest, "of another kind");
  renewal.resolve();
  assertEquals([await one === guest, await two === guest, made.length], [true, false, 3]);
  first.reset = () => Promise.reject(new Error("it does not stop"));
  void set.giveBack(guest);
  assert(await take("a") !== guest);
});

Deno.test("GuestSet.giveBack() closes a guest of one task alone, one that cannot be made as new, and one too many", async () => {
  const { set, made, take } = guestsOf(1);
  const own = await take(undefined),
    broken = await take("a"),
    first = await take("a"),
    second = await take("a");
  const [one, two, three, four] = made;
  assert(two !== undefined);
  two.reset = () => Promise.reject(new Error("it does not stop"));
  for (const guest of [own, broken, first, second]) await set.giveBack(guest);
  assertEquals([one, two, three, four].map((guest) => guest?.closed), [true, true, true, false]);
  assertEquals(set.idle, 1);
});

Deno.test("GuestSet.giveBack() lets a guest go on that stands still, and nobody hear it", async () => {
  const { set, made, voices, take } = guestsOf(1), guest = await take("a"), heard: string[] = [];
  guest.listener = {
    print: (source) => heard.push(source),
    takeLog: () => {},
    takeAlert: () => {},
    takeActivity: () => {},
  };
  voices[0]?.stdout(Uint8Array.of(1));
  made[0]?.pause();
  await set.giveBack(guest);
  voices[0]?.stdout(Uint8Array.of(1));
  assertEquals([heard, made[0]?.paused], [["stdout"], false]);
});

Deno.test("GuestSet.take() makes room with guests that are kept, and with those on their way back", async () => {
  const { set, made, take } = guestsOf(5, 2), a = await take("a"), b = await take("b");
  await set.giveBack(a);
  const c = await take("c");
  assertEquals(made.map(({ closed }) => closed), [true, false, false]);
  const back = Promise.withResolvers<void>();
  const last = made[2];
  assert(last !== undefined);
  last.reset = () => back.promise;
  const giving = set.giveBack(c), taking = take("d");
  await settled();
  back.resolve();
  await giving;
  await set.giveBack(await taking);
  await set.giveBack(b);
});

Deno.test("GuestSet.take() fails where there is nobody to make room", async () => {
  const { take } = guestsOf(5, 1);
  await take("a");
  const error = await assertRejects(() => take("b"), AegisError);
  assertEquals(error.code, "TooManySandboxes");
});

Deno.test("GuestSet.close() waits for guests that are on their way back, and never fails", async () => {
  const { set, made, take } = guestsOf(5), kept = await take("a"), late = await take("b");
  await set.giveBack(kept);
  const [first, second] = made, reset = Promise.withResolvers<void>();
  assert(first !== undefined && second !== undefined);
  first.close = () => Promise.reject(new Error("it is gone"));
  second.reset = () => reset.promise;
  void set.giveBack(late);
  let closed = false;
  const closing = set.close().then(() => closed = true);
  await settled();
  assertEquals([closed, second.closed], [false, false]);
  reset.resolve();
  await closing;
  assertEquals([second.closed, set.idle], [true, 0]);
});

Deno.test("GuestSet closes a guest that nobody has wanted for a while, and no other", async () => {
  const { set, timers, made, take } = guestsOf(3), first = await take("a"), second = await take("a");
  await set.giveBack(first);
  await timers.pass(3000);
  await set.giveBack(second);
  await timers.pass(2500);
  assertEquals([made.map(({ closed }) => closed), set.idle], [[true, false], 1]);
  const again = await take("a");
  await timers.pass(60_000);
  assertEquals([again === second, made[1]?.closed], [true, false], "one that is in use stays");
  await set.giveBack(again);
  await timers.pass(4000);
  assertEquals(made[1]?.closed, false, "its time begins anew");
  await timers.pass(1000);
  assertEquals(set.idle, 0);
});
