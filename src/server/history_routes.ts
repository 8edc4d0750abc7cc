/** Executions: looked for, looked at, taken away as files. */
import { createRoute, z } from "@hono/zod-openapi";
import { ERRORS, json } from "./answers.ts";
import { type ExportFormat, exportLines } from "./history_export.ts";
import { Activity, Series, SeriesQuery } from "./history_schemas.ts";
import * as schemas from "./schemas.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { ServerError } from "./server_error.ts";
import { executionView, pageView, seriesView } from "./views.ts";
import type { ExecutionFilter } from "../tasks/store/execution_filter.ts";

const Id = z.object({ id: z.coerce.number().int().min(1) });

const tags = ["executions"];

const TYPES: Readonly<Record<ExportFormat, string>> = {
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8",
};

/** What a query says of executions. */
function filterOf(
  { limit: _, from: _from, status, ...rest }: Partial<z.infer<typeof schemas.ExecutionQuery>>,
): ExecutionFilter {
  const entries = Object.entries({ ...rest, statuses: status }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ExecutionFilter; // its fields, those that are there
}

/** Milliseconds of a series where nobody says since when. */
const LAST_HOUR = 3_600_000;

export function historyRoutes({ tasks, now }: RoutePorts): ServerApp {
  const app = newApp();

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions",
      tags,
      summary: "Executions of all tasks, the latest first",
      request: { query: schemas.ExecutionQuery },
      responses: { 200: json(schemas.pageOf(schemas.Execution), "A part of the list"), ...ERRORS },
    }),
    (c) => {
      const query = c.req.valid("query"), page = { most: query.limit ?? 100, from: query.from };
      return c.json(pageView(tasks.executions(filterOf(query), page), executionView), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions/export",
      tags,
      summary: "Executions as a file, the oldest first",
      request: {
        query: schemas.ExecutionQuery.extend({ format: z.enum(["jsonl", "csv"]).default("jsonl") }),
      },
      responses: {
        200: {
          description: "A line for each",
          content: { "application/jsonl": { schema: z.string() }, "text/csv": { schema: z.string() } },
        },
        ...ERRORS,
      },
    }),
    (c) => {
      const { format, ...query } = c.req.valid("query"),
        lines = exportLines(tasks.eachExecution(filterOf(query)), format);
      return c.body(streamOf(lines), 200, {
        "Content-Type": TYPES[format],
        "Content-Disposition": `attachment; filename="executions.${format}"`,
      });
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions/series",
      tags,
      summary: "Executions counted over time, by when they began",
      request: { query: SeriesQuery },
      responses: { 200: json(Series, "All parts of the time, empty ones too"), ...ERRORS },
    }),
    (c) => {
      const { buckets, since: from, until = now(), ...query } = c.req.valid("query"),
        since = from ?? until - LAST_HOUR;
      if (since >= until) {
        throw new ServerError("InvalidRequest", "Cannot count executions: since is not before until");
      }
      return c.json(seriesView(tasks.series({ since, until, buckets }, filterOf(query))), 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions/{id}",
      tags,
      summary: "An execution",
      request: { params: Id },
      responses: { 200: json(schemas.Execution, "The execution"), ...ERRORS },
    }),
    (c) => c.json(executionView(tasks.execution(c.req.valid("param").id)), 200),
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions/{id}/logs",
      tags,
      summary: "What it has logged; of one that runs, so far",
      request: { params: Id },
      responses: { 200: json(schemas.Log, "The log"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param"), { lines, cut } = tasks.log(id);
      return c.json({ execution: id, lines: [...lines], cut }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/executions/{id}/activity",
      tags,
      summary: "What it has asked of the host; of one that runs, so far",
      request: { params: Id },
      responses: { 200: json(Activity, "The same things together, with a count"), ...ERRORS },
    }),
    (c) => {
      const { id } = c.req.valid("param"), { entries, cut } = tasks.activity(id);
      const items = entries.map((entry) => ({ ...entry, detail: entry.detail ?? null }));
      return c.json({ execution: id, items, cut }, 200);
    },
  );
  return app;
}

/** Lines that are made as they are read, some at a time. */
function streamOf(lines: Iterator<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let text = "";
      while (text.length < 65536) {
        const next = lines.next();
        if (next.done) break;
        text += next.value;
      }
      if (text === "") controller.close();
      else controller.enqueue(encoder.encode(text));
    },
  });
}
