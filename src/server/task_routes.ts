/** Tasks: made, started, paused, looked at, one by one and many at once. */
import { createRoute, z } from "@hono/zod-openapi";
import { body, ERRORS, json } from "./answers.ts";
import * as schemas from "./schemas.ts";
import { audit, newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { turnAbout } from "./turn_about.ts";
import { bulkView, executionView, pageView, taskView, usageView } from "./views.ts";
import { AegisError } from "../core/errors.ts";
import { ASKED } from "../tasks/task_states.ts";
import type { TaskOptions } from "../tasks/task_settings.ts";
import type { TaskFilter, TaskRecord } from "../tasks/store/task_table.ts";

const Id = z.object({ id: z.string().max(100) });

const tags = ["tasks"];

/** Tasks of a batch that are made at once: a transaction each costs more than what is written in it. */
const AT_ONCE = 10;

function* piecesOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** Fields without those that are undefined. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields; // a part of it
}

/** What a body says of a task. JSON has no undefined fields, and the library checks values. */
export function taskOptions(read: { readonly name: string; readonly [field: string]: unknown }): TaskOptions {
  return read as unknown as TaskOptions; // of the fields that zod has let through
}

export function taskRoutes(ports: RoutePorts): ServerApp {
  const app = newApp(), { tasks } = ports;
  /** One question for all of them. */
  const views = (records: readonly TaskRecord[]) => {
    const last = new Map(tasks.lastExecutions(records.map(({ id }) => id)).map((one) => [one.task, one]));
    return records.map((record) => taskView(record, last.get(record.id)));
  };
  const view = (record: TaskRecord) => taskView(record, tasks.lastExecutions([record.id])[0]);

  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks",
      tags,
      summary: "Make a task, and start it if that is asked for",
      request: {
        body: body(schemas.NewTask),
        headers: z.object({ "idempotency-key": z.string().max(200).optional() }),
      },
      responses: { 201: json(schemas.Task, "The task"), ...ERRORS },
    }),
    (c) => {
      const { module, start = false, ...rest } = c.req.valid("json"),
        key = c.req.valid("header")["idempotency-key"];
      const task = tasks.create(module, taskOptions(rest), key);
      audit(c, ports, { action: "task.create", target: task.id });
      const isNew = task.state === "ready" && task.executions === 0;
      return c.json(view(start && isNew ? tasks.start(task.id) : task), 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks",
      tags,
      summary: "Tasks, the latest first",
      request: { query: schemas.TaskQuery },
      responses: { 200: json(schemas.pageOf(schemas.Task), "A part of the list"), ...ERRORS },
    }),
    (c) => {
      const { limit = 100, from, state, ...rest } = c.req.valid("query");
      const filter = given({ ...rest, states: state }) as TaskFilter;
      const { items, next, total } = tasks.list(filter, { most: limit, from });
      return c.json({ items: views(items), next: next ?? null, total }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/tasks/bulk",
      tags,
      summary: "Ask the same of many tasks: those that are named, or all that fit",
      request: { body: body(schemas.Bulk) },
      responses: { 200: json(schemas.BulkAnswer, "How each took it"), ...ERRORS },
    }),
    async (c) => {
      const { action, ids, group, states, module } = c.req.valid("json");
      if (ids === undefined && group === undefined && states === undefined && module === undefined) {
        throw new AegisError("InvalidOption", "Cannot ask that of all tasks at once", {
          field: "ids",
          suggestion: "Name them, or say which: by group, states or module.",
        });
      }
      const chosen = ids ?? tasks.ids(given({ group, states, module }) as TaskFilter);
      audit(c, ports, { action: `task.${action}`, detail: `${chosen.length} tasks` });
      const results = await turnAbout(chosen, (id) => tasks.bulk(action, [id]));
      return c.json({ results: results.flat().map(bulkView) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "post",
      path: "/batches",
      tags,
      summary: "Make a task for each row of arguments, in one group, and start them",
      request: { body: body(schemas.NewBatch) },
      responses: {
        201: json(z.object({ group: z.string(), ids: z.array(z.string()) }), "Their group and ids"),
        ...ERRORS,
      },
    }),
    async (c) => {
      const { module, rows, name, group = `${name} ${crypto.randomUUID()}`.slice(-200), ...rest } = c.req
        .valid("json");
      audit(c, ports, { action: "batch.create", target: group, detail: `${rows.length} tasks` });
      const ids: string[] = [];
      try {
        const options = rows.map((args, index) => ({ name: `${name} ${index + 1}`.slice(0, 200), args }));
        await turnAbout(piecesOf(options, AT_ONCE), (piece) => {
          const read = piece.map((one) => taskOptions({ ...rest, ...one, group }));
          ids.push(...tasks.createAll(module, read).map(({ id }) => id));
        });
      } catch (error) {
        await turnAbout(ids, (id) => tasks.remove(id)); // all of them, or none
        throw error;
      }
      await turnAbout(ids, (id) => tasks.start(id));
      return c.json({ group, ids }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/groups",
      tags,
      summary: "Groups, and the states of their tasks",
      responses: { 200: json(z.object({ items: z.array(schemas.Group) }), "All groups"), ...ERRORS },
    }),
    (c) => c.json({ items: tasks.groups() }, 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{id}",
      tags,
      summary: "A task",
      request: { params: Id },
      responses: { 200: json(schemas.Task, "The task"), ...ERRORS },
    }),
    (c) => c.json(view(tasks.get(c.req.valid("param").id)), 200),
  );

  app.openapi(
    createRoute({
      method: "delete",
      path: "/tasks/{id}",
      tags,
      summary: "Forget a task and its history; it is stopped first",
      request: { params: Id },
      responses: { 204: { description: "It is gone" }, ...ERRORS },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await tasks.remove(id);
      audit(c, ports, { action: "task.remove", target: id });
      return c.body(null, 204);
    },
  );

  for (const action of [...ASKED, "restart"] as const) {
    app.openapi(
      createRoute({
        method: "post",
        path: `/tasks/{id}/${action}` as const,
        tags,
        summary: `${action[0]?.toUpperCase()}${action.slice(1)} a task`,
        request: { params: Id },
        responses: { 200: json(schemas.Task, "The task as it is now"), ...ERRORS },
      }),
      async (c) => {
        const { id } = c.req.valid("param"), task = await tasks[action](id);
        audit(c, ports, { action: `task.${action}`, target: id });
        return c.json(view(task), 200);
      },
    );
  }

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{id}/executions",
      tags,
      summary: "What a task has done, the latest first",
      request: { params: Id, query: z.object(schemas.PageQuery) },
      responses: { 200: json(schemas.pageOf(schemas.Execution), "A part of the list"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param"), { limit = 100, from } = c.req.valid("query");
      tasks.get(id);
      return c.json(pageView(tasks.executions({ task: id }, { most: limit, from }), executionView), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{id}/logs",
      tags,
      summary: "What its last execution has logged, so far",
      request: { params: Id },
      responses: { 200: json(schemas.Log, "The log"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param");
      tasks.get(id);
      const last = tasks.executions({ task: id }, { most: 1 }).items[0];
      if (last === undefined) throw new AegisError("NotFound", "The task was never started");
      const { lines, cut } = tasks.log(last.id);
      return c.json({ execution: last.id, lines: [...lines], cut }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/tasks/{id}/usage",
      tags,
      summary: "What its guest has used so far",
      request: { params: Id },
      responses: { 200: json(z.union([schemas.Usage, z.null()]), "Null when it has none"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param");
      tasks.get(id);
      const metrics = tasks.metrics(id);
      return c.json(metrics === undefined ? null : usageView(metrics), 200);
    },
  );
  return app;
}
