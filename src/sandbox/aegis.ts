import {
  type AegisOptions,
  ownOptions,
  readRuntimeOptions,
  readSandboxOptions,
  type RestoreOptions,
  RUNTIME_OPTIONS,
  type RuntimePlan,
  type SandboxOptions,
} from "./aegis_options.ts";
import { describeValue } from "./arguments.ts";
import { type AuditLog, hiddenTexts, HIDE } from "./audit_log.ts";
import { AegisEvents, endEvents } from "./events.ts";
import { unlessAborted } from "./cancel.ts";
import { type BackEnd, WORKER_BACK_END } from "./back_end.ts";
import { Brokers, type BrokersOptions } from "./brokers.ts";
import { workerOptionsEnabled } from "./isolation.ts";
import { type PrepareModuleOptions, readPrepareOptions, readWatch } from "./load_options.ts";
import type { AegisModule } from "./module.ts";
import { ModuleCache, type ModuleRegistry } from "./module_cache.ts";
import { Pool } from "./pool.ts";
import {
  type NamedPoolModule,
  POOL_OPTIONS,
  type PoolOptions,
  readPoolModules,
  readPoolOptions,
} from "./pool_options.ts";
import { withOwnMemory } from "./own_memory.ts";
import { Preparer } from "./preparer.ts";
import { ProcessBackEnd } from "./process_back_end.ts";
import { SandboxBuilder } from "./sandbox_builder.ts";
import { SandboxRegistry } from "./sandbox_registry.ts";
import { startPoolGuest } from "./start_pool_guest.ts";
import { SYSTEM_TIMERS } from "./timers.ts";
import { RuntimeBuilder } from "./runtime_builder.ts";
import { RESTORE, Sandbox } from "./sandbox.ts";
import type { LinkedModule } from "./linker.ts";
import { codeHash, decodeSnapshot, invalid } from "./snapshot.ts";
import { compileWat } from "./wat.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Engine } from "../core/engine.ts";
import { AegisError, ModuleRefusedError, TypeMismatchError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { quote } from "../core/quote.ts";
import type { Policy } from "../policy/grants.ts";
import { IS_COMPONENT, isComponent, REBUILD } from "../wasm/module_kind.ts";

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
  readonly #plan: RuntimePlan;
  readonly #backEnd: BackEnd;
  readonly #preparer: Preparer;
  readonly #modules: ModuleCache = new ModuleCache((bytes, target) => this.#preparer.prepare(bytes, target));
  readonly #brokers: Brokers;
  readonly #spin: boolean = navigator.hardwareConcurrency > 1;
  readonly #sandboxes: Map<string, Sandbox> = new Map();
  readonly #pools: Set<Pool> = new Set();
  /** What happens to the sandboxes of this runtime, for those who want to be told. */
  readonly events: AegisEvents = new AegisEvents();
  /** The sandboxes that are alive. */
  readonly sandboxes: SandboxRegistry = new SandboxRegistry(this.#sandboxes);
  #starting = 0;
  #closed = false;

  private constructor(plan: RuntimePlan) {
    const { limits, deterministic, policy, mounts, maxSandboxes: slots } = plan;
    this.#plan = plan;
    for (const subscriber of plan.subscribers) this.events.subscribe(subscriber);
    if (plan.audit !== undefined) this.events.subscribe(plan.audit);
    const backEnd = plan.inWorkers ? WORKER_BACK_END : new ProcessBackEnd(limits);
    this.#backEnd = backEnd;
    const preparing = { limits, deterministic, ...backEnd.preparing };
    this.#preparer = new Preparer(() => backEnd.startPreparer(), preparing);
    const auditAll = plan.onAudit !== undefined;
    this.#brokers = startBrokers({ backEnd, policy, mounts, slots, spin: this.#spin, auditAll });
  }

  /**
   * Makes a runtime.
   *
   * @throws {AegisError} `InvalidOption`, `LimitTooLow`, `UnsupportedPlatform`; `GuestFault` when the system does not give what
   * it needs
   */
  static async create(options: AegisOptions = {}): Promise<Aegis> {
    const { isolation = "auto" } = ownOptions(options, RUNTIME_OPTIONS);
    const flagged = isolation === "auto" && await workerOptionsEnabled();
    const runtime = new Aegis(readRuntimeOptions(options, flagged));
    try {
      await runtime.#brokers.started();
    } catch (error) {
      await runtime.close();
      throw error;
    }
    return runtime;
  }

  /** The limits that every sandbox of this runtime starts from, and may not exceed. */
  get limits(): Limits {
    return this.#plan.limits;
  }

  /** What runs its modules, unless one is loaded for the other. */
  get engine(): Engine {
    return this.#plan.engine;
  }

  /** Where its guests run: what `"auto"` came to. */
  get isolation(): "worker" | "process" {
    return this.#plan.inWorkers ? "worker" : "process";
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
   * @throws {ModuleRefusedError} for a valid module that exceeds a limit or cannot be run safely, and for a component
   * @throws {TypeMismatchError} for what is no Uint8Array
   * @throws {AegisError} `InvalidOption`, `Closed`, `Cancelled`
   */
  async loadBytes(bytes: Uint8Array, options: PrepareModuleOptions = {}): Promise<AegisModule> {
    this.#checkOpen();
    readPrepareOptions(options);
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeMismatchError("Cannot load the module", "a Uint8Array", describeValue(bytes));
    }
    if (isComponent(bytes)) {
      throw new ModuleRefusedError(`Cannot load the module: ${IS_COMPONENT}`, { suggestion: REBUILD });
    }
    if (bytes.length > this.limits.moduleSize) throw tooLarge(bytes.length, this.limits.moduleSize);
    if (this.#modules.size === 0) this.#preparer.begin(); // a later one may be there already
    const copy = withOwnMemory("Cannot load the module", () => Uint8Array.from(bytes));
    const { name, engine = this.#plan.engine, signal } = options, watch = readWatch(options.watch, engine);
    return await unlessAborted(() => this.#modules.load(copy, { name, engine, watch }), signal);
  }

  /**
   * Loads a module from a file: text if its name ends in `.wat`, else binary.
   *
   * @param file a path, or a `file:` URL, `new URL("plugin.wasm", import.meta.url)` for instance; it is named after the file
   * unless the options name it
   * @throws as {@linkcode loadBytes}, and what Deno throws for the file
   */
  async loadFile(file: string | URL, options: PrepareModuleOptions = {}): Promise<AegisModule> {
    readPrepareOptions(options);
    const path = file instanceof URL ? await pathOf(file) : file;
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new ModuleRefusedError(`Cannot load ${quote(path)}: it is not a file`);
    if (size > this.limits.moduleSize) throw tooLarge(size, this.limits.moduleSize);
    const { basename } = await import("./path.ts");
    const bytes = await Deno.readFile(path), name = basename(path), named = { name, ...options };
    return name.endsWith(".wat")
      ? await this.loadWat(new TextDecoder().decode(bytes), named)
      : await this.loadBytes(bytes, named);
  }

  /** Loads a module from WebAssembly text. The text is parsed on this thread. @throws as {@linkcode loadBytes} */
  async loadWat(text: string, options: PrepareModuleOptions = {}): Promise<AegisModule> {
    readPrepareOptions(options);
    if (typeof text !== "string") {
      throw new TypeMismatchError("Cannot load the module", "WebAssembly text", describeValue(text));
    }
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
    const given = ownOptions(options, POOL_OPTIONS), plan = readPoolOptions(given, this.#plan.maxSandboxes);
    const { setup, sandbox = {} } = given, guest = { ...sandbox };
    readSandboxOptions(guest, this.#plan); // what is wrong with them is said here, not to whoever calls first
    const guests = { modules: readPoolModules(modules), setup, build: () => this.#startSandbox(guest, true) };
    const pool: Pool = new Pool(plan, {
      start: (use) => startPoolGuest(guests, use),
      room: () => this.#plan.maxSandboxes - this.#sandboxes.size - this.#starting,
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
    return this.#plan.policy;
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

  /**
   * Makes a sandbox of a snapshot, which goes on where the snapshot was taken. What the guest had open is opened again by
   * its path, under the capabilities that are given here; what cannot be is told by `lostFiles`. The snapshot is as
   * untrusted as the guest in it: limits and capabilities are those of this runtime and these options.
   *
   * @param snapshot what `Sandbox.snapshot` gave, or the command's `--checkpoint`
   * @example
   * ```ts
   * import { Aegis } from "jsr:@aegis/core";
   *
   * await using runtime = await Aegis.create({ engine: "interpreter" });
   * await using sandbox = await runtime.restore(await Deno.readFile("job.snapshot"));
   * if (sandbox.interruptedCall !== undefined) console.log(await sandbox.continueCall());
   * ```
   * @throws {AegisError} `SnapshotInvalid` for bytes that are damaged, of another version, or whose state is none; and as
   * `loadBytes` and the sandbox's `build` and `loadModule`
   */
  async restore(snapshot: Uint8Array, options: RestoreOptions = {}): Promise<Sandbox> {
    this.#checkOpen();
    if (!(snapshot instanceof Uint8Array)) {
      throw new TypeMismatchError("Cannot restore the snapshot", "a Uint8Array", describeValue(snapshot));
    }
    const { hostFunctions = {}, ...rest } = options,
      { modules, args, state } = await withOwnMemory("Cannot restore", () => decodeSnapshot(snapshot));
    const items: LinkedModule[] = [];
    for (const { name, bytes, hash, code } of modules) {
      const module = await this.loadBytes(bytes, {
        engine: "interpreter",
        ...(name === undefined ? {} : { name }),
      });
      if (module.hash !== hash) throw invalid("a module in it is another one than its hash says");
      if (await codeHash(module) !== code) {
        throw invalid(
          "it was taken by another version of Aegis, or under other options",
          "Restore it with the Aegis that took it, with the same limits of the runtime and the same `deterministic`.",
        );
      }
      items.push({ module, name });
    }
    const sandbox = await this.#startSandbox({ args, ...rest });
    try {
      for (const [module, those] of Object.entries(hostFunctions)) sandbox.registerFuncs(module, those);
      await sandbox[RESTORE](items, state);
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  async #startSandbox(options: SandboxOptions, pooled = false): Promise<Sandbox> {
    this.#checkOpen();
    const plan = readSandboxOptions(options, this.#plan), { maxSandboxes, audit } = this.#plan;
    checkAudit(audit);
    if (this.#sandboxes.size + this.#starting >= maxSandboxes) {
      throw new AegisError("TooManySandboxes", `Cannot start a sandbox: ${maxSandboxes} are alive`, {
        field: "maxSandboxes",
        suggestion: "Close sandboxes that are no longer needed, or raise maxSandboxes.",
      });
    }
    this.#starting++;
    const show = audit?.[HIDE](hiddenTexts(plan.secrets, plan.policy.env));
    let started = false;
    try {
      const sandbox: Sandbox = await Sandbox.start({
        ...plan,
        brokers: this.#brokers,
        startGuest: this.#backEnd.startGuest,
        pooled,
        spin: this.#spin,
        audit: this.#audit,
        events: this.events,
        onClose: () => {
          this.#sandboxes.delete(sandbox.id);
          show?.();
        },
      });
      started = true;
      if (this.#closed) await sandbox.close();
      this.#checkOpen();
      this.#sandboxes.set(sandbox.id, sandbox);
      return sandbox;
    } finally {
      this.#starting--;
      if (!started) show?.();
    }
  }

  /** Tells the embedder. What it throws concerns neither the guest nor the other events. */
  readonly #audit = (event: AuditEvent): void => {
    try {
      this.#plan.onAudit?.(event);
    } catch {
      // as the documentation of `onAudit` says
    }
  };

  #checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The runtime was closed");
  }
}

/** @throws {AegisError} `Full` when nothing that a guest does would be recorded */
function checkAudit(audit: AuditLog | undefined): void {
  if (audit?.failure === undefined) return;
  const { failure } = audit, reason = failure instanceof Error ? failure.message : String(failure);
  throw new AegisError(
    "Full",
    `Cannot start a sandbox: the audit log cannot be written any more: ${reason}`,
    {
      field: "audit",
      suggestion: "Make room on the disk, and open the log again.",
      cause: failure,
    },
  );
}

/** @throws {AegisError} `InvalidOption` for a grant of what this process may not do itself, `GuestFault` */
function startBrokers(options: BrokersOptions): Brokers {
  try {
    return withOwnMemory("Cannot start the brokers", () => new Brokers(options));
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

/** @throws {AegisError} `InvalidOption` for a URL of anything but a file */
async function pathOf(url: URL): Promise<string> {
  if (url.protocol !== "file:") {
    throw new AegisError("InvalidOption", `Cannot load ${quote(url.href)}: give a path or a file: URL`, {
      field: "file",
      suggestion: "Fetch it first, and give its bytes to loadBytes.",
    });
  }
  const { fromFileUrl } = await import("./path.ts");
  return fromFileUrl(url.href);
}

function tooLarge(size: number, limit: number): ModuleRefusedError {
  return new ModuleRefusedError(
    `Cannot load the module: it has ${formatByteSize(size)}, the limit is ${formatByteSize(limit)}`,
    { field: "moduleSize", suggestion: "Raise the limit." },
  );
}
