/** Watches for a profile. */
import { CallStack } from "./call_stack.ts";
import { Profile, type ProfileData } from "./profile.ts";
import { NO_STEPS, type TraceOptions } from "./trace.ts";
import type { WatchedPlace, Watcher } from "../run/watcher.ts";

export class Profiler implements Watcher {
  readonly steps: number = NO_STEPS;
  readonly #profile = new Profile();
  readonly #stack: CallStack;

  constructor({ consumed, moduleOf, store }: Pick<TraceOptions, "consumed" | "moduleOf" | "store">) {
    this.#stack = new CallStack({
      listener: this.#profile,
      consumed,
      moduleOf,
      word: (address) => store.machine.word(address),
    });
  }

  stepped(): void {}

  entered(place: WatchedPlace): void {
    this.#stack.enter(place);
  }

  left(place: WatchedPlace): void {
    this.#stack.leave(place);
  }

  unwound(fp: number): void {
    this.#stack.unwind(fp);
  }

  failed(fp: number): void {
    this.#stack.fail(fp);
  }

  calling(): void {}

  returned(): void {}

  /** The call has ended. @param room bytes that what was counted may take */
  end(room: number): ProfileData {
    return this.#profile.taken(room);
  }
}
