/** The back end of processes, with relays that say what a test wants when it wants it. */
import { resolveLimits } from "../../src/core/limits.ts";
import type { StartMessage } from "../../src/guest/messages.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import type { RelayReport, RelayRequest } from "../../src/relay/relay_messages.ts";
import { ProcessBackEnd } from "../../src/sandbox/process_back_end.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds after which a relay without a guest would have been closed. */
const LONG_IDLE = 300;

/** A Worker that only takes note. */
class FakeRelay {
  readonly requests: RelayRequest[] = [];
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onerror: ((event: { readonly message: string; preventDefault(): void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  terminated = false;

  postMessage(message: string | RelayRequest): void {
    if (typeof message === "string") return; // its program
    this.requests.push(structuredClone(message));
  }

  terminate(): void {
    this.terminated = true;
  }

  report(report: RelayReport): void {
    this.onmessage?.({ data: report });
  }

  get kinds(): string[] {
    return this.requests.map(({ kind }) => kind);
  }
}

/** Runs work with a back end and the relays that it starts. */
async function withRelays(
  work: (backEnd: ProcessBackEnd, relays: FakeRelay[]) => Promise<void>,
): Promise<void> {
  const Original = globalThis.Worker, relays: FakeRelay[] = [];
  const fake = function () {
    const relay = new FakeRelay();
    relays.push(relay);
    return relay;
  };
  globalThis.Worker = fake as unknown as typeof Worker; // as far as a back end uses one
  try {
    await work(new ProcessBackEnd(resolveLimits({})), relays);
  } finally {
    globalThis.Worker = Original;
  }
}

/** Starts a guest; why it was lost is noted. */
function startGuest(backEnd: ProcessBackEnd, lost: string[] = []) {
  const guest = backEnd.startGuest((why) => lost.push(why));
  // `as`: what else a guest is started with is not read here
  guest.post({ kind: "start", buffer: createSharedBuffer(4096), brokers: {} } as unknown as StartMessage);
  return guest;
}

function relayOf(relays: readonly FakeRelay[], index: number): FakeRelay {
  const relay = relays[index];
  assert(relay !== undefined);
  return relay;
}

Deno.test("ProcessBackEnd.close() ends when its own relay is closed, and not when the one before is", async () => {
  await withRelays(async (backEnd, relays) => {
    const ended: string[] = [];
    startGuest(backEnd);
    const first = backEnd.close().then(() => ended.push("first"));
    startGuest(backEnd);
    const second = backEnd.close().then(() => ended.push("second"));
    assertEquals(relays.length, 2);
    relayOf(relays, 0).report({ kind: "closed" });
    await wait(10);
    assertEquals([ended, relays.map(({ terminated }) => terminated)], [["first"], [true, false]]);
    relayOf(relays, 1).report({ kind: "closed" });
    await Promise.all([first, second]);
    assertEquals([ended, relayOf(relays, 1).terminated], [["first", "second"], true]);
  });
});

Deno.test("ProcessBackEnd.close() waits for what an idle relay still ends", async () => {
  await withRelays(async (backEnd, relays) => {
    startGuest(backEnd);
    relayOf(relays, 0).report({ kind: "ended", id: 1 });
    await wait(LONG_IDLE);
    assertEquals(relayOf(relays, 0).kinds, ["settings", "guest", "close"]);
    let closed = false;
    const close = backEnd.close().then(() => closed = true);
    await wait(10);
    assert(!closed);
    relayOf(relays, 0).report({ kind: "closed" });
    await close;
  });
});

Deno.test("ProcessBackEnd keeps a relay that was idle and has a guest again", async () => {
  await withRelays(async (backEnd, relays) => {
    startGuest(backEnd);
    relayOf(relays, 0).report({ kind: "ended", id: 1 });
    relayOf(relays, 0).report({ kind: "ended", id: 1 });
    startGuest(backEnd);
    await wait(LONG_IDLE);
    assertEquals(relayOf(relays, 0).kinds, ["settings", "guest", "guest"]);
    const close = backEnd.close();
    relayOf(relays, 0).report({ kind: "closed" });
    await close;
  });
});

Deno.test("ProcessBackEnd loses the guests of a relay that failed, and no others", async () => {
  await withRelays(async (backEnd, relays) => {
    const lost: string[] = [], live: string[] = [], old = startGuest(backEnd, lost);
    const closing = backEnd.close();
    startGuest(backEnd, live);
    relayOf(relays, 0).onerror?.({ message: "boom", preventDefault: () => {} });
    assertEquals([lost, live], [["the relay failed: boom"], []]);
    old.terminate();
    old.post({ kind: "reset", drop: false, timeout: 1 });
    assertEquals(relays.length, 2, "what concerns a guest that is lost starts no relay");
    const close = backEnd.close();
    relayOf(relays, 1).report({ kind: "closed" });
    await Promise.all([closing, close]);
  });
});

Deno.test("ProcessBackEnd does not wait for a guest that could not be posted", async () => {
  await withRelays(async (backEnd, relays) => {
    const guest = backEnd.startGuest(() => {}), run = () => {};
    // `as`: no message has a function
    assertThrows(
      () => guest.post({ kind: "start", brokers: {}, run } as unknown as StartMessage),
      DOMException,
    );
    guest.terminate();
    startGuest(backEnd);
    relayOf(relays, 0).report({ kind: "ended", id: 2 });
    await wait(LONG_IDLE);
    assertEquals(relayOf(relays, 0).kinds, ["settings", "guest", "close"], "it is idle");
    relayOf(relays, 0).report({ kind: "closed" });
    await backEnd.close();
  });
});
