/** What is fuzzed: how inputs are tried, what they begin with, and how long one may take. */
import type { Random } from "../wasm/random.ts";

/** An input of any target; those that need more than bytes read it out of them. */
export type Input = Uint8Array<ArrayBuffer>;

/** A target that is ready: it takes one input after the other. */
export interface Attempts {
  /** @throws what is no documented answer, and where an answer is wrong: that is a crash */
  attempt(input: Input): void | Promise<void>;
  close?(): void | Promise<void>;
}

export interface Target {
  /** What it holds against what, in a line. */
  readonly doc: string;
  /** Inputs to begin with. @param thorough whether seconds may be spent on making them */
  seeds(thorough: boolean): readonly Input[] | Promise<readonly Input[]>;
  /** What inputs are made of. */
  readonly words?: readonly (string | Input)[];
  /** Inputs are text: what is changed are characters, words and lines. @default false */
  readonly text?: boolean;
  /** Changes an input in a way that knows what is in it; undefined where it does not fit. */
  change?(input: Input, random: Random): Input | undefined;
  /** Longer inputs are not tried. @default 4096 */
  readonly mostBytes?: number;
  /** Milliseconds of processor time that an input may take, and more for each of its KiB. */
  readonly patience: Patience;
  open(): Attempts | Promise<Attempts>;
}

/** Milliseconds of processor time. */
export interface Patience {
  readonly base: number;
  readonly perKiB: number;
}
