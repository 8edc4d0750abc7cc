/** Work of many kinds, done over and over in lanes; what each time came to is compared with what it must be. */

/** One kind of work. */
export interface Kind {
  readonly name: string;
  /** Whether it does what a customer does, or what an attacker does. */
  readonly honest: boolean;
  /** Does it once. @returns how it ended, in words */
  readonly run: (turn: number) => Promise<string>;
  /** What it must come to. */
  readonly ends: string | ((turn: number) => string);
}

/** Counts of one kind. */
export interface Tally {
  readonly honest: boolean;
  /** How often it ended in each way. */
  readonly outcomes: Record<string, number>;
  wrong: number;
}

/** What was done since somebody looked last. */
export interface Done {
  readonly honest: number;
  readonly hostile: number;
  /** Milliseconds of each honest piece of work. */
  readonly times: readonly number[];
}

/** Ways of ending that are counted for each kind; the rest is "other". */
const MOST_OUTCOMES = 12;

/** Wrong results that are kept with their words. */
const MOST_SHOWN = 20;

export class Work {
  readonly tallies: Record<string, Tally> = {};
  readonly wrong: string[] = [];
  #honest = 0;
  #hostile = 0;
  #times: number[] = [];

  /** Does kinds in turn until told to stop. @param offset so that lanes do not do the same at once */
  async lane(
    kinds: readonly Kind[],
    { isOver, offset }: { readonly isOver: () => boolean; readonly offset: number },
  ) {
    for (let turn = offset; !isOver(); turn++) {
      const kind = kinds[turn % kinds.length];
      if (kind !== undefined) await this.once(kind, turn);
    }
  }

  async once(kind: Kind, turn: number): Promise<void> {
    const began = performance.now();
    let ended: string;
    try {
      ended = await kind.run(turn);
    } catch (error) {
      ended = `threw ${error instanceof Error ? error.message : error}`;
    }
    const expected = typeof kind.ends === "string" ? kind.ends : kind.ends(turn);
    this.#note(kind, { ended, expected, time: performance.now() - began });
  }

  /** What was done since the last look. */
  take(): Done {
    const done = { honest: this.#honest, hostile: this.#hostile, times: this.#times };
    this.#honest = this.#hostile = 0;
    this.#times = [];
    return done;
  }

  #note(
    { name, honest }: Kind,
    { ended, expected, time }: { readonly ended: string; readonly expected: string; readonly time: number },
  ): void {
    const tally = this.tallies[name] ??= { honest, outcomes: {}, wrong: 0 }, right = ended === expected;
    // Results differ from turn to turn; that they are right is what counts.
    const words = right && honest ? "right" : ended.slice(0, 80);
    const key = words in tally.outcomes || Object.keys(tally.outcomes).length < MOST_OUTCOMES
      ? words
      : "other";
    tally.outcomes[key] = (tally.outcomes[key] ?? 0) + 1;
    if (honest) {
      this.#honest++;
      this.#times.push(time);
    } else this.#hostile++;
    if (right) return;
    tally.wrong++;
    if (this.wrong.length < MOST_SHOWN) this.wrong.push(`${name}: ${ended.slice(0, 300)}, not ${expected}`);
  }
}
