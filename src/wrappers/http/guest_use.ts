import type { HttpExchange } from "./http_exchange.ts";
import type { BudgetShare, ByteBudget } from "./byte_budget.ts";
import type { FoundForm } from "./http_form.ts";
import type { HttpPlan } from "./http_options.ts";
import type { HttpFailure } from "./http_failure.ts";
import { type Answer, HeldAnswer } from "./held_answer.ts";
import type { Pool } from "../../sandbox/pool.ts";

/** What answering one request needs beside the request. */
export interface GuestUse {
  readonly pool: Pool;
  readonly found: FoundForm;
  readonly plan: HttpPlan;
  /** What bodies are held of that outlast the work on a request. */
  readonly budget: ByteBudget;
  /** What this request holds; given back at the end of the work. */
  readonly share: BudgetShare;
  /** Takes what the guest prints that is no answer. */
  readonly print: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Told of what went wrong when the answer had begun, or beside it. */
  readonly report: (failure: HttpFailure) => void;
  /** What the guest does may outlast its answer: the end of it. Never rejects. */
  readonly runs: (work: Promise<void>) => void;
}

/** An answer that its guest gives as it comes. */
export function heldAnswer({ plan, report }: GuestUse, { method, stop, whole }: HttpExchange): HeldAnswer {
  return new HeldAnswer({ method, mostBytes: plan.responseSize, stop: () => stop.abort(), report, whole });
}

/** The request goes on as if it had been made to another path of this host: RFC 3875, section 6.2.2. */
export class LocalRedirect {
  constructor(readonly location: string) {}
}

/** How one form of guest answers a request. @throws {HttpFailure}, and what a pool throws */
export type AnswerRequest = (use: GuestUse, exchange: HttpExchange) => Promise<
  Answer | LocalRedirect
>;

/** Who uses guests that keep their state from one request to the next. */
export const REQUESTS_TENANT = "requests";
