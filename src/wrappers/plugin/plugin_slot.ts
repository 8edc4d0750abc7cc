/** The place of a plugin that was started: which version stands in it, and how that one is. */
import type { AegisError } from "../../core/errors.ts";
import type { Timers } from "../../sandbox/timers.ts";
import { ChangeQueue } from "./change_queue.ts";
import type { PluginState } from "./plugin_events.ts";
import type { PluginInstance } from "./plugin_instance.ts";
import type { HealthPlan, PluginGrants } from "./plugin_options.ts";

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
export interface Former {
  readonly version: string;
  readonly grants: PluginGrants;
}

/** Bytes of a state that was saved. */
export type SavedState = Uint8Array<ArrayBuffer>;

export class PluginSlot {
  readonly name: string;
  readonly health: HealthPlan;
  /** Changes of what stands here. */
  readonly changes: ChangeQueue = new ChangeQueue();
  readonly history: Former[] = [];
  instance: PluginInstance;
  state: PluginState = "healthy";
  reason: string | null = null;
  /** Checks in a row that have failed. */
  failures = 0;
  /** Restarts in a row with no good check between them. */
  restarts = 0;
  /** The version to bring back, and the state that it had, while the new one is on probation. */
  fallback: { readonly former: Former; readonly state: SavedState | undefined } | undefined;
  /** The check that is under way, and of whom. */
  checking: { readonly instance: PluginInstance; readonly ended: Promise<void> } | undefined;
  readonly #clock: Timers;
  readonly #timers: Set<() => void> = new Set();
  #gate: PromiseWithResolvers<void> | undefined;

  constructor(
    name: string,
    { health, instance, timers }: {
      readonly health: HealthPlan;
      readonly instance: PluginInstance;
      readonly timers: Timers;
    },
  ) {
    this.name = name;
    this.health = health;
    this.instance = instance;
    this.#clock = timers;
  }

  /** What calls wait for; undefined when they need not. */
  get gate(): Promise<void> | undefined {
    return this.#gate?.promise;
  }

  /** Has calls wait. @returns lets them go on, unless somebody else has shut the gate since */
  shut(): () => void {
    const before = this.#gate, gate = Promise.withResolvers<void>();
    this.#gate = gate;
    before?.resolve(); // whoever waits there looks again, and waits here
    return () => {
      if (this.#gate === gate) this.#gate = undefined;
      gate.resolve();
    };
  }

  /** Gives up every change that was asked for: none of them holds up calls, or the change after it. */
  giveUp(reason: AegisError): void {
    this.changes.giveUp(reason);
    this.shut()();
  }

  /** Puts another instance here. @returns the one before */
  take(next: PluginInstance): PluginInstance {
    const { instance: old } = this;
    this.instance = next;
    this.failures = 0;
    return old;
  }

  /** Calls once, later, unless the plugin is stopped before. */
  later(milliseconds: number, run: () => void): void {
    const cancel = this.#clock.after(milliseconds, () => {
      this.#timers.delete(cancel);
      run();
    }, false);
    this.#timers.add(cancel);
  }

  /** Nothing stands here any more. */
  end(reason: AegisError): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.state = "stopped";
    this.giveUp(reason);
  }

  /** What its maker would like, in words. */
  get needs(): readonly string[] {
    const { capabilities, limits } = this.instance.plugin.record.manifest.needs;
    return [...capabilities, ...Object.entries(limits).map(([name, limit]) => `${name} ${limit}`)];
  }

  /** It as it is now. */
  get status(): PluginStatus {
    return {
      name: this.name,
      version: this.instance.plugin.record.version,
      state: this.state,
      reason: this.reason,
      history: this.history.map(({ version }) => version),
      probation: this.fallback !== undefined,
      needs: this.needs,
    };
  }
}
