/** What a client is told of a call that failed: as the result of the tool, which a model reads and can act on. */
import { AegisError } from "../../core/errors.ts";
import { type Outcome, outcomeError } from "../../core/outcome.ts";
import { plainText } from "../../core/plain_text.ts";
import type { AuditEvent } from "../../core/audit.ts";
import { quote } from "../../core/quote.ts";
import { cleanText } from "./clean_text.ts";
import { boundsProblem } from "./json_bounds.ts";
import { jsonSize } from "./json_size.ts";

/** Longest message that a client gets, in characters before any is escaped. */
const LONGEST = 2000;

/** Longest message of an error of the protocol, with what to do about it; bytes of what stands beside it. */
const LONGEST_ERROR = 2 * LONGEST + 100, LARGEST_DATA = 20_000;

/** Denials that are named to the client. */
const MOST_DENIALS = 3;

/** Why a call failed. */
export interface Failure {
  /** An `ErrorCode`, or `InvalidArguments`, `InvalidResult`. */
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** An error of the protocol. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A call that failed for a reason of ours. */
export class CallFailed extends Error {
  readonly failure: Failure;

  constructor(code: string, message: string, suggestion?: string) {
    super(message);
    this.failure = { code, message, ...(suggestion === undefined ? {} : { suggestion }) };
  }
}

/** The same of a failure that was found out. */
export function callFailed({ code, message, suggestion }: Failure): CallFailed {
  return new CallFailed(code, message, suggestion);
}

/** A request that is answered with an error of the protocol; the SDK puts the code into the answer. */
export class ProtocolError extends Error {
  constructor(readonly code: number, message: string, readonly data?: unknown) {
    super(message);
  }
}

/** Codes of JSON-RPC, and that of the specification for resources. */
export const PROTOCOL_CODES = {
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
  resourceNotFound: -32002,
} as const;

/**
 * A message as a model may read it. Names in it were chosen by modules and clients: what has a form of its own is escaped,
 * and what shows nothing is left out, as in descriptions.
 */
function told(message: string): string {
  const plain = plainText(message, LONGEST);
  return cleanText(plain, plain.length);
}

/** An error of the protocol as it is sent: the SDK makes some of them, of what clients have written. */
export function toldError({ code, message, data }: WireError): WireError {
  const small = data !== undefined && boundsProblem(data) === undefined &&
    jsonSize(data, LARGEST_DATA) <= LARGEST_DATA;
  return { code, message: cleanText(message, LONGEST_ERROR), ...(small ? { data } : {}) };
}

function toldFailure({ code, message, suggestion }: Failure): Failure {
  return {
    code: told(code),
    message: told(message),
    ...(suggestion === undefined ? {} : { suggestion: told(suggestion) }),
  };
}

/** What is told of an error. What is none of ours is nobody's business outside. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CallFailed) return toldFailure(error.failure);
  if (!(error instanceof AegisError)) {
    return { code: "HostFunctionFailed", message: "A function of the host failed" };
  }
  const { code, message, suggestion } = error;
  const isSaid = suggestion === undefined || message.includes(suggestion);
  return toldFailure({ code, message, ...(isSaid ? {} : { suggestion }) });
}

/** The same of an outcome, with what was denied on the way: that may be why. */
export function outcomeFailure(
  outcome: Exclude<Outcome, { kind: "value" }>,
  denials: readonly AuditEvent[],
): Failure {
  const failure = failureOf(outcomeError(outcome));
  const denied = denials.slice(-MOST_DENIALS).map(({ capability, action, target, flag }) =>
    `It was denied ${capability} ${action} of ${quote(target)}${
      flag === undefined ? "" : `, which ${flag} would allow`
    }.`
  );
  if (denied.length === 0 || failure.code === "CapabilityDenied") return failure;
  return toldFailure({ ...failure, message: `${failure.message} ${denied.join(" ")}` });
}

/** The text that a model reads. */
export function failureText({ code, message, suggestion }: Failure): string {
  return suggestion === undefined ? `${code}: ${message}` : `${code}: ${message}\n${suggestion}`;
}
