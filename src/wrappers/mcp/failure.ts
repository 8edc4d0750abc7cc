/** What a client is told of a call that failed: as the result of the tool, which a model reads and can act on. */
import { AegisError } from "../../core/errors.ts";
import { type Outcome, outcomeError } from "../../core/outcome.ts";
import { plainText } from "../../core/plain_text.ts";
import type { AuditEvent } from "../../core/audit.ts";
import { quote } from "../../core/quote.ts";

/** Longest message that a client gets. */
const LONGEST = 2000;

/** Denials that are named to the client. */
const MOST_DENIALS = 3;

/** Why a call failed. */
export interface Failure {
  /** An `ErrorCode`, or `InvalidArguments`, `InvalidResult`. */
  readonly code: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** A call that failed for a reason of ours. */
export class CallFailed extends Error {
  readonly failure: Failure;

  constructor(code: string, message: string, suggestion?: string) {
    super(message);
    this.failure = { code, message, ...(suggestion === undefined ? {} : { suggestion }) };
  }
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

/** What is told of an error. What is none of ours is nobody's business outside. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CallFailed) return error.failure;
  if (!(error instanceof AegisError)) {
    return { code: "HostFunctionFailed", message: "A function of the host failed" };
  }
  const { code, message, suggestion } = error;
  return {
    code,
    message: plainText(message, LONGEST),
    ...(suggestion === undefined || message.includes(suggestion)
      ? {}
      : { suggestion: plainText(suggestion, LONGEST) }),
  };
}

/** The same of an outcome, with what was denied on the way: that may be why. */
export function outcomeFailure(
  outcome: Exclude<Outcome, { kind: "value" }>,
  denials: readonly AuditEvent[],
): Failure {
  const failure = failureOf(outcomeError(outcome));
  const told = denials.slice(-MOST_DENIALS).map(({ capability, action, target, flag }) =>
    `It was denied ${capability} ${action} of ${quote(target)}${
      flag === undefined ? "" : `, which ${flag} would allow`
    }.`
  );
  if (told.length === 0 || failure.code === "CapabilityDenied") return failure;
  return { ...failure, message: `${failure.message} ${told.join(" ")}` };
}

/** The text that a model reads. */
export function failureText({ code, message, suggestion }: Failure): string {
  return suggestion === undefined ? `${code}: ${message}` : `${code}: ${message}\n${suggestion}`;
}
