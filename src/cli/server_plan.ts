/**
 * What the first process of `aegis server` tells the second: all that a person asked for, read once. It travels as one
 * argument, so it holds no secret.
 */
import { type Engine, ENGINES } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import { type LimitOptions, type Limits, resolveLimits } from "../core/limits.ts";
import { malformed, planRecord, record, text, textOrNull, texts, truth, whole } from "./plan_fields.ts";
import type { PlanGrants } from "../manifest/grants.ts";
import { decodeGrants } from "./plan_grants.ts";
import { limitsJson } from "./guest_plan.ts";

/** Grows with every change of {@linkcode ServerPlan}: both processes must be of the same release. */
export const SERVER_PLAN_VERSION = 2;

export interface ServerPlan {
  readonly version: typeof SERVER_PLAN_VERSION;
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Absolute path of the directory; `null` for nothing that outlives the process. */
  readonly data: string | null;
  /** Whether tokens are asked for. */
  readonly auth: boolean;
  /** Whether all tokens become worthless, and a new one is made. */
  readonly newToken: boolean;
  /** Names under which the server is asked, beside those of this machine. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  /** What no task may exceed. */
  readonly limits: Limits;
  readonly engine: Engine;
  readonly grants: PlanGrants;
  /** Host and port that alerts are posted to; `null` for nowhere. The URL may be a secret: it stands in the environment. */
  readonly webhook: string | null;
  /** Milliseconds that running tasks have when it shuts down. */
  readonly grace: number;
  /** Whether what a person reads is a line of JSON, for a program. */
  readonly json: boolean;
  readonly colour: boolean;
}

/** Encodes a plan as JSON. */
export function encodeServerPlan(plan: ServerPlan): string {
  return JSON.stringify({ ...plan, limits: limitsJson(plan.limits) });
}

/**
 * Decodes a plan and checks every field.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function decodeServerPlan(encoded: string): ServerPlan {
  const plan = planRecord(encoded, SERVER_PLAN_VERSION);
  const engine = ENGINES.find((candidate) => candidate === plan["engine"]);
  if (engine === undefined) throw malformed("engine");
  return Object.freeze({
    version: SERVER_PLAN_VERSION,
    hostname: text(plan["hostname"], "hostname"),
    port: whole(plan["port"], "port"),
    data: textOrNull(plan["data"], "data"),
    auth: truth(plan["auth"], "auth"),
    newToken: truth(plan["newToken"], "newToken"),
    hosts: texts(plan["hosts"], "hosts"),
    origins: texts(plan["origins"], "origins"),
    limits: resolveLimits(record(plan["limits"], "limits") as LimitOptions), // which checks every key and value
    engine,
    grants: decodeGrants(plan["grants"]),
    webhook: textOrNull(plan["webhook"], "webhook"),
    grace: whole(plan["grace"], "grace"),
    json: truth(plan["json"], "json"),
    colour: truth(plan["colour"], "colour"),
  });
}

/** The variable of the server's process that has the URL of the webhook; a person may set it, too. */
export const WEBHOOK_VARIABLE = "AEGIS_ALERT_WEBHOOK";

/** Host and port of a webhook, as permissions name them. */
export function webhookHost(webhook: string): string {
  const { hostname, port, protocol } = new URL(webhook);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** Addresses of this machine alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @throws {AegisError} `InvalidOption` where everybody could do everything from elsewhere */
export function checkOpenServer({ auth, hostname }: Pick<ServerPlan, "auth" | "hostname">): void {
  if (auth || isLoopback(hostname)) return;
  throw new AegisError("InvalidOption", `Cannot listen on ${hostname} without asking for tokens`, {
    field: "noAuth",
    suggestion: "Leave --no-auth out, or listen on 127.0.0.1.",
  });
}
