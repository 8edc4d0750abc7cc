/**
 * Plugins that run: started after what they depend on, watched, replaced while others use them, and brought back when the
 * new version is no good. What each may reach is the host's word alone.
 */
import { AegisError, FunctionNotFoundError } from "../../core/errors.ts";
import { checkOptionNames } from "../../core/option_names.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { type Duration, parseDuration } from "../../core/units.ts";
import type { CallValue } from "../../core/value.ts";
import type { CallResult } from "../../sandbox/sandbox.ts";
import { Lifecycle } from "./lifecycle.ts";
import { callAnswer, callFailure, DEEPEST_CALL, readCallArguments } from "./plugin_call.ts";
import { HealthWatch } from "./plugin_health.ts";
import {
  type CallChain,
  FROM_HOST,
  type InstanceCall,
  type InstancePorts,
  type PluginInstance,
} from "./plugin_instance.ts";
import { checkSettings, type PluginHostOptions, readHealth, readLimits } from "./plugin_options.ts";
import type { PluginRegistry } from "./plugin_registry.ts";
import { PluginSlot, type PluginStatus } from "./plugin_slot.ts";
import type { PluginRecord } from "./registry_store.ts";
import {
  PluginReplacer,
  type ReplacedPlugin,
  type RollbackOptions,
  type UpgradeOptions,
} from "./replace_plugin.ts";
import { RunningPlugins } from "./running_plugins.ts";
import { inRange } from "./semver.ts";

/** Bounds of a call, within the plugin's own limits. */
export interface PluginCallOptions {
  /** Wall time. @default the plugin's limit */
  readonly timeout?: Duration;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

const OPTIONS = {
  plugins: true,
  health: true,
  drain: true,
  isolation: true,
  engine: true,
  onEvent: true,
  timers: true,
};

/**
 * Runs plugins of a registry.
 *
 * @example
 * ```ts
 * import { PluginHost, PluginRegistry } from "jsr:@aegis/core/wrappers";
 *
 * const registry = await PluginRegistry.open("plugins");
 * await using host = new PluginHost(registry, {
 *   plugins: { greeter: { version: "^1", limits: { timeout: "1s" } } },
 * });
 * await host.start("greeter");
 * console.log(await host.call("greeter", "greet", ["World"]));
 * ```
 */
export class PluginHost implements AsyncDisposable {
  readonly #registry: PluginRegistry;
  readonly #options: PluginHostOptions;
  readonly #plugins: RunningPlugins;
  readonly #life: Lifecycle;
  readonly #replacer: PluginReplacer;
  readonly #health: HealthWatch;
  /** Starts come one after the other: each goes by what runs. */
  #starting: Promise<unknown> = Promise.resolve();

  /** Makes a host in which nothing runs. @throws {AegisError} `InvalidOption` */
  constructor(registry: PluginRegistry, options: PluginHostOptions = {}) {
    checkOptionNames<PluginHostOptions>(options, { place: "of a plugin host", names: OPTIONS });
    for (const settings of Object.values(options.plugins ?? {})) {
      checkSettings(settings);
      readLimits(settings);
      readHealth(settings.health, options.health);
    }
    readHealth(undefined, options.health);
    this.#registry = registry;
    this.#options = options;
    this.#plugins = new RunningPlugins(options, (...call) => this.#callOther(...call));
    this.#life = new Lifecycle((name) => this.#plugins.slots.has(name));
    this.#replacer = new PluginReplacer(registry, this.#plugins);
    this.#health = new HealthWatch(this.#plugins, this.#replacer);
  }

  /**
   * Starts plugins, and before them what they depend on. Those that run stay as they are, and those that are being stopped
   * are started when they have ended.
   *
   * @returns the names of those that were started, in their order
   * @throws {AegisError} `NotFound` where no versions go together; what a plugin's start ended with: those that were started
   * before it stay
   */
  start(...names: readonly string[]): Promise<readonly string[]> {
    const result = this.#starting.then(() => this.#startAll(names));
    this.#starting = result.catch(() => {});
    return result;
  }

  async #startAll(names: readonly string[]): Promise<readonly string[]> {
    for (;;) {
      this.#plugins.checkOpen();
      const records = this.#resolve(names);
      const held = records.filter(({ name }) => this.#life.step(name, "start") === "after");
      if (held.length === 0) {
        return await this.#life.starting(records.map(({ name }) => name), () => this.#startEach(records));
      }
      await Promise.all(held.map(({ name }) => this.#life.ended(name)));
    }
  }

  /** The versions to start, and those that run and are needed by them. */
  #resolve(names: readonly string[]): readonly PluginRecord[] {
    const { slots } = this.#plugins;
    const running = [...slots.values()].map(({ name, instance }) => ({
      name,
      range: instance.plugin.record.version,
    }));
    const wanted = names.filter((name) => !slots.has(name))
      .map((name) => ({ name, range: this.#plugins.settings(name).version ?? "*" }));
    const resolved = this.#registry.resolve(...wanted, ...running);
    // A dependency keeps to what its own settings say, too.
    const bound = Object.entries(this.#options.plugins ?? {}).flatMap(([name, { version }]) =>
      version !== undefined && !wanted.some((one) => one.name === name) && !slots.has(name) &&
        resolved.some((one) => one.name === name)
        ? [{ name, range: version }]
        : []
    );
    return bound.length === 0 ? resolved : this.#registry.resolve(...wanted, ...running, ...bound);
  }

  async #startEach(records: readonly PluginRecord[]): Promise<readonly string[]> {
    const started: string[] = [];
    for (const record of records) {
      if (this.#plugins.slots.has(record.name)) continue;
      await this.#startOne(record);
      started.push(record.name);
    }
    return started;
  }

  async #startOne({ name, version }: PluginRecord): Promise<void> {
    const { health, version: _version, ...grants } = this.#plugins.settings(name);
    const plugin = await this.#registry.load({ name, version });
    const instance = await this.#plugins.startInstance(plugin, grants);
    const slot = new PluginSlot(name, {
      health: readHealth(health, this.#options.health),
      instance,
      timers: this.#plugins.timers,
    });
    try {
      this.#plugins.checkOpen();
      const problems = this.#plugins.tiesOf(slot, plugin.record); // what it needs may have been upgraded meanwhile
      if (problems.length > 0) {
        throw new AegisError(
          "WrongState",
          `Cannot start ${quote(name)} ${version}: ${problems.join("; ")}`,
        );
      }
    } catch (error) {
      await instance.close();
      throw error;
    }
    this.#plugins.slots.set(name, slot);
    this.#plugins.tell("started", plugin.record);
    if (slot.needs.length > 0) this.#plugins.tell("needs", plugin.record, slot.needs.join("; "));
    this.#health.watch(slot);
  }

  /**
   * Calls a function that a plugin provides.
   *
   * @throws {AegisError} `NotFound`, `FunctionNotFound`, `WrongState` for a plugin that has failed, and as `Sandbox.call`
   */
  async call<Result = CallResult>(
    plugin: string,
    name: string,
    args: readonly CallValue[] = [],
    options: PluginCallOptions = {},
  ): Promise<Result> {
    checkOptionNames<PluginCallOptions>(options, {
      place: "of a call",
      names: { timeout: true, signal: true },
    });
    const { timeout, signal } = options;
    return await this.#call(plugin, name, args, {
      chain: FROM_HOST,
      ...timeout === undefined ? {} : { timeout: parseDuration(timeout, "timeout") },
      ...signal === undefined ? {} : { signal },
    }) as Result; // the caller says what the function returns
  }

  async #call(
    plugin: string,
    name: string,
    args: readonly CallValue[] | ((instance: PluginInstance) => readonly CallValue[]),
    options: InstanceCall & { readonly chain: CallChain },
  ): Promise<CallResult> {
    let slot = this.#plugins.slot(plugin);
    while (slot.gate !== undefined) {
      await slot.gate;
      slot = this.#plugins.slot(plugin); // it may have been stopped meanwhile
    }
    const { instance, state, reason } = slot, { provides } = instance.plugin.shape;
    if (state === "failed") {
      throw new AegisError(
        "WrongState",
        `Cannot call ${quote(plugin)}: it has failed${reason === null ? "" : `, ${reason}`}`,
        {
          suggestion: "Roll it back, upgrade it, or stop and start it.",
        },
      );
    }
    if (!provides.has(name)) {
      throw new FunctionNotFoundError(name, suggest(name, provides.keys()), [...provides.keys()]);
    }
    return await instance.call(name, typeof args === "function" ? args(instance) : args, options);
  }

  /**
   * A call of one plugin to another. Its failures are values for the caller, which goes on.
   *
   * @param caller the record of the very version that calls: another one may have taken its place since
   */
  async #callOther(
    { name: caller, version, manifest: { dependencies } }: PluginRecord,
    { plugin, name, args }: Parameters<InstancePorts["callOther"]>[1],
    chain: CallChain,
    signal: AbortSignal,
  ): Promise<unknown> {
    try {
      const refuse = (code: "CapabilityDenied" | "Reentrant" | "WrongState", reason: string) =>
        new AegisError(code, `Cannot call ${quote(plugin)}: ${reason}`);
      const range = Object.hasOwn(dependencies, plugin) ? dependencies[plugin] : undefined;
      if (range === undefined) throw refuse("CapabilityDenied", `${quote(caller)} does not depend on it`);
      if (chain.callers.includes(plugin)) throw refuse("Reentrant", "it waits for this very call");
      if (chain.callers.length >= DEEPEST_CALL) {
        throw refuse("Reentrant", `${DEEPEST_CALL} plugins wait for each other`);
      }
      const values = ({ plugin: { shape, record } }: PluginInstance) => {
        if (!inRange(record.version, range)) {
          throw refuse(
            "WrongState",
            `${quote(caller)} ${version} needs ${range}, and ${record.version} runs`,
          );
        }
        return readCallArguments(args, name, shape.provides.get(name) ?? { params: [], results: [] });
      };
      return callAnswer(await this.#call(plugin, name, values, { chain, wanted: signal }));
    } catch (error) {
      return callFailure(error);
    }
  }

  /** All plugins as they are now. */
  list(): readonly PluginStatus[] {
    return [...this.#plugins.slots.values()].map(({ status }) => status);
  }

  /** A plugin as it is now. @throws {AegisError} `NotFound` */
  status(name: string): PluginStatus {
    return this.#plugins.slot(name).status;
  }

  /**
   * Puts another version into the place of the one that runs. Calls under way finish on the old one, and calls that come
   * go to the new one. Where anything is wrong with the new one, the old one stays.
   *
   * @throws {AegisError} `ModuleRefused` where it would break those that use it, or needs more than the old one and no grants
   * come with it; `NotFound`; `MissingImport` and what its start ended with; `Cancelled` where a rollback comes meanwhile
   */
  async upgrade(name: string, options: UpgradeOptions = {}): Promise<ReplacedPlugin> {
    return await this.#replacer.upgrade(this.#plugins.slot(name), options);
  }

  /**
   * Brings an earlier version back, whatever is wrong with the one that runs: it waits for no check of health, an upgrade
   * that is under way is given up, and the state is carried where it can be, within the time of `drain`.
   *
   * @param options how, or the version alone
   * @throws {AegisError} `NotFound` where there was none; `ModuleRefused` where those that use it need a later one, where the
   * earlier one is not well, and where `state: "require"` cannot be met; `Cancelled` where another rollback comes meanwhile
   */
  async rollback(name: string, options: string | RollbackOptions = {}): Promise<ReplacedPlugin> {
    return await this.#replacer.rollback(this.#plugins.slot(name), options);
  }

  /**
   * Checks the health of a plugin now, and does what follows from it.
   *
   * @throws {AegisError} `NotFound`
   */
  async check(name: string): Promise<PluginStatus> {
    const slot = this.#plugins.slot(name);
    await this.#health.check(slot);
    return slot.status;
  }

  /**
   * Stops a plugin; calls under way finish. One that is being started, or that a start under way needs, is stopped after that.
   *
   * @throws {AegisError} `NotFound`, `WrongState` while others that run depend on it
   */
  async stop(name: string): Promise<void> {
    for (;;) {
      const step = this.#life.step(name, "stop");
      if (step === "join") return await this.#life.ended(name);
      if (step !== "after") break;
      await this.#life.ended(name);
    }
    const slot = this.#plugins.slot(name), user = this.#plugins.userOf(name);
    if (user !== undefined) {
      throw new AegisError("WrongState", `Cannot stop ${quote(name)}: ${quote(user.name)} depends on it`, {
        suggestion: `Stop ${quote(user.name)} first.`,
      });
    }
    await this.#life.stopping(name, async () => {
      this.#plugins.slots.delete(name);
      slot.end(new AegisError("Closed", `Cannot change ${quote(name)}: it was stopped`));
      this.#plugins.tell("stopped", slot.instance.plugin.record);
      await this.#plugins.retire(slot.instance);
      await slot.changes.settled();
    });
  }

  /** Ends all plugins; calls under way end with `Closed`. */
  close(): Promise<void> {
    return this.#plugins.close();
  }

  /** As {@linkcode close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
