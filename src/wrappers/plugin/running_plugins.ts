/** The plugins of one host that run, and what all that is done with them has in common. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { parseDuration } from "../../core/units.ts";
import { SYSTEM_TIMERS, type Timers } from "../../sandbox/timers.ts";
import type { PluginEventKind } from "./plugin_events.ts";
import { type InstancePorts, PluginInstance } from "./plugin_instance.ts";
import type { PluginGrants, PluginHostOptions, PluginSettings } from "./plugin_options.ts";
import type { RegisteredPlugin } from "./plugin_registry.ts";
import type { PluginSlot } from "./plugin_slot.ts";
import { dependencyOrder } from "./resolve_dependencies.ts";
import { inRange } from "./semver.ts";

export class RunningPlugins {
  readonly slots: Map<string, PluginSlot> = new Map();
  readonly timers: Timers;
  /** Milliseconds that calls under way have when their instance goes. */
  readonly drain: number;
  readonly #options: PluginHostOptions;
  readonly #callOther: InstancePorts["callOther"];
  /** Instances that go, whose calls have not ended. */
  readonly #leaving: Set<PluginInstance> = new Set();
  #closed = false;

  constructor(options: PluginHostOptions, callOther: InstancePorts["callOther"]) {
    this.#options = options;
    this.#callOther = callOther;
    this.timers = options.timers ?? SYSTEM_TIMERS;
    this.drain = parseDuration(options.drain ?? "30s", "drain");
  }

  /** What the host decides about a plugin. */
  settings(name: string): PluginSettings {
    const { plugins = {} } = this.#options;
    return Object.hasOwn(plugins, name) ? plugins[name] ?? {} : {};
  }

  /** Tells of an event. */
  tell(
    kind: PluginEventKind,
    { name: plugin, version }: { readonly name: string; readonly version: string },
    detail = "",
  ): void {
    try {
      this.#options.onEvent?.({ kind, plugin, version, time: Date.now(), detail });
    } catch {
      // as the documentation of `onEvent` says
    }
  }

  /** @throws {AegisError} `Closed` */
  checkOpen(): void {
    if (this.#closed) throw new AegisError("Closed", "The plugin host is closed");
  }

  /** The place of a plugin. @throws {AegisError} `NotFound`, `Closed` */
  slot(name: string): PluginSlot {
    this.checkOpen();
    const slot = this.slots.get(name);
    if (slot !== undefined) return slot;
    const near = suggest(name, this.slots.keys());
    throw new AegisError(
      "NotFound",
      `Cannot find plugin ${quote(name)}: it was not started`,
      near.length === 0 ? {} : { suggestion: `Did you mean ${near.map(quote).join(" or ")}?` },
    );
  }

  /** Starts an instance, which stands nowhere yet. @throws {AegisError} what its start ended with */
  startInstance(plugin: RegisteredPlugin, grants: PluginGrants): Promise<PluginInstance> {
    const { isolation = "auto", engine = "v8" } = this.#options;
    return PluginInstance.start(plugin, grants, {
      isolation,
      engine,
      callOther: this.#callOther,
      stateLost: (why) => this.tell("stateLost", plugin.record, why),
    });
  }

  /** What stands between a version and the plugins that it depends on, or that depend on it, in words. */
  tiesOf(
    slot: PluginSlot,
    { name, version, manifest: { dependencies } }: RegisteredPlugin["record"],
  ): string[] {
    const problems: string[] = [],
      graph = new Map<string, readonly string[]>([[name, Object.keys(dependencies)]]);
    for (const { name: other, instance: { plugin: { record } } } of this.slots.values()) {
      if (other === slot.name) continue;
      const { manifest: { dependencies: theirs } } = record;
      graph.set(other, Object.keys(theirs));
      const range = Object.hasOwn(theirs, name) ? theirs[name] : undefined;
      if (range !== undefined && !inRange(version, range)) {
        problems.push(`${quote(other)} ${record.version} needs ${range} of it`);
      }
    }
    for (const [other, range] of Object.entries(dependencies)) {
      const there = this.slots.get(other)?.instance.plugin.record.version;
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

  /** The plugin that depends on another one; undefined where none does. */
  userOf(name: string): PluginSlot | undefined {
    return [...this.slots.values()].find(({ instance: { plugin: { record } } }) =>
      Object.hasOwn(record.manifest.dependencies, name)
    );
  }

  /** Lets an instance finish what it does, and ends it. */
  async retire(old: PluginInstance): Promise<void> {
    this.#leaving.add(old);
    try {
      await this.#soon(old.idle());
      await old.close();
    } finally {
      this.#leaving.delete(old);
    }
  }

  /** Waits for something, and no longer than calls have to end. */
  #soon(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.timers.after(this.drain, resolve, false);
    work.then(() => resolve(), () => resolve());
    return promise.finally(cancel);
  }

  /** The result of something that takes no longer than calls have to end. @throws {AegisError} `Timeout` */
  inTime<Result>(work: Promise<Result>, late: string): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = this.timers.after(this.drain, () => reject(new AegisError("Timeout", late)), false);
    return Promise.race([work, promise]).finally(cancel);
  }

  /** Ends all of it; calls under way end with `Closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    const slots = [...this.slots.values()];
    this.slots.clear();
    for (const slot of slots) {
      slot.end(new AegisError("Closed", "The plugin host is closed"));
      this.tell("stopped", slot.instance.plugin.record);
    }
    await Promise.all(
      [...slots.map(({ instance }) => instance), ...this.#leaving].map((instance) => instance.close()),
    );
    await Promise.all(slots.map(({ changes }) => changes.settled()));
  }
}
