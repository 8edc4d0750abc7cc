/** Saves a run in the midst of what it does: from time to time, and when it is asked to; once at a time. */
import type { Timers } from "../sandbox/timers.ts";

export interface RunSaverPorts {
  readonly timers: Timers;
  /** Milliseconds between two; undefined for never by itself. */
  readonly every: number | undefined;
  /** The state of the run. @throws when there is none now */
  readonly snapshot: () => Promise<Uint8Array>;
  /** @returns whether it was kept */
  readonly keep: (state: Uint8Array) => boolean;
}

export class RunSaver {
  readonly #ports: RunSaverPorts;
  #saving: Promise<boolean> | undefined;
  #stopTimer: (() => void) | undefined;
  #stopped = false;

  constructor(ports: RunSaverPorts) {
    this.#ports = ports;
    this.#wait();
  }

  /** Whether the run's state is kept now. Who comes while it is being saved gets that state. Never fails. */
  save(): Promise<boolean> {
    return this.#saving ??= this.#save().finally(() => this.#saving = undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer?.();
  }

  async #save(): Promise<boolean> {
    let state: Uint8Array;
    try {
      state = await this.#ports.snapshot();
    } catch {
      return false; // it has ended, or holds what cannot be saved
    }
    return !this.#stopped && this.#ports.keep(state);
  }

  #wait(): void {
    const { every, timers } = this.#ports;
    if (every === undefined || this.#stopped) return;
    this.#stopTimer = timers.after(every, () => void this.save().then(() => this.#wait()), true);
  }
}
