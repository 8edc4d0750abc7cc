/** What is told of executions beside what stands in each: counted over time, and what one asked of the host. */
import { z } from "@hono/zod-openapi";
import { ExecutionQuery, Time } from "./schemas.ts";
import { ACTIVITY_KINDS } from "../tasks/captured_activity.ts";

/** Parts of a series at most. */
const MOST_BUCKETS = 500;

export const SeriesQuery = ExecutionQuery.omit({ limit: true, from: true }).extend({
  since: z.coerce.number().int().optional().openapi({
    description: "An hour before `until` if none is given",
  }),
  until: z.coerce.number().int().optional().openapi({ description: "Now if none is given" }),
  buckets: z.coerce.number().int().min(1).max(MOST_BUCKETS).default(60),
});

export const Series = z.object({
  since: Time,
  until: Time,
  width: z.number().int().openapi({ description: "Milliseconds of a part; the last one may be shorter" }),
  items: z.array(z.object({
    at: Time,
    succeeded: z.number().int(),
    failed: z.number().int(),
    stopped: z.number().int(),
    interrupted: z.number().int(),
    running: z.number().int(),
    fuel: z.string(),
    hostCalls: z.number().int(),
    denials: z.number().int(),
    durationUs: z.number().int().nullable().openapi({ description: "The mean, in microseconds" }),
  })),
}).openapi("Series");

export const Activity = z.object({
  execution: z.number().int(),
  items: z.array(z.object({
    time: Time,
    until: Time.openapi({ description: "The last time" }),
    kind: z.enum(ACTIVITY_KINDS),
    capability: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z.string().nullable(),
    count: z.number().int(),
  })),
  cut: z.number().int().openapi({ description: "How often something was asked of which there is no item" }),
}).openapi("Activity");
