/** Answers a request by a CGI program: a new instance for each, as its `_start` can run once. */
import { CgiAnswer } from "./cgi_answer.ts";
import { cgiVariables } from "./cgi_variables.ts";
import { type AnswerRequest, type GuestUse, heldAnswer, LocalRedirect } from "./guest_use.ts";
import type { HttpExchange } from "./http_exchange.ts";
import { errorFailure, outcomeFailure } from "./http_failure.ts";
import { bodyStream, declaredLength, wholeBody } from "./request_body.ts";
import type { ProgramInput } from "../../sandbox/program_input.ts";

export const answerByCgi: AnswerRequest = async (use, exchange) => {
  const { pool, plan } = use, { stop } = exchange;
  const held = heldAnswer(use, exchange);
  const { stdin, length } = await standardInput(
    use,
    exchange,
    (error) => held.fail(errorFailure(error), true),
  );
  const cgi = new CgiAnswer(held, plan.headerSize), redirected = Promise.withResolvers<LocalRedirect>();
  const program: ProgramInput = {
    args: plan.args,
    env: { ...cgiVariables(exchange, length), ...plan.env },
    stdin,
    stdout: (bytes) => cgi.take(bytes),
    stderr: use.print,
  };
  const { timeout, fuel } = plan, bounds = { timeout, ...(fuel === undefined ? {} : { fuel }) };
  use.runs(
    pool.tryCall("_start", [], { ...bounds, signal: stop.signal, program }).then((outcome) => {
      if (outcome.kind !== "value" && outcome.kind !== "exit") return held.fail(outcomeFailure(outcome));
      // It may have given its answer all the same.
      if (outcome.kind === "exit" && outcome.status !== 0) use.report(outcomeFailure(outcome));
      if (cgi.redirect !== undefined) redirected.resolve(new LocalRedirect(cgi.redirect));
      else held.end();
    }, (error) => held.fail(errorFailure(error))),
  );
  return await Promise.race([held.answer, redirected.promise]);
};

/** The body as the program reads it. Its length is said before it runs, so one of no length is read to its end first. */
async function standardInput(
  { plan, share }: GuestUse,
  { request, stop }: HttpExchange,
  failed: (error: unknown) => void,
): Promise<{ readonly stdin: ReadableStream<Uint8Array> | Uint8Array; readonly length: number }> {
  const { requestSize, heldSize, timeout } = plan, length = declaredLength(request, requestSize);
  if (length !== undefined) {
    return { stdin: request.body === null ? new Uint8Array() : bodyStream(request, length, failed), length };
  }
  const most = Math.min(requestSize, heldSize);
  const stdin = await wholeBody(request, { most, declared: length, timeout, signal: stop.signal, share });
  return { stdin, length: stdin.length };
}
