import type { Operations } from "../protocol/operations.ts";
import { type Power, POWERS } from "../protocol/powers.ts";

/** Tells the host which powers one life uses, granted or not: each once, when it is used first. */
export class Uses {
  readonly #operations: Operations;
  /** Bit by number. */
  #told = 0;

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  /** Begins a life. */
  reset(): void {
    this.#told = 0;
  }

  note(power: Power): void {
    const number = POWERS.indexOf(power), bit = 1 << number;
    if ((this.#told & bit) !== 0) return;
    this.#told |= bit;
    this.#operations.perform("used", { power: number });
  }
}
