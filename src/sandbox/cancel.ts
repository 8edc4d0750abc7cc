/** What a signal stops. */
import { AegisError } from "../core/errors.ts";

/** The error of what a signal has stopped; the signal's reason is its cause. */
export function cancelled(signal: AbortSignal): AegisError {
  return new AegisError("Cancelled", "The call was cancelled by its signal", { cause: signal.reason });
}

/**
 * Waits for some work, or until a signal says that nobody wants it any more: the work itself goes on.
 *
 * @throws {AegisError} `Cancelled`, and what the work throws
 */
export async function unlessAborted<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await work();
  if (signal.aborted) throw cancelled(signal);
  const { promise, reject } = Promise.withResolvers<never>(), abort = () => reject(cancelled(signal));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
