/**
 * Answers a request over two channels: `request` has the head and then the body as it comes, `response` the same back. Both
 * queues are bounded: a guest that reads slowly holds up its client, and a client that reads slowly its guest.
 */
import { type AnswerRequest, heldAnswer, REQUESTS_TENANT } from "./guest_use.ts";
import type { HeldAnswer } from "./held_answer.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { errorFailure, HttpFailure, outcomeFailure } from "./http_failure.ts";
import { bodyStream, declaredLength } from "./request_body.ts";
import { readHead, requestHead } from "./structured_message.ts";
import { AegisError } from "../../core/errors.ts";
import type { GuestChannel } from "../../sandbox/guest_channel.ts";

const MESSAGE_SIZE = 64 * 1024;

/** Of each channel, in each direction. */
const BOUNDS = { capacity: 64, messageSize: MESSAGE_SIZE, queueSize: 4 * MESSAGE_SIZE } as const;

export const answerByStream: AnswerRequest = async (use, exchange) => {
  const { pool, plan, found } = use, { request, stop } = exchange;
  const most = declaredLength(request, plan.requestSize) ?? plan.requestSize;
  const head = new TextEncoder().encode(JSON.stringify(requestHead(exchange)));
  if (head.length > MESSAGE_SIZE) throw new HttpFailure(431, "the head of the request fits into no message");
  const lease = await pool.acquire({
    signal: stop.signal,
    ...(plan.reuse ? { tenant: REQUESTS_TENANT } : {}),
  });
  const held = heldAnswer(use, exchange);
  const returned = new AbortController();
  try {
    const requests = lease.sandbox.channel("request", BOUNDS),
      responses = lease.sandbox.channel("response", BOUNDS);
    const call = lease.sandbox.tryCall(found.functionName, [], {
      timeout: plan.timeout,
      signal: stop.signal,
      program: { stdout: use.print, stderr: use.print },
      ...(plan.fuel === undefined ? {} : { fuel: plan.fuel }),
    });
    const sent = send(exchange, requests, { head, most, signal: returned.signal })
      .catch((error) => held.fail(errorFailure(error), true));
    const received = receive(responses, { held, headerSize: plan.headerSize, signal: returned.signal })
      .catch((error) => held.fail(errorFailure(error), true));
    const ended = call.then(async (outcome) => {
      returned.abort();
      await received;
      if (outcome.kind === "value") held.end();
      else held.fail(outcomeFailure(outcome));
    }).catch((error) => held.fail(errorFailure(error)));
    use.runs(ended.then(async () => {
      returned.abort();
      await sent;
      lease.release({ failed: held.failed });
    }));
  } catch (error) {
    lease.release();
    throw error;
  }
  return await held.answer;
};

/** Sends the request, as far as the guest wants it. */
async function send(
  { request }: HttpExchange,
  channel: GuestChannel,
  { head, most, signal }: { readonly head: Uint8Array; readonly most: number; readonly signal: AbortSignal },
): Promise<void> {
  const body = bodyStream(request, most, () => {}).getReader();
  const cancel = () => void body.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    await channel.send(head, { signal });
    for (;;) {
      const { done, value } = await body.read();
      if (done) break;
      for (let at = 0; at < value.length; at += MESSAGE_SIZE) {
        await channel.send(value.subarray(at, at + MESSAGE_SIZE), { signal });
      }
    }
    channel.end();
  } catch (error) {
    // The guest reads no more: it closed its end, or has returned.
    if (!(error instanceof AegisError && (error.code === "Closed" || error.code === "Cancelled"))) {
      throw error;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** Takes the answer, up to the end that the guest makes, or what lies there when it has returned. */
async function receive(
  channel: GuestChannel,
  { held, headerSize, signal }: {
    readonly held: HeldAnswer;
    readonly headerSize: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  for (;;) {
    const message = await next(channel, signal);
    if (message === undefined) break;
    if (held.begun) await held.push(message);
    else held.begin(readHead(parsed(message), headerSize));
  }
  // A life that was ended ends its channels, too, and then the call tells why: a moment later.
  await new Promise((resolve) => setTimeout(resolve));
  if (held.begun && !signal.aborted) held.end();
}

async function next(
  channel: GuestChannel,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await channel.receive({ signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return channel.tryReceive();
  }
}

function parsed(message: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(message));
  } catch {
    throw new HttpFailure(502, "the guest's answer begins with what is no JSON");
  }
}
