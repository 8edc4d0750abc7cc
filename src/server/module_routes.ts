/** Modules: kept under the hash of their bytes, run once or as tasks. */
import { createRoute, z } from "@hono/zod-openapi";
import { body, ERRORS, json } from "./answers.ts";
import { readBytes } from "./request_body.ts";
import { runToEnd } from "./run_to_end.ts";
import * as schemas from "./schemas.ts";
import { audit, newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { taskOptions } from "./task_routes.ts";
import { executionView, moduleView } from "./views.ts";
import { AegisError } from "../core/errors.ts";

const Hash = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) });

const tags = ["modules"];

/** How long a request for a run may wait for its end, in milliseconds; what takes longer is a task. */
const LONGEST_WAIT = 60_000;

/** A body of bytes. */
const BYTES = {
  required: true,
  content: { "application/wasm": { schema: z.string().openapi({ format: "binary" }) } },
} as const;

export function moduleRoutes(ports: RoutePorts): ServerApp {
  const app = newApp(), { tasks, runtime: { limits: { moduleSize } } } = ports;

  app.openapi(
    createRoute({
      method: "post",
      path: "/modules",
      tags,
      summary: "Check a module and keep it",
      request: { query: z.object({ name: z.string().min(1).max(200).optional() }), body: BYTES },
      responses: { 201: json(schemas.Module, "The module"), ...ERRORS },
    }),
    async (c) => {
      const bytes = await readBytes(c.req.raw, moduleSize),
        module = await tasks.addModule(bytes, c.req.valid("query").name);
      audit(c, ports, { action: "module.add", target: module.hash });
      return c.json(moduleView(module), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/modules",
      tags,
      summary: "Modules, the latest first, at most 1,000",
      responses: { 200: json(z.object({ items: z.array(schemas.Module) }), "All modules"), ...ERRORS },
    }),
    (c) => c.json({ items: tasks.modules().map(moduleView) }, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/modules/{hash}",
      tags,
      summary: "A module",
      request: { params: Hash },
      responses: { 200: json(schemas.Module, "The module"), ...ERRORS },
    }),
    (c) => {
      const module = tasks.module(c.req.valid("param").hash);
      if (module === undefined) throw new AegisError("NotFound", "There is no such module");
      return c.json(moduleView(module), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/modules/{hash}/bytes",
      tags,
      summary: "The bytes of a module",
      request: { params: Hash },
      responses: {
        200: {
          description: "The bytes",
          content: { "application/wasm": { schema: z.string().openapi({ format: "binary" }) } },
        },
        ...ERRORS,
      },
    }),
    (c) => {
      const bytes = tasks.moduleBytes(c.req.valid("param").hash);
      if (bytes === undefined) throw new AegisError("NotFound", "There is no such module");
      return c.body(bytes, 200, { "Content-Type": "application/wasm", "Content-Disposition": "attachment" });
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/modules/{hash}",
      tags,
      summary: "Forget a module that no task runs",
      request: { params: Hash },
      responses: { 204: { description: "It is gone" }, ...ERRORS },
    }),
    (c) => {
      const { hash } = c.req.valid("param");
      tasks.removeModule(hash);
      audit(c, ports, { action: "module.remove", target: hash });
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/run",
      tags,
      summary: "Run a module once, and wait for its end, at most a minute",
      request: { body: body(schemas.RunOnce) },
      responses: { 200: json(schemas.Execution, "How it ended, or that it still runs"), ...ERRORS },
    }),
    async (c) => {
      const { module, name = "run", ...rest } = c.req.valid("json");
      const { id } = tasks.create(module, taskOptions({ ...rest, name }));
      audit(c, ports, { action: "task.run", target: id });
      const execution = await runToEnd(tasks, id, LONGEST_WAIT);
      return c.json(executionView(execution), 200);
    },
  );
  return app;
}
