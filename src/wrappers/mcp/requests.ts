/**
 * What a server answers: each request by the catalogue, by a guest where there is something to compute, with one audit
 * record for it. Knows nothing of the SDK and of transports.
 */
import {
  auditClient,
  auditDenials,
  auditFuel,
  auditName,
  fingerprint,
  type McpAuditRecord,
  type McpClient,
} from "./audit.ts";
import type { Catalogue, Maker, OfferedTool } from "./catalogue.ts";
import {
  CallFailed,
  callFailed,
  type Failure,
  failureOf,
  failureText,
  outcomeFailure,
  PROTOCOL_CODES,
  ProtocolError,
} from "./failure.ts";
import { codeOf, type GuestEnd, type GuestUser, statusOf } from "./guests.ts";
import { jsonSize } from "./json_size.ts";
import { argumentOf } from "./kind_schema.ts";
import { LiveCall } from "./live_call.ts";
import type { McpPlan } from "./options.ts";
import { type Progress, ProgressReporter } from "./progress.ts";
import { type PromptResult, promptResult } from "./prompt_result.ts";
import { type ResourceResult, resourceResult } from "./resource_result.ts";
import { checkReturned, checkSize } from "./result_bounds.ts";
import { readArguments } from "./tool_arguments.ts";
import { failedResult, programResult, type ToolResult, valueResult } from "./tool_result.ts";
import { matchUri } from "./uri_template.ts";
import { quote } from "../../core/quote.ts";
import type { CallValue } from "../../core/value.ts";

/** A request as a session gets it. */
export interface Asked {
  /** Aborted when the client cancels it, or is gone. */
  readonly signal: AbortSignal;
  /** Undefined where the client wants no progress. */
  readonly progress: ((progress: Progress) => void) | undefined;
}

/** Who asks. */
export interface Asker extends GuestUser {
  readonly client: () => McpClient;
  /** Requests that are under way. */
  underWay: number;
}

/** What becomes known on the way, for the record. */
interface Trace {
  module?: string;
  end?: GuestEnd;
  failure?: Failure;
  /** Whether the guest was asked. */
  called: boolean;
}

/** A request as it is recorded. */
interface RecordedRequest<Result> {
  readonly kind: McpAuditRecord["kind"];
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly asked: Asked;
  readonly asker: Asker;
  /** Makes a result of a failure; without it one is an error of the protocol. */
  readonly failed?: (failure: Failure) => Result;
}

export class Requests {
  readonly #catalogue: Catalogue;
  readonly #plan: McpPlan;
  /** Requests that are under way, and records that are not told yet. */
  readonly #open = new Set<Promise<void>>();
  /** Ends when the last record was told: they come in the order in which requests ended. */
  #last: Promise<void> = Promise.resolve();

  constructor(catalogue: Catalogue, plan: McpPlan) {
    this.#catalogue = catalogue;
    this.#plan = plan;
  }

  /** Ends when all that was asked has ended, and is told. */
  async told(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Calls a tool. How it ended is the result. @throws {ProtocolError} where there is no such tool */
  async callTool(
    name: string,
    given: Readonly<Record<string, unknown>>,
    asked: Asked,
    asker: Asker,
  ): Promise<ToolResult> {
    const failed = failedResult;
    return await this.#recorded({ kind: "tool", name, given, asked, asker, failed }, async (trace) => {
      const tool = this.#catalogue.tools.get(name);
      if (tool === undefined) {
        throw new ProtocolError(PROTOCOL_CODES.invalidParams, `Unknown tool: ${quote(name)}`);
      }
      trace.module = tool.module;
      return await this.#call(tool, { given, asked, asker, trace });
    });
  }

  async #call(
    tool: OfferedTool,
    { given, asked, asker, trace }: {
      readonly given: Readonly<Record<string, unknown>>;
      readonly asked: Asked;
      readonly asker: Asker;
      readonly trace: Trace;
    },
  ): Promise<ToolResult> {
    const read = readArguments(tool, given);
    return await this.#live(asked, tool, async (live) => {
      trace.called = true;
      if (read.to === "program") {
        const end = trace.end = await tool.guests.run(read.words, read.stdin, { live, asker }),
          status = statusOf(end.outcome);
        if (status !== undefined) {
          if (status !== 0) trace.failure = { code: "Exit", message: `status ${status}` };
          return programResult({ ...end, status });
        }
        if (end.outcome.kind === "value") throw new Error("a value has a status");
        throw callFailed(outcomeFailure(end.outcome, end.denials));
      }
      const call = { name: tool.function, type: tool.type, values: read.values };
      const { outcome, denials } = trace.end = await tool.guests.call(call, live, asker);
      if (outcome.kind !== "value") throw callFailed(outcomeFailure(outcome, denials));
      checkReturned(outcome.values, this.#plan.resultSize);
      return valueResult(tool, outcome.values, `aegis://${tool.module}/${tool.name}`);
    });
  }

  /** Reads a resource. @throws {ProtocolError} where there is none, or it could not be made */
  async readResource(uri: string, asked: Asked, asker: Asker): Promise<ResourceResult> {
    return await this.#recorded({ kind: "resource", name: uri, given: {}, asked, asker }, async (trace) => {
      const fixed = this.#catalogue.resources.get(uri);
      if (fixed !== undefined) {
        trace.module = fixed.module;
        if ("text" in fixed.from) {
          return resourceResult(fixed.from.text, { kind: "string", uri, mimeType: fixed.mimeType });
        }
        if (fixed.maker !== undefined) {
          const { value, kind } = await this.#make(fixed.maker, { uri, variables: {} }, {
            asked,
            asker,
            trace,
          });
          return resourceResult(value, { kind, uri, mimeType: fixed.mimeType });
        }
      }
      const found = this.#catalogue.templates.flatMap((one) => {
        const variables = matchUri(one.template, uri);
        return variables === undefined ? [] : [{ ...one, variables }];
      });
      const [template] = found;
      // A template of one module must not take what another's was meant for.
      if (template === undefined || new Set(found.map(({ maker }) => maker.module)).size > 1) {
        throw new ProtocolError(PROTOCOL_CODES.resourceNotFound, "Resource not found", { uri });
      }
      const { maker, variables, mimeType } = template;
      trace.module = maker.module;
      const { value, kind } = await this.#make(maker, { uri, variables }, { asked, asker, trace });
      return resourceResult(value, { kind, uri, mimeType });
    });
  }

  /** Makes a prompt. @throws {ProtocolError} where there is none, arguments are missing, or it could not be made */
  async getPrompt(
    name: string,
    given: Readonly<Record<string, string>>,
    asked: Asked,
    asker: Asker,
  ): Promise<PromptResult> {
    return await this.#recorded({ kind: "prompt", name, given, asked, asker }, async (trace) => {
      const prompt = this.#catalogue.prompts.get(name), invalid = PROTOCOL_CODES.invalidParams;
      if (prompt === undefined) throw new ProtocolError(invalid, `Unknown prompt: ${quote(name)}`);
      trace.module = prompt.maker.module;
      const known = prompt.arguments.map((one) => one.name);
      const unknown = Object.keys(given).find((one) => !known.includes(one));
      if (unknown !== undefined) {
        throw new ProtocolError(invalid, `Unknown argument ${quote(unknown)} of prompt ${quote(name)}`);
      }
      const missing = prompt.arguments.find((one) => one.required && !Object.hasOwn(given, one.name));
      if (missing !== undefined) {
        throw new ProtocolError(invalid, `Missing argument ${quote(missing.name)} of prompt ${quote(name)}`);
      }
      const words = Object.fromEntries(
        known.map((one) => [one, Object.hasOwn(given, one) ? given[one] ?? "" : ""]),
      );
      const { value, kind } = await this.#make(prompt.maker, { uri: name, variables: words }, {
        asked,
        asker,
        trace,
      });
      return promptResult(value, { kind, description: prompt.description });
    });
  }

  /** Calls the function that makes a resource or a prompt: with an object of all, with each word, or with the URI alone. */
  async #make(
    { guests, function: name, type }: Maker,
    { uri, variables }: { readonly uri: string; readonly variables: Readonly<Record<string, string>> },
    { asked, asker, trace }: { readonly asked: Asked; readonly asker: Asker; readonly trace: Trace },
  ): Promise<{ readonly value: CallValue | undefined; readonly kind: string }> {
    const words = Object.values(variables), { params, results } = type;
    const isObject = params.length === 1 && (params[0] === "json" || params[0] === "msgpack");
    const given: readonly unknown[] = isObject
      ? [variables]
      : words.length === 0 && params.length === 1
      ? [uri]
      : words;
    if (given.length !== params.length) {
      throw new CallFailed("TypeMismatch", "The function takes other arguments");
    }
    const values = params.map((kind, index) => {
      const converted = argumentOf(kind, given[index]);
      if ("problem" in converted) {
        throw new CallFailed("InvalidArguments", `Argument ${index + 1} ${converted.problem}`);
      }
      return converted.value;
    });
    const { outcome, denials } = trace.end = await this.#live(asked, { guests }, (live) => {
      trace.called = true;
      return guests.call({ name, type, values }, live, asker);
    });
    if (outcome.kind !== "value") throw callFailed(outcomeFailure(outcome, denials));
    checkReturned(outcome.values, this.#plan.resultSize);
    return { value: outcome.values[0], kind: results[0] ?? "json" };
  }

  async #live<Result>(
    asked: Asked,
    { guests }: Pick<OfferedTool, "guests">,
    work: (live: LiveCall) => Promise<Result>,
  ): Promise<Result> {
    const progress = asked.progress === undefined ? undefined : new ProgressReporter(asked.progress);
    const live = new LiveCall(asked.signal, { progress, grace: guests.grace });
    try {
      return await work(live);
    } finally {
      live.end();
    }
  }

  /** Answers a request, within the bounds that hold for each of them, and tells of it. */
  async #recorded<Result>(
    request: RecordedRequest<Result>,
    work: (trace: Trace) => Promise<Result>,
  ): Promise<Result> {
    const { asker, asked, failed } = request, started = performance.now(), trace: Trace = { called: false };
    const ended = Promise.withResolvers<void>();
    this.#open.add(ended.promise);
    asker.underWay++;
    let size = 0;
    try {
      if (asker.underWay > this.#plan.calls) {
        throw new ProtocolError(
          PROTOCOL_CODES.internal,
          `Too many requests at once: ${this.#plan.calls} are under way`,
        );
      }
      const result = await work(trace);
      size = checkSize(result, this.#plan.resultSize);
      return result;
    } catch (error) {
      if (error instanceof ProtocolError) {
        trace.failure = { code: String(error.code), message: error.message };
        throw error;
      }
      // What it was stays with us.
      const failure = trace.failure = failureOf(error);
      if (failed === undefined) throw new ProtocolError(PROTOCOL_CODES.internal, failureText(failure));
      const result = failed(failure);
      size = jsonSize(result);
      return result;
    } finally {
      asker.underWay--;
      const duration = performance.now() - started, cancelled = asked.signal.aborted;
      this.#last = this.#tell(this.#record({ ...request, trace, duration, size, cancelled }), this.#last);
      this.#last.then(() => {
        this.#open.delete(ended.promise);
        ended.resolve();
      });
    }
  }

  /** Never fails: a request was answered, whatever becomes of what is told of it. */
  async #tell(record: Promise<McpAuditRecord | undefined>, before: Promise<void>): Promise<void> {
    try {
      const known = await record;
      await before;
      if (known !== undefined) this.#plan.onAudit?.(known);
    } catch {
      await before; // as the documentation of `onAudit` says
    }
  }

  async #record(
    { kind, name, given, asker, trace, duration, size, cancelled }: {
      readonly kind: McpAuditRecord["kind"];
      readonly name: string;
      readonly given: unknown;
      readonly asker: Asker;
      readonly trace: Trace;
      readonly duration: number;
      readonly size: number;
      readonly cancelled: boolean;
    },
  ): Promise<McpAuditRecord | undefined> {
    if (this.#plan.onAudit === undefined) return undefined;
    const time = new Date().toISOString(), client = auditClient(asker.client());
    const denials = await trace.end?.allDenials ?? [], said = await fingerprint(given);
    const code = trace.failure?.code ?? (trace.end === undefined ? undefined : codeOf(trace.end.outcome));
    return {
      time,
      client,
      kind,
      name: auditName(name),
      ...(trace.module === undefined ? {} : { module: trace.module }),
      arguments: said,
      outcome: cancelled ? "cancelled" : code === undefined ? "ok" : trace.called ? "error" : "refused",
      ...(code === undefined ? {} : { code }),
      fuel: auditFuel(trace.end?.fuel ?? 0n),
      duration: Math.round(duration * 1000) / 1000,
      resultBytes: cancelled ? 0 : size,
      denials: auditDenials(denials),
    };
  }
}
