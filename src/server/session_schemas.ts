/** What is told of who asks, and of what bounds every task. */
import { z } from "@hono/zod-openapi";
import { keysOf, Time } from "./schemas.ts";
import { ROLES } from "./tokens.ts";
import { ENGINES } from "../core/engine.ts";
import { LIMITS, PRESETS } from "../core/limits.ts";

export const Session = z.object({
  name: z.string().openapi({ description: "Of the token that asks" }),
  role: z.enum(ROLES),
  auth: z.boolean().openapi({ description: "Whether tokens are asked for" }),
  version: z.string(),
  engine: z.enum(ENGINES),
  startedAt: Time,
  now: Time,
}).openapi("Session");

/** An amount of a limit: null for no bound, text for more than a double holds. */
const LimitAmount = z.union([z.number(), z.string(), z.null()]);

export const Policy = z.object({
  engine: z.enum(ENGINES),
  limits: z.record(
    z.enum(keysOf(LIMITS)),
    z.object({ value: LimitAmount, unit: z.enum(["bytes", "count", "time"]) }),
  ).openapi({ description: "What a task may have at most; bytes, milliseconds, counts; null for no bound" }),
  presets: z.record(z.enum(keysOf(PRESETS)), z.record(z.enum(keysOf(LIMITS)), LimitAmount))
    .openapi({ description: "What a task of each preset asks for, where it names no limits of its own" }),
  grants: z.array(z.object({ capability: z.string(), detail: z.string() })),
}).openapi("Policy");
