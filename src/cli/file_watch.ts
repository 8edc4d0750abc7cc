/** Tells when a file has changed: by its time, its size and its number, looked at now and then. It needs to read that file alone. */

/** Milliseconds between two looks. */
const EVERY = 250;

export class FileWatch {
  readonly #path: string;
  readonly #changed: () => Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  /** What it was like when it was last taken. */
  #taken: string | undefined;
  /** What it was like at the last look: it may be in the midst of being written. */
  #seen: string | undefined;
  #busy = false;

  /** @param changed called when it has changed, and stands still */
  constructor(path: string, changed: () => Promise<void>, every: number = EVERY) {
    this.#path = path;
    this.#changed = changed;
    this.#taken = this.#seen = stateOf(path);
    this.#timer = setInterval(() => void this.#look(), every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const state = stateOf(this.#path), still = state === this.#seen;
    this.#seen = state;
    if (this.#busy || !still || state === undefined || state === this.#taken) return;
    this.#taken = state;
    this.#busy = true;
    await this.#changed().finally(() => this.#busy = false);
  }
}

/** Undefined while there is no file: who writes it anew may remove it first. */
function stateOf(path: string): string | undefined {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
