/** Inputs that reached something new, and which of them is changed next. */
import type { Input } from "../target.ts";
import type { Random } from "../../wasm/random.ts";

interface Entry {
  readonly input: Input;
  /** How much was new when it came. */
  readonly found: number;
  /** Milliseconds that it took. */
  readonly took: number;
  /** How often it was changed since, and how often that found something. */
  tried: number;
  bore: number;
}

/** A quick input is picked so many times as often as one that takes as long as most, and a slow one so much less often. */
const MOST_PACE = 1.5;

/** Each so many picks the weights are looked at again. */
const STALE = 64;

export class Corpus {
  readonly #entries: Entry[] = [];
  #weights: number[] = [];
  #sum = 0;
  #picks = 0;

  get size(): number {
    return this.#entries.length;
  }

  get inputs(): readonly Input[] {
    return this.#entries.map(({ input }) => input);
  }

  /** @param found how much was new @param took milliseconds */
  add(input: Input, found: number, took: number): void {
    this.#entries.push({ input, found, took, tried: 0, bore: 0 });
    this.#picks = 0;
  }

  /** Any input, each as often. */
  any(random: Random): Input {
    return random.pick(this.#entries).input;
  }

  /**
   * The input to be changed: those that found much, that bore others, that are short and quick and have not been tried
   * often come first.
   */
  pick(random: Random): { readonly input: Input; bore(): void } {
    if (this.#picks++ % STALE === 0) this.#weigh();
    let rest = random.below(2 ** 31) / 2 ** 31 * this.#sum, index = 0;
    while (index < this.#weights.length - 1 && (rest -= this.#weights[index] ?? 0) > 0) index++;
    const entry = this.#entries[index];
    if (entry === undefined) throw new RangeError("Cannot pick from an empty corpus");
    entry.tried++;
    return { input: entry.input, bore: () => void entry.bore++ };
  }

  #weigh(): void {
    const took = this.#entries.reduce((sum, entry) => sum + entry.took, 0) / this.#entries.length;
    this.#weights = this.#entries.map((entry) => {
      const worth = (1 + Math.log2(1 + entry.found)) * (1 + entry.bore) / (1 + Math.log2(1 + entry.tried));
      const pace = Math.min(MOST_PACE, Math.max(1 / MOST_PACE, took / Math.max(entry.took, 1e-3)));
      return worth * pace;
    });
    this.#sum = this.#weights.reduce((sum, weight) => sum + weight, 0);
  }
}
