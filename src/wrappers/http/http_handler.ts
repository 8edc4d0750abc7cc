/** A module as a handler of requests: what `Deno.serve`, hono and others call. */
import { answerResponse } from "./access_log.ts";
import { ByteBudget } from "./byte_budget.ts";
import { answerByCgi } from "./cgi_form.ts";
import { GuestLog, LONGEST_LINE } from "./guest_log.ts";
import { type AnswerRequest, LocalRedirect } from "./guest_use.ts";
import type { Answer } from "./held_answer.ts";
import { type HttpExchange, httpExchange, type HttpRequestInfo } from "./http_exchange.ts";
import { errorFailure, failureResponse, HttpFailure } from "./http_failure.ts";
import { findForm, type FoundForm } from "./http_form.ts";
import type { HttpForm } from "../../core/http_forms.ts";
import { type HttpOptions, type HttpPlan, readHttpOptions } from "./http_options.ts";
import { answerByMessage } from "./message_form.ts";
import { withinRoute } from "./route.ts";
import { answerByStream } from "./stream_form.ts";
import { cutText } from "../../core/cut.ts";
import { AegisError } from "../../core/errors.ts";
import { type Duration, parseDuration } from "../../core/units.ts";
import type { Aegis } from "../../sandbox/aegis.ts";
import type { PoolStats } from "../../sandbox/guest_pool.ts";
import { AegisModule } from "../../sandbox/module.ts";
import type { Pool } from "../../sandbox/pool.ts";
import { SYSTEM_TIMERS } from "../../sandbox/timers.ts";

const ANSWERERS: Readonly<Record<HttpForm, AnswerRequest>> = {
  cgi: answerByCgi,
  json: answerByMessage("json"),
  msgpack: answerByMessage("msgpack"),
  bytes: answerByMessage("bytes"),
  stream: answerByStream,
};

/** Headers of a body, which the request of a local redirect has not. */
const OF_BODIES = ["content-type", "content-length", "content-encoding", "transfer-encoding"] as const;

/** Local redirects that one request may take. */
const MOST_REDIRECTS = 4;

/** How a handler is doing. */
export interface HttpStats {
  /** Requests that came. */
  readonly requests: number;
  /** Requests that guests are at work on, or wait for one. */
  readonly underWay: number;
  /** Bytes of bodies that are held. */
  readonly held: number;
  /** Times that the module was replaced. */
  readonly reloads: number;
  /** Its guests. */
  readonly pool: PoolStats;
}

/** How a handler is closed, or a module replaced. */
export interface HttpCloseOptions {
  /** How long requests that are under way have to end. @default "10s" */
  readonly grace?: Duration;
}

/** One module in service, until it is replaced. */
class Service {
  underWay = 0;
  #idle: (() => void) | undefined;

  constructor(readonly module: AegisModule, readonly found: FoundForm, readonly pool: Pool) {}

  /** A request has come to its end. */
  leave(): void {
    if (--this.underWay === 0) this.#idle?.();
  }

  /** Closes the pool when nothing is under way, and at the latest after so many milliseconds. */
  async close(grace: number): Promise<void> {
    if (this.underWay > 0) {
      const idle = Promise.withResolvers<void>();
      this.#idle = idle.resolve;
      const takeBack = SYSTEM_TIMERS.after(grace, idle.resolve, true);
      await idle.promise;
      takeBack();
    }
    await this.pool.close();
  }
}

/**
 * A module that handles requests, in guests of a pool: each request has an instance of its own, made as new, unless `reuse`
 * says otherwise. Whatever a guest does, a request gets an answer: the guest's, or a status that says nothing of it.
 */
export class HttpHandler implements AsyncDisposable {
  readonly #runtime: Aegis;
  readonly #plan: HttpPlan;
  readonly #budget: ByteBudget;
  #service: Service;
  readonly #leaving: Set<Promise<void>> = new Set();
  #requests = 0;
  #reloads = 0;
  #closing: Promise<void> | undefined;

  /** Made by {@linkcode httpHandler}. */
  constructor(runtime: Aegis, module: AegisModule, options: HttpOptions) {
    this.#runtime = runtime;
    this.#plan = readHttpOptions(options);
    this.#budget = new ByteBudget(this.#plan.heldSize);
    this.#service = this.#serviceOf(module);
  }

  /** The form in which requests reach the guest. */
  get form(): HttpForm {
    return this.#service.found.form;
  }

  /** The path that it answers, without a slash at the end; empty for all. */
  get route(): string {
    return this.#plan.route;
  }

  /** The name of the module in logs. */
  get name(): string {
    return this.#plan.name;
  }

  /**
   * Answers a request. It never throws, and never fails: what goes wrong is a status, and a line for `onLog`.
   *
   * @param info what the server knows of the connection, as `Deno.serve` hands it over
   */
  readonly fetch = async (request: Request, info?: HttpRequestInfo): Promise<Response> => {
    const handled = await this.handle(request, info);
    return handled instanceof HttpFailure
      ? failureResponse(handled.status)
      : answerResponse(handled, () => {});
  };

  /** As {@linkcode fetch}, for whoever wants to know what went wrong. */
  async handle(request: Request, info?: HttpRequestInfo): Promise<Answer | HttpFailure> {
    try {
      this.#requests++;
      return await this.#handle(request, info);
    } catch (error) {
      const failure = errorFailure(error);
      this.#report(failure);
      void request.body?.cancel().catch(() => {}); // a body that is being read belongs to its reader
      return failure;
    }
  }

  /** Ends when guests are ready. @throws what starting a guest failed with, for instance {@linkcode MissingImportError} */
  async ready(): Promise<void> {
    await this.#service.pool.ready();
  }

  /**
   * Takes another module in the place of this one, once guests of it are ready; requests that are under way end with the old
   * one. When that fails, the old one goes on.
   *
   * @throws {AegisError} `InvalidOption` for a module that handles no requests, `Closed`, and what starting a guest failed with
   */
  async reload(module: AegisModule, { grace = "10s" }: HttpCloseOptions = {}): Promise<void> {
    const next = this.#serviceOf(module), milliseconds = parseDuration(grace, "grace");
    try {
      await next.pool.ready();
      if (this.#closing !== undefined) throw new AegisError("Closed", "The handler was closed");
    } catch (error) {
      await next.pool.close();
      throw error;
    }
    this.#leave(this.#service, milliseconds);
    this.#service = next;
    this.#reloads++;
  }

  /** How it is doing at this moment. */
  stats(): HttpStats {
    const { pool, underWay } = this.#service;
    const held = this.#budget.held;
    return { requests: this.#requests, underWay, held, reloads: this.#reloads, pool: pool.stats() };
  }

  /** Takes no more requests, and ends when those that are under way have, or the grace is over. */
  close({ grace = "10s" }: HttpCloseOptions = {}): Promise<void> {
    return this.#closing ??= (async () => {
      this.#leave(this.#service, parseDuration(grace, "grace"));
      await Promise.all(this.#leaving);
    })();
  }

  /** Closes it at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ grace: 0 });
  }

  #serviceOf(module: AegisModule): Service {
    if (!(module instanceof AegisModule)) {
      throw new AegisError(
        "InvalidOption",
        "Cannot serve what is no module: use one that a runtime has loaded",
      );
    }
    const { form, reuse, warm, concurrency, waiting, waitTimeout, sandbox, setup } = this.#plan;
    const found = findForm(module, form);
    if (reuse && found.form === "cgi") {
      throw new AegisError("InvalidOption", "Cannot reuse an instance of a program: its _start runs once", {
        field: "reuse",
      });
    }
    const pool = this.#runtime.pool(module, {
      minimum: warm,
      maximum: concurrency,
      recycle: reuse ? "keep" : "reset",
      waiting,
      waitTimeout,
      sandbox,
      ...(setup === undefined ? {} : { setup }),
    });
    return new Service(module, found, pool);
  }

  #leave(service: Service, grace: number): void {
    const leaving = service.close(grace).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    leaving.catch(() => {});
  }

  async #handle(request: Request, info: HttpRequestInfo | undefined): Promise<Answer> {
    if (this.#closing !== undefined) throw new HttpFailure(503, "the module is being closed");
    let at = request;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const exchange = httpExchange(at, info, this.#plan);
      const answer = await this.#answer(exchange);
      if (!(answer instanceof LocalRedirect)) return answer;
      // Behind the origin, as text: "//other/x" is a path of this host.
      const url = URL.parse(exchange.url.origin + answer.location);
      if (url === null || url.origin !== exchange.url.origin) {
        throw new HttpFailure(502, "the guest redirects to a path that is none");
      }
      if (!withinRoute(url.pathname, this.#plan.route)) {
        return {
          status: 302,
          headers: new Headers({ location: url.href, "content-length": "0" }),
          body: null,
        };
      }
      const headers = new Headers(at.headers);
      for (const name of OF_BODIES) headers.delete(name);
      void at.body?.cancel().catch(() => {});
      at = new Request(url, {
        method: at.method === "HEAD" ? "HEAD" : "GET",
        headers,
        signal: request.signal,
      });
    }
    throw new HttpFailure(502, `the guest redirects more than ${MOST_REDIRECTS} times`);
  }

  async #answer(exchange: HttpExchange): Promise<Answer | LocalRedirect> {
    const service = this.#service,
      { pool, found } = service,
      { request, stop } = exchange,
      { onLog, name } = this.#plan;
    const log = new GuestLog(name, (text) => onLog({ module: name, kind: "guest", text })),
      leave = () => stop.abort();
    const share = this.#budget.share();
    service.underWay++;
    let work = Promise.resolve();
    const done = () => {
      request.signal.removeEventListener("abort", leave);
      log.end();
      share.giveBack();
      service.leave();
    };
    request.signal.addEventListener("abort", leave);
    if (request.signal.aborted) leave();
    try {
      return await ANSWERERS[found.form]({
        pool,
        found,
        plan: this.#plan,
        budget: this.#budget,
        share,
        print: (bytes) => log.add(bytes),
        report: (failure) => this.#report(failure),
        runs: (running) => work = running,
      }, exchange);
    } finally {
      void work.finally(done);
    }
  }

  #report(failure: HttpFailure): void {
    const { onLog, name } = this.#plan;
    const text = `${failure.status}: ${failure.message}`;
    onLog({ module: name, kind: "failure", text: cutText(text, LONGEST_LINE) });
  }
}

/**
 * Makes a handler of requests of a module.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 * import { httpHandler } from "jsr:@aegis/core/wrappers";
 *
 * await using runtime = await Aegis.create({ memoryLimit: "16MiB" });
 * await using handler = httpHandler(runtime, await runtime.loadFile("examples/http/hello.wasm"));
 * const response = await handler.fetch(new Request("http://localhost/?name=you"));
 * console.log(response.status); // 200
 * ```
 * @throws {AegisError} `InvalidOption` for options that are none, and a module that handles no requests
 */
export function httpHandler(runtime: Aegis, module: AegisModule, options: HttpOptions = {}): HttpHandler {
  return new HttpHandler(runtime, module, options);
}
