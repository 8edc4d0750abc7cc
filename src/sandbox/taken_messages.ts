import { AegisError } from "../core/errors.ts";

/** Messages of one guest: handed to who takes them, or else kept. */
export class TakenMessages<Message> {
  readonly #take: ((message: Message) => void) | undefined;
  #kept: Message[] = [];

  /** @param option names `take` in messages @throws {AegisError} `InvalidOption` for what is no function */
  constructor(option: string, take: ((message: Message) => void) | undefined) {
    if (take !== undefined && typeof take !== "function") {
      throw new AegisError(
        "InvalidOption",
        `Cannot use that as ${option}: give a function that takes messages`,
        {
          field: option,
        },
      );
    }
    this.#take = take;
  }

  /** Those that nobody took, the oldest first. */
  get kept(): readonly Message[] {
    return this.#kept;
  }

  /** @param most of those that are kept; the oldest are forgotten @throws what whoever takes it throws */
  add(message: Message, most: number): void {
    if (this.#take !== undefined) return this.#take(message);
    this.#kept.push(message);
    if (this.#kept.length > most) this.#kept.splice(0, this.#kept.length - most);
  }

  restart(): void {
    this.#kept = [];
  }
}
