/** Options of runtimes and sandboxes, and how they are read. */
import { AuditLog, PLACE } from "./audit_log.ts";
import { checkAuditPlace } from "./audit_place.ts";
import type { EventSubscriber } from "./event_subscriber.ts";
import type { HostFunctionDefinition } from "./host_functions.ts";
import { readEngine } from "./load_options.ts";
import { mountsOf, resolveGrants } from "./mounts.ts";
import { resolveSensors } from "./resolve_sensors.ts";
import type { ProgramOptions } from "./sandbox_io.ts";
import type { Mount } from "../broker/messages.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Engine } from "../core/engine.ts";
import { AegisError } from "../core/errors.ts";
import type { AegisEvent } from "../core/events.ts";
import {
  formatLimit,
  type LimitOptions,
  LIMITS,
  type Limits,
  type PresetName,
  resolveLimits,
} from "../core/limits.ts";
import { ON_DENIAL, type OnDenial } from "../core/on_denial.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { Capability } from "../policy/capability.ts";
import type { Policy } from "../policy/grants.ts";
import { mergeGrants, narrowPolicy } from "../policy/policy.ts";
import { CAPABILITY_PRESETS, type CapabilityPresetName } from "../policy/presets.ts";
import { type ResolvedSecret, resolveSecrets, type Secret } from "../policy/secret.ts";

/** Where guests run: in Workers, in processes, or in what is safe here. */
export type Isolation = "auto" | "worker" | "process";

/** What a runtime is made with: limits, and what is beside them. Unknown keys are refused. */
export interface AegisOptions extends LimitOptions {
  /** A named set of limits that the other options start from. @default "standard" */
  readonly preset?: PresetName;
  /**
   * Where guests run. `"worker"`: in Workers of this process; it asserts that the unstable flag `worker-options` is on,
   * since a Worker without it would end the process. `"process"`: each in a process of its own, which needs the
   * permission to run `deno` and no flag; its heap is bounded, so modules with GC types, exception references or shared
   * memories run there. `"auto"` takes Workers where there is evidence of the flag, else processes. @default "auto"
   */
  readonly isolation?: Isolation;
  /**
   * What runs modules, unless one is loaded for the other. `"v8"` compiles them to machine code. `"interpreter"` is our own:
   * many times slower, and V8 neither compiles nor reads a byte that a guest brought. Results, fuel, limits, traps and
   * everything that guests may reach are the same. It has neither GC types nor threads. @default "v8"
   */
  readonly engine?: Engine;
  /** What a refused growth does: -1 as WebAssembly allows, or a trap. @default "fail" */
  readonly onMemoryLimit?: "fail" | "trap";
  /**
   * What an operation does that is refused for want of a grant. `"continue"`: the guest gets an error number, or nothing,
   * and goes on. `"stop"`: its call ends with `CapabilityDenied`, which no handler of it catches. @default "continue"
   */
  readonly onDenial?: OnDenial;
  /**
   * The same results on every machine: NaNs get their canonical bits, and modules with relaxed SIMD, whose results depend on
   * the processor, are refused. Clocks that pass, secure random bytes, and sensors that read a file or call a function
   * cannot be granted; without a grant all of them are the same in each run. Floating-point code becomes larger and slower. @default false
   */
  readonly deterministic?: boolean;
  /**
   * Sandboxes that may be alive at once. A guest in a process takes 19 MiB that are its own (50 MiB resident, the rest
   * shared with the other `deno` processes) and nine threads, before it uses any memory: measured on Linux x64.
   *
   * @default 256 in Workers, 64 in processes
   */
  readonly maxSandboxes?: number;
  /**
   * What guests may reach: files, hosts, clocks … Those of one kind merge. Paths are looked at once, when the runtime
   * is made. A name stands for a set, see `CAPABILITY_PRESETS`. @default "minimal", which is nothing
   */
  readonly capabilities?: readonly Capability[] | CapabilityPresetName;
  /** Told of every decision about a capability. What it throws is dropped. */
  readonly onAudit?: (event: AuditEvent) => void;
  /** Records what happens to all sandboxes. It is not closed with the runtime. @default none */
  readonly audit?: AuditLog;
  /** Told of what happens to all sandboxes, as by `runtime.events.subscribe`. @default none */
  readonly subscribers?: readonly (EventSubscriber | ((event: AegisEvent) => void))[];
}

/** Options of a sandbox: limits and capabilities within those of its runtime, and what its program is given. */
export interface SandboxOptions extends LimitOptions, ProgramOptions {
  /** What a refused growth does. @default as the runtime's */
  readonly onMemoryLimit?: "fail" | "trap";
  /** What an operation does that is refused for want of a grant. @default as the runtime's */
  readonly onDenial?: OnDenial;
  /** What the guest may reach, of what the runtime may. @default all of that */
  readonly capabilities?: readonly Capability[];
  /**
   * Texts that the guest never sees: where it writes `{{secret:NAME}}` in the value of a header, the network broker
   * puts the value in, on the way to the hosts that are named. @default none
   */
  readonly secrets?: readonly Secret[];
  /** Told of what happens to this sandbox. @default none */
  readonly subscribers?: readonly (EventSubscriber | ((event: AegisEvent) => void))[];
}

/** What a sandbox that goes on from a snapshot is given. */
export interface RestoreOptions extends SandboxOptions {
  /** The host functions that its modules import: by module and name, each made with `hostFunction`. @default none */
  readonly hostFunctions?: Readonly<Record<string, Readonly<Record<string, HostFunctionDefinition>>>>;
}

/** The names of the options of a runtime. */
export const RUNTIME_OPTIONS: OptionNames<AegisOptions> = {
  place: "of a runtime",
  names: {
    preset: true,
    isolation: true,
    engine: true,
    onMemoryLimit: true,
    onDenial: true,
    deterministic: true,
    maxSandboxes: true,
    capabilities: true,
    onAudit: true,
    audit: true,
    subscribers: true,
    ...LIMITS,
  },
};

/** What a program is given. */
export const PROGRAM_OPTION_NAMES: OptionNames<ProgramOptions>["names"] = {
  args: true,
  stdin: true,
  stdout: true,
  stderr: true,
  terminals: true,
  onLog: true,
  onAlert: true,
};

/** The names of the options of a sandbox. */
export const SANDBOX_OPTIONS: OptionNames<SandboxOptions> = {
  place: "of a sandbox",
  names: {
    ...PROGRAM_OPTION_NAMES,
    onMemoryLimit: true,
    onDenial: true,
    capabilities: true,
    secrets: true,
    subscribers: true,
    ...LIMITS,
  },
};

/** Live sandboxes by default: some 2 GiB of Workers, or 1.2 GiB of processes. */
const MAX_SANDBOXES = { worker: 256, process: 64 } as const;

/** Who is told of what happens. */
type Subscribers = readonly (EventSubscriber | ((event: AegisEvent) => void))[];

/** What a sandbox starts from: of the runtime, or its own. */
export interface SandboxPlan {
  readonly limits: Limits;
  readonly onMemoryLimit: "fail" | "trap";
  readonly onDenial: OnDenial;
  /** Host paths are resolved. */
  readonly policy: Policy;
  readonly mounts: readonly Mount[];
  readonly subscribers: Subscribers;
}

/** Options of a runtime that were read. */
export interface RuntimePlan extends SandboxPlan {
  /** Whether guests run in Workers; else in processes. */
  readonly inWorkers: boolean;
  /** What runs modules of which nothing else is said. */
  readonly engine: Engine;
  readonly maxSandboxes: number;
  readonly deterministic: boolean;
  readonly onAudit: ((event: AuditEvent) => void) | undefined;
  readonly audit: AuditLog | undefined;
}

/**
 * Reads the options of a runtime.
 *
 * @param flagged whether there is evidence of the flag that Workers need
 * @throws {AegisError} `InvalidOption`, `LimitTooLow`
 */
export function readRuntimeOptions(options: AegisOptions, flagged: boolean): RuntimePlan {
  const {
    preset,
    isolation = "auto",
    engine = "v8",
    onMemoryLimit = "fail",
    onDenial = "continue",
    deterministic = false,
    capabilities = "minimal",
    onAudit,
    audit,
    subscribers = [],
    maxSandboxes: wanted,
    ...given
  } = ownOptions(options, RUNTIME_OPTIONS);
  const limits = resolveLimits(given, preset);
  if (isolation !== "auto" && isolation !== "worker" && isolation !== "process") {
    throw invalid("isolation", isolation, '"auto", "worker" or "process"');
  }
  const inWorkers = isolation === "worker" || isolation === "auto" && flagged;
  const maxSandboxes = wanted === undefined ? MAX_SANDBOXES[inWorkers ? "worker" : "process"] : wanted;
  checkOnMemoryLimit(onMemoryLimit);
  checkOnDenial(onDenial);
  if (typeof deterministic !== "boolean") throw invalid("deterministic", deterministic, "true or false");
  if (!Number.isSafeInteger(maxSandboxes) || maxSandboxes < 1) {
    throw invalid("maxSandboxes", maxSandboxes, "a whole number from 1");
  }
  if (onAudit !== undefined && typeof onAudit !== "function") throw invalid("onAudit", onAudit, "a function");
  if (audit !== undefined && !(audit instanceof AuditLog)) {
    throw invalid("audit", audit, "what AuditLog.open gives");
  }
  listOf("subscribers", subscribers);
  const policy = resolvedPolicy(mergeGrants(capabilitiesOf(capabilities)));
  checkSources(policy);
  if (deterministic) checkDeterministic(policy);
  const mounts = mountsOf(policy.filesystem);
  if (audit !== undefined) checkAuditPlace(audit[PLACE], mounts);
  return {
    limits,
    onMemoryLimit,
    onDenial,
    policy,
    mounts,
    subscribers,
    inWorkers,
    engine: readEngine(engine),
    maxSandboxes,
    deterministic,
    onAudit,
    audit,
  };
}

/**
 * Reads the options of a sandbox.
 *
 * @param runtime what it may not exceed, and has where nothing is said
 * @throws {AegisError} `InvalidOption`, `LimitTooLow`
 */
export function readSandboxOptions(
  options: SandboxOptions,
  runtime: SandboxPlan & Pick<RuntimePlan, "deterministic">,
): SandboxPlan & { readonly secrets: readonly ResolvedSecret[]; readonly program: ProgramOptions } {
  const {
    onMemoryLimit = runtime.onMemoryLimit,
    onDenial = runtime.onDenial,
    capabilities,
    secrets = [],
    subscribers = [],
    args,
    stdin,
    stdout,
    stderr,
    terminals,
    onLog,
    onAlert,
    ...limits
  } = ownOptions(options, SANDBOX_OPTIONS);
  checkOnMemoryLimit(onMemoryLimit);
  checkOnDenial(onDenial);
  const policy = capabilities === undefined
    ? runtime.policy
    : narrowPolicy(runtime.policy, resolvedPolicy(mergeGrants(capabilities)));
  if (runtime.deterministic) checkDeterministic(policy);
  return {
    limits: narrow(runtime.limits, limits),
    onMemoryLimit,
    onDenial,
    policy,
    mounts: capabilities === undefined ? runtime.mounts : mountsOf(policy.filesystem),
    subscribers: listOf("subscribers", subscribers),
    secrets: resolveSecrets(secrets),
    program: present({ args, stdin, stdout, stderr, terminals, onLog, onAlert }),
  };
}

/** Limits of a sandbox: those of the runtime where nothing is said, never more. */
function narrow(runtime: Limits, options: LimitOptions): Limits {
  const wanted = resolveLimits(options), narrowed: Record<string, number | bigint> = { ...runtime };
  for (const name of Object.keys(options) as (keyof Limits)[]) { // resolveLimits() has refused other keys
    if (options[name] === undefined) continue;
    if (wanted[name] > runtime[name]) {
      throw new AegisError(
        "InvalidOption",
        `Cannot set ${name} of a sandbox to ${formatLimit(name, wanted[name])}: its runtime has ${
          formatLimit(name, runtime[name])
        }`,
        { field: name, suggestion: "Raise the limit of the runtime." },
      );
    }
    narrowed[name] = wanted[name];
  }
  return Object.freeze(narrowed) as unknown as Limits; // a copy of one, key by key
}

function capabilitiesOf(given: readonly Capability[] | CapabilityPresetName): readonly Capability[] {
  if (Array.isArray(given)) return given;
  if (typeof given !== "string") throw invalid("capabilities", given, "a list, or the name of a preset");
  if (Object.hasOwn(CAPABILITY_PRESETS, given)) return CAPABILITY_PRESETS[given]();
  throw invalid("capabilities", given, `a list, or one of ${Object.keys(CAPABILITY_PRESETS).join(", ")}`);
}

/** @throws {AegisError} `InvalidOption` for a grant of what differs from run to run */
function checkDeterministic({ clock, random, sensor }: Policy): void {
  const changing = sensor.find(({ source }) => source.from === "file" || source.from === "function");
  const granted = clock?.monotonic || clock?.realtime
    ? "a clock that passes"
    : random !== undefined && random.seed === undefined
    ? "secure random bytes"
    : changing !== undefined
    ? `sensor ${changing.id}, which reads a file or calls a function,`
    : undefined;
  if (granted === undefined) return;
  throw new AegisError("InvalidOption", `Cannot grant ${granted} to a runtime that is deterministic`, {
    field: "deterministic",
    suggestion:
      "Grant ClockCapability.fixed, RandomCapability.seeded or SensorCapability.series, or leave it out.",
  });
}

function resolvedPolicy(policy: Policy): Policy {
  const { filesystem, sensor } = policy;
  return Object.freeze({ ...policy, filesystem: resolveGrants(filesystem), sensor: resolveSensors(sensor) });
}

/** @throws {AegisError} `InvalidOption` for a sensor of a runtime that is to read what the runtime's does */
function checkSources({ sensor }: Policy): void {
  const without = sensor.find(({ source }) => source.from === "runtime");
  if (without === undefined) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot grant sensor ${without.id} to a runtime: it has nothing to read`,
    {
      field: "sensor",
      suggestion: "Use SensorCapability.constant, series, file or read here, and ids for its sandboxes.",
    },
  );
}

/** The same without the keys whose value is undefined. */
function present<T extends object>(options: { readonly [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>; // a part of the same keys
}

/**
 * Without a prototype: what a library may have put on Object.prototype is no option.
 *
 * @throws {AegisError} `InvalidOption` for what is no object, and for names that are none of these
 */
export function ownOptions<T extends object>(options: T, known: OptionNames<T>): T {
  checkOptionNames(options, known);
  return Object.assign(Object.create(null), options);
}

function listOf<Item>(field: string, list: readonly Item[]): readonly Item[] {
  if (!Array.isArray(list)) throw invalid(field, list, "a list");
  return list;
}

function checkOnDenial(value: OnDenial): void {
  if (!ON_DENIAL.includes(value)) throw invalid("onDenial", value, ON_DENIAL.map(quote).join(" or "));
}

function checkOnMemoryLimit(value: string): void {
  if (value !== "fail" && value !== "trap") throw invalid("onMemoryLimit", value, '"fail" or "trap"');
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  return new AegisError("InvalidOption", `Cannot set ${field} to ${quote(String(value))}: use ${allowed}`, {
    field,
  });
}
