/** A guest's thread, seen from the host, against one that does not keep to the channel's rules. */
import { AegisError } from "../../src/core/errors.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import type { FrameWriter } from "../../src/protocol/frame.ts";
import { FRAMES } from "../../src/protocol/layout.ts";
import { writeRequest } from "../../src/protocol/operation_frames.ts";
import { AegisEvents } from "../../src/sandbox/events.ts";
import { ExecutionEvents } from "../../src/sandbox/execution_events.ts";
import { GuestLost, GuestThread, type ThreadOptions } from "../../src/sandbox/guest_thread.ts";
import { HostFunctions } from "../../src/sandbox/host_functions.ts";
import type { HostContext } from "../../src/sandbox/host_context.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

/** Milliseconds from an abort until the guest is given up. */
const GRACE = 200, TIMEOUT = 100;

/** Calls the host for ten seconds: what is tested is that nobody listens for so long. */
function always(): Answers {
  const until = performance.now() + 10_000;
  return () => performance.now() < until ? FRAMES.hostCall : FRAMES.result;
}

/** What the guest answers to a turn of a kind: a frame of a kind, or nothing. */
type Answers = (kind: number) => number | undefined;

/** What else the guest and its host do. */
interface Ways {
  /** Milliseconds that the guest takes to let the host look into its memory. */
  readonly access?: number;
  /** Writes its frames. @default a call of the first function, or a result without values */
  readonly write?: (writer: FrameWriter) => void;
  /** Performs its operations. */
  readonly perform?: () => unknown;
}

function noArguments(writer: FrameWriter): void {
  writer.u32(0);
  writer.values([], []);
}

/**
 * A thread whose guest has its answer ready as soon as it has the turn: the host calls it in giving the turn away. What it calls
 * without end is `run`.
 */
async function startEager(
  run: (context: HostContext) => void,
  answers: Answers,
  ways: Ways = {},
): Promise<GuestThread> {
  const functions = new HostFunctions();
  functions.register("env", "f", { params: [], results: [], context: true, run });
  const limits = { frameSize: 65536 }, options = { limits, spin: true } as ThreadOptions; // what else a real guest reads is not there
  const { access = 0, perform, write = noArguments } = ways;
  let busy = 0;
  const answer = (end: GuestEnd, kind: number) => {
    for (const until = performance.now() + busy; performance.now() < until;);
    write(end.writer());
    end.give(kind);
  };
  const thread = await GuestThread.start(options, {
    sandbox: "a sandbox",
    functions,
    // What else there is to them is not asked for, and no content is passed.
    operations: { perform } as never,
    content: {} as never,
    executions: new ExecutionEvents("a sandbox", new AegisEvents()),
    startGuest: () => ({
      grace: GRACE,
      post: (message) => {
        if (message.kind === "start") answer(new GuestEnd(message.buffer), FRAMES.none);
      },
      terminate: () => {},
    }),
    attach: () => ({
      links: {},
      interrupt: () => {},
      resume: () => {},
      renew: () => {},
      narrow: () => {},
      told: () => Promise.resolve(true),
      release: () => Promise.resolve(),
    }),
  });
  const { channel } = thread, guest = new GuestEnd(channel.buffer), give = channel.give.bind(channel);
  channel.give = (kind) => {
    give(kind);
    const frame = answers(kind);
    busy = kind === FRAMES.readMemory ? access : 0;
    if (frame !== undefined) answer(guest, frame);
  };
  return thread;
}

Deno.test("a guest that always has its next question ready is out of time, though the host blocks", async () => {
  let calls = 0;
  const thread = await startEager(() => void calls++, always()), began = performance.now();
  assertThrows(() => thread.requestSync(FRAMES.call, () => {}, TIMEOUT), GuestLost, "did not stop");
  const elapsed = performance.now() - began;
  assert(elapsed < TIMEOUT + GRACE + 1500, `${elapsed} ms`);
  assert(calls > 100, `it was served ${calls} times before`);
});

Deno.test("a guest that always has its next question ready does not keep the event loop from others", async () => {
  let ticks = 0;
  const thread = await startEager(() => {}, always()), began = performance.now();
  const ticking = setInterval(() => ticks++, 10);
  try {
    await assertRejects(() => thread.request(FRAMES.call, () => {}, TIMEOUT), GuestLost, "did not stop");
  } finally {
    clearInterval(ticking);
  }
  assert(performance.now() - began < TIMEOUT + GRACE + 1500, "its time was watched");
  assert(ticks > 5, `a timer ran ${ticks} times`);
});

for (
  const [what, answer] of [
    ["answers too late", undefined],
    ["calls the host instead", FRAMES.hostCall],
  ] as const
) {
  Deno.test(`a guest that is asked for its memory and ${what} is lost`, async () => {
    const errors: unknown[] = [];
    const thread = await startEager(
      ({ memory }) => {
        try {
          memory.read(0, 8);
        } catch (error) {
          errors.push(error);
        }
      },
      // Its late answer would end the call with a value.
      (kind) => kind === FRAMES.readMemory ? answer : kind === FRAMES.call ? FRAMES.hostCall : FRAMES.result,
    );
    await assertRejects(
      () => thread.request(FRAMES.call, () => {}, 10_000),
      GuestLost,
      "look into its memory",
    );
    assertEquals(errors.map((error) => (error as Error).message), [
      "Cannot access memory: the guest does not answer",
    ]);
    assert(thread.lost, "nothing is asked of it again");
  });
}

Deno.test("a guest that is slow to let the host look into its memory is lost after a second of it", async () => {
  // What it answers late it answers while the host waits: here, as soon as the host parks.
  let looks = 0;
  const thread = await startEager(
    ({ memory }) => {
      for (; looks < 100; looks++) memory.read(0, 8);
    },
    (kind) =>
      kind === FRAMES.readMemory ? FRAMES.result : kind === FRAMES.call ? FRAMES.hostCall : FRAMES.result,
    { access: 300 },
  );
  const began = performance.now();
  await assertRejects(() => thread.request(FRAMES.call, () => {}, 10_000), GuestLost, "look into its memory");
  assert(looks < 6, `${looks} looks`);
  assert(performance.now() - began < 3000);
});

Deno.test("a slow host function is not called again for a guest whose time is over, though the host blocks", async () => {
  let calls = 0;
  const thread = await startEager(() => {
    calls++;
    for (const until = performance.now() + 150; performance.now() < until;);
  }, always());
  assertThrows(() => thread.requestSync(FRAMES.call, () => {}, TIMEOUT), GuestLost, "did not stop");
  assert(calls <= 3, `${calls} calls`);
});

Deno.test("what takes output slowly is not given more by a guest whose time is over, though the host blocks", async () => {
  let calls = 0;
  const until = performance.now() + 10_000;
  const thread = await startEager(
    () => {},
    () => performance.now() < until ? FRAMES.operation : FRAMES.result,
    {
      write: (writer) => writeRequest(writer, "writeOutput", { pieces: new Uint8Array(1) }),
      perform: () => {
        calls++;
        for (const end = performance.now() + 150; performance.now() < end;);
        return { errno: 0, reply: {} };
      },
    },
  );
  assertThrows(() => thread.requestSync(FRAMES.call, () => {}, TIMEOUT), GuestLost, "did not stop");
  assert(calls > 0 && calls <= 4, `${calls} calls`);
});

Deno.test("a frame that ends before what it has to say is a fault of the guest", async () => {
  const answers: Answers = (kind) => kind === FRAMES.call ? FRAMES.hostCall : FRAMES.result;
  const thread = await startEager(() => {}, answers, { write: (writer) => writer.u8(0) });
  await thread.request(FRAMES.call, () => {}, TIMEOUT);
  const error = thread.hostError?.error;
  assert(error instanceof AegisError && error.code === "GuestFault", String(error));
});
