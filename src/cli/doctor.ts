/** What `aegis doctor` looks at, one finding after the other. It asks ports alone, so that every finding can be tested. */
import type { Engine } from "../core/engine.ts";
import { LANGUAGE_NAMES, type LanguageName, LANGUAGES } from "../toolchain/languages.ts";
import { messageOf } from "./failure.ts";
import type { PlanIsolation } from "./guest_plan.ts";

/** How a finding is to be taken: a problem keeps runs from working, a note something else. */
export type FindingState = "ok" | "note" | "problem";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly state: FindingState;
  readonly found: string;
  /** What to do; there is some for everything but `ok`. */
  readonly advice?: string;
}

/** A run of a small module that went as it should, in milliseconds, or what came of it instead. */
export type Trial = { readonly time: number } | { readonly failure: string };

/** What of this machine is looked at. */
export interface DoctorPorts {
  readonly deno: string;
  readonly v8: string;
  /** Whether this is a program of its own, without a deno. */
  readonly compiled: boolean;
  readonly cores: number;
  /** Whether this process has a permission as a whole. */
  readonly granted: (name: DoctorPermission) => boolean;
  readonly variable: (name: string) => string | undefined;
  /** Words of deno that every run is started with. */
  readonly runFlags: readonly string[];
  readonly trial: (isolation: PlanIsolation, engine: Engine) => Promise<Trial>;
  /** The version of what compiles a language. @throws {Error} that says what is missing */
  readonly compiler: (language: LanguageName) => Promise<string>;
  /** Where the base binary of `deno compile` is; undefined where it would have to be fetched. */
  readonly baseBinary: () => Promise<string | undefined>;
}

/** The oldest Deno that has all that is used. */
const OLDEST = [2, 9] as const;

/** What the first process does with a permission; all are taken from the processes that run guests. */
const PERMISSIONS = {
  read: "to read modules and manifests",
  run: "to start the process of a run",
  write: "to write checkpoints, projects and what is built",
  env: "to hand variables on",
  sys: "to show what a server uses",
  net: "to ask a server",
} as const satisfies Partial<Record<Deno.PermissionName, string>>;

/** A key of {@linkcode PERMISSIONS}. */
export type DoctorPermission = keyof typeof PERMISSIONS;

/** Variables by which every deno goes that is started, those of runs included. */
const CHANGING = [
  "DENO_V8_FLAGS",
  "DENO_PERMISSION_BROKER_PATH",
  "DENO_AUDIT_PERMISSIONS",
  "DENO_TRACE_PERMISSIONS",
  "NODE_OPTIONS",
] as const;

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || major === OLDEST[0] && minor < OLDEST[1];
}

function denoFinding({ deno, v8, compiled }: DoctorPorts): Finding {
  const found = `${deno}, V8 ${v8}${compiled ? ", in a program of its own" : ""}`;
  if (!isOld(deno)) return { name: "deno", state: "ok", found };
  return {
    name: "deno",
    state: "note",
    found: `${found}: older than ${OLDEST.join(".")}, for which aegis is made`,
    advice: "deno upgrade, or take a newer one: https://deno.com",
  };
}

function permissionsFinding({ granted, compiled }: DoctorPorts): Finding {
  const missing = (Object.keys(PERMISSIONS) as DoctorPermission[]).filter((name) => !granted(name)); // its own keys
  const name = "permissions";
  if (missing.length === 0) {
    return { name, state: "ok", found: "all; a run gives its own up before its guest starts" };
  }
  return {
    name,
    state: "note",
    found: `without ${missing.map((each) => `${each} (${PERMISSIONS[each]})`).join(", ")}`,
    advice: compiled
      ? "Compile it with -A, as deno task compile does."
      : "Start aegis with deno run -A: it gives to each run what that needs alone.",
  };
}

function variablesFinding({ variable }: DoctorPorts): Finding {
  const set = CHANGING.filter((name) => (variable(name) ?? "") !== "");
  if (set.length === 0) return { name: "variables", state: "ok", found: "none that changes what Deno does" };
  return {
    name: "variables",
    state: "note",
    found: `${set.join(", ")} ${set.length === 1 ? "is" : "are"} set, by which the processes of runs go, too`,
    advice: `Where runs fail or are slow, try without: unset ${set.join(" ")}`,
  };
}

function coresFinding({ cores }: DoctorPorts): Finding {
  if (cores > 1) return { name: "cores", state: "ok", found: String(cores) };
  return {
    name: "cores",
    state: "note",
    found: "1",
    advice: "A guest and what watches it take turns on it, and calls take longer: give it two where you can.",
  };
}

/** What is tried, the first of it being what a run takes by itself. */
const TRIALS = [
  {
    name: "worker",
    isolation: "worker",
    engine: "v8",
    advice: "No run can work so. aegis run MODULE -vvv prints the command line of the process that failed.",
  },
  {
    name: "process",
    isolation: "process",
    engine: "v8",
    advice:
      "Leave --isolation process out: modules with GC types, exception references or shared memories need it.",
  },
  {
    name: "interpreter",
    isolation: "worker",
    engine: "interpreter",
    advice: "Leave --engine interpreter out, and with it --trace, --profile and --checkpoint.",
  },
] as const satisfies readonly {
  readonly name: string;
  readonly isolation: PlanIsolation;
  readonly engine: Engine;
  readonly advice: string;
}[];

async function trialFindings({ trial }: DoctorPorts): Promise<Finding[]> {
  const findings: Finding[] = [];
  // One after the other: each is timed.
  for (const [index, { name, isolation, engine, advice }] of TRIALS.entries()) {
    const tried = await trial(isolation, engine);
    findings.push(
      "time" in tried
        ? { name, state: "ok", found: `a run took ${Math.round(tried.time)} ms` }
        : { name, state: index === 0 ? "problem" : "note", found: tried.failure, advice },
    );
  }
  return findings;
}

async function compilerFinding(language: LanguageName, { compiler }: DoctorPorts): Promise<Finding> {
  try {
    return { name: language, state: "ok", found: await compiler(language) };
  } catch (error) {
    return { name: language, state: "note", found: messageOf(error), advice: LANGUAGES[language].get };
  }
}

async function compileFinding({ baseBinary, deno, compiled }: DoctorPorts): Promise<Finding> {
  const name = "compile", found = compiled ? undefined : await baseBinary();
  if (found !== undefined) return { name, state: "ok", found: `its base binary is ${found}` };
  return {
    name,
    state: "note",
    found: compiled
      ? "a compiled program has no deno for aegis compile and aegis install"
      : "deno has not got its base binary yet",
    advice: compiled
      ? "Run aegis by deno for these two."
      : `The first aegis compile fetches it. Without a network, name a denort of Deno ${deno} in $DENORT_BIN.`,
  };
}

/** Looks at everything; runs work unless one of the findings is a problem. */
export async function examine(ports: DoctorPorts): Promise<Finding[]> {
  return [
    denoFinding(ports),
    permissionsFinding(ports),
    { name: "flags", state: "ok", found: `runs have ${ports.runFlags.join(" ")}` },
    variablesFinding(ports),
    coresFinding(ports),
    ...await trialFindings(ports),
    ...await Promise.all(LANGUAGE_NAMES.map((language) => compilerFinding(language, ports))),
    await compileFinding(ports),
  ];
}
