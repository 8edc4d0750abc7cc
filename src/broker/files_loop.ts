/**
 * The files broker's thread. It parks on the bell in Atomics.wait, serves the sandboxes whose ready bits are set, one operation
 * each and then the next sandbox, and goes back to the event loop when the host has posted something: what is posted before
 * an operation is asked for is known when it is done.
 */
import type { Clock } from "./clock.ts";
import type { FilesService } from "./files_service.ts";
import { BROKER_WORDS, LOOK_AROUND } from "../protocol/broker_words.ts";

/** Milliseconds that the thread looks for more work before it parks: about what waking up takes. */
const SPIN_TIME = 0.05;

/** Looks at the bell between two looks at the clock. */
const LOOKS = 64;

/** What is looped over. */
export type LoopedService = Pick<FilesService, "serve" | "serveAll" | "audit">;

export class FilesLoop {
  readonly #words: Int32Array;
  readonly #mail: Int32Array;
  readonly #service: LoopedService;
  readonly #clock: Clock;
  readonly #spin: boolean;
  /** Where the last look at the ready words ended. */
  #word: number = BROKER_WORDS.ready;

  constructor(
    service: LoopedService,
    options: {
      readonly words: SharedArrayBuffer;
      readonly mail: SharedArrayBuffer;
      readonly clock: Clock;
      readonly spin: boolean;
    },
  ) {
    this.#service = service;
    this.#words = new Int32Array(options.words);
    this.#mail = new Int32Array(options.mail);
    this.#clock = options.clock;
    this.#spin = options.spin;
  }

  /** Serves until the host has posted more messages than were `read`. */
  run(read: number): void {
    while (!this.#hasMail(read)) {
      const seen = Atomics.load(this.#words, BROKER_WORDS.bell), worked = this.#serveReady(read);
      const due = this.#service.audit.settle(!worked);
      if (worked) continue;
      // Mail that came after it was looked for has rung the bell.
      if (this.#hasMail(read)) return;
      this.#park(seen, due);
    }
  }

  #hasMail(read: number): boolean {
    return (Atomics.load(this.#mail, 0) - read | 0) > 0;
  }

  /** One round over all that are ready; whether there was any work. */
  #serveReady(read: number): boolean {
    const words = this.#words, count = words.length - BROKER_WORDS.ready;
    let worked = false;
    for (let turn = 0; turn < count; turn++) {
      const word = this.#word;
      this.#word = word + 1 < words.length ? word + 1 : BROKER_WORDS.ready;
      for (let bits = Atomics.exchange(words, word, 0); bits !== 0; bits &= bits - 1) {
        if (this.#hasMail(read)) {
          Atomics.or(words, word, bits); // they are served when the mail has been read
          return true;
        }
        const bit = 31 - Math.clz32(bits & -bits);
        worked = this.#service.serve((word - BROKER_WORDS.ready) * 32 + bit) || worked;
      }
    }
    return worked;
  }

  /** Waits for the bell, or until so many milliseconds have passed. */
  #park(seen: number, due: number): void {
    if (this.#spin && this.#spinForBell(seen)) return;
    const woken = Atomics.wait(this.#words, BROKER_WORDS.bell, seen, Math.min(due, LOOK_AROUND));
    if (woken === "timed-out") this.#service.serveAll();
  }

  /** Only called when the thread runs out of work, so an idle thread spins once. */
  #spinForBell(seen: number): boolean {
    const until = this.#clock.now() + SPIN_TIME;
    do {
      for (let looks = LOOKS; looks > 0; looks--) {
        if (Atomics.load(this.#words, BROKER_WORDS.bell) !== seen) return true;
      }
    } while (this.#clock.now() < until);
    return false;
  }
}
