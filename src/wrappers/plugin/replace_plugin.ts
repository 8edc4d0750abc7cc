/** One version of a plugin in the place of another: forward where nothing would break, and back whatever is broken. */
import { AegisError } from "../../core/errors.ts";
import { checkOptionNames } from "../../core/option_names.ts";
import { quote } from "../../core/quote.ts";
import { compatibilityProblems, grownNeeds, stateProblems } from "./compatibility.ts";
import type { PluginInstance } from "./plugin_instance.ts";
import { type PluginGrants, readLimits } from "./plugin_options.ts";
import type { PluginRegistry, RegisteredPlugin } from "./plugin_registry.ts";
import type { Former, PluginSlot, PluginStatus, SavedState } from "./plugin_slot.ts";
import type { RunningPlugins } from "./running_plugins.ts";

/** How a plugin is replaced. */
export interface UpgradeOptions extends PluginGrants {
  /** The versions that may take its place, the newest is taken. @default the `version` of its settings, else "*" */
  readonly version?: string;
  /** `"drop"` lets the new version begin anew where the old one has a state to hand over. @default "keep" */
  readonly state?: "keep" | "drop";
}

/** How a plugin goes back. */
export interface RollbackOptions {
  /** One of its history. @default the last one */
  readonly version?: string;
  /**
   * What becomes of its state: `"try"` carries it where that is possible, and begins anew where it is not; `"require"` stays
   * where it cannot be carried; `"drop"` begins anew, and asks the version that runs for nothing. @default "try"
   */
  readonly state?: "try" | "require" | "drop";
}

/** A plugin after another version has taken its place. */
export interface ReplacedPlugin extends PluginStatus {
  /** Whether it has begun anew, and there was a state to carry. */
  readonly stateLost: boolean;
}

const UPGRADE = { version: true, state: true, grants: true, limits: true, functions: true };

const ROLLBACK = { version: true, state: true };

const ROLLBACK_STATES = ["try", "require", "drop"] as const;

/** The next instance of a plugin. */
interface Successor {
  readonly plugin: RegisteredPlugin;
  readonly grants: PluginGrants;
  /** What becomes of the state; `"keep"` is content with none where none was left. */
  readonly state: typeof ROLLBACK_STATES[number] | "keep";
  /** Whether there is one that could be lost. */
  readonly stateful: boolean;
  /** One that was saved before, in place of that of the instance that runs. */
  readonly saved?: SavedState | undefined;
}

export class PluginReplacer {
  readonly #registry: PluginRegistry;
  readonly #plugins: RunningPlugins;

  constructor(registry: PluginRegistry, plugins: RunningPlugins) {
    this.#registry = registry;
    this.#plugins = plugins;
  }

  /** Puts another version into the place of the one that runs, after the changes that are under way. */
  async upgrade(slot: PluginSlot, options: UpgradeOptions): Promise<ReplacedPlugin> {
    checkOptionNames<UpgradeOptions>(options, { place: "of an upgrade", names: UPGRADE });
    const stateLost = await slot.changes.run((signal) => this.#upgrade(slot, options, signal));
    return { ...slot.status, stateLost };
  }

  async #upgrade(
    slot: PluginSlot,
    { version, state = "keep", ...given }: UpgradeOptions,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { plugin: old, grants: before } = slot.instance;
    const range = version ?? this.#plugins.settings(slot.name).version ?? "*";
    const record = this.#registry.get(slot.name, range), refuse = refusal(old.record, record.version);
    if (record.version === old.record.version) throw refuse(["it runs already"]);
    const next = await this.#registry.load(record), grants = { ...before, ...given };
    const problems = [
      ...compatibilityProblems(old.shape, next.shape),
      ...this.#plugins.tiesOf(slot, next.record),
    ];
    if (state === "keep") problems.push(...stateProblems(old.shape, next.shape));
    const grown = grownNeeds(old.record.manifest, next.record.manifest, readLimits(grants));
    if (given.grants === undefined) {
      problems.push(...grown.capabilities.map((word) => `it needs more: ${word}`));
    }
    problems.push(...grown.limits.map((word) => `it needs more: ${word}`));
    if (problems.length > 0) throw refuse(problems);
    const successor = { plugin: next, grants, state, stateful: old.shape.saves };
    const { saved, lost } = await this.#replace(slot, successor, signal);
    slot.fallback = { former: { version: old.record.version, grants: before }, state: saved };
    slot.history.push(slot.fallback.former);
    this.#plugins.tell("upgraded", next.record, `from ${old.record.version}`);
    slot.later(slot.health.probation, () => {
      if (slot.instance.plugin === next) slot.fallback = undefined;
    });
    return lost;
  }

  /** Brings an earlier version back, at once: what is under way is given up. */
  async rollback(slot: PluginSlot, given: string | RollbackOptions): Promise<ReplacedPlugin> {
    const options = typeof given === "string" ? { version: given } : given;
    checkOptionNames<RollbackOptions>(options, { place: "of a rollback", names: ROLLBACK });
    const { version, state = "try" } = options;
    if (!ROLLBACK_STATES.includes(state)) {
      const allowed = ROLLBACK_STATES.map(quote).join(", ");
      throw new AegisError("InvalidOption", `Cannot use ${quote(String(state))} as state: use ${allowed}`, {
        field: "state",
      });
    }
    const former = formerOf(slot, version);
    slot.giveUp(
      new AegisError("Cancelled", `Cannot change ${quote(slot.name)}: it was rolled back meanwhile`),
    );
    const stateLost = await slot.changes.run((signal) =>
      this.#goBack(slot, former, { reason: "by hand", state }, signal)
    );
    return { ...slot.status, stateLost };
  }

  /** Brings the version before an upgrade back, with the state that it had then. */
  async takeBack(
    slot: PluginSlot,
    { former, state: saved }: NonNullable<PluginSlot["fallback"]>,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#goBack(slot, former, { reason, state: saved === undefined ? "drop" : "try", saved }, signal);
  }

  async #goBack(
    slot: PluginSlot,
    former: Former,
    { reason, ...wish }: Pick<Successor, "state" | "saved"> & { readonly reason: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { name, instance: { plugin: { record: from, shape: { saves } } } } = slot;
    const plugin = await this.#registry.load({ name, version: former.version });
    const problems = this.#plugins.tiesOf(slot, plugin.record);
    if (problems.length > 0) throw refusal(from, former.version)(problems);
    // A version that takes a state has lost what the one that goes does not give.
    const stateful = saves || plugin.shape.restores;
    const successor = { plugin, grants: former.grants, stateful, ...wish };
    const { lost } = await this.#replace(slot, successor, signal);
    slot.history.splice(slot.history.lastIndexOf(former));
    slot.fallback = undefined;
    this.#plugins.tell("rolledBack", plugin.record, `from ${from.version}: ${reason}`);
    return lost;
  }

  /**
   * Starts an instance, hands the state over, and lets it take the place of the other one. Where that fails, or is given up,
   * the other one stays.
   */
  async #replace(
    slot: PluginSlot,
    { plugin, grants, state, stateful, saved: given }: Successor,
    signal: AbortSignal,
  ): Promise<{ readonly saved: SavedState | undefined; readonly lost: boolean }> {
    const { instance: old, health: { timeout } } = slot;
    let next = await this.#startWell(slot, plugin, grants), open = () => {};
    try {
      signal.throwIfAborted();
      let saved = given, reason = "it began anew", begun = false, carried = false;
      if (state !== "drop") {
        try {
          if (saved === undefined && old.plugin.shape.saves) {
            open = slot.shut(); // what changes the state now would be lost
            saved = await this.#plugins.inTime(
              saveIdle(old, timeout),
              "Cannot save the state: calls are under way for too long",
            );
          }
          signal.throwIfAborted();
          if (saved !== undefined && plugin.shape.restores) {
            begun = true;
            await next.restore(saved, timeout);
            carried = true;
          }
        } catch (error) {
          if (state !== "try" || signal.aborted) throw error;
          reason = error instanceof Error ? error.message : String(error);
          // One that has taken half of a state is not one that begins anew.
          if (begun) {
            await next.close();
            next = await this.#startWell(slot, plugin, grants);
          }
        }
      }
      signal.throwIfAborted();
      const lost = stateful && !carried;
      if (lost && state === "require") {
        const from = old.plugin.record.version, to = plugin.record.version;
        throw refusal(old.plugin.record, to)([`its state cannot be carried from ${from} to ${to}`]);
      }
      const ties = this.#plugins.tiesOf(slot, plugin.record); // others may have been started or stopped meanwhile
      if (ties.length > 0) throw refusal(old.plugin.record, plugin.record.version)(ties);
      if (lost) this.#plugins.tell("stateLost", plugin.record, reason);
      slot.take(next);
      Object.assign(slot, { state: "healthy", reason: null, restarts: 0 });
      this.#plugins.retire(old).catch(() => {}); // nobody is left to be told
      return { saved, lost };
    } catch (error) {
      await next.close();
      throw error;
    } finally {
      open();
    }
  }

  /** An instance that is well. @throws {AegisError} `ModuleRefused` where it is not, what its start ended with */
  async #startWell(
    slot: PluginSlot,
    plugin: RegisteredPlugin,
    grants: PluginGrants,
  ): Promise<PluginInstance> {
    const next = await this.#plugins.startInstance(plugin, grants);
    const reason = await next.check(slot.health.timeout);
    if (reason === undefined) return next;
    await next.close();
    throw new AegisError(
      "ModuleRefused",
      `Cannot start ${quote(slot.name)} ${plugin.record.version}: it is not well: ${reason}`,
    );
  }
}

/** Its state, when nothing is under way any more. */
async function saveIdle(instance: PluginInstance, timeout: number): Promise<SavedState | undefined> {
  while (instance.busy) await instance.idle();
  return await instance.save(timeout);
}

/** @throws {AegisError} `NotFound` where it was of no such version */
function formerOf({ name, history }: PluginSlot, version: string | undefined): Former {
  const former = history.findLast((one) => version === undefined || one.version === version);
  if (former !== undefined) return former;
  const known = [...new Set(history.map((one) => one.version))];
  throw new AegisError(
    "NotFound",
    `Cannot roll ${quote(name)} back${version === undefined ? "" : ` to ${version}`}: it was ${
      known.length === 0 ? "of no other version" : `of version ${known.join(", ")}`
    }`,
  );
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
