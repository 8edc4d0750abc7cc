/**
 * Bytes that bodies hold at once, of all requests of one handler. Requests wait for their bodies before they wait for a guest,
 * and nothing bounds how many do that: what they hold together is bounded here.
 */
import { HttpFailure } from "./http_failure.ts";

export class ByteBudget {
  readonly #most: number;
  #held = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are held at this moment. */
  get held(): number {
    return this.#held;
  }

  /** What one request will hold. */
  share(): BudgetShare {
    return new BudgetShare((bytes) => this.#take(bytes));
  }

  #take(bytes: number): void {
    if (this.#held + bytes > this.#most) {
      throw new HttpFailure(503, `bodies hold ${this.#held} bytes, and ${bytes} more are over ${this.#most}`);
    }
    this.#held += bytes;
  }
}

/** What one request holds of a budget; given back once, whoever asks for that how often. */
export class BudgetShare {
  readonly #take: (bytes: number) => void;
  #held = 0;

  /** Made by {@linkcode ByteBudget.share}. */
  constructor(take: (bytes: number) => void) {
    this.#take = take;
  }

  /** Holds so many bytes more. @throws {HttpFailure} 503 */
  take(bytes: number): void {
    this.#take(bytes);
    this.#held += bytes;
  }

  /** Holds nothing any more. */
  giveBack(): void {
    this.#take(-this.#held);
    this.#held = 0;
  }
}
