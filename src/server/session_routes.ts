/** Who asks, and what this server is and lets tasks have at most. */
import { createRoute, type z } from "@hono/zod-openapi";
import { ERRORS, json } from "./answers.ts";
import * as schemas from "./session_schemas.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";
import { LIMITS, type PresetName, PRESETS, resolveLimits, UNLIMITED_FUEL } from "../core/limits.ts";
import { describeGrants } from "../policy/explain.ts";

/** What these routes tell of. */
export interface SessionPorts extends Pick<RoutePorts, "runtime" | "now"> {
  readonly version: string;
  /** Whether tokens are asked for. */
  readonly auth: boolean;
}

const tags = ["system"];

export function sessionRoutes({ runtime, now, version, auth }: SessionPorts): ServerApp {
  const app = newApp(), startedAt = now(), policy = policyView(runtime);

  app.openapi(
    createRoute({
      method: "get",
      path: "/session",
      tags,
      summary: "Who asks, and what server it is that answers",
      responses: { 200: json(schemas.Session, "Of the token that asks"), ...ERRORS },
    }),
    (c) => {
      const { name, role } = c.get("token"), { engine } = runtime;
      return c.json({ name, role, auth, version, engine, startedAt, now: now() }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: "get",
      path: "/policy",
      tags,
      summary: "What tasks may use at most",
      responses: { 200: json(schemas.Policy, "Limits, presets and grants"), ...ERRORS },
    }),
    (c) => c.json(policy, 200),
  );
  return app;
}

/** As it is at the start: nothing of it changes while a runtime is there. */
function policyView({ engine, limits, policy }: SessionPorts["runtime"]): z.infer<typeof schemas.Policy> {
  const presetOf = (preset: PresetName) => {
    const own = PRESETS[preset], asked = resolveLimits(own);
    return eachOf(LIMITS, (name) => amountOf((Object.hasOwn(own, name) ? asked : limits)[name]));
  };
  return {
    engine,
    limits: eachOf(LIMITS, (name) => ({ value: amountOf(limits[name]), unit: LIMITS[name].unit })),
    presets: eachOf(PRESETS, presetOf),
    grants: describeGrants(policy),
  };
}

/** Something for each key of a table. */
function eachOf<Key extends string, Value>(
  table: Readonly<Record<Key, unknown>>,
  valueOf: (key: Key) => Value,
): Record<Key, Value> {
  const keys = Object.keys(table) as Key[]; // its own keys
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<Key, Value>; // all of them
}

/** An amount as JSON can say it; null for no bound. */
function amountOf(amount: number | bigint): number | string | null {
  if (amount === Infinity || amount === UNLIMITED_FUEL) return null;
  return typeof amount === "bigint" ? String(amount) : amount;
}
