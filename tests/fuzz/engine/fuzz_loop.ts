/**
 * The loop: an input of the corpus is changed and tried; where it reached what none had, it joins the corpus. Without
 * counters it is blind, and changes seeds alone.
 */
import { Corpus } from "./corpus.ts";
import type { Counters } from "./counters.ts";
import { havoc } from "./havoc.ts";
import { crashKey, tryInput } from "./try_input.ts";
import type { Attempts, Input, Target } from "../target.ts";
import { Random } from "../../wasm/random.ts";

/** Bytes of an input, unless the target says otherwise. */
export const MOST_BYTES = 4096;

export interface LoopOptions {
  readonly seed: number;
  /** Ends the loop: asked after each input. */
  readonly ends: (executions: number) => boolean;
  readonly inputs: readonly Input[];
  readonly words: readonly Input[];
  readonly counters?: Counters | undefined;
  /** Counts what is reached without using it. @default false */
  readonly blind?: boolean;
  /** Told before an input is tried: if the process dies of it, that is known. */
  readonly onInput?: (input: Input) => void;
  /** Told of a failure of a kind that was not seen before. */
  readonly onCrash: (input: Input, why: string) => Promise<void>;
  readonly onNew?: (input: Input) => void;
}

export class FuzzLoop {
  readonly corpus: Corpus = new Corpus();
  executions = 0;
  crashes = 0;
  readonly #kinds = new Set<string>();
  readonly #random: Random;

  constructor(readonly target: Target, readonly attempts: Attempts, readonly options: LoopOptions) {
    this.#random = new Random(options.seed);
  }

  /** Tries the first inputs, then changed ones, to the end. */
  async run(): Promise<void> {
    const { inputs, ends } = this.options;
    for (const input of inputs) {
      if (ends(this.executions)) return;
      await this.#try(input, true);
    }
    if (this.corpus.size === 0) this.corpus.add(new Uint8Array(), 0, 1);
    while (!ends(this.executions)) {
      const { input, bore } = this.corpus.pick(this.#random);
      const changed = this.#change(input);
      if (changed.length <= this.#mostBytes && await this.#try(changed, false)) bore();
    }
  }

  get #mostBytes(): number {
    return this.target.mostBytes ?? MOST_BYTES;
  }

  #change(input: Input): Input {
    const random = this.#random, { words } = this.options;
    const known = this.target.change === undefined || random.below(3) === 0
      ? undefined
      : this.target.change(input, random);
    if (known !== undefined && random.below(4) > 0) return known;
    const { text = false } = this.target;
    return havoc(known ?? input, random, {
      words,
      text,
      other: this.corpus.any(random),
      mostBytes: this.#mostBytes,
    });
  }

  /** Whether it reached something new. */
  async #try(input: Input, isSeed: boolean): Promise<boolean> {
    const { counters, blind = false, onInput, onCrash, onNew } = this.options;
    onInput?.(input);
    counters?.clear();
    const { failure, took } = await tryInput(this.attempts, input, this.target.patience);
    this.executions++;
    const found = counters?.news() ?? 0;
    if (failure !== undefined) {
      const kind = crashKey(failure);
      this.crashes++;
      if (this.#kinds.has(kind)) return false;
      this.#kinds.add(kind);
      await onCrash(input, failure);
      return false;
    }
    // Without counters nobody knows which seeds are worth keeping.
    const keeps = counters === undefined || blind ? isSeed : found > 0;
    if (!keeps) return false;
    this.corpus.add(input, found, took);
    if (!isSeed) onNew?.(input);
    return true;
  }
}
