/**
 * What the first process of `aegis mcp` tells the second: all that a person asked for, read once. It travels as one argument,
 * so it holds no secret.
 */
import { AegisError } from "../core/errors.ts";
import { type AuditPlan, decodeAudit } from "./audit_plan.ts";
import { decodeGuest, guestJson, type GuestPlan } from "./guest_plan.ts";
import { list, planRecord, record, text, textOrNull, texts, truth, whole } from "./plan_fields.ts";

/** Grows with every change of {@linkcode McpPlan}: both processes must be of the same release. */
export const MCP_PLAN_VERSION = 4;

/** The variable of the second process that has the token. */
export const MCP_TOKEN_VARIABLE = "AEGIS_MCP_TOKEN";

/** What a manifest says of a tool. */
export interface McpToolPlan {
  /** As the module calls it. */
  readonly key: string;
  readonly name: string | null;
  readonly title: string | null;
  readonly description: string | null;
  /** Its own limits and grants; `null` for those of the module. */
  readonly guest: GuestPlan | null;
}

/** A module with its tools. */
export interface McpModulePlan {
  readonly name: string;
  readonly guest: GuestPlan;
  readonly tools: readonly McpToolPlan[];
}

/** Where HTTP is listened for. */
export interface McpHttpPlan {
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names under which it is asked, beside those of this machine. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  /** Whether a token is asked for, which stands in the environment. */
  readonly token: boolean;
}

export interface McpPlan {
  readonly version: typeof MCP_PLAN_VERSION;
  /** Id of the first process: this one ends with it. */
  readonly parent: number;
  readonly modules: readonly McpModulePlan[];
  /** What the server calls itself; `null` for what the modules say. */
  readonly name: string | null;
  /** The only tools that are offered; `null` for all. */
  readonly only: readonly string[] | null;
  readonly keep: boolean;
  /** `null` for standard input and output. */
  readonly http: McpHttpPlan | null;
  /** Where guests and requests are recorded; `null` for nowhere: requests are told on stderr then. */
  readonly audit: AuditPlan | null;
  readonly quiet: boolean;
  /** Whether the line that says where it listens is JSON. */
  readonly json: boolean;
  readonly colour: boolean;
}

/** Every set of limits and grants in a plan. */
export function guestsOf({ modules }: Pick<McpPlan, "modules">): readonly GuestPlan[] {
  return modules.flatMap(({ guest, tools }) => [guest, ...tools.flatMap((tool) => tool.guest ?? [])]);
}

/** Encodes a plan as JSON. */
export function encodeMcpPlan(plan: McpPlan): string {
  const modules = plan.modules.map(({ name, guest, tools }) => ({
    name,
    guest: guestJson(guest),
    tools: tools.map((tool) => ({ ...tool, guest: tool.guest === null ? null : guestJson(tool.guest) })),
  }));
  return JSON.stringify({ ...plan, modules });
}

/** Decodes a plan and checks every field. @throws {AegisError} `InvalidOption` */
export function decodeMcpPlan(encoded: string): McpPlan {
  const plan = planRecord(encoded, MCP_PLAN_VERSION);
  return Object.freeze({
    version: MCP_PLAN_VERSION,
    parent: whole(plan["parent"], "parent"),
    modules: list(plan["modules"], "modules").map(decodeModule),
    name: textOrNull(plan["name"], "name"),
    only: plan["only"] === null ? null : texts(plan["only"], "only"),
    keep: truth(plan["keep"], "keep"),
    http: plan["http"] === null ? null : decodeHttp(plan["http"]),
    audit: decodeAudit(plan["audit"]),
    quiet: truth(plan["quiet"], "quiet"),
    json: truth(plan["json"], "json"),
    colour: truth(plan["colour"], "colour"),
  });
}

function decodeModule(value: unknown): McpModulePlan {
  const module = record(value, "modules");
  return {
    name: text(module["name"], "modules.name"),
    guest: decodeGuest(module["guest"]),
    tools: list(module["tools"], "modules.tools").map((item) => {
      const tool = record(item, "modules.tools");
      return {
        key: text(tool["key"], "modules.tools.key"),
        name: textOrNull(tool["name"], "modules.tools.name"),
        title: textOrNull(tool["title"], "modules.tools.title"),
        description: textOrNull(tool["description"], "modules.tools.description"),
        guest: tool["guest"] === null ? null : decodeGuest(tool["guest"]),
      };
    }),
  };
}

function decodeHttp(value: unknown): McpHttpPlan {
  const http = record(value, "http");
  return {
    hostname: text(http["hostname"], "http.hostname"),
    port: whole(http["port"], "http.port"),
    hosts: texts(http["hosts"], "http.hosts"),
    origins: texts(http["origins"], "http.origins"),
    token: truth(http["token"], "http.token"),
  };
}

/** @throws {AegisError} `InvalidOption` for a port that is none */
export function checkPort(port: number): number {
  if (port <= 65_535) return port;
  throw new AegisError("InvalidOption", `Cannot listen on port ${port}: use 0 to 65535`, { field: "port" });
}
