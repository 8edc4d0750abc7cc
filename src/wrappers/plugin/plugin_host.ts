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
import { SYSTEM_TIMERS, type Timers } from "../../sandbox/timers.ts";
import { compatibilityProblems, grownNeeds } from "./compatibility.ts";
import { callAnswer, callFailure, DEEPEST_CALL, readCallArguments } from "./plugin_call.ts";
import type { PluginEventKind, PluginState } from "./plugin_events.ts";
import {
  type CallChain,
  FROM_HOST,
  type InstanceCall,
  type InstancePorts,
  PluginInstance,
} from "./plugin_instance.ts";
import {
  checkSettings,
  type HealthPlan,
  type PluginGrants,
  type PluginHostOptions,
  type PluginSettings,
  readHealth,
  readLimits,
} from "./plugin_options.ts";
import type { PluginRegistry } from "./plugin_registry.ts";
import { dependencyOrder } from "./resolve_dependencies.ts";
import { inRange } from "./semver.ts";

/** Bounds of a call, within the plugin's own limits. */
export interface PluginCallOptions {
  /** Wall time. @default the plugin's limit */
  readonly timeout?: Duration;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

/** How a plugin is replaced. */
export interface UpgradeOptions extends PluginGrants {
  /** The versions that may take its place, the newest is taken. @default "*" */
  readonly version?: string;
  /** `"drop"` lets the new version begin anew where the old one has a state to hand over. @default "keep" */
  readonly state?: "keep" | "drop";
}

/** A plugin as it is now. */
export interface PluginStatus {
  /** Its name. */
  readonly name: string;
  /** The version that runs. */
  readonly version: string;
  /** How it is. */
  readonly state: PluginState;
  /** Why it is not well; `null` when it is. */
  readonly reason: string | null;
  /** Versions that it was of before, the last one last. */
  readonly history: readonly string[];
  /** Whether a failed check brings the version before back. */
  readonly probation: boolean;
  /** In the words of its maker: what it would like, granted or not. */
  readonly needs: readonly string[];
}

/** What is known of a version that ran. */
interface Former {
  readonly version: string;
  readonly grants: PluginGrants;
}

/** A plugin that was started. */
interface Slot {
  readonly name: string;
  readonly health: HealthPlan;
  instance: PluginInstance;
  state: PluginState;
  reason: string | null;
  failures: number;
  restarts: number;
  readonly history: Former[];
  /** The version to bring back, and the state that it had, while the new one is on probation. */
  fallback: { readonly former: Former; readonly state: Uint8Array<ArrayBuffer> | undefined } | undefined;
  /** Calls wait for it while a state is handed over. */
  gate: Promise<void> | undefined;
  /** Changes of the slot come one after the other. */
  changing: Promise<unknown>;
  readonly timers: Set<() => void>;
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

const UPGRADE = { version: true, state: true, grants: true, limits: true, functions: true };

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
  readonly #timers: Timers;
  readonly #drain: number;
  readonly #slots: Map<string, Slot> = new Map();
  /** Old versions whose calls have not ended. */
  readonly #leaving: Set<PluginInstance> = new Set();
  /** Starts come one after the other. */
  #starting: Promise<unknown> = Promise.resolve();
  #closed = false;

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
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#drain = parseDuration(options.drain ?? "30s", "drain");
  }

  #settings(name: string): PluginSettings {
    const { plugins = {} } = this.#options;
    return Object.hasOwn(plugins, name) ? plugins[name] ?? {} : {};
  }

  #tell(
    kind: PluginEventKind,
    { name: plugin, version }: { readonly name: string; readonly version: string },
    detail: string,
  ): void {
    try {
      this.#options.onEvent?.({ kind, plugin, version, time: Date.now(), detail });
    } catch {
      // as the documentation of `onEvent` says
    }
  }

  #ports(name: string): InstancePorts {
    const { isolation = "auto", engine = "v8" } = this.#options;
    return {
      isolation,
      engine,
      callOther: (wish, chain, signal) => this.#callOther(name, wish, { chain, signal }),
      stateLost: (why) => {
        const slot = this.#slots.get(name);
        if (slot !== undefined) this.#tell("stateLost", slot.instance.plugin.record, why);
      },
    };
  }

  #checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The plugin host is closed");
  }

  #slot(name: string): Slot {
    this.#checkOpen();
    const slot = this.#slots.get(name);
    if (slot !== undefined) return slot;
    const near = suggest(name, this.#slots.keys());
    throw new AegisError(
      "NotFound",
      `Cannot find plugin ${quote(name)}: it was not started`,
      near.length === 0 ? {} : { suggestion: `Did you mean ${near.map(quote).join(" or ")}?` },
    );
  }

  /**
   * Starts plugins, and before them what they depend on. Those that run stay as they are.
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
    this.#checkOpen();
    const running = [...this.#slots.values()].map(({ name, instance }) => ({
      name,
      range: instance.plugin.record.version,
    }));
    const wanted = names.filter((name) => !this.#slots.has(name))
      .map((name) => ({ name, range: this.#settings(name).version ?? "*" }));
    // A dependency keeps to what its own settings say, too.
    const settled = Object.entries(this.#options.plugins ?? {})
      .filter(([name, { version }]) => version !== undefined && !wanted.some((one) => one.name === name));
    const resolved = this.#registry.resolve(...wanted, ...running);
    const bound = settled.flatMap(([name, { version = "*" }]) =>
      resolved.some((one) => one.name === name) && !this.#slots.has(name) ? [{ name, range: version }] : []
    );
    const records = bound.length === 0 ? resolved : this.#registry.resolve(...wanted, ...running, ...bound);
    const started: string[] = [];
    for (const { name, version } of records) {
      if (this.#slots.has(name)) continue;
      await this.#startOne(name, version);
      started.push(name);
    }
    return started;
  }

  async #startOne(name: string, version: string): Promise<void> {
    const settings = this.#settings(name), { health: _health, version: _version, ...grants } = settings;
    const plugin = await this.#registry.load({ name, version });
    const instance = await PluginInstance.start(plugin, grants, this.#ports(name));
    if (this.#closed) {
      await instance.close();
      this.#checkOpen();
    }
    const slot: Slot = {
      name,
      health: readHealth(settings.health, this.#options.health),
      instance,
      state: "healthy",
      reason: null,
      failures: 0,
      restarts: 0,
      history: [],
      fallback: undefined,
      gate: undefined,
      changing: Promise.resolve(),
      timers: new Set(),
    };
    this.#slots.set(name, slot);
    this.#tell("started", plugin.record, "");
    const wishes = needsOf(slot);
    if (wishes.length > 0) this.#tell("needs", plugin.record, wishes.join("; "));
    this.#watch(slot);
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
    const slot = this.#slot(plugin);
    while (slot.gate !== undefined) await slot.gate;
    this.#slot(plugin); // it may have been stopped meanwhile
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

  /** A call of one plugin to another. Its failures are values for the caller, which goes on. */
  async #callOther(
    caller: string,
    wish: { readonly plugin: string; readonly name: string; readonly args: unknown },
    { chain, signal }: { readonly chain: CallChain; readonly signal: AbortSignal },
  ): Promise<unknown> {
    const { plugin, name, args } = wish;
    try {
      const { dependencies } = this.#slot(caller).instance.plugin.record.manifest;
      const refuse = (code: "CapabilityDenied" | "Reentrant", reason: string) =>
        new AegisError(code, `Cannot call ${quote(plugin)}: ${reason}`);
      if (!Object.hasOwn(dependencies, plugin)) {
        throw refuse("CapabilityDenied", `${quote(caller)} does not depend on it`);
      }
      if (chain.callers.includes(plugin)) throw refuse("Reentrant", "it waits for this very call");
      if (chain.callers.length >= DEEPEST_CALL) {
        throw refuse("Reentrant", `${DEEPEST_CALL} plugins wait for each other`);
      }
      const values = ({ plugin: { shape } }: PluginInstance) =>
        readCallArguments(args, name, shape.provides.get(name) ?? { params: [], results: [] });
      return callAnswer(await this.#call(plugin, name, values, { chain, wanted: signal }));
    } catch (error) {
      return callFailure(error);
    }
  }

  /** All plugins as they are now. */
  list(): readonly PluginStatus[] {
    return [...this.#slots.keys()].map((name) => this.status(name));
  }

  /** A plugin as it is now. @throws {AegisError} `NotFound` */
  status(name: string): PluginStatus {
    const slot = this.#slot(name), { instance, state, reason, history, fallback } = slot;
    return {
      name,
      version: instance.plugin.record.version,
      state,
      reason,
      history: history.map(({ version }) => version),
      probation: fallback !== undefined,
      needs: needsOf(slot),
    };
  }

  /**
   * Puts another version into the place of the one that runs. Calls under way finish on the old one, and calls that come
   * go to the new one. Where anything is wrong with the new one, the old one stays.
   *
   * @throws {AegisError} `ModuleRefused` where it would break those that use it, or needs more than the old one and no grants
   * come with it; `NotFound`; `MissingImport` and what its start ended with
   */
  upgrade(name: string, options: UpgradeOptions = {}): Promise<PluginStatus> {
    checkOptionNames<UpgradeOptions>(options, { place: "of an upgrade", names: UPGRADE });
    return this.#change(name, async (slot) => {
      const { version: range = "*", state = "keep", ...given } = options;
      const { plugin: old, grants: before } = slot.instance;
      const record = this.#registry.get(name, range), refuse = refusal(old.record, record.version);
      if (record.version === old.record.version) throw refuse(["it runs already"]);
      const next = await this.#registry.load(record), grants = { ...before, ...given };
      const problems = [...compatibilityProblems(old.shape, next.shape), ...this.#tiesOf(slot, next.record)];
      if (state === "keep" && old.shape.saves && !next.shape.restores) {
        problems.push('it takes no state, and the old one has one: say state: "drop" to have it begin anew');
      }
      const grown = grownNeeds(old.record.manifest, next.record.manifest, readLimits(grants));
      if (given.grants === undefined) {
        problems.push(...grown.capabilities.map((word) => `it needs more: ${word}`));
      }
      problems.push(...grown.limits.map((word) => `it needs more: ${word}`));
      if (problems.length > 0) throw refuse(problems);
      const kept = await this.#replace(slot, { plugin: next, grants, state });
      slot.fallback = { former: { version: old.record.version, grants: before }, state: kept };
      slot.history.push(slot.fallback.former);
      this.#tell("upgraded", next.record, `from ${old.record.version}`);
      this.#later(slot, slot.health.probation, () => {
        if (slot.instance.plugin === next) slot.fallback = undefined;
      });
    });
  }

  /**
   * Brings an earlier version back, whatever is wrong with the one that runs.
   *
   * @param version one of its history @default the last one
   * @throws {AegisError} `NotFound` where there was none, `ModuleRefused` where those that use it need a later one
   */
  rollback(name: string, version?: string): Promise<PluginStatus> {
    return this.#change(name, async (slot) => {
      const former = slot.history.findLast((one) => version === undefined || one.version === version);
      if (former === undefined) {
        const known = [...new Set(slot.history.map((one) => one.version))];
        throw new AegisError(
          "NotFound",
          `Cannot roll ${quote(name)} back${version === undefined ? "" : ` to ${version}`}: it was ${
            known.length === 0 ? "of no other version" : `of version ${known.join(", ")}`
          }`,
        );
      }
      await this.#goBack(slot, former, { reason: "by hand", state: "try" });
    });
  }

  async #goBack(
    slot: Slot,
    former: Former,
    { reason, state }: { readonly reason: string; readonly state: Uint8Array<ArrayBuffer> | "try" | "drop" },
  ): Promise<void> {
    const { name, instance: { plugin: { record: from } } } = slot;
    const plugin = await this.#registry.load({ name, version: former.version });
    const problems = this.#tiesOf(slot, plugin.record);
    if (problems.length > 0) throw refusal(from, former.version)(problems);
    await this.#replace(slot, { plugin, grants: former.grants, state });
    slot.history.splice(slot.history.lastIndexOf(former));
    slot.fallback = undefined;
    this.#tell("rolledBack", plugin.record, `from ${from.version}: ${reason}`);
  }

  /** What stands between a version and the plugins that it depends on, or that depend on it, in words. */
  #tiesOf(
    slot: Slot,
    { name, version, manifest: { dependencies } }: PluginInstance["plugin"]["record"],
  ): string[] {
    const problems: string[] = [],
      graph = new Map<string, readonly string[]>([[name, Object.keys(dependencies)]]);
    for (const { name: other, instance: { plugin: { record } } } of this.#slots.values()) {
      if (other === slot.name) continue;
      const { manifest: { dependencies: theirs } } = record;
      graph.set(other, Object.keys(theirs));
      const range = Object.hasOwn(theirs, name) ? theirs[name] : undefined;
      if (range !== undefined && !inRange(version, range)) {
        problems.push(`${quote(other)} ${record.version} needs ${range} of it`);
      }
    }
    for (const [other, range] of Object.entries(dependencies)) {
      const there = this.#slots.get(other)?.instance.plugin.record.version;
      if (there === undefined) problems.push(`it depends on ${quote(other)} ${range}, which does not run`);
      else if (!inRange(there, range)) {
        problems.push(`it depends on ${quote(other)} ${range}, and ${there} runs`);
      }
    }
    try {
      dependencyOrder(graph);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    return problems;
  }

  /**
   * Starts an instance, hands the state over, and lets it take the place of the other one.
   *
   * @param wish a state to give it; `"keep"` for that of the one before, `"try"` for the same where that is possible
   * @returns the state that was handed over, or was kept for the way back
   */
  async #replace(
    slot: Slot,
    { plugin, grants, state: wish }: {
      readonly plugin: PluginInstance["plugin"];
      readonly grants: PluginGrants;
      readonly state: "keep" | "drop" | "try" | Uint8Array<ArrayBuffer>;
    },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { instance: old, health: { timeout } } = slot;
    const next = await PluginInstance.start(plugin, grants, this.#ports(slot.name));
    const opened = Promise.withResolvers<void>();
    let state = wish instanceof Uint8Array ? wish : undefined;
    try {
      const reason = await next.check(timeout);
      if (reason !== undefined) {
        throw new AegisError(
          "ModuleRefused",
          `Cannot start ${quote(slot.name)} ${plugin.record.version}: it is not well: ${reason}`,
        );
      }
      if (wish !== "drop" && state === undefined && old.plugin.shape.saves) {
        slot.gate = opened.promise; // what changes the state now would be lost
        await this.#within(old.idle());
        if (old.busy) {
          throw new AegisError("Timeout", "Cannot save the state: calls are under way for too long");
        }
        state = await old.save(timeout).catch((error) => {
          if (wish === "keep") throw error;
          return undefined;
        });
      }
      if (state !== undefined && plugin.shape.restores) await next.restore(state, timeout);
      else if (old.plugin.shape.saves) this.#tell("stateLost", plugin.record, "it began anew");
      this.#checkOpen();
    } catch (error) {
      await next.close();
      throw error;
    } finally {
      if (slot.gate === opened.promise) slot.gate = undefined;
      opened.resolve();
    }
    slot.instance = next;
    slot.state = "healthy";
    slot.reason = null;
    slot.failures = 0;
    slot.restarts = 0;
    this.#retire(old);
    return state;
  }

  /** Lets an old version finish what it does. */
  #retire(old: PluginInstance): void {
    this.#leaving.add(old);
    this.#within(old.idle()).then(() => old.close()).finally(() => this.#leaving.delete(old)).catch(() => {}); // nobody is left to be told
  }

  /** Waits for something, and no longer than calls have to end. */
  #within(work: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#timers.after(this.#drain, resolve, false);
    work.then(resolve, resolve);
    return promise.finally(cancel);
  }

  /** Does one change of a plugin after the other. */
  #change(name: string, change: (slot: Slot) => Promise<void>): Promise<PluginStatus> {
    const run = async (): Promise<PluginStatus> => {
      await change(this.#slot(name));
      return this.status(name);
    };
    const slot = this.#slots.get(name);
    if (slot === undefined) return run();
    const result = slot.changing.then(run);
    slot.changing = result.catch(() => {});
    return result;
  }

  /** Calls once, later, unless the plugin is stopped before. */
  #later(slot: Slot, milliseconds: number, run: () => void): void {
    const cancel = this.#timers.after(milliseconds, () => {
      slot.timers.delete(cancel);
      run();
    }, false);
    slot.timers.add(cancel);
  }

  #watch(slot: Slot): void {
    this.#later(slot, slot.health.interval, () => {
      // One that has failed is left alone, and watched again when another version takes its place.
      const checked = slot.state === "failed" ? Promise.resolve() : this.check(slot.name);
      checked.catch(() => {}).finally(() => {
        if (this.#slots.get(slot.name) === slot) this.#watch(slot);
      });
    });
  }

  /**
   * Checks the health of a plugin now, and does what follows from it.
   *
   * @throws {AegisError} `NotFound`
   */
  check(name: string): Promise<PluginStatus> {
    return this.#change(name, async (slot) => {
      const { instance, health } = slot, { record } = instance.plugin;
      const reason = await instance.check(health.timeout);
      if (this.#slots.get(name) !== slot) return;
      if (reason === undefined) {
        if (slot.state !== "healthy" || slot.failures > 0) this.#tell("recovered", record, "");
        Object.assign(slot, { state: "healthy", reason: null, failures: 0, restarts: 0 });
        return;
      }
      slot.failures++;
      slot.reason = reason;
      this.#tell("checkFailed", record, reason);
      if (slot.fallback !== undefined) return await this.#takeBack(slot, slot.fallback, reason);
      if (slot.failures < health.failures) return;
      slot.state = "unhealthy";
      await this.#restart(slot, reason);
    });
  }

  /** The version before comes back, with the state that it had. */
  async #takeBack(
    slot: Slot,
    { former, state }: NonNullable<Slot["fallback"]>,
    reason: string,
  ): Promise<void> {
    try {
      await this.#goBack(slot, former, { reason, state: state ?? "drop" });
    } catch (error) {
      slot.fallback = undefined;
      slot.state = "unhealthy";
      await this.#restart(slot, error instanceof Error ? error.message : String(error));
    }
  }

  async #restart(slot: Slot, reason: string): Promise<void> {
    const { instance: old, health } = slot, { plugin, grants } = old;
    if (++slot.restarts > health.restarts) return this.#fail(slot, reason);
    try {
      const next = await PluginInstance.start(plugin, grants, this.#ports(slot.name));
      slot.instance = next;
      slot.failures = 0;
      this.#retire(old);
      this.#tell("restarted", plugin.record, reason);
      if (plugin.shape.saves) this.#tell("stateLost", plugin.record, "it was started anew");
    } catch (error) {
      this.#fail(slot, error instanceof Error ? error.message : String(error));
    }
  }

  #fail(slot: Slot, reason: string): void {
    slot.state = "failed";
    slot.reason = reason;
    this.#tell("failed", slot.instance.plugin.record, reason);
  }

  /**
   * Stops a plugin; calls under way finish.
   *
   * @throws {AegisError} `NotFound`, `WrongState` while others that run depend on it
   */
  async stop(name: string): Promise<void> {
    const slot = this.#slot(name);
    await slot.changing;
    const user = [...this.#slots.values()].find(({ instance: { plugin: { record } } }) =>
      Object.hasOwn(record.manifest.dependencies, name)
    );
    if (user !== undefined) {
      throw new AegisError("WrongState", `Cannot stop ${quote(name)}: ${quote(user.name)} depends on it`, {
        suggestion: `Stop ${quote(user.name)} first.`,
      });
    }
    if (!this.#slots.delete(name)) return;
    this.#end(slot);
    await this.#within(slot.instance.idle());
    await slot.instance.close();
  }

  #end(slot: Slot): void {
    for (const cancel of slot.timers) cancel();
    slot.state = "stopped";
    this.#tell("stopped", slot.instance.plugin.record, "");
  }

  /** Ends all plugins; calls under way end with `Closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) this.#end(slot);
    await Promise.all(
      [...slots.map(({ instance }) => instance), ...this.#leaving].map((instance) => instance.close()),
    );
    await Promise.all(slots.map(({ changing }) => changing));
  }

  /** As {@linkcode close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What a plugin would like, in words. */
function needsOf({ instance: { plugin: { record: { manifest: { needs } } } } }: Slot): string[] {
  return [...needs.capabilities, ...Object.entries(needs.limits).map(([name, limit]) => `${name} ${limit}`)];
}

function refusal(
  { name, version }: { readonly name: string; readonly version: string },
  next: string,
): (problems: readonly string[]) => AegisError {
  return (problems) =>
    new AegisError(
      "ModuleRefused",
      `Cannot replace ${quote(name)} ${version} by ${next}: ${problems.join("; ")}`,
    );
}
