import { cutToBytes, MessageRate } from "./message_rate.ts";
import { TakenMessages } from "./taken_messages.ts";
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
  readonly #messages: TakenMessages<LogMessage>;
  readonly #rate: MessageRate = new MessageRate();

  constructor(sandbox: string, take: ((message: LogMessage) => void) | undefined) {
    this.#sandbox = sandbox;
    this.#messages = new TakenMessages("onLog", take);
  }

  get kept(): readonly LogMessage[] {
    return this.#messages.kept;
  }

  restart(): void {
    this.#messages.restart();
  }

  /** Takes a message; whether it was within the grant's rate. @param time milliseconds since 1970 */
  add(
    grant: LoggingGrant,
    message: { readonly level: LogLevel; readonly text: string; readonly time: number },
  ): boolean {
    const { level, text, time } = message;
    if (!this.#rate.take(grant.rate, time)) return false;
    const cut = cutToBytes(text, grant.maxMessage), truncated = cut.length < text.length;
    this.#messages.add({ sandbox: this.#sandbox, time, level, message: cut, truncated }, MOST_KEPT);
    return true;
  }
}
