/** Answers a request by one call: the request is its argument, the answer its result. */
import type { ByteBudget } from "./byte_budget.ts";
import { type AnswerHead, hasBody } from "./guest_headers.ts";
import { type AnswerRequest, REQUESTS_TENANT } from "./guest_use.ts";
import type { Answer } from "./held_answer.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { HttpFailure, outcomeFailure } from "./http_failure.ts";
import { answerMessage, requestMessage } from "./http_message.ts";
import { declaredLength, wholeBody } from "./request_body.ts";
import { PIECE_SIZE, sentInPieces } from "./sent_in_pieces.ts";
import { type AnswerBounds, jsonRequest, packedRequest, readAnswer } from "./structured_message.ts";
import type { CallValue } from "../../core/value.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An answer that is there. */
type WholeAnswer = Answer & { readonly body: Bytes | null };

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
    const { timeout, heldSize } = plan, most = Math.min(plan.requestSize, heldSize);
    const declared = declaredLength(request, most);
    const body = await wholeBody(request, { most, declared, timeout, signal: stop.signal, share: use.share });
    const lease = await pool.acquire({
      signal: stop.signal,
      ...(plan.reuse ? { tenant: REQUESTS_TENANT } : {}),
    });
    let failed = true;
    try {
      const outcome = await lease.sandbox.tryCall(found.functionName, [write(exchange, body)], {
        timeout,
        signal: stop.signal,
        program: { stdout: print, stderr: print },
        ...(found.type === undefined ? {} : { type: found.type }),
        ...(plan.fuel === undefined ? {} : { fuel: plan.fuel }),
      });
      if (outcome.kind !== "value") throw outcomeFailure(outcome);
      const answer = complete(
        exchange.method,
        read(outcome.values[0], plan),
        Math.min(plan.responseSize, heldSize),
      );
      failed = false;
      return sized(answer, use.budget);
    } finally {
      lease.release({ failed });
    }
  };
}

/** An answer that is large is held until the client has taken it. @throws {HttpFailure} 503 */
function sized({ status, headers, body }: WholeAnswer, budget: ByteBudget): Answer {
  if (body === null || body.length <= PIECE_SIZE) return { status, headers, body };
  const share = budget.share();
  share.take(body.length);
  return { status, headers, body: sentInPieces(body, () => share.giveBack()) };
}

/** @throws {HttpFailure} 502 */
function complete(
  method: string,
  { head, body }: { readonly head: AnswerHead; readonly body: Bytes },
  most: number,
): WholeAnswer {
  const { status, headers, length } = head, whole = hasBody(method, status);
  if (body.length > most) throw new HttpFailure(502, `the guest's answer has more than ${most} bytes`);
  if (whole && length !== undefined && length !== body.length) {
    throw new HttpFailure(502, "the guest's answer has another length than it said");
  }
  if (whole) headers.set("content-length", String(body.length));
  else if (method === "HEAD") headers.set("content-length", String(length ?? body.length));
  return { status, headers, body: whole ? body : null };
}
