/** The HTTP API: a function from requests to answers, without a socket. */
import { z } from "@hono/zod-openapi";
import { createRoute } from "@hono/zod-openapi";
import { ERRORS, json } from "./answers.ts";
import { eventRoutes } from "./event_routes.ts";
import { historyRoutes } from "./history_routes.ts";
import { meterRoutes } from "./meter_routes.ts";
import { type MeterPorts, MeterSampler } from "./meter_sampler.ts";
import { moduleRoutes } from "./module_routes.ts";
import { metricsText } from "./prometheus.ts";
import { boundedRequest } from "./request_body.ts";
import { type GuardOptions, requestGuard } from "./request_guard.ts";
import { pageRoutes } from "./pages/page_routes.ts";
import { seedRoutes } from "./seed_routes.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { errorAnswer, ServerError } from "./server_error.ts";
import { sessionRoutes } from "./session_routes.ts";
import { systemRoutes } from "./system_routes.ts";
import { taskRoutes } from "./task_routes.ts";

/** What the API is made of. */
export interface ServerAppOptions extends RoutePorts {
  readonly guard: GuardOptions;
  readonly version: string;
  /** What is looked at each second. */
  readonly meters: Pick<MeterPorts, "process" | "timers">;
  /** Whether it takes work: told by `ready`. */
  readonly isReady: () => boolean;
  /** Told of what nobody foresaw; those who asked hear nothing of it. */
  readonly onInternal: (error: unknown) => void;
}

/** The API, and what ends with it. */
export interface ServerParts {
  readonly app: ServerApp;
  /** Ends connections that would not end by themselves. */
  close(): void;
}

/** Bytes of a body in JSON: a module as a list of numbers takes four for each. */
const LARGEST_JSON = 16 * 1024 * 1024;

const ALIVE = z.object({ status: z.string() }).openapi("Alive");

export function serverApp(options: ServerAppOptions): ServerParts {
  const { guard, version, isReady, onInternal } = options, app = newApp();
  const answers: Record<string, number> = {}, { tasks, now } = options;
  const meters = new MeterSampler({
    ...options.meters,
    now,
    load: () => tasks.load(),
    requests: () => Object.values(answers).reduce((sum, count) => sum + count, 0),
  });
  const auth = guard.tokens !== undefined, events = eventRoutes({ ...options, meters, auth });

  app.use(async (context, next) => {
    await next();
    const digit = String(context.res.status)[0] ?? "0";
    answers[digit] = (answers[digit] ?? 0) + 1;
  });
  app.use(requestGuard(guard));
  app.use(async (context, next) => {
    // Bytes of a module are bounded by the route itself.
    if (context.req.path !== "/api/v1/modules") {
      context.req.raw = await boundedRequest(context.req.raw, LARGEST_JSON);
    }
    await next();
  });
  app.onError((error, context) => {
    const { status, body } = errorAnswer(readable(error), onInternal),
      isSeed = context.req.path !== "/metrics" && !context.req.path.startsWith("/api/");
    const answer = isSeed ? { success: false, data: null, error: body.message } : { error: body };
    return context.json(answer, status as 400); // one of the statuses of ERRORS
  });
  app.notFound((context) => {
    throw new ServerError(
      "NoSuchRoute",
      `There is no route ${context.req.method} ${context.req.path.slice(0, 200)}`,
    );
  });

  for (
    const [path, tell] of [["health", () => "ok"], ["ready", () => isReady() ? "ready" : "closing"]] as const
  ) {
    app.openapi(
      createRoute({
        method: "get",
        path: `/api/v1/${path}` as const,
        tags: ["system"],
        summary: path === "health" ? "Whether the server answers" : "Whether it takes work",
        responses: { 200: json(ALIVE, "It does"), 503: json(ALIVE, "It does not") },
        security: [],
      }),
      (c) => c.json({ status: tell() }, path === "ready" && !isReady() ? 503 : 200),
    );
  }
  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      tags: ["system"],
      summary: "Counts for Prometheus",
      responses: {
        200: { description: "Text", content: { "text/plain": { schema: z.string() } } },
        ...ERRORS,
      },
    }),
    (c) => c.text(metricsText(tasks.stats(), { answers, listeners: events.listeners() }), 200),
  );
  for (const part of [taskRoutes, moduleRoutes, historyRoutes]) app.route("/api/v1", part(options));
  app.route("/api/v1", systemRoutes({ ...options, listeners: events.listeners }));
  app.route("/api/v1", sessionRoutes({ ...options, auth }));
  app.route("/api/v1", meterRoutes({ ...options, meters }));
  app.route("/api/v1", events.app);
  app.route("/", seedRoutes(options));
  app.route("/", pageRoutes());

  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.doc31("/api/v1/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Aegis", version, description: "Tasks that run untrusted WebAssembly" },
    security: guard.tokens === undefined ? [] : [{ token: [] }],
  });
  const close = () => {
    meters.close();
    events.close();
  };
  return { app, close };
}

/** What is thrown for a body that is no JSON, or ends too early, is the fault of who asked. */
function readable(error: unknown): unknown {
  if (error instanceof Error && "code" in error && error.code === "ECONNRESET") {
    return new ServerError("RequestTimeout", "The body did not come to its end");
  }
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 415) {
    return new ServerError("UnsupportedMediaType", "The body is not of a type that this route takes");
  }
  return status === 400 ? new ServerError("InvalidRequest", "The body is no JSON") : error;
}
