/** What happens, as it happens: server-sent events, for pages and commands that follow. */
import { createRoute, z } from "@hono/zod-openapi";
import { ERRORS } from "./answers.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { ServerError } from "./server_error.ts";
import { executionView } from "./views.ts";
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

export function eventRoutes({ tasks }: Pick<RoutePorts, "tasks">): EventRoutes {
  const app = newApp(), open = new Set<() => void>();
  app.openapi(
    createRoute({
      method: "get",
      path: "/events",
      tags: ["events"],
      summary: "What happens to tasks, or to one, as server-sent events",
      request: { query: z.object({ task: z.string().max(100).optional() }) },
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
      const { task } = c.req.valid("query");
      if (task !== undefined) tasks.get(task);
      const stream = listen(tasks.subscribe.bind(tasks), task, open);
      return c.body(stream, 200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
    },
  );
  return {
    app,
    listeners: () => open.size,
    close: () => open.forEach((end) => end()),
  };
}

/** Events of all tasks, or of one, as bytes. @param open has what ends it, as long as it lasts */
function listen(
  subscribe: (listener: (event: TaskEvent) => void) => () => void,
  task: string | undefined,
  open: Set<() => void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let unsubscribe: () => void,
    heartbeat: ReturnType<typeof setInterval> | undefined,
    end: () => void,
    missed = 0;
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      end = () => {
        clearInterval(heartbeat);
        unsubscribe();
        open.delete(end);
        try {
          controller.close();
        } catch {
          // the other side was quicker
        }
      };
      open.add(end);
      unsubscribe = subscribe((event) => {
        if (task !== undefined && event.task !== task) return;
        if ((controller.desiredSize ?? 0) <= -MOST_WAITING) {
          missed++;
          return;
        }
        if (missed > 0) send(`event: missed\ndata: ${JSON.stringify({ count: missed })}\n\n`);
        missed = 0;
        send(`event: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`);
      });
      heartbeat = setInterval(
        () => (controller.desiredSize ?? 0) > -MOST_WAITING && send(": alive\n\n"),
        HEARTBEAT,
      );
      send(": hello\n\n");
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
