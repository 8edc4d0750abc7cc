/** How a request ends that gets no answer of the guest's. Clients see the status alone; the reason is for the log. */
import { AegisError } from "../../core/errors.ts";
import { type Outcome, outcomeError } from "../../core/outcome.ts";

/** What each status says to a client: nothing of the guest, nor of this machine. */
export const FAILURES = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
} as const;

/** A key of {@linkcode FAILURES}. */
export type FailureStatus = keyof typeof FAILURES;

/** Seconds after which a client may ask again that found all guests busy, or no room for its body. */
const RETRY_AFTER = "1";

/** What files are asked for by, which nothing else is refused for: RFC 9110, section 15.5.6. */
const ALLOWED = "GET, HEAD";

/** A request that gets no answer of the guest's. The message is for the log alone. */
export class HttpFailure extends Error {
  /** The name of the class. */
  override readonly name: string = "HttpFailure";
  /** What the client gets. */
  readonly status: FailureStatus;

  /** Made where a request fails. @param reason for the log; it may hold words of the guest's */
  constructor(status: FailureStatus, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** What a client gets. */
export function failureResponse(status: FailureStatus): Response {
  return new Response(`${status} ${FAILURES[status]}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      ...(status === 503 ? { "retry-after": RETRY_AFTER } : {}),
      ...(status === 405 ? { "allow": ALLOWED } : {}),
    },
  });
}

/**
 * The failure that an outcome is. Time and fuel are a gateway's timeout; whatever else a guest does is a bad gateway, a
 * denial included: that is between the guest and who runs it, and no fault of the client's, as 403 would say.
 */
export function outcomeFailure(outcome: Exclude<Outcome, { kind: "value" }>): HttpFailure {
  switch (outcome.kind) {
    case "limit": {
      const late = outcome.limit === "time" || outcome.limit === "cpuTime" || outcome.limit === "fuel";
      return new HttpFailure(late ? 504 : 502, reasonOf(outcomeError(outcome)));
    }
    case "aborted":
      return outcome.reason === "closed"
        ? new HttpFailure(503, "the module is being closed")
        : new HttpFailure(499, "the client has gone");
    case "exit":
      return new HttpFailure(502, `the guest exited with status ${outcome.status}`);
    default:
      return new HttpFailure(502, reasonOf(outcomeError(outcome)));
  }
}

/** Errors that say that there is no guest at the moment. */
const BUSY: ReadonlySet<string> = new Set(["PoolBusy", "TooManySandboxes", "Closed"]);

/** The failure that an error is. */
export function errorFailure(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  if (error instanceof AegisError && BUSY.has(error.code)) return new HttpFailure(503, error.message);
  if (error instanceof AegisError && error.code === "Cancelled") {
    return new HttpFailure(499, "the client has gone");
  }
  return new HttpFailure(502, reasonOf(error));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
