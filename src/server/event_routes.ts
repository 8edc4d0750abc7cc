/** What happens, as it happens: server-sent events, for pages and commands that follow. */
import { createRoute, z } from "@hono/zod-openapi";
import { ERRORS } from "./answers.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { ServerError } from "./server_error.ts";
import type { MeterSampler } from "./meter_sampler.ts";
import { readingView } from "./meter_views.ts";
import { auditView, executionView } from "./views.ts";
import type { TaskEvent } from "../tasks/task_events.ts";

/** Connections that may listen at once. */
const MOST_LISTENERS = 100;

/** Events that wait for a listener who is slow; then it is told how many it has missed. */
const MOST_WAITING = 1000;

/** Milliseconds between two signs of life. */
const HEARTBEAT = 15_000;

/** Who listens, and how many. */
export interface EventRoutes {
  readonly app: ServerApp;
  /** Connections that listen. */
  listeners(): number;
  /** Ends them all. */
  close(): void;
}

/** What can be listened to. */
export interface EventPorts extends Pick<RoutePorts, "tasks" | "tokens" | "runtime"> {
  readonly meters: MeterSampler;
  /** Whether tokens are asked for: then a stream ends with the token that asked for it. */
  readonly auth: boolean;
}

/** Tells of what happens from now on. @returns ends that */
type Source = (tell: (type: string, data: unknown) => void) => () => void;

/** Whether something that nobody gets unasked was asked for. */
const Wish = z.enum(["true", "false"]).default("false");

export function eventRoutes(ports: EventPorts): EventRoutes {
  const app = newApp(), open = new Set<() => void>(), { tasks } = ports;
  app.openapi(
    createRoute({
      method: "get",
      path: "/events",
      tags: ["events"],
      summary: "What happens to tasks, or to one, as server-sent events",
      request: {
        query: z.object({
          task: z.string().max(100).optional(),
          meters: Wish.openapi({ description: "Whether to tell of what the process uses, each second" }),
          audit: Wish.openapi({ description: "Whether to tell of who did what" }),
        }),
      },
      responses: {
        200: {
          description: "Events until either side ends it",
          content: { "text/event-stream": { schema: z.string() } },
        },
        ...ERRORS,
      },
    }),
    (c) => {
      if (open.size >= MOST_LISTENERS) {
        throw new ServerError("RateLimited", "Too many connections listen already", "Close some, or poll.");
      }
      const { task, meters, audit } = c.req.valid("query");
      if (task !== undefined) tasks.get(task);
      const sources = [
        taskSource(ports, task),
        ...(meters === "true" ? [meterSource(ports)] : []),
        ...(audit === "true" ? [auditSource(ports)] : []),
      ];
      const whenOver = ports.auth
        ? (end: () => void) => ports.tokens.whenRemoved(c.get("token"), end)
        : undefined;
      const stream = listen(sources, open, whenOver);
      return c.body(stream, 200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
    },
  );
  return {
    app,
    listeners: () => open.size,
    close: () => open.forEach((end) => end()),
  };
}

/** What happens to all tasks, or to one. */
function taskSource({ tasks }: EventPorts, task: string | undefined): Source {
  return (tell) =>
    tasks.subscribe((event) => {
      if (task === undefined || event.task === task) tell(event.type, eventView(event));
    });
}

function meterSource({ meters, runtime: { engine } }: EventPorts): Source {
  return (tell) => meters.subscribe((reading) => tell("meters", readingView(reading, engine)));
}

function auditSource({ tasks }: EventPorts): Source {
  return (tell) => tasks.audit.subscribe((record) => tell("audit", auditView(record)));
}

/**
 * What happens, as bytes.
 *
 * @param open has what ends it, as long as it lasts
 * @param whenOver is told what to call when nobody may listen any more, and returns what ends that
 */
function listen(
  sources: readonly Source[],
  open: Set<() => void>,
  whenOver?: (end: () => void) => () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let leave: (() => void)[] = [],
    heartbeat: ReturnType<typeof setInterval> | undefined,
    end: () => void,
    missed = 0;
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      end = () => {
        clearInterval(heartbeat);
        for (const one of leave) one();
        open.delete(end);
        try {
          controller.close();
        } catch {
          // the other side was quicker
        }
      };
      open.add(end);
      const tell = (type: string, data: unknown) => {
        if ((controller.desiredSize ?? 0) <= -MOST_WAITING) {
          missed++;
          return;
        }
        if (missed > 0) send(`event: missed\ndata: ${JSON.stringify({ count: missed })}\n\n`);
        missed = 0;
        send(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      };
      leave = sources.map((source) => source(tell));
      heartbeat = setInterval(
        () => (controller.desiredSize ?? 0) > -MOST_WAITING && send(": alive\n\n"),
        HEARTBEAT,
      );
      send(": hello\n\n");
      if (whenOver !== undefined) leave.push(whenOver(end));
    },
    cancel() {
      end();
    },
  });
}

/** An event as JSON can say it. */
function eventView(event: TaskEvent): unknown {
  return event.type === "execution_finished"
    ? { ...event, execution: executionView(event.execution) }
    : event;
}
