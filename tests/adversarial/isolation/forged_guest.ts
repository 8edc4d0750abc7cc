/**
 * Stands in for a guest whose Worker fell into wrong hands: while one of these is in force, the Workers that the library
 * starts for guests run another program, which holds the same shared buffer as the real one would. Guests in processes
 * get it by way of the relay, which is told what they run.
 */

import { FRAME_START, WORDS } from "../../../src/protocol/layout.ts";

/** Program text of a forged guest; it sees `words`, `floats`, `integers`, `bytes`, `give(kind, length)` and `turn()`. */
export type Forgery = string;

/** What forged programs begin with: the words of the channel by number, as `protocol/layout.ts` has them. */
const PRELUDE = `
  const TURN = ${WORDS.turn}, GUEST_BELL = ${WORDS.guestBell}, HOST_BELL = ${WORDS.hostBell}, KIND = ${WORDS.frameKind},
    LENGTH = ${WORDS.frameLength}, RESULT = 10, HOST_CALL = 11;
  onmessage = (event) => {
    if (event.data.kind !== "start") return;
    const buffer = event.data.buffer;
    const words = new Int32Array(buffer, 0, 64);
    // The frame area begins at index 128 of these, wherever it lies in the buffer.
    const bytes = new Uint8Array(buffer, ${FRAME_START - 128}), view = new DataView(buffer, ${
  FRAME_START - 128
});
    const integers = new BigInt64Array(buffer, 0, 16), floats = new Float64Array(buffer, 0, 16);
    const give = (kind, length) => {
      Atomics.store(words, KIND, kind);
      Atomics.store(words, LENGTH, length);
      Atomics.store(words, TURN, 0);
      Atomics.add(words, HOST_BELL, 1);
      Atomics.notify(words, HOST_BELL);
    };
    // It is always to be woken.
    Atomics.add(words, ${WORDS.guestParked}, 1);
    const end = Date.now() + 12000;
    const turn = () => {
      // Nobody can stop a thread that waits here; it goes by itself.
      for (;;) {

        const seen = Atomics.load(words, GUEST_BELL);
        if (Atomics.load(words, TURN) === 1) return;
        Atomics.wait(words, GUEST_BELL, seen, 500);
        if (Date.now() > end) throw new Error("the test is over");
      }
    };
    give(0, 0);
    const loaded = () => {
      // The first turn comes with the message that loads the module; answer that all is well.
      turn();
      bytes[128] = 0;
      view.setUint32(129, 0, true);
      give(RESULT, 5);
    };
    loaded();
`;

/** Runs work while guests are forged; everything that is started meanwhile must be closed by the work. */
export async function withForgedGuests<T>(forgery: Forgery, work: () => Promise<T>): Promise<T> {
  const program = `${PRELUDE}\n${forgery}\n};`;
  return await withWorkers((source) => program.length > 0 && source.length > 0 ? program : source, work);
}

/** Runs work while the buffers of guests are shown to `seen`; the guests are the real ones. */
export async function withSeenBuffers<T>(
  seen: (buffer: SharedArrayBuffer) => void,
  work: () => Promise<T>,
): Promise<T> {
  return await withWorkers((source) => source, work, seen);
}

/** A message to the relay; the first one says what guests run. */
function withProgram(message: unknown, program: (source: string) => string): unknown {
  const { kind, guestProgram = "" } = message as { kind?: unknown; guestProgram?: string }; // ours, an object
  return kind === "settings" ? { ...message as object, guestProgram: program(guestProgram) } : message;
}

async function withWorkers<T>(
  program: (source: string) => string,
  work: () => Promise<T>,
  seen: (buffer: SharedArrayBuffer) => void = () => {},
): Promise<T> {
  const Original = globalThis.Worker;
  class Watched extends Original {
    readonly #guest: boolean;
    readonly #relay: boolean;

    constructor(url: string | URL, options: WorkerOptions = {}) {
      super(url, options);
      this.#guest = options.name === "aegis-guest";
      this.#relay = options.name === "aegis-relay";
    }

    override postMessage(message: unknown, ...rest: unknown[]): void {
      const send = super.postMessage.bind(this) as (...args: unknown[]) => void; // both overloads
      if (this.#relay) return send(withProgram(message, program));
      if (!this.#guest) return send(message, ...rest);
      if (typeof message === "string") return send(program(message));
      const { buffer } = message as { buffer?: SharedArrayBuffer }; // the first message to a guest has one
      if (buffer !== undefined) seen(buffer);
      send(message, ...rest);
    }
  }
  globalThis.Worker = Watched;
  try {
    return await work();
  } finally {
    globalThis.Worker = Original;
  }
}
