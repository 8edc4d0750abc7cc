/**
 * One version of a plugin, running: a runtime of its own with exactly what it is granted, a sandbox, and one call at a time.
 */
import { AegisError } from "../../core/errors.ts";
import { UNLIMITED_FUEL } from "../../core/limits.ts";
import type { CallValue } from "../../core/value.ts";
import { Aegis } from "../../sandbox/aegis.ts";
import type { Engine } from "../../core/engine.ts";
import type { Isolation } from "../../sandbox/aegis_options.ts";
import type { HostContext } from "../../sandbox/host_context.ts";
import { hostFunction } from "../../sandbox/host_functions.ts";
import type { AegisModule } from "../../sandbox/module.ts";
import { type CallResult, resultOf, type Sandbox } from "../../sandbox/sandbox.ts";
import { CALL_IMPORT } from "./plugin_call.ts";
import { type PluginGrants, readLimits } from "./plugin_options.ts";
import type { RegisteredPlugin } from "./plugin_registry.ts";
import { RESTORE, SAVE, STATE } from "./plugin_shape.ts";

/** Who waits for a call: names of plugins, outermost first. */
export interface CallChain {
  readonly callers: readonly string[];
}

/** Nobody but the host waits. */
export const FROM_HOST: CallChain = { callers: [] };

/** Calls that may wait for one instance. */
const MOST_WAITING = 1000;

/** What an instance needs of its host. */
export interface InstancePorts {
  readonly isolation: Isolation;
  readonly engine: Engine;
  /** A call of the plugin to another one. @param caller the record of the very instance that calls, which may be leaving */
  readonly callOther: (
    caller: RegisteredPlugin["record"],
    wish: { readonly plugin: string; readonly name: string; readonly args: unknown },
    chain: CallChain,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** It has begun anew, and knows nothing any more. */
  readonly stateLost: (why: string) => void;
}

/** Bounds of one call within the plugin's own. */
export interface InstanceCall {
  readonly timeout?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
  /**
   * Aborted when nobody wants the result any more. A call that waits is not begun then; one that runs goes on to its end:
   * a plugin that gives up must not be able to cut another one off in the middle of its work, and its state with it.
   */
  readonly wanted?: AbortSignal;
  readonly chain?: CallChain;
}

export class PluginInstance {
  readonly plugin: RegisteredPlugin;
  readonly grants: PluginGrants;
  readonly #runtime: Aegis;
  readonly #module: AegisModule;
  readonly #sandbox: Sandbox;
  readonly #ports: InstancePorts;
  readonly #limits: ReturnType<typeof readLimits>;
  /** Ends when all calls up to now have ended. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #chain: CallChain = FROM_HOST;

  private constructor(
    of: { readonly plugin: RegisteredPlugin; readonly grants: PluginGrants; readonly ports: InstancePorts },
    made: { readonly runtime: Aegis; readonly module: AegisModule; readonly sandbox: Sandbox },
  ) {
    this.plugin = of.plugin;
    this.grants = of.grants;
    this.#ports = of.ports;
    this.#limits = readLimits(of.grants);
    this.#runtime = made.runtime;
    this.#module = made.module;
    this.#sandbox = made.sandbox;
  }

  /**
   * Starts a plugin.
   *
   * @throws {AegisError} `MissingImport` for an import that its host has not registered; `ModuleInvalid`, `ModuleRefused`,
   * and what its start function ended with
   */
  static async start(
    plugin: RegisteredPlugin,
    grants: PluginGrants,
    ports: InstancePorts,
  ): Promise<PluginInstance> {
    const limits = readLimits(grants);
    const runtime = await Aegis.create({
      ...limits,
      fuelLimit: limits.fuelLimit === UNLIMITED_FUEL ? "unlimited" : limits.fuelLimit,
      isolation: ports.isolation,
      engine: ports.engine,
      capabilities: grants.grants ?? [],
    });
    try {
      const { name, version, manifest } = plugin.record;
      const module = await runtime.loadBytes(plugin.bytes, { name: `${name} ${version}` });
      const sandbox = await runtime.sandbox().build();
      const instance = new PluginInstance({ plugin, grants, ports }, { runtime, module, sandbox });
      for (const [from, functions] of Object.entries(grants.functions ?? {})) {
        sandbox.registerFuncs(from, functions);
      }
      // Who depends on nobody has nobody to call.
      if (Object.keys(manifest.dependencies).length > 0) instance.#registerCall();
      await sandbox.loadModule(module);
      return instance;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  #registerCall(): void {
    this.#sandbox.registerFuncs(CALL_IMPORT.module, {
      [CALL_IMPORT.name]: hostFunction(
        { ...CALL_IMPORT.type, context: true },
        (plugin: string, name: string, args: unknown, { signal }: HostContext) =>
          this.#ports.callOther(this.plugin.record, { plugin, name, args }, this.#chain, signal),
      ),
    });
  }

  /** Whether calls are under way, or wait. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Ends when the calls up to now have ended, however they did. */
  idle(): Promise<void> {
    return this.#last.then(() => {}, () => {});
  }

  /**
   * Calls a function, after the calls before it.
   *
   * @throws {AegisError} as `Sandbox.call`
   */
  call(name: string, args: readonly CallValue[], options: InstanceCall = {}): Promise<CallResult> {
    if (this.#waiting >= MOST_WAITING) {
      const { name: plugin } = this.plugin.record;
      return Promise.reject(
        new AegisError("Busy", `Cannot call "${plugin}": ${MOST_WAITING} calls wait for it`),
      );
    }
    this.#waiting++;
    const result = this.#last.then(() => {}, () => {}).then(() => this.#run(name, args, options));
    const counted = result.finally(() => this.#waiting--);
    this.#last = counted.catch(() => {});
    return counted;
  }

  async #run(
    name: string,
    args: readonly CallValue[],
    { timeout = this.#limits.timeout, signal, wanted, chain = FROM_HOST }: InstanceCall,
  ): Promise<CallResult> {
    if (wanted?.aborted) throw new AegisError("Cancelled", "The call was cancelled");
    this.#chain = { callers: [...chain.callers, this.plugin.record.name] };
    try {
      return await this.#try(name, args, { timeout, ...signal === undefined ? {} : { signal } });
    } finally {
      this.#chain = FROM_HOST;
    }
  }

  /** An instance that a limit has ended begins anew: a plugin is no use when it is dead. */
  async #try(
    name: string,
    args: readonly CallValue[],
    given: { readonly timeout: number; readonly signal?: AbortSignal },
  ): Promise<CallResult> {
    this.#refuel();
    const type = this.plugin.shape.provides.get(name) ?? STATE.get(name);
    const options = type === undefined ? given : { ...given, type };
    try {
      return resultOf(await this.#sandbox.tryCall(name, args, options), options.signal);
    } catch (error) {
      // What has begun anew has no state that was to be saved.
      if (name === SAVE || !hasEnded(error)) throw error;
    }
    await this.#sandbox.reset();
    this.#ports.stateLost("a limit had ended it");
    return resultOf(await this.#sandbox.tryCall(name, args, options), options.signal);
  }

  /** Each call has the whole budget: it bounds a call, not a life. */
  #refuel(): void {
    const { fuelLimit } = this.#limits, missing = fuelLimit - this.#sandbox.remainingFuel();
    if (fuelLimit !== UNLIMITED_FUEL && missing > 0n) this.#sandbox.addFuel(missing);
  }

  /** Its state, where it can give one; undefined where a limit has ended it, and its state with it. */
  async save(timeout: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let state: CallResult;
    try {
      state = await this.call(SAVE, [], { timeout });
    } catch (error) {
      if (hasEnded(error)) return undefined;
      throw error;
    }
    if (state instanceof Uint8Array) return Uint8Array.from(state);
    throw new AegisError("TypeMismatch", `Cannot save the state: ${SAVE} gives no bytes`);
  }

  /** Hands a state over to it. */
  async restore(state: Uint8Array<ArrayBuffer>, timeout: number): Promise<void> {
    await this.call(RESTORE, [state], { timeout });
  }

  /**
   * Asks whether it is well: its own function, else whether its module can be instantiated beside it.
   *
   * @returns why it is not; undefined when it is
   */
  async check(timeout: number): Promise<string | undefined> {
    const { health } = this.plugin.record.manifest;
    try {
      if (health === null) return await this.#instantiate(timeout);
      const said = await this.call(health, [], { timeout });
      if (said === undefined || said === "" || said === "ok") return undefined;
      if (typeof said === "string") return said.slice(0, 200);
      return said === 0 ? `${health} returned 0` : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #instantiate(timeout: number): Promise<string | undefined> {
    const { manifest } = this.plugin.record;
    await using beside = await this.#runtime.sandbox({ timeout: Math.min(timeout, this.#limits.timeout) })
      .build();
    for (const [from, functions] of Object.entries(this.grants.functions ?? {})) {
      beside.registerFuncs(from, functions);
    }
    if (Object.keys(manifest.dependencies).length > 0) {
      const refused = { error: { code: "WrongState", message: "This is a check of health" } };
      beside.registerFuncs(CALL_IMPORT.module, {
        [CALL_IMPORT.name]: hostFunction(CALL_IMPORT.type, () => refused),
      });
    }
    await beside.loadModule(this.#module);
    const lost = [...this.plugin.shape.provides.keys()].find((name) =>
      beside.getFuncType(name) === undefined
    );
    return lost === undefined ? undefined : `it does not export ${lost}`;
  }

  /** Ends it; calls under way end with `Closed`. */
  close(): Promise<void> {
    return this.#runtime.close();
  }
}

/** Whether a call found an instance that a limit had ended before. */
function hasEnded(error: unknown): boolean {
  return error instanceof AegisError && error.code === "InstanceEnded";
}
