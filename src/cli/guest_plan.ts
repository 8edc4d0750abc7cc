/**
 * What one module is run with, as it travels from the process that reads flags and files to the one that runs guests: words
 * read once, paths made absolute, nothing decided twice. Every command that runs guests has one of these for each module.
 */
import { type Engine, ENGINES } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import { type LimitOptions, type Limits, resolveLimits, UNLIMITED_FUEL } from "../core/limits.ts";
import { ON_DENIAL, type OnDenial } from "../core/on_denial.ts";
import type { AegisOptions } from "../sandbox/aegis_options.ts";
import type { FlagValues } from "./flags.ts";
import { type GrantPorts, readGrants } from "./grant_flags.ts";
import { givenLimits } from "./limit_flags.ts";
import { malformed, record, text, textOrNull } from "./plan_fields.ts";
import { capabilitiesOf, decodeGrants, type PlanGrants } from "./plan_grants.ts";
import { STDIN } from "./read_input.ts";

const ISOLATIONS = ["worker", "process"] as const;

/** What a guest runs in, decided. */
export type PlanIsolation = typeof ISOLATIONS[number];

export interface GuestPlan {
  readonly module: {
    /** Absolute path; `null` for stdin. */
    readonly path: string | null;
    /** As the person wrote it. */
    readonly shown: string;
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
 * @throws {AegisError} `InvalidOption`
 */
export function planGuest(
  shown: string,
  flags: FlagValues,
  { ports, variables }: { readonly ports: GrantPorts; readonly variables?: string },
): PlannedGuest {
  if (shown === "") throw new AegisError("InvalidOption", "Cannot read a module whose name is empty");
  // Who bounds a run by time, and says nothing of fuel, means time: a tight loop burns the default budget in a second.
  const timeIsTheBound = flags.timeout !== undefined && flags.preset === undefined;
  const fuelLimit = flags.fuelLimit ?? (timeIsTheBound ? "unlimited" : undefined);
  const limits = { ...givenLimits(flags), ...(fuelLimit === undefined ? {} : { fuelLimit }) };
  const { grants, environment } = readGrants(flags, ports, variables);
  const guest: GuestPlan = {
    module: { path: shown === STDIN ? null : ports.locate(shown), shown },
    functionName: flags.function ?? null,
    limits: resolveLimits(limits, flags.preset ?? "standard"),
    // The process that runs it is started with what Workers need, so they are what is safe.
    isolation: flags.isolation === "process" ? "process" : "worker",
    engine: flags.engine ?? "v8",
    grants,
    onDenial: flags.onDenial ?? "continue",
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
  return {
    module: {
      path: textOrNull(module["path"], "module.path"),
      shown: text(module["shown"], "module.shown"),
    },
    functionName: textOrNull(plan["functionName"], "functionName"),
    limits: resolveLimits(record(plan["limits"], "limits") as LimitOptions), // which checks every key and value
    isolation,
    engine,
    grants: decodeGrants(plan["grants"]),
    onDenial,
  };
}

/** Options of the runtime that runs the guest. @param variable the value of a variable of this process */
export function runtimeOptions(
  { limits, engine, onDenial, isolation, grants }: GuestPlan,
  variable: (name: string) => string | undefined,
): AegisOptions {
  return {
    ...limits,
    fuelLimit: limits.fuelLimit === UNLIMITED_FUEL ? "unlimited" : limits.fuelLimit,
    engine,
    onDenial,
    isolation, // what each needs stands on this process's command line
    capabilities: capabilitiesOf(grants, variable),
  };
}
