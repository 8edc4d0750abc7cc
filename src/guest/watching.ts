/**
 * The guest's side of watching: traces, profiles and steps calls of code that was made for it. It runs while the guest
 * stands still between two of its instructions, and consumes none of its fuel; its time is the guest's, but for what the
 * guest waits for whoever steps it.
 */
import type { WatchedPlace, Watcher } from "../interp/run/watcher.ts";
import type { Store } from "../interp/run/store.ts";
import type { LeavingCall } from "../interp/run/watcher.ts";
import { NameFilter } from "../interp/watch/name_filter.ts";
import { Profiler } from "../interp/watch/profiler.ts";
import { type Go, Stepper, type StopReason } from "../interp/watch/stepper.ts";
import { Trace } from "../interp/watch/trace.ts";
import { TraceLines } from "../interp/watch/trace_lines.ts";
import { WatchedModules } from "../interp/watch/watched_modules.ts";
import {
  decodeWatch,
  encodeWatch,
  type WatchCommand,
  WATCHED,
  type WatchSettings,
} from "../protocol/watch_messages.ts";

/** What is told, between two looks at whether the guest may go on. */
const UNCHECKED = 256;

/** What it needs of the machine. */
export interface WatchPort {
  /** Fuel that was consumed. */
  readonly consumed: () => bigint;
  /** What all instances of this life are in; undefined where none is interpreted. */
  readonly store: () => Store | undefined;
  /** Whether the guest may go on; stops it if not. */
  readonly mayGoOn: () => boolean;
  /** Tells the host, and parks until it has answered; undefined when it has not. */
  readonly tell: (kind: number, bytes: Uint8Array) => Uint8Array | undefined;
  /** Bytes that can be told at once. */
  readonly room: number;
}

/** What was seen of a call. */
interface Watch {
  readonly watcher: Watcher;
  readonly end: () => object;
}

export class Watching implements Watcher {
  readonly #port: WatchPort;
  readonly #modules = new WatchedModules();
  #watch: Watch | undefined;
  #told = 0;

  constructor(port: WatchPort) {
    this.#port = port;
  }

  /** Who watches, if anybody does. */
  readonly current = (): Watcher | undefined => this.#watch === undefined ? undefined : this;

  /** From now on the guest is watched. @throws {TypeError} where nothing is interpreted */
  begin(settings: WatchSettings): void {
    const store = this.#port.store();
    if (store === undefined) throw new TypeError("Only the interpreter's code can be watched");
    const { consumed } = this.#port, of = { store, consumed, moduleOf: this.#modules.of };
    switch (settings.mode) {
      case "trace": {
        const { level, filter } = settings;
        const lines = new TraceLines(settings.lines, (text) => this.#send(text));
        const trace = new Trace({ ...of, level, lines, filter: new NameFilter(filter) });
        this.#watch = {
          watcher: trace,
          end: () => {
            trace.end();
            return { lines: lines.count, cut: lines.cut };
          },
        };
        break;
      }
      case "profile": {
        const profiler = new Profiler(of);
        this.#watch = { watcher: profiler, end: () => profiler.end(this.#port.room) };
        break;
      }
      case "step": {
        const stepper: Stepper = new Stepper(of, (reason) => this.#converse(stepper, reason));
        stepper.breakAt(settings.breakAt);
        this.#watch = { watcher: stepper, end: () => ({}) };
      }
    }
  }

  /** Nobody watches any more. @returns what was seen, as it goes to the host */
  end(): Uint8Array {
    const watch = this.#watch;
    try {
      return encodeWatch(watch?.end() ?? {});
    } finally {
      this.#watch = undefined;
    }
  }

  /** A new life begins. */
  clear(): void {
    this.#watch = undefined;
  }

  get steps(): number {
    return this.#watch?.watcher.steps ?? 0;
  }

  stepped(place: WatchedPlace): void {
    this.#look();
    this.#watch?.watcher.stepped(place);
  }

  entered(place: WatchedPlace): void {
    this.#look();
    this.#watch?.watcher.entered(place);
  }

  left(place: WatchedPlace): void {
    this.#watch?.watcher.left(place);
  }

  unwound(fp: number): void {
    this.#watch?.watcher.unwound(fp);
  }

  failed(fp: number): void {
    this.#watch?.watcher.failed(fp);
  }

  calling(place: WatchedPlace, call: LeavingCall): void {
    this.#watch?.watcher.calling(place, call);
  }

  returned(place: WatchedPlace, call: LeavingCall): void {
    this.#watch?.watcher.returned(place, call);
  }

  /** To watch takes longer than to run: the tests in the guest's code come too seldom. */
  #look(): void {
    if (++this.#told % UNCHECKED === 0) this.#goOn();
  }

  /** @throws {Error} when the guest is to stop */
  #goOn(): void {
    if (!this.#port.mayGoOn()) throw new Error("The guest was stopped");
  }

  #send(text: string): void {
    this.#port.tell(WATCHED.trace, new TextEncoder().encode(text));
  }

  /** The guest stands still: does what the host says until it may go on. */
  #converse(stepper: Stepper, reason: StopReason): Go {
    let said = encodeWatch({ reason, fuel: String(stepper.fuel), ...stepper.standing });
    for (let kind: number = WATCHED.stopped;;) {
      const answer = this.#port.tell(kind, said);
      if (answer === undefined) {
        this.#port.mayGoOn(); // it says why
        throw new Error("The guest was stopped");
      }
      const command = decodeWatch(answer) as WatchCommand; // the host is believed
      switch (command.do) {
        case "step":
          this.#goOn();
          return { go: "step", count: command.count };
        case "over":
        case "out":
        case "continue":
          this.#goOn();
          return { go: command.do };
        case "frames":
          kind = WATCHED.answer;
          said = this.#fitting(stepper.frames());
          break;
        case "break":
          stepper.breakAt(command.at);
          kind = WATCHED.answer;
          said = encodeWatch({});
          break;
        case "memory": {
          const bytes = stepper.memory(command.index, command.offset, command.length);
          kind = bytes === undefined ? WATCHED.answer : WATCHED.bytes;
          said = bytes?.slice() as Uint8Array<ArrayBuffer> ?? encodeWatch({}); // a copy is never shared
        }
      }
    }
  }

  /** As many frames as can be told at once. */
  #fitting(frames: readonly object[]): Uint8Array<ArrayBuffer> {
    for (let count = frames.length;; count >>= 1) {
      const said = encodeWatch(frames.slice(0, count));
      if (said.length <= this.#port.room || count === 0) return said;
    }
  }
}
