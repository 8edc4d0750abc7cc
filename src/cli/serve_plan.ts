/** What the first process of `aegis serve` tells the second: all that a person asked for, read once. It holds no secret. */
import { AegisError } from "../core/errors.ts";
import { HTTP_FORMS, type HttpForm } from "../core/http_forms.ts";
import { type AuditPlan, decodeAudit } from "./audit_plan.ts";
import { decodeGuest, guestJson, type GuestPlan } from "./guest_plan.ts";
import { list, malformed, planRecord, record, text, textOrNull, texts, truth, whole } from "./plan_fields.ts";

/** Grows with every change of {@linkcode ServePlan}: both processes must be of the same release. */
export const SERVE_PLAN_VERSION = 4;

/** How requests are written down. */
export type AccessLog = "human" | "json" | "off";

const ACCESS_LOGS: readonly AccessLog[] = ["human", "json", "off"];

/** One module that answers requests. */
export interface ServedModule {
  readonly name: string;
  readonly guest: GuestPlan;
  /** `null` for what the module exports. */
  readonly form: HttpForm | null;
  readonly route: string;
  readonly reuse: boolean;
  readonly concurrency: number;
  readonly waiting: number;
  /** Bytes. */
  readonly requestSize: number;
  readonly responseSize: number;
  /** Bytes; `null` for what the library takes. */
  readonly heldSize: number | null;
  readonly authorization: boolean;
}

export interface ServePlan {
  readonly version: typeof SERVE_PLAN_VERSION;
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Names under which it is asked; `null` for any. */
  readonly hosts: readonly string[] | null;
  readonly modules: readonly ServedModule[];
  /** Arguments of programs, behind their names. */
  readonly args: readonly string[];
  /** An absolute path; `null` for none. */
  readonly files: string | null;
  readonly filesRoute: string;
  readonly accessLog: AccessLog;
  /** Where guests and requests are recorded; `null` for nowhere. */
  readonly audit: AuditPlan | null;
  /** Whether files of modules are watched. */
  readonly reload: boolean;
  /** Milliseconds that requests have when it ends, and when a module is replaced. */
  readonly grace: number;
  /** Whether what a person reads is a line of JSON, for a program. */
  readonly json: boolean;
  readonly colour: boolean;
}

/** Encodes a plan as JSON. */
export function encodeServePlan(plan: ServePlan): string {
  const modules = plan.modules.map((one) => ({ ...one, guest: guestJson(one.guest) }));
  return JSON.stringify({ ...plan, modules });
}

/** Decodes a plan and checks every field. @throws {AegisError} `InvalidOption` */
export function decodeServePlan(encoded: string): ServePlan {
  const plan = planRecord(encoded, SERVE_PLAN_VERSION);
  const accessLog = ACCESS_LOGS.find((candidate) => candidate === plan["accessLog"]);
  if (accessLog === undefined) throw malformed("accessLog");
  return Object.freeze({
    version: SERVE_PLAN_VERSION,
    hostname: text(plan["hostname"], "hostname"),
    port: whole(plan["port"], "port"),
    hosts: plan["hosts"] === null ? null : texts(plan["hosts"], "hosts"),
    modules: list(plan["modules"], "modules").map(decodeModule),
    args: texts(plan["args"], "args"),
    files: textOrNull(plan["files"], "files"),
    filesRoute: text(plan["filesRoute"], "filesRoute"),
    accessLog,
    audit: decodeAudit(plan["audit"]),
    reload: truth(plan["reload"], "reload"),
    grace: whole(plan["grace"], "grace"),
    json: truth(plan["json"], "json"),
    colour: truth(plan["colour"], "colour"),
  });
}

function decodeModule(value: unknown): ServedModule {
  const module = record(value, "a module"),
    form = HTTP_FORMS.find((candidate) => candidate === module["form"]) ?? null;
  if (form === null && module["form"] !== null) throw malformed("form");
  return {
    name: text(module["name"], "name"),
    guest: decodeGuest(module["guest"]),
    form,
    route: text(module["route"], "route"),
    reuse: truth(module["reuse"], "reuse"),
    concurrency: whole(module["concurrency"], "concurrency"),
    waiting: whole(module["waiting"], "waiting"),
    requestSize: whole(module["requestSize"], "requestSize"),
    responseSize: whole(module["responseSize"], "responseSize"),
    heldSize: module["heldSize"] === null ? null : whole(module["heldSize"], "heldSize"),
    authorization: truth(module["authorization"], "authorization"),
  };
}

/** The variables of the process that hold the secrets of one guest. */
export function variablesOf(index: number): string {
  return `AEGIS_GUEST_ENV_${index}_`;
}

/** @throws {AegisError} `InvalidOption` for modules that would run on one process's standard input */
export function refuseStdin(name: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot serve ${name} from stdin: it is read again when it changes`,
    {
      suggestion: "Write it to a file.",
    },
  );
}
