/** Whether plugins are well, and what follows when they are not: the version before comes back, or the plugin begins anew. */
import { AegisError } from "../../core/errors.ts";
import type { PluginInstance } from "./plugin_instance.ts";
import type { PluginSlot } from "./plugin_slot.ts";
import type { PluginReplacer } from "./replace_plugin.ts";
import type { RunningPlugins } from "./running_plugins.ts";

export class HealthWatch {
  readonly #plugins: RunningPlugins;
  readonly #replacer: PluginReplacer;

  constructor(plugins: RunningPlugins, replacer: PluginReplacer) {
    this.#plugins = plugins;
    this.#replacer = replacer;
  }

  /** Checks a plugin again and again, as long as it stands in its place. */
  watch(slot: PluginSlot): void {
    slot.later(slot.health.interval, () => {
      // One that has failed is left alone, and watched again when another version takes its place.
      const checked = slot.state === "failed" ? Promise.resolve() : this.check(slot);
      checked.catch(() => {}).finally(() => {
        if (slot.state !== "stopped") this.watch(slot);
      });
    });
  }

  /**
   * Checks a plugin now, and does what follows. It holds up no change, however long the plugin takes: what is said of an
   * instance that has gone meanwhile is of no more interest.
   */
  check(slot: PluginSlot): Promise<void> {
    const { instance, checking } = slot;
    if (checking?.instance === instance) return checking.ended;
    const ended = this.#check(slot, instance).finally(() => {
      if (slot.checking?.ended === ended) slot.checking = undefined;
    });
    slot.checking = { instance, ended };
    return ended;
  }

  async #check(slot: PluginSlot, instance: PluginInstance): Promise<void> {
    const { health } = slot, { record } = instance.plugin;
    const reason = await instance.check(health.timeout);
    if (isGone(slot, instance)) return;
    if (reason === undefined) {
      if (slot.state !== "healthy" || slot.failures > 0) this.#plugins.tell("recovered", record);
      Object.assign(slot, { state: "healthy", reason: null, failures: 0, restarts: 0 });
      return;
    }
    slot.failures++;
    slot.reason = reason;
    this.#plugins.tell("checkFailed", record, reason);
    if (slot.fallback === undefined && slot.failures < health.failures) return;
    try {
      await slot.changes.run((signal) => this.#mend(slot, { instance, reason, signal }));
    } catch (error) {
      // A person has decided otherwise meanwhile.
      if (!(error instanceof AegisError && (error.code === "Cancelled" || error.code === "Closed"))) {
        throw error;
      }
    }
  }

  /** The version before comes back, with the state that it had; where there is none, or it cannot, the plugin begins anew. */
  async #mend(slot: PluginSlot, wish: Mending): Promise<void> {
    const { instance, reason, signal } = wish, { fallback } = slot;
    if (isGone(slot, instance)) return;
    if (fallback === undefined) return await this.#restart(slot, wish);
    try {
      await this.#replacer.takeBack(slot, fallback, reason, signal);
    } catch (error) {
      signal.throwIfAborted();
      slot.fallback = undefined;
      await this.#restart(slot, { ...wish, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async #restart(slot: PluginSlot, { instance: old, reason, signal }: Mending): Promise<void> {
    const { plugin, grants } = old;
    slot.state = "unhealthy";
    if (++slot.restarts > slot.health.restarts) return this.#fail(slot, reason);
    let next: PluginInstance;
    try {
      next = await this.#plugins.startInstance(plugin, grants);
    } catch (error) {
      signal.throwIfAborted();
      return this.#fail(slot, error instanceof Error ? error.message : String(error));
    }
    if (signal.aborted) {
      await next.close();
      signal.throwIfAborted();
    }
    slot.take(next);
    this.#plugins.retire(old).catch(() => {}); // nobody is left to be told
    this.#plugins.tell("restarted", plugin.record, reason);
    if (plugin.shape.saves) this.#plugins.tell("stateLost", plugin.record, "it was started anew");
  }

  #fail(slot: PluginSlot, reason: string): void {
    slot.state = "failed";
    slot.reason = reason;
    this.#plugins.tell("failed", slot.instance.plugin.record, reason);
  }
}

/** An instance that is to be replaced because it is not well. */
interface Mending {
  readonly instance: PluginInstance;
  readonly reason: string;
  readonly signal: AbortSignal;
}

function isGone(slot: PluginSlot, instance: PluginInstance): boolean {
  return slot.instance !== instance || slot.state === "stopped";
}
