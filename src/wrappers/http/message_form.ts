/** Answers a request by one call: the request is its argument, the answer its result. */
import { type AnswerHead, hasBody } from "./guest_headers.ts";
import { type AnswerRequest, REQUESTS_TENANT } from "./guest_use.ts";
import type { Answer } from "./held_answer.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { HttpFailure, outcomeFailure } from "./http_failure.ts";
import { answerMessage, requestMessage } from "./http_message.ts";
import { declaredLength, wholeBody } from "./request_body.ts";
import { type AnswerBounds, jsonRequest, packedRequest, readAnswer } from "./structured_message.ts";
import type { CallValue } from "../../core/value.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How each form writes a request and reads an answer. */
const MESSAGES = {
  json: { write: jsonRequest, read: readAnswer },
  msgpack: { write: packedRequest, read: readAnswer },
  bytes: {
    write: requestMessage,
    read: (value: CallValue | undefined, { headerSize }: AnswerBounds) => {
      if (value instanceof Uint8Array) return answerMessage(new Uint8Array(value), headerSize);
      throw new HttpFailure(502, "the guest's answer is no bytes");
    },
  },
} as const satisfies Record<string, {
  readonly write: (exchange: HttpExchange, body: Bytes) => CallValue;
  readonly read: (
    value: CallValue | undefined,
    { headerSize }: AnswerBounds,
  ) => { head: AnswerHead; body: Bytes };
}>;

/** How a form of {@linkcode MESSAGES} answers. */
export function answerByMessage(form: keyof typeof MESSAGES): AnswerRequest {
  const { write, read } = MESSAGES[form];
  return async (use, exchange) => {
    const { pool, plan, found, print } = use, { request, stop } = exchange;
    declaredLength(request, plan.requestSize);
    const inTime = AbortSignal.any([stop.signal, AbortSignal.timeout(plan.timeout)]);
    const body = await wholeBody(request, { most: plan.requestSize, signal: inTime });
    const lease = await pool.acquire({
      signal: stop.signal,
      ...(plan.reuse ? { tenant: REQUESTS_TENANT } : {}),
    });
    let failed = true;
    try {
      const outcome = await lease.sandbox.tryCall(found.functionName, [write(exchange, body)], {
        timeout: plan.timeout,
        signal: stop.signal,
        program: { stdout: print, stderr: print },
        ...(found.type === undefined ? {} : { type: found.type }),
        ...(plan.fuel === undefined ? {} : { fuel: plan.fuel }),
      });
      if (outcome.kind !== "value") throw outcomeFailure(outcome);
      const answer = complete(exchange.method, read(outcome.values[0], plan), plan.responseSize);
      failed = false;
      return answer;
    } finally {
      lease.release({ failed });
    }
  };
}

/** @throws {HttpFailure} 502 */
function complete(
  method: string,
  { head, body }: { readonly head: AnswerHead; readonly body: Bytes },
  most: number,
): Answer {
  const { status, headers, length } = head, whole = hasBody(method, status);
  if (body.length > most) throw new HttpFailure(502, `the guest's answer has more than ${most} bytes`);
  if (whole && length !== undefined && length !== body.length) {
    throw new HttpFailure(502, "the guest's answer has another length than it said");
  }
  if (whole) headers.set("content-length", String(body.length));
  else if (method === "HEAD") headers.set("content-length", String(length ?? body.length));
  return { status, headers, body: whole ? body : null };
}
