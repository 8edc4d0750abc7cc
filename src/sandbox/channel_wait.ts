/** Waits in a channel that the host can give up. */
import type { Waiting } from "./message_queue.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";

/** How long the host waits in a channel. */
export interface ChannelWaitOptions {
  /** Ends the wait with `Cancelled`. What was not sent is not in the queue then, and what was not received is. */
  readonly signal?: AbortSignal;
}

const OPTIONS: OptionNames<ChannelWaitOptions> = { place: "to wait in a channel", names: { signal: true } };

/** @throws {AegisError} `InvalidOption`; `Cancelled` for a signal that was aborted */
export function readWaitOptions(options: ChannelWaitOptions): AbortSignal | undefined {
  checkOptionNames(options, OPTIONS);
  const { signal } = options;
  if (signal === undefined) return undefined;
  if (!(signal instanceof AbortSignal)) {
    throw invalid("signal", "Cannot use that signal to wait in a channel: it is no AbortSignal");
  }
  if (signal.aborted) throw cancelled(signal);
  return signal;
}

/** What comes of a wait. A signal that aborts before is the end of it; one that comes later changes nothing. */
export function waitFor<Result>(
  { result, leave }: Waiting<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return result;
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const onAbort = () => {
    if (leave()) reject(cancelled(signal));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  void result.then((come) => {
    signal.removeEventListener("abort", onAbort);
    resolve(come);
  });
  return promise;
}

function cancelled(signal: AbortSignal): AegisError {
  return new AegisError("Cancelled", "The wait in a channel was cancelled", { cause: signal.reason });
}

function invalid(field: string, message: string): AegisError {
  return new AegisError("InvalidOption", message, { field });
}
