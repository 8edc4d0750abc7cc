/** What a runtime gives a task: its module, and a guest with its limits. */
import type { GuestSet, GuestVoice, TaskGuest } from "./guest_set.ts";
import type { TaskRecord } from "./store/task_table.ts";
import type { TaskStore } from "./store/task_store.ts";
import { taskPolicy } from "./task_grants.ts";
import { AegisError, ModuleRefusedError } from "../core/errors.ts";
import { PRESETS } from "../core/limits.ts";
import type { Aegis } from "../sandbox/aegis.ts";
import type { SandboxOptions } from "../sandbox/aegis_options.ts";
import type { AegisModule } from "../sandbox/module.ts";

type OfTask = Pick<TaskRecord, "settings">;

export class TaskRuntime {
  readonly #runtime: Aegis;
  readonly #store: TaskStore;
  readonly #guests: GuestSet;

  constructor(runtime: Aegis, { store, guests }: { readonly store: TaskStore; readonly guests: GuestSet }) {
    this.#runtime = runtime;
    this.#store = store;
    this.#guests = guests;
  }

  /** Whether the guest of a task can be saved in mid-computation. */
  isSaved(task: OfTask): boolean {
    return this.#engineOf(task) === "interpreter";
  }

  /** @throws as `Aegis.loadBytes`, and {AegisError} `NotFound` */
  async module(
    { module: hash, settings }: OfTask & Pick<TaskRecord, "module">,
    signal: AbortSignal,
  ): Promise<AegisModule> {
    const engine = this.#engineOf({ settings }), known = this.#runtime.modules.get(hash);
    // A key of the runtime may be a name as well: one that looks like the hash of another module is not that module.
    if (known?.hash === hash && known.engine === engine) return known;
    const stored = this.#store.modules.get(hash), bytes = this.#store.modules.bytes(hash);
    if (bytes === undefined) throw new AegisError("NotFound", "The module of the task is not there any more");
    const named = stored?.name === undefined ? {} : { name: stored.name };
    const module = await this.#runtime.loadBytes(bytes, { engine, signal, ...named });
    if (module.hash === hash) return module;
    throw new ModuleRefusedError("Cannot run the module: the store has other bytes than it was given");
  }

  /** @throws as `Aegis.sandbox` builds */
  async startGuest({ settings }: OfTask): Promise<TaskGuest> {
    const { preset, limits, policy, grants, argv, stdin } = settings, own = argv.length > 0 || stdin !== "";
    const kind = own ? undefined : JSON.stringify([preset, limits, policy, grants]);
    const options = this.#sandboxOptions(settings);
    return await this.#guests.take(
      kind,
      (voice: GuestVoice) => this.#runtime.sandbox({ ...options, ...voice }).build(),
    );
  }

  /** @throws as `Aegis.restore` */
  async restoreGuest({ settings }: OfTask, checkpoint: Uint8Array): Promise<TaskGuest> {
    const options = this.#sandboxOptions(settings);
    return await this.#guests.take(
      undefined,
      (voice) => this.#runtime.restore(checkpoint, { ...options, ...voice }),
    );
  }

  #engineOf({ settings }: OfTask): AegisModule["engine"] {
    return settings.engine ?? this.#runtime.engine;
  }

  /** @throws {AegisError} `InvalidOption` for more than the runtime grants */
  #sandboxOptions(settings: TaskRecord["settings"]): SandboxOptions {
    const { preset, limits, argv, stdin } = settings;
    return {
      ...PRESETS[preset],
      ...limits,
      ...taskPolicy(settings, this.#runtime.policy),
      ...(argv.length === 0 ? {} : { args: ["main", ...argv] }),
      ...(stdin === "" ? {} : { stdin }),
    };
  }
}
