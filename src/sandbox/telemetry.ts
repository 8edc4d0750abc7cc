/**
 * Calls as OpenTelemetry's spans and metrics. The only file that imports its API, and only when somebody switches it on;
 * where nothing is registered with the API, it does nothing.
 */
import type { EventSubscriber } from "./event_subscriber.ts";
import { AegisError } from "../core/errors.ts";
import type {
  AegisEvent,
  EventType,
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
} from "../core/events.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";

/** What is told to OpenTelemetry. */
export interface TelemetryOptions {
  /** A span `aegis.call` for each call, with its host functions and denials as span events. @default true */
  readonly spans?: boolean;
  /** Counters of calls, fuel, host calls and denials; a histogram of durations. @default true */
  readonly metrics?: boolean;
}

const OPTIONS: OptionNames<TelemetryOptions> = {
  place: "of OpenTelemetry",
  names: { spans: true, metrics: true },
};

/** Span events of one call that are told: a guest can make millions. The others are in `aegis.events.dropped`. */
const MOST_SPAN_EVENTS = 128;

/** Bounds of the histogram's buckets: from a short call to the standard timeout. */
const SECONDS = [0.00001, 0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

type Attributes = Record<string, string | number | boolean>;

/** What is used of a span. */
interface Span {
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(exception: { name: string; message: string }): unknown;
  end(): void;
}

/** A call that is under way. */
interface OpenSpan {
  readonly execution: number;
  readonly span: Span;
  /** Span events, told or not. */
  events: number;
}

/** What is used of the API. */
interface TelemetryApi {
  readonly SpanStatusCode: { readonly ERROR: number };
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options: { attributes: Attributes }): Span };
  };
  readonly metrics: {
    getMeter(name: string): {
      createCounter(name: string, options: { description: string; unit: string }): Counter;
      createHistogram(
        name: string,
        options: { description: string; unit: string; advice: { explicitBucketBoundaries: number[] } },
      ): Histogram;
    };
  };
}

interface Counter {
  add(value: number, attributes?: Attributes): void;
}

interface Histogram {
  record(value: number, attributes?: Attributes): void;
}

const SPAN_TYPES = [
  "execution_started",
  "host_function_called",
  "capability_checked",
  "error",
  "execution_completed",
] as const satisfies readonly EventType[];

const METRIC_TYPES = ["capability_checked", "execution_completed"] as const satisfies readonly EventType[];

/** Calls as spans: at most one is open for each sandbox, since its calls queue. */
class CallSpans {
  readonly #open: Map<string, OpenSpan> = new Map();
  readonly #api: TelemetryApi;
  readonly #tracer: ReturnType<TelemetryApi["trace"]["getTracer"]>;

  constructor(api: TelemetryApi) {
    this.#api = api;
    this.#tracer = api.trace.getTracer("aegis");
  }

  tell(event: AegisEvent): void {
    switch (event.type) {
      case "execution_started":
        return this.#start(event);
      case "host_function_called": {
        const { module, name, duration, failed } = event;
        return this.#add(event.sandbox, "aegis.host_function", () => ({
          "aegis.host_function.module": module,
          "aegis.host_function.name": name,
          "aegis.host_function.duration": duration / 1000,
          "aegis.host_function.failed": failed,
        }));
      }
      case "capability_checked": {
        const { capability, action, target, allowed, reason = "" } = event;
        if (allowed) return;
        return this.#add(event.sandbox, "aegis.denied", () => ({
          "aegis.capability": capability,
          "aegis.action": action,
          "aegis.target": target,
          "aegis.reason": reason,
        }));
      }
      case "error": {
        const open = this.#open.get(event.sandbox), { code, message } = event;
        if (open === undefined || open.execution !== event.execution) return;
        open.span.recordException({ name: code, message });
        open.span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: code });
        return;
      }
      case "execution_completed":
        return this.#end(event);
    }
  }

  #start({ sandbox, execution, function: name, rows }: ExecutionStartedEvent): void {
    const attributes = {
      "aegis.sandbox": sandbox,
      "aegis.function": name,
      "aegis.execution": execution,
      ...(rows === undefined ? {} : { "aegis.rows": rows }),
    };
    const span = this.#tracer.startSpan("aegis.call", { attributes });
    this.#open.set(sandbox, { execution, span, events: 0 });
  }

  #add(sandbox: string, name: string, attributes: () => Attributes): void {
    const open = this.#open.get(sandbox);
    if (open === undefined) return; // brokers tell of decisions a moment late
    if (++open.events <= MOST_SPAN_EVENTS) open.span.addEvent(name, attributes());
  }

  #end({ sandbox, execution, outcome, usage }: ExecutionCompletedEvent): void {
    const open = this.#open.get(sandbox);
    if (open === undefined || open.execution !== execution) return;
    this.#open.delete(sandbox);
    const { span, events } = open;
    span.setAttributes({
      "aegis.outcome": outcome,
      "aegis.fuel": Number(usage.fuelConsumed),
      "aegis.memory.peak": usage.peakMemory,
      "aegis.cpu_time": usage.cpuTime / 1000,
      "aegis.host_calls": usage.hostCalls,
      ...(events > MOST_SPAN_EVENTS ? { "aegis.events.dropped": events - MOST_SPAN_EVENTS } : {}),
    });
    span.end();
  }
}

/** Counters over all sandboxes; what a guest may choose is in none of their attributes. */
class CallMetrics {
  readonly #calls: Counter;
  readonly #fuel: Counter;
  readonly #hostCalls: Counter;
  readonly #denials: Counter;
  readonly #duration: Histogram;

  constructor({ metrics }: TelemetryApi) {
    const meter = metrics.getMeter("aegis");
    this.#calls = meter.createCounter("aegis.calls", { description: "Calls of guests", unit: "{call}" });
    this.#fuel = meter.createCounter("aegis.fuel", { description: "Fuel that guests burnt", unit: "{unit}" });
    this.#hostCalls = meter.createCounter("aegis.host_calls", {
      description: "Calls of the host by guests",
      unit: "{call}",
    });
    this.#denials = meter.createCounter("aegis.denials", {
      description: "What guests were denied",
      unit: "{denial}",
    });
    this.#duration = meter.createHistogram("aegis.call.duration", {
      description: "Wall time of calls",
      unit: "s",
      advice: { explicitBucketBoundaries: SECONDS },
    });
  }

  tell(event: AegisEvent): void {
    if (event.type === "capability_checked") {
      if (!event.allowed && !event.standIn) {
        this.#denials.add(event.count ?? 1, { "aegis.capability": event.capability });
      }
    } else if (event.type === "execution_completed") {
      const { usage } = event, attributes = { "aegis.outcome": event.outcome };
      this.#calls.add(1, attributes);
      this.#fuel.add(Number(usage.fuelConsumed));
      this.#hostCalls.add(usage.hostCalls);
      this.#duration.record(usage.duration / 1000, attributes);
    }
  }
}

/**
 * Makes a subscriber that tells OpenTelemetry of calls: through `@opentelemetry/api`, to whatever SDK is registered there,
 * Deno's own with `OTEL_DENO=true` for instance. Without one it is silent. The spans have the attributes `aegis.sandbox`,
 * `aegis.function`, `aegis.execution`, `aegis.outcome`, `aegis.fuel`, `aegis.memory.peak`, and the status of an error when
 * the call has no result.
 *
 * @example
 * ```ts
 * import { Aegis, openTelemetry } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ subscribers: [await openTelemetry()] });
 * console.log(runtime.events.wants("execution_completed")); // true
 * ```
 * @throws {AegisError} `InvalidOption`; `UnsupportedPlatform` where `@opentelemetry/api` is not to be had
 */
export async function openTelemetry(options: TelemetryOptions = {}): Promise<EventSubscriber> {
  checkOptionNames(options, OPTIONS);
  const { spans = true, metrics = true } = options;
  for (const [field, value] of Object.entries({ spans, metrics })) {
    if (typeof value === "boolean") continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot set ${field} to ${quote(String(value))}: use true or false`,
      {
        field,
      },
    );
  }
  const api = await loadApi();
  const told = [...spans ? [new CallSpans(api)] : [], ...metrics ? [new CallMetrics(api)] : []];
  const types = new Set<EventType>([...spans ? SPAN_TYPES : [], ...metrics ? METRIC_TYPES : []]);
  return {
    types: [...types],
    onEvent: (event) => {
      for (const one of told) one.tell(event);
    },
  };
}

/** Those who use the library from its sources map its packages themselves, and this one is easily forgotten. */
async function loadApi(): Promise<TelemetryApi> {
  try {
    return await import("@opentelemetry/api") as unknown as TelemetryApi; // `as`: its own types say more
  } catch (cause) {
    throw new AegisError("UnsupportedPlatform", "Cannot load @opentelemetry/api", {
      suggestion: `Add to the imports of your deno.json: ${MAPPING}`,
      cause,
    });
  }
}

/** The line of our own deno.json; a test compares them. */
const MAPPING = '"@opentelemetry/api": "npm:@opentelemetry/api@1.9.0"';
