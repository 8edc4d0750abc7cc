/**
 * What one module is run with, as it travels from the process that reads flags and files to the one that runs guests: words
 * read once, paths made absolute, nothing decided twice. Every command that runs guests has one of these for each module.
 */
import { type Engine, ENGINES } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import { type LimitOptions, type Limits, resolveLimits, UNLIMITED_FUEL } from "../core/limits.ts";
import { ON_DENIAL, type OnDenial } from "../core/on_denial.ts";
import { capabilitiesOf, type PlanGrants } from "../manifest/grants.ts";
import { limitsOf } from "../manifest/limits.ts";
import { type GrantPorts, readGrants } from "../manifest/read_grants.ts";
import type { AegisOptions } from "../sandbox/aegis_options.ts";
import type { FlagValues } from "./flags.ts";
import { malformed, record, text, textOrNull, truth, whole } from "./plan_fields.ts";
import { decodeGrants } from "./plan_grants.ts";
import { STDIN } from "./read_input.ts";

const ISOLATIONS = ["worker", "process"] as const;

/** What a guest runs in, decided. */
export type PlanIsolation = typeof ISOLATIONS[number];

const ON_MEMORY_LIMIT = ["fail", "trap"] as const;

type OnMemoryLimit = typeof ON_MEMORY_LIMIT[number];

export interface GuestPlan {
  readonly module: {
    /** Absolute path; `null` for stdin. */
    readonly path: string | null;
    /** As the person wrote it. */
    readonly shown: string;
    /** What it must hash to, in hexadecimal digits; `null` for whatever it is. */
    readonly sha256: string | null;
  };
  /** The function that is named; `null` for what the command takes then. */
  readonly functionName: string | null;
  readonly limits: Limits;
  /** What the guest runs in. */
  readonly isolation: PlanIsolation;
  /** What runs the module. */
  readonly engine: Engine;
  readonly grants: PlanGrants;
  /** What an operation does that is refused for want of a grant. */
  readonly onDenial: OnDenial;
  /** What a refused growth of memory does. */
  readonly onMemoryLimit: OnMemoryLimit;
  /** Whether results are to be the same on every machine. */
  readonly deterministic: boolean;
  /** Sandboxes that may be alive at once; `null` for what the library takes. */
  readonly maxSandboxes: number | null;
}

/** A plan, and the variables that the process gets that runs it. */
export interface PlannedGuest {
  readonly guest: GuestPlan;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Reads the flags that say what a guest is run with.
 *
 * @param shown the module as the person wrote it
 * @param variables the first words of variables that hold its secrets; each guest of a process needs its own
 * @param sha256 what the module must hash to
 * @throws {AegisError} `InvalidOption`
 */
export function planGuest(
  shown: string,
  flags: FlagValues,
  { ports, variables, sha256 = null }: {
    readonly ports: GrantPorts;
    readonly variables?: string;
    readonly sha256?: string | null | undefined;
  },
): PlannedGuest {
  if (shown === "") throw new AegisError("InvalidOption", "Cannot read a module whose name is empty");
  const { grants, environment } = readGrants(flags, ports, variables);
  const guest: GuestPlan = {
    module: { path: shown === STDIN ? null : ports.locate(shown), shown, sha256 },
    functionName: flags.function ?? null,
    limits: limitsOf(flags),
    // The process that runs it is started with what Workers need, so they are what is safe.
    isolation: flags.isolation === "process" ? "process" : "worker",
    engine: flags.engine ?? "v8",
    grants,
    onDenial: flags.onDenial ?? "continue",
    onMemoryLimit: flags.onMemoryLimit ?? "fail",
    deterministic: flags.deterministic ?? false,
    maxSandboxes: flags.maxSandboxes ?? null,
  };
  return { guest, environment };
}

/** Limits as JSON can say them, and `resolveLimits` reads them. */
export function limitsJson(limits: Limits): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]: [string, number | bigint]) => {
      if (limit === UNLIMITED_FUEL || limit === Infinity) return [name, "unlimited"];
      return [name, typeof limit === "bigint" ? String(limit) : limit];
    }),
  );
}

/** A plan as JSON can say it, and {@linkcode decodeGuest} reads it. */
export function guestJson<Guest extends GuestPlan>(
  guest: Guest,
): Omit<Guest, "limits"> & { readonly limits: Record<string, number | string> } {
  return { ...guest, limits: limitsJson(guest.limits) };
}

/** Reads a plan and checks every field. @throws {AegisError} `InvalidOption` */
export function decodeGuest(value: unknown): GuestPlan {
  const plan = record(value, "the guest"), module = record(plan["module"], "module");
  const isolation = ISOLATIONS.find((candidate) => candidate === plan["isolation"]);
  if (isolation === undefined) throw malformed("isolation");
  const engine = ENGINES.find((candidate) => candidate === plan["engine"]);
  if (engine === undefined) throw malformed("engine");
  const onDenial = ON_DENIAL.find((candidate) => candidate === plan["onDenial"]);
  if (onDenial === undefined) throw malformed("onDenial");
  const onMemoryLimit = ON_MEMORY_LIMIT.find((candidate) => candidate === plan["onMemoryLimit"]);
  if (onMemoryLimit === undefined) throw malformed("onMemoryLimit");
  return {
    module: {
      path: textOrNull(module["path"], "module.path"),
      shown: text(module["shown"], "module.shown"),
      sha256: textOrNull(module["sha256"], "module.sha256"),
    },
    functionName: textOrNull(plan["functionName"], "functionName"),
    limits: resolveLimits(record(plan["limits"], "limits") as LimitOptions), // which checks every key and value
    isolation,
    engine,
    grants: decodeGrants(plan["grants"]),
    onDenial,
    onMemoryLimit,
    deterministic: truth(plan["deterministic"], "deterministic"),
    maxSandboxes: plan["maxSandboxes"] === null ? null : whole(plan["maxSandboxes"], "maxSandboxes"),
  };
}

/** Options of the runtime that runs the guest. @param variable the value of a variable of this process */
export function runtimeOptions(
  { limits, engine, onDenial, onMemoryLimit, deterministic, maxSandboxes, isolation, grants }: GuestPlan,
  variable: (name: string) => string | undefined,
): AegisOptions {
  return {
    ...limits,
    fuelLimit: limits.fuelLimit === UNLIMITED_FUEL ? "unlimited" : limits.fuelLimit,
    engine,
    onDenial,
    onMemoryLimit,
    deterministic,
    ...(maxSandboxes === null ? {} : { maxSandboxes }),
    isolation, // what each needs stands on this process's command line
    capabilities: capabilitiesOf(grants, variable),
  };
}
