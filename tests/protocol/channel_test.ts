import { ABORT_REASONS } from "../../src/core/outcome.ts";
import { GuestEnd, HostEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import {
  BEFORE,
  CONTROLS,
  FRAME_START,
  FRAMES,
  METERS,
  STATES,
  TURNS,
  WORDS,
} from "../../src/protocol/layout.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

function pair(): { host: HostEnd; guest: GuestEnd; words: Int32Array } {
  const buffer = createSharedBuffer(65536);
  return { host: new HostEnd(buffer), guest: new GuestEnd(buffer), words: new Int32Array(buffer, 0, 64) };
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const later = new Promise((resolve) => setTimeout(resolve, 5, pending));
  return await Promise.race([promise, later]) !== pending;
}

/** Awaits a promise that a wait on shared memory settles: such a wait alone does not keep the event loop going. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => timer = setTimeout(reject, 5000, new Error("Not settled")));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("the layout gives every word and meter a place of its own, before the frames", () => {
  const taken = [
    ...Object.values(WORDS).map((word) => [4 * word, 4 * word + 4]),
    ...Object.values(METERS).flatMap((meter) => [meter, meter + BEFORE]).map((
      word,
    ) => [8 * word, 8 * word + 8]),
  ].sort(([one = 0], [other = 0]) => one - other);
  // What the host writes is none of those that are kept from before the call.
  const hosts = [METERS.fuelBudget, METERS.pausedTime].map((meter) => 8 * (meter + BEFORE));
  const places = taken.filter(([from = 0]) => !hosts.includes(from));
  for (const [index, [from = 0]] of places.entries()) {
    assert(from >= (places[index - 1]?.[1] ?? 0), `byte ${from} is taken twice`);
  }
  assert((places.at(-1)?.[1] ?? 0) <= FRAME_START, "all end before frames begin");
});

Deno.test("a channel refuses a buffer that cannot hold its words", () => {
  assertThrows(() => new HostEnd(new SharedArrayBuffer(FRAME_START - 1)), RangeError, "too small");
});

Deno.test("HostEnd.give() hands frame and turn to the guest, and the answer comes back", async () => {
  const { host, guest, words } = pair();
  assertEquals(words[WORDS.turn], TURNS.host, "the host begins");
  host.writer().string("question");
  host.give(FRAMES.call);
  await guest.nextTurn();
  assertEquals([guest.frameKind, guest.reader().string()], [FRAMES.call, "question"]);
  guest.writer().string("answer");
  guest.give(FRAMES.result);
  assertEquals(await host.nextTurn(), true);
  assertEquals([host.frameKind, host.reader().string()], [FRAMES.result, "answer"]);
});

Deno.test("HostEnd.nextTurn() waits until the guest gives the turn", async () => {
  const { host, guest } = pair();
  host.writer();
  host.give(FRAMES.call);
  const turn = host.nextTurn();
  assertEquals(await isSettled(turn), false);
  guest.writer();
  guest.give(FRAMES.result);
  assertEquals(await settled(turn), true);
});

Deno.test("HostEnd.nextTurn() goes on waiting when the bell rings for something else", async () => {
  const { host, guest, words } = pair();
  host.writer();
  host.give(FRAMES.call);
  const turn = host.nextTurn();
  Atomics.add(words, WORDS.hostBell, 1);
  Atomics.notify(words, WORDS.hostBell);
  assertEquals(await isSettled(turn), false);
  guest.writer();
  guest.give(FRAMES.result);
  assertEquals(await settled(turn), true);
});

Deno.test("HostEnd.end() ends the wait for the turn and tells the guest to abort", async () => {
  const { host, guest } = pair();
  host.writer();
  host.give(FRAMES.call);
  const turn = host.nextTurn();
  host.end();
  assertEquals(await settled(turn), false);
  assertEquals([guest.control, guest.abortReason], [CONTROLS.abort, ABORT_REASONS.closed]);
  assertEquals(await host.nextTurn(), false);
});

Deno.test("HostEnd.giveSilently() gives the turn with a frame of kind none", async () => {
  const { host, guest } = pair();
  host.writer().string("left over");
  host.giveSilently();
  await guest.nextTurn();
  assertEquals(guest.frameKind, FRAMES.none);
  assertThrows(() => guest.reader().u8(), Error, "past the end");
});

Deno.test("HostEnd sets control and its reason, and takes them back", () => {
  const { host, guest } = pair();
  assertEquals(guest.control, CONTROLS.run);
  host.pause();
  assertEquals(guest.control, CONTROLS.pause);
  for (const reason of ["timeout", "cancelled", "closed"] as const) {
    host.abort(reason);
    assertEquals([guest.control, guest.abortReason], [CONTROLS.abort, ABORT_REASONS[reason]]);
  }
  host.run();
  assertEquals(guest.control, CONTROLS.run);
});

Deno.test("GuestEnd.waitForTurn() and waitWhilePaused() return at once when there is nothing to wait for", () => {
  const { host, guest } = pair();
  guest.waitWhilePaused(0);
  host.abort("timeout");
  guest.waitWhilePaused(0);
  host.writer();
  host.give(FRAMES.hostReturn);
  guest.waitForTurn();
});

Deno.test("HostEnd.meters() reads what the guest published, large numbers included", () => {
  const { host, guest, words } = pair();
  host.setFuelBudget(2n ** 62n);
  assertEquals(guest.fuelBudget, 2n ** 62n);
  guest.setFuelUsed(2n ** 61n + 1n);
  const meters = { memory: 2 ** 34, hostCalls: 3, parkedTime: 0.25, refusedGrowths: 4, beats: 5 } as const;
  for (const [name, value] of Object.entries(meters)) guest.setMeter(name as keyof typeof meters, value);
  assertEquals(host.meters(), { fuelUsed: 2n ** 61n + 1n, ...meters });
  for (const [state, code] of Object.entries(STATES)) {
    guest.setState(state as keyof typeof STATES);
    assertEquals(words[WORDS.state], code);
  }
});

Deno.test("a hostile frame length is an error for its reader, and nothing more", () => {
  const { host, guest, words } = pair();
  for (const length of [-1, 2 ** 31 - 1, -(2 ** 31), 1_000_000]) {
    guest.writer().u8(1);
    guest.give(FRAMES.result);
    words[WORDS.frameLength] = length;
    assertThrows(() => host.reader(), Error, `a frame of ${length} bytes`);
  }
});

/** A guest in a Worker; `ask` sends it a task and serves its questions until the result is there. */
async function withWorker(use: (host: HostEnd, words: Int32Array) => Promise<void>): Promise<void> {
  const { host, words } = pair();
  const worker = new Worker(new URL("./channel_worker.ts", import.meta.url), { type: "module" });
  const failed = new Promise<never>((_, reject) =>
    worker.onerror = (event) => reject(new Error(event.message))
  );
  try {
    host.giveSilently();
    worker.postMessage(host.buffer);
    await Promise.race([host.nextTurn(), failed]);
    await Promise.race([use(host, words), failed]);
  } finally {
    worker.terminate();
  }
}

Deno.test("a guest parks in a call of the host until it has its turn again", async () => {
  await withWorker(async (host) => {
    host.writer().string("ask");
    host.give(FRAMES.call);
    for (let turn = 0; turn < 3; turn++) {
      assert(await host.nextTurn());
      assertEquals([host.frameKind, host.reader().u32()], [FRAMES.hostCall, turn]);
      host.writer().u32(turn * 10);
      host.give(FRAMES.hostReturn);
    }
    assert(await host.nextTurn());
    assertEquals([host.frameKind, host.reader().string()], [FRAMES.result, "ask done"]);
  });
});

Deno.test("a guest that pauses parks until the host lets it run, or aborts it", async () => {
  await withWorker(async (host, words) => {
    for (const goOn of [() => host.run(), () => host.abort("timeout")]) {
      host.pause();
      host.writer().string("pause");
      host.give(FRAMES.call);
      const turn = host.nextTurn();
      while (Atomics.load(words, WORDS.state) !== STATES.paused) {
        await new Promise((done) => setTimeout(done, 1));
      }
      assertEquals(await isSettled(turn), false);
      goOn();
      assert(await turn);
      assertEquals(host.reader().string(), "pause done");
      Atomics.store(words, WORDS.state, STATES.idle);
    }
  });
});

Deno.test("thousands of turns go to and fro without one getting lost", async () => {
  await withWorker(async (host) => {
    for (let call = 0; call < 2000; call++) {
      host.writer().string(String(call));
      host.give(FRAMES.call);
      assert(await host.nextTurn());
      assertEquals(host.reader().string(), `${call} done`);
    }
  });
});
