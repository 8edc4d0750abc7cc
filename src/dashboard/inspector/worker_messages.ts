/**
 * What a page and its Workers say to each other. The page posts a request and waits; the Worker works on it, posts one
 * reply, and waits for the next. There is never a second request under way, so that replies need no numbers.
 */
import { failureOf, type WorkerFailure } from "./worker_failure.ts";

/** What comes back for a request. */
export type WorkerReply =
  | { readonly answer: unknown }
  | { readonly failure: WorkerFailure };

/** A Worker as its page sees it. */
export interface WorkerPort {
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** The global scope of a Worker's program. */
export interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: WorkerReply): void;
}

/** Answers all requests that a Worker gets. */
export function answerMessages(scope: WorkerScope, answer: (request: unknown) => unknown): void {
  scope.onmessage = async ({ data }) => {
    try {
      scope.postMessage({ answer: await answer(data) });
    } catch (error) {
      scope.postMessage({ failure: failureOf(error) });
    }
  };
}
