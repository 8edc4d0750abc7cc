import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import type { LoggingGrant } from "../policy/grants.ts";

/** A message of a guest for the log. The text is the guest's: escape it before it reaches a terminal or a page. */
export interface LogMessage {
  /** Id of the sandbox. */
  readonly sandbox: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How important the guest says that it is. */
  readonly level: LogLevel;
  /** The guest's text. */
  readonly message: string;
  /** Whether it was cut at the grant's size. */
  readonly truncated: boolean;
}

/** Messages that are kept when nobody takes them; older ones are forgotten. */
const MOST_KEPT = 1000;

const LEVEL_BY_NUMBER: readonly LogLevel[] = (Object.keys(LOG_LEVELS) as LogLevel[]) // its own keys
  .toSorted((a, b) => LOG_LEVELS[a] - LOG_LEVELS[b]);

/** The name of a level by its number; undefined for a number that is none. */
export function logLevel(number: number): LogLevel | undefined {
  return LEVEL_BY_NUMBER[number];
}

/** The log of one sandbox, as its grant bounds it. */
export class LogMessages {
  readonly #sandbox: string;
  readonly #take: ((message: LogMessage) => void) | undefined;
  #kept: LogMessage[] = [];
  /** Messages that may be taken in this second, and when it began. */
  #left = 0;
  #second = -1;
  /** Messages that were over the rate. */
  dropped = 0;

  constructor(sandbox: string, take: ((message: LogMessage) => void) | undefined) {
    if (take !== undefined && typeof take !== "function") {
      throw new AegisError("InvalidOption", "Cannot use that as onLog: give a function that takes messages", {
        field: "onLog",
      });
    }
    this.#sandbox = sandbox;
    this.#take = take;
  }

  get kept(): readonly LogMessage[] {
    return this.#kept;
  }

  restart(): void {
    this.#kept = [];
    this.dropped = 0;
  }

  /** Takes a message; whether it was within the grant's rate. @param time milliseconds since 1970 */
  add(
    grant: LoggingGrant,
    message: { readonly level: LogLevel; readonly text: string; readonly time: number },
  ): boolean {
    const second = Math.floor(message.time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = grant.rate;
    }
    if (this.#left < 1) {
      this.dropped++;
      return false;
    }
    this.#left--;
    const text = cut(message.text, grant.maxMessage);
    const entry: LogMessage = {
      sandbox: this.#sandbox,
      time: message.time,
      level: message.level,
      message: text,
      truncated: text.length < message.text.length,
    };
    if (this.#take !== undefined) this.#take(entry);
    else {
      this.#kept.push(entry);
      if (this.#kept.length > MOST_KEPT) this.#kept.splice(0, this.#kept.length - MOST_KEPT);
    }
    return true;
  }
}

/** Text of at most so many bytes of UTF-8, cut between two characters. */
function cut(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd+$/, "");
}
