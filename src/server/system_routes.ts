/** What the server is and does: counts, schedules, tokens, who did what. */
import { createRoute, z } from "@hono/zod-openapi";
import { body, ERRORS, json } from "./answers.ts";
import * as schemas from "./schemas.ts";
import { audit, newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { auditView, pageView, scheduleView, statsView } from "./views.ts";
import type { ScheduleOptions } from "../tasks/schedules.ts";

const Id = z.object({ id: z.string().max(100) });

/** What these routes tell of beside. */
export interface SystemPorts extends RoutePorts {
  /** Connections that hear of events. */
  readonly listeners: () => number;
}

export function systemRoutes(ports: SystemPorts): ServerApp {
  const app = newApp(), { tasks, tokens, now, listeners } = ports;

  app.openapi(
    createRoute({
      method: "get",
      path: "/stats",
      tags: ["system"],
      summary: "Counts of what there is, and of what was done",
      responses: { 200: json(schemas.Stats, "The counts"), ...ERRORS },
    }),
    (c) => c.json(statsView(tasks.stats(), listeners()), 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/audit",
      tags: ["system"],
      summary: "Who did what, the latest first",
      request: { query: z.object({ ...schemas.PageQuery, target: z.string().max(200).optional() }) },
      responses: { 200: json(schemas.pageOf(schemas.AuditRecord), "A part of the list"), ...ERRORS },
    }),
    (c) => {
      const { limit = 100, from, target } = c.req.valid("query");
      return c.json(pageView(tasks.audit.list({ most: limit, from }, target), auditView), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/schedules",
      tags: ["schedules"],
      summary: "When tasks start by themselves, the oldest first",
      request: { query: z.object({ task: z.string().max(100).optional() }) },
      responses: { 200: json(z.object({ items: z.array(schemas.Schedule) }), "All schedules"), ...ERRORS },
    }),
    (c) => c.json({ items: tasks.schedules.list(c.req.valid("query").task).map(scheduleView) }, 200),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/schedules",
      tags: ["schedules"],
      summary: "Have a task start by itself",
      request: { body: body(schemas.NewSchedule) },
      responses: { 201: json(schemas.Schedule, "The schedule"), ...ERRORS },
    }),
    (c) => {
      const { task, ...options } = c.req.valid("json");
      const given = Object.entries(options).filter(([, value]) => value !== undefined);
      const schedule = tasks.schedules.add(task, Object.fromEntries(given) as unknown as ScheduleOptions); // its fields
      audit(c, ports, { action: "schedule.create", target: schedule.id, detail: task });
      return c.json(scheduleView(schedule), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "patch",
      path: "/schedules/{id}",
      tags: ["schedules"],
      summary: "Turn a schedule on or off",
      request: { params: Id, body: body(z.strictObject({ enabled: z.boolean() })) },
      responses: { 200: json(schemas.Schedule, "The schedule"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param"), schedule = tasks.schedules.enable(id, c.req.valid("json").enabled);
      audit(c, ports, { action: schedule.enabled ? "schedule.enable" : "schedule.disable", target: id });
      return c.json(scheduleView(schedule), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/schedules/{id}",
      tags: ["schedules"],
      summary: "Forget a schedule",
      request: { params: Id },
      responses: { 204: { description: "It is gone" }, ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param");
      tasks.schedules.remove(id);
      audit(c, ports, { action: "schedule.remove", target: id });
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tokens",
      tags: ["system"],
      summary: "Tokens, without their secrets",
      responses: { 200: json(z.object({ items: z.array(schemas.TokenSchema) }), "All tokens"), ...ERRORS },
    }),
    (c) => c.json({ items: [...tokens.list()] }, 200),
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/tokens",
      tags: ["system"],
      summary: "Make a token",
      request: {
        body: body(
          z.strictObject({ name: z.string(), role: schemas.TokenSchema.shape.role }).openapi("NewToken"),
        ),
      },
      responses: {
        201: json(z.object({ name: z.string(), secret: z.string() }), "Its secret, which is told this once"),
        ...ERRORS,
      },
    }),
    (c) => {
      const { name, role } = c.req.valid("json"), secret = tokens.add(name, role, now());
      audit(c, ports, { action: "token.create", target: name, detail: role });
      return c.json({ name, secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/tokens/{name}",
      tags: ["system"],
      summary: "Make a token worthless",
      request: { params: z.object({ name: z.string().max(100) }) },
      responses: { 204: { description: "It is gone" }, ...ERRORS },
    }),
    (c) => {
      const { name } = c.req.valid("param");
      tokens.remove(name);
      audit(c, ports, { action: "token.remove", target: name });
      return c.body(null, 204);
    },
  );
  return app;
}
