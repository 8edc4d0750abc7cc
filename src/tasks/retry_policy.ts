/** Whether and when a task that has failed is tried again. */
import { parseSpan } from "./span.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { Duration } from "../core/units.ts";

/** How often a task is tried again. Unknown keys are refused. */
export interface RetryOptions {
  /** Tries after the first, 0 to 100. @default 0 */
  readonly count?: number;
  /** Before the second try. @default "1s" */
  readonly delay?: Duration;
  /** By what each delay is longer than the one before, 1 to 10. @default 2 */
  readonly factor?: number;
  /** The longest delay. @default "5m" */
  readonly longest?: Duration;
  /**
   * Whether an execution is tried again that was cut off with the process. It may have done half of what it does: only
   * for tasks that may do it twice. @default false
   */
  readonly interrupted?: boolean;
}

/** The same, total; times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly count: number;
  /** Before the second try. */
  readonly delay: number;
  /** By what each delay is longer than the one before. */
  readonly factor: number;
  /** The longest delay. */
  readonly longest: number;
  /** Whether what was cut off with the process is tried again. */
  readonly interrupted: boolean;
}

/** @throws {AegisError} `InvalidOption` */
export function readRetryOptions(options: RetryOptions): RetryPolicy {
  checkOptionNames<RetryOptions>(options, {
    place: "of retries",
    group: "retries",
    names: { count: true, delay: true, factor: true, longest: true, interrupted: true },
  });
  const { count = 0, delay = "1s", factor = 2, longest = "5m", interrupted = false } = options;
  if (!Number.isInteger(count) || count < 0 || count > 100) {
    throw invalid("count", count, "a whole number from 0 to 100");
  }
  if (typeof factor !== "number" || !(factor >= 1 && factor <= 10)) {
    throw invalid("factor", factor, "a number from 1 to 10");
  }
  if (typeof interrupted !== "boolean") throw invalid("interrupted", interrupted, "true or false");
  return Object.freeze({
    count,
    delay: parseSpan("retries.delay", delay),
    factor,
    longest: parseSpan("retries.longest", longest),
    interrupted,
  });
}

/**
 * Milliseconds until a task is tried again; undefined when it is not.
 *
 * @param attempt tries so far, from 1
 * @param random from 0 to 1: the delay is that much between a half and all of what the policy says, lest tasks that failed
 * together come again together
 */
export function retryDelay(policy: RetryPolicy, attempt: number, random: number): number | undefined {
  if (attempt > policy.count) return undefined;
  const delay = Math.min(policy.longest, policy.delay * policy.factor ** (attempt - 1));
  return delay * (0.5 + random / 2);
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot set retries.${field} to ${quote(String(value))}: use ${allowed}`,
    {
      field: `retries.${field}`,
    },
  );
}
