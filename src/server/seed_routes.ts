/** The eight endpoints of WASM-OS, in its envelope: `{success, data, error}`. */
import { createRoute, z } from "@hono/zod-openapi";
import { body, json, SEED_ERRORS } from "./answers.ts";
import * as schemas from "./schemas.ts";
import { audit, newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { seedRecordView, seedStatsView, seedTaskView } from "./views.ts";
import type { TaskRecord } from "../tasks/store/task_table.ts";

const Id = z.object({ id: z.string().max(100) });

const tags = ["WASM-OS"];

/** Tasks of a list, and executions of a task, the latest. */
const MOST = 1000;

function success<Data>(data: Data): { success: true; data: Data; error: null } {
  return { success: true, data, error: null };
}

export function seedRoutes(ports: RoutePorts): ServerApp {
  const app = newApp(), { tasks } = ports;
  const view = (task: TaskRecord) => seedTaskView(task, tasks.moduleSize(task.module) ?? 0);

  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks",
      tags,
      summary: "Load a task",
      request: { body: body(schemas.SeedNewTask) },
      responses: { 200: json(schemas.seedOf(z.string()), "Its id"), ...SEED_ERRORS },
    }),
    async (c) => {
      const { name, wasm_data } = c.req.valid("json"),
        { hash } = await tasks.addModule(Uint8Array.from(wasm_data), name);
      const { id } = tasks.create(hash, { name });
      audit(c, ports, { action: "task.create", target: id });
      return c.json(success(id), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks",
      tags,
      summary: "Tasks, the latest first",
      responses: { 200: json(schemas.seedOf(z.array(schemas.SeedTask)), "At most 1,000"), ...SEED_ERRORS },
    }),
    (c) => c.json(success(tasks.list({}, { most: MOST }).items.map(view)), 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{id}",
      tags,
      summary: "A task with its executions, the latest first",
      request: { params: Id },
      responses: { 200: json(schemas.seedOf(schemas.SeedTaskInfo), "The task"), ...SEED_ERRORS },
    }),
    (c) => {
      const task = tasks.get(c.req.valid("param").id);
      const execution_history = tasks.executions({ task: task.id }, { most: MOST }).items
        .filter(({ status }) => status !== "running").map(seedRecordView);
      return c.json(success({ ...view(task), execution_history }), 200);
    },
  );

  for (const action of ["start", "pause", "stop"] as const) {
    app.openapi(
      createRoute({
        method: "post",
        path: `/tasks/{id}/${action}` as const,
        tags,
        summary: `${action[0]?.toUpperCase()}${action.slice(1)} a task`,
        request: { params: Id },
        responses: { 200: json(schemas.seedOf(schemas.State), "Its status"), ...SEED_ERRORS },
      }),
      (c) => {
        const { id } = c.req.valid("param"), before = tasks.get(id);
        // Start also ends a pause, which this interface has no other word for.
        const task = action === "start" && before.state === "paused" ? tasks.resume(id) : tasks[action](id);
        audit(c, ports, { action: `task.${action}`, target: id });
        return c.json(success(task.state), 200);
      },
    );
  }

  app.openapi(
    createRoute({
      method: "delete",
      path: "/tasks/{id}",
      tags,
      summary: "Remove a task",
      request: { params: Id },
      responses: { 200: json(schemas.seedOf(z.null()), "It is gone"), ...SEED_ERRORS },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await tasks.remove(id);
      audit(c, ports, { action: "task.remove", target: id });
      return c.json(success(null), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/stats",
      tags,
      summary: "Counts of all tasks",
      responses: { 200: json(schemas.seedOf(schemas.SeedStats), "The counts"), ...SEED_ERRORS },
    }),
    (c) => c.json(success(seedStatsView(tasks.stats())), 200),
  );
  return app;
}
