/**
 * Guests that run on this thread: while it is in force, the Workers that the library starts for guests are none, and
 * whenever the host gives one its turn, a function is called. So thousands of forged guests fit into a second.
 */
import { TURNS, WORDS } from "../../src/protocol/layout.ts";

/** A turn of the guest's. */
export interface GuestTurn {
  /** The control words, as the guest sees them. */
  readonly words: Int32Array;
  /** The whole channel. */
  readonly bytes: Uint8Array;
  /** Whether it came with a message: the guest is to start, to load, or to begin anew. */
  readonly loads: boolean;
  /** Gives the turn to a side. */
  pass(turn: number): void;
}

class GuestHere {
  onmessage: unknown = null;
  onerror: unknown = null;
  onmessageerror: unknown = null;
  #words: Int32Array | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #ended = false;

  constructor(readonly take: (turn: GuestTurn) => void) {}

  postMessage(message: unknown): void {
    if (typeof message === "string" || this.#ended) return;
    const { buffer } = message as { buffer?: SharedArrayBuffer }; // the first message has one
    if (buffer !== undefined) {
      this.#words = new Int32Array(buffer, 0, 64);
      this.#bytes = new Uint8Array(buffer);
      Atomics.add(this.#words, WORDS.guestParked, 1);
    }
    queueMicrotask(() => this.#turn(true));
    if (buffer !== undefined) void this.#listen();
  }

  terminate(): void {
    this.#ended = true;
    if (this.#words !== undefined) Atomics.notify(this.#words, WORDS.guestBell);
  }

  addEventListener(): void {}
  removeEventListener(): void {}

  #turn(loads: boolean): void {
    const words = this.#words;
    if (words === undefined || this.#ended || Atomics.load(words, WORDS.turn) !== TURNS.guest) return;
    this.take({
      words,
      bytes: this.#bytes,
      loads,
      pass: (turn) => {
        Atomics.store(words, WORDS.turn, turn | 0);
        Atomics.add(words, WORDS.hostBell, 1);
        Atomics.notify(words, WORDS.hostBell);
      },
    });
  }

  async #listen(): Promise<void> {
    const words = this.#words;
    while (words !== undefined && !this.#ended) {
      const seen = Atomics.load(words, WORDS.guestBell);
      // A turn without a frame comes with a message.
      if (Atomics.load(words, WORDS.frameKind) !== 0) this.#turn(false);
      const wait = Atomics.waitAsync(words, WORDS.guestBell, seen, 1000);
      if (wait.async) await wait.value;
    }
  }
}

/** Runs work while the guests that are started are on this thread. */
export async function withGuestsHere<Result>(
  take: (turn: GuestTurn) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options: WorkerOptions = {}) {
      if (options.name === "aegis-guest") return new GuestHere(take) as unknown as Worker; // what is used of one
      super(url, options);
    }
  };
  try {
    return await work();
  } finally {
    globalThis.Worker = Original;
  }
}
