import { GUEST_WORKER_TEXT } from "./guest_worker.gen.ts";
import { startWorker, type WorkerText } from "./worker.ts";
import { quoteUpTo } from "../core/quote.ts";
import type { GuestMessage } from "../guest/messages.ts";

/** What one guest runs in, as its thread on the host's side uses it. */
export interface GuestBackEnd {
  /** Milliseconds from an abort until the guest is given up. */
  readonly grace: number;
  /** Sends a message; a turn that was given before arrives before it. */
  post(message: GuestMessage): void;
  /** Ends it, as far as it can be ended. */
  terminate(): void;
}

/** Starts a guest. @param onFailure told once the guest is gone, with the reason */
export type StartGuest = (onFailure: (why: string) => void) => GuestBackEnd;

const TEXT: WorkerText = { name: "aegis-guest", source: GUEST_WORKER_TEXT };

/** V8 may be compiling for a second, which nothing can stop; and a Worker that was given up burns on. */
const GRACE = 5000;

/** UTF-16 units of an error that are shown. */
const SHOWN = 1000;

/** A guest in a Worker of this process. Only where the flag `worker-options` is on. */
export const startGuestWorker: StartGuest = (onFailure) => {
  const worker = startWorker(TEXT);
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(`its program failed: ${quoteUpTo(event.message, SHOWN)}`); // it may be the guest's own words
  };
  worker.onmessageerror = () => onFailure("a message could not be read");
  return {
    grace: GRACE,
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
};
