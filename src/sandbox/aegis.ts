import type { EventSubscriber } from "./event_subscriber.ts";
import { AegisEvents, endEvents } from "./events.ts";
import { type BackEnd, WORKER_BACK_END } from "./back_end.ts";
import { Brokers, type BrokersOptions } from "./brokers.ts";
import { workerOptionsEnabled } from "./isolation.ts";
import type { AegisModule } from "./module.ts";
import { ModuleCache, type ModuleRegistry } from "./module_cache.ts";
import { mountsOf, resolveGrants } from "./mounts.ts";
import { Pool } from "./pool.ts";
import { type NamedPoolModule, type PoolOptions, readPoolModules, readPoolOptions } from "./pool_options.ts";
import { Preparer } from "./preparer.ts";
import { ProcessBackEnd } from "./process_back_end.ts";
import { SandboxBuilder } from "./sandbox_builder.ts";
import { SandboxRegistry } from "./sandbox_registry.ts";
import { startPoolGuest } from "./start_pool_guest.ts";
import { SYSTEM_TIMERS } from "./timers.ts";
import { RuntimeBuilder } from "./runtime_builder.ts";
import { Sandbox } from "./sandbox.ts";
import type { ProgramOptions } from "./sandbox_io.ts";
import { compileWat } from "./wat.ts";
import type { AuditEvent } from "../core/audit.ts";
import { AegisError, ModuleRefusedError } from "../core/errors.ts";
import type { AegisEvent } from "../core/events.ts";
import { type LimitOptions, type Limits, type PresetName, resolveLimits } from "../core/limits.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { quote } from "../core/quote.ts";
import type { Mount } from "../broker/messages.ts";
import type { Capability } from "../policy/capability.ts";
import type { Policy } from "../policy/grants.ts";
import { mergeGrants, narrowPolicy } from "../policy/policy.ts";
import { resolveSecrets, type Secret } from "../policy/secret.ts";
import { CAPABILITY_PRESETS, type CapabilityPresetName } from "../policy/presets.ts";

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
  /** What a refused growth does: -1 as WebAssembly allows, or a trap. @default "fail" */
  readonly onMemoryLimit?: "fail" | "trap";
  /**
   * The same results on every machine: NaNs get their canonical bits, and modules with relaxed SIMD, whose results depend on
   * the processor, are refused. Clocks that pass and secure random bytes cannot be granted; without a grant both are the
   * same in each run. Floating-point code becomes larger and slower. @default false
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
  /** Told of what happens to all sandboxes, see {@linkcode AegisEvents.subscribe}. @default none */
  readonly subscribers?: readonly (EventSubscriber | ((event: AegisEvent) => void))[];
}

/** Options of a sandbox: limits and capabilities within those of its runtime, and what its program is given. */
export interface SandboxOptions extends LimitOptions, ProgramOptions {
  /** What a refused growth does. @default as the runtime's */
  readonly onMemoryLimit?: "fail" | "trap";
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

/** Live sandboxes by default: some 2 GiB of Workers, or 1.2 GiB of processes. */
const MAX_SANDBOXES = { worker: 256, process: 64 } as const;

/**
 * A runtime: prepares modules and makes sandboxes.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ memoryLimit: "16MiB", timeout: "1s" });
 * const module = await runtime.loadWat(`(module
 *   (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`);
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(module);
 * console.log(await sandbox.call("add", [2, 3])); // 5
 * ```
 */
export class Aegis implements AsyncDisposable {
  /** The limits that every sandbox of this runtime starts from, and may not exceed. */
  readonly limits: Limits;
  readonly #maxSandboxes: number;
  readonly #onMemoryLimit: "fail" | "trap";
  readonly #backEnd: BackEnd;
  readonly #preparer: Preparer;
  readonly #modules: ModuleCache = new ModuleCache((bytes, hash) => this.#preparer.prepare(bytes, hash));
  readonly #policy: Policy;
  readonly #mounts: readonly Mount[];
  readonly #brokers: Brokers;
  readonly #onAudit: ((event: AuditEvent) => void) | undefined;
  readonly #spin: boolean = navigator.hardwareConcurrency > 1;
  readonly #sandboxes: Map<string, Sandbox> = new Map();
  readonly #pools: Set<Pool> = new Set();
  /** What happens to the sandboxes of this runtime, for those who want to be told. */
  readonly events: AegisEvents = new AegisEvents();
  /** The sandboxes that are alive. */
  readonly sandboxes: SandboxRegistry = new SandboxRegistry(this.#sandboxes);
  #starting = 0;
  #closed = false;

  private constructor(options: AegisOptions, flagged: boolean) {
    // Without a prototype: what a library may have put on Object.prototype is no option.
    const {
      preset,
      isolation = "auto",
      onMemoryLimit = "fail",
      deterministic = false,
      capabilities = "minimal",
      onAudit,
      subscribers = [],
      maxSandboxes: wantedSandboxes,
      ...limits
    } = ownOptions(options);
    this.limits = resolveLimits(limits, preset);
    if (isolation !== "auto" && isolation !== "worker" && isolation !== "process") {
      throw invalid("isolation", isolation, '"auto", "worker" or "process"');
    }
    const inWorkers = isolation === "worker" || isolation === "auto" && flagged;
    const maxSandboxes = wantedSandboxes === undefined
      ? MAX_SANDBOXES[inWorkers ? "worker" : "process"]
      : wantedSandboxes;
    checkOnMemoryLimit(onMemoryLimit);
    if (typeof deterministic !== "boolean") throw invalid("deterministic", deterministic, "true or false");
    if (!Number.isSafeInteger(maxSandboxes) || maxSandboxes < 1) {
      throw invalid("maxSandboxes", maxSandboxes, "a whole number from 1");
    }
    this.#onMemoryLimit = onMemoryLimit;
    this.#maxSandboxes = maxSandboxes;
    if (onAudit !== undefined && typeof onAudit !== "function") {
      throw invalid("onAudit", onAudit, "a function");
    }
    this.#onAudit = onAudit;
    for (const subscriber of listOf("subscribers", subscribers)) this.events.subscribe(subscriber);
    this.#policy = resolvedPolicy(mergeGrants(capabilitiesOf(capabilities)));
    if (deterministic) checkDeterministic(this.#policy);
    this.#mounts = mountsOf(this.#policy.filesystem);
    const backEnd = inWorkers ? WORKER_BACK_END : new ProcessBackEnd(this.limits);
    this.#backEnd = backEnd;
    this.#preparer = new Preparer(() => backEnd.startPreparer(), {
      limits: this.limits,
      deterministic,
      ...backEnd.preparing,
    });
    this.#brokers = startBrokers({
      backEnd,
      policy: this.#policy,
      mounts: this.#mounts,
      slots: maxSandboxes,
      spin: this.#spin,
      auditAll: onAudit !== undefined,
    });
  }

  /**
   * Makes a runtime.
   *
   * @throws {AegisError} `InvalidOption`, `LimitTooLow`, `UnsupportedPlatform`
   */
  static async create(options: AegisOptions = {}): Promise<Aegis> {
    const { isolation = "auto" } = ownOptions(options);
    const runtime = new Aegis(options, isolation === "auto" && await workerOptionsEnabled());
    try {
      await runtime.#brokers.started();
    } catch (error) {
      await runtime.close();
      throw error;
    }
    return runtime;
  }

  /** Starts a builder, for those who would rather chain than pass options. */
  static builder(): RuntimeBuilder {
    return new RuntimeBuilder();
  }

  /**
   * Checks, instruments and compiles a module. The bytes are copied first. Bytes that were loaded before, and are still
   * among {@linkcode modules}, are not prepared again.
   *
   * @throws {ModuleInvalidError} for bytes that are no valid module
   * @throws {ModuleRefusedError} for a valid module that exceeds a limit or cannot be run safely
   */
  async loadBytes(bytes: Uint8Array, options: { readonly name?: string } = {}): Promise<AegisModule> {
    this.#checkOpen();
    if (bytes.length > this.limits.moduleSize) throw tooLarge(bytes.length, this.limits.moduleSize);
    return await this.#modules.load(Uint8Array.from(bytes), options.name);
  }

  /** Loads a module from a file: text if its name ends in `.wat`, else binary. @throws as {@linkcode loadBytes}, and what Deno throws for the file */
  async loadFile(path: string): Promise<AegisModule> {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new ModuleRefusedError(`Cannot load ${quote(path)}: it is not a file`);
    if (size > this.limits.moduleSize) throw tooLarge(size, this.limits.moduleSize);
    const { basename } = await import("./path.ts");
    const bytes = await Deno.readFile(path), name = basename(path);
    return name.endsWith(".wat")
      ? await this.loadWat(new TextDecoder().decode(bytes), { name })
      : await this.loadBytes(bytes, { name });
  }

  /** Loads a module from WebAssembly text. The text is parsed on this thread. @throws as {@linkcode loadBytes} */
  async loadWat(text: string, options: { readonly name?: string } = {}): Promise<AegisModule> {
    return await this.loadBytes(await compileWat(text), options);
  }

  /**
   * Starts a sandbox: set its limits on the builder, then `build`. Limits may only be lower than the runtime's.
   *
   * @example `await runtime.sandbox({ fuelLimit: 1000 }).build()`
   */
  sandbox(options: SandboxOptions = {}): SandboxBuilder {
    return new SandboxBuilder((chosen) => this.#startSandbox(chosen), options);
  }

  /**
   * Keeps guests with these modules warm, and lends them for one use at a time. Guests are started when they are needed,
   * or ahead, see {@linkcode PoolOptions}.
   *
   * @example `const result = await runtime.pool(module, { minimum: 2 }).call("add", [1, 2])`
   * @param modules one, or several in the order in which each guest loads them; calls go to the last
   * @throws {AegisError} `InvalidOption`, `Closed`
   */
  pool(modules: AegisModule | readonly (AegisModule | NamedPoolModule)[], options: PoolOptions = {}): Pool {
    this.#checkOpen();
    const given = ownOptions(options), plan = readPoolOptions(given, this.#maxSandboxes);
    const { setup, sandbox = {} } = given, guest = { ...sandbox };
    const guests = { modules: readPoolModules(modules), setup, build: () => this.#startSandbox(guest, true) };
    const pool: Pool = new Pool(plan, {
      start: (use) => startPoolGuest(guests, use),
      room: () => this.#maxSandboxes - this.#sandboxes.size - this.#starting,
      isOpen: ({ id }) => this.#sandboxes.has(id),
      onClose: () => this.#pools.delete(pool),
      timers: SYSTEM_TIMERS,
    });
    this.#pools.add(pool);
    return pool;
  }

  /** The modules that this runtime has loaded and still knows, by hash and by name. */
  get modules(): ModuleRegistry {
    return this.#modules;
  }

  /** What every sandbox of this runtime may reach, unless it is given less. Host paths are absolute. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Closes every pool and every sandbox, and the runtime with them. */
  async close(): Promise<void> {
    this.#closed = true;
    const parts = [...this.#pools, ...this.#sandboxes.values()];
    await Promise.all(parts.map((part) => part.close()));
    this.#preparer.close();
    this.#modules.clear();
    await this.#brokers.close();
    await this.#backEnd.close();
    endEvents(this.events);
  }

  /** As {@linkcode close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #startSandbox(options: SandboxOptions, pooled = false): Promise<Sandbox> {
    this.#checkOpen();
    const {
      onMemoryLimit = this.#onMemoryLimit,
      capabilities,
      secrets = [],
      subscribers = [],
      args,
      stdin,
      stdout,
      stderr,
      terminals,
      onLog,
      ...limits
    } = ownOptions(options);
    checkOnMemoryLimit(onMemoryLimit);
    const policy = capabilities === undefined
      ? this.#policy
      : narrowPolicy(this.#policy, resolvedPolicy(mergeGrants(capabilities)));
    const narrowed = narrow(this.limits, limits);
    if (this.#sandboxes.size + this.#starting >= this.#maxSandboxes) {
      throw new AegisError("TooManySandboxes", `Cannot start a sandbox: ${this.#maxSandboxes} are alive`, {
        field: "maxSandboxes",
        suggestion: "Close sandboxes that are no longer needed, or raise maxSandboxes.",
      });
    }
    this.#starting++;
    try {
      const sandbox: Sandbox = await Sandbox.start({
        limits: narrowed,
        onMemoryLimit,
        policy,
        mounts: capabilities === undefined ? this.#mounts : mountsOf(policy.filesystem),
        secrets: resolveSecrets(secrets),
        program: present({ args, stdin, stdout, stderr, terminals, onLog }),
        brokers: this.#brokers,
        startGuest: this.#backEnd.startGuest,
        pooled,
        spin: this.#spin,
        audit: this.#audit,
        events: this.events,
        subscribers: listOf("subscribers", subscribers),
        onClose: () => this.#sandboxes.delete(sandbox.id),
      });
      if (this.#closed) await sandbox.close();
      this.#checkOpen();
      this.#sandboxes.set(sandbox.id, sandbox);
      return sandbox;
    } finally {
      this.#starting--;
    }
  }

  /** Tells the embedder. What it throws concerns neither the guest nor the other events. */
  readonly #audit = (event: AuditEvent): void => {
    try {
      this.#onAudit?.(event);
    } catch {
      // as the documentation of `onAudit` says
    }
  };

  #checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The runtime was closed");
  }
}

/** Limits of a sandbox: those of the runtime where nothing is said, never more. */
function narrow(runtime: Limits, options: LimitOptions): Limits {
  const wanted = resolveLimits(options), narrowed: Record<string, number | bigint> = { ...runtime };
  for (const name of Object.keys(options) as (keyof Limits)[]) { // resolveLimits() has refused other keys
    if (options[name] === undefined) continue;
    if (wanted[name] > runtime[name]) {
      throw new AegisError(
        "InvalidOption",
        `Cannot set ${name} of a sandbox to ${wanted[name]}: its runtime has ${runtime[name]}`,
        { field: name, suggestion: "Raise the limit of the runtime." },
      );
    }
    narrowed[name] = wanted[name];
  }
  return Object.freeze(narrowed) as unknown as Limits; // a copy of one, key by key
}

/** @throws {AegisError} `InvalidOption` for a grant of what this process may not do itself */
function startBrokers(options: BrokersOptions): Brokers {
  try {
    return new Brokers(options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new AegisError(
      "InvalidOption",
      `Cannot grant what this process may not do itself: ${error.message}`,
      {
        field: "capabilities",
        suggestion: "Give Deno the same permission.",
        cause: error,
      },
    );
  }
}

function capabilitiesOf(given: readonly Capability[] | CapabilityPresetName): readonly Capability[] {
  if (Array.isArray(given)) return given;
  if (typeof given !== "string") throw invalid("capabilities", given, "a list, or the name of a preset");
  if (Object.hasOwn(CAPABILITY_PRESETS, given)) return CAPABILITY_PRESETS[given]();
  throw invalid("capabilities", given, `a list, or one of ${Object.keys(CAPABILITY_PRESETS).join(", ")}`);
}

/** @throws {AegisError} `InvalidOption` for a grant of what differs from run to run */
function checkDeterministic({ clock, random }: Policy): void {
  const granted = clock?.monotonic || clock?.realtime
    ? "a clock that passes"
    : random !== undefined && random.seed === undefined
    ? "secure random bytes"
    : undefined;
  if (granted === undefined) return;
  throw new AegisError("InvalidOption", `Cannot grant ${granted} to a runtime that is deterministic`, {
    field: "deterministic",
    suggestion: "Grant ClockCapability.fixed or RandomCapability.seeded, or leave it out.",
  });
}

function resolvedPolicy(policy: Policy): Policy {
  return Object.freeze({ ...policy, filesystem: resolveGrants(policy.filesystem) });
}

/** The same without the keys whose value is undefined. */
function present<T extends object>(options: { readonly [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>; // a part of the same keys
}

function ownOptions<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

function listOf<Item>(field: string, list: readonly Item[]): readonly Item[] {
  if (!Array.isArray(list)) throw invalid(field, list, "a list");
  return list;
}

function checkOnMemoryLimit(value: string): void {
  if (value !== "fail" && value !== "trap") throw invalid("onMemoryLimit", value, '"fail" or "trap"');
}

function invalid(field: string, value: unknown, allowed: string): AegisError {
  return new AegisError("InvalidOption", `Cannot set ${field} to ${quote(String(value))}: use ${allowed}`, {
    field,
  });
}

function tooLarge(size: number, limit: number): ModuleRefusedError {
  return new ModuleRefusedError(
    `Cannot load the module: it has ${formatByteSize(size)}, the limit is ${formatByteSize(limit)}`,
    { field: "moduleSize", suggestion: "Raise the limit." },
  );
}
