/** Runs the steps of one script in one guest: the guest's own machine, with its ledgers, hooks and shim. */
import { noWorld } from "../../guest/no_world.ts";
import { CallAdapter } from "./call_adapter.ts";
import { failureOutcome } from "./failure_outcome.ts";
import type { HostObjects } from "./host_objects.ts";
import type { Outcome, RunOptions, Step, StepResult } from "./program.ts";
import { type Preparation, ScriptModule, type Unprepared } from "./script_module.ts";
import { HOST, PRINTS } from "./spectest.ts";
import { SUITE_LIMITS } from "./suite_limits.ts";
import { Machine } from "../../../src/guest/machine.ts";
import type { GuestEnd } from "../../../src/protocol/channel.ts";
import { HostFunctions } from "../../../src/sandbox/host_functions.ts";
import { type LinkedModule, linkError, linkImports } from "../../../src/sandbox/linker.ts";

interface Instance {
  /** The number under which the machine knows it. */
  readonly index: number;
  readonly module: ScriptModule;
  calls: CallAdapter | undefined;
}

/** What a script can name; where the module of an instance is none, why. */
type Named = Instance | Unprepared;

interface Registration extends LinkedModule {
  readonly instance: number;
}

export interface ScriptContext {
  readonly channel: GuestEnd;
  readonly spectest: ScriptModule;
  readonly hosts: HostObjects;
  /** Milliseconds that a step may take. */
  readonly timeout: number;
  /** The interpreter's core for adapters. */
  readonly adapterCore: WebAssembly.Module;
}

export class ScriptRun {
  readonly #machine: Machine;
  readonly #functions = new HostFunctions();
  readonly #registrations: Registration[] = [];
  /** Names that no module can import from, since the module that they were given to was not prepared. */
  readonly #unprepared: Map<string, Unprepared> = new Map();
  readonly #instances: Map<string, Named> = new Map();
  #current: Named | undefined;
  #count = 0;

  constructor(
    readonly context: ScriptContext,
    readonly modules: readonly Preparation[],
    options: RunOptions,
  ) {
    const { channel } = context;
    this.#machine = new Machine(channel, {
      kind: "start",
      buffer: channel.buffer,
      limits: SUITE_LIMITS,
      slice: options.slice,
      onMemoryLimit: "fail",
      onDenial: "continue",
      ...noWorld(),
    }, () => () => undefined);
    for (const [name, params] of Object.entries(PRINTS)) {
      this.#functions.register(HOST, name, { params, results: [], run: () => {} });
    }
    // Only where a script asks for it: a guest of one module counts its stack in another way than one of several.
    if (modules.some((module) => module instanceof ScriptModule && module.importsFrom("spectest"))) {
      this.#register("spectest", this.#instantiate(context.spectest));
    }
  }

  /** @param budget units that an action may consume; undefined for any */
  take(step: Step, budget: bigint | undefined): StepResult {
    const before = this.#machine.fuel.consumed;
    const outcome = this.#outcome(step, budget);
    return { outcome, fuel: this.#machine.fuel.consumed - before };
  }

  #outcome(step: Step, budget: bigint | undefined): Outcome {
    if (step.do === "prepare" || step.do === "instantiate") {
      const module: Preparation = this.modules[step.module] ?? { kind: "fault", message: "No such module" };
      if (step.do === "prepare") return module instanceof ScriptModule ? { kind: "done" } : module;
      if (!(module instanceof ScriptModule)) {
        this.#keep(step, module);
        return module;
      }
      const because = this.#unpreparedImport(module);
      if (because !== undefined) {
        this.#keep(step, because);
        return { kind: "missing", because };
      }
      return this.#guarded(module, () => {
        this.#keep(step, this.#instantiate(module));
        return { kind: "done" };
      });
    }
    const instance = step.name === undefined ? this.#current : this.#instances.get(step.name);
    if (instance === undefined) return { kind: "fault", message: `No instance ${step.name}` };
    if (step.do === "register") {
      if ("kind" in instance) this.#unprepared.set(step.as, instance);
      else this.#register(step.as, instance);
    }
    if ("kind" in instance) return { kind: "missing", because: instance };
    if (step.do === "register") return { kind: "done" };
    return this.#guarded(instance.module, () => this.#act(step, { instance, budget }));
  }

  /** Why a module that this one imports from is none. */
  #unpreparedImport({ structure }: ScriptModule): Unprepared | undefined {
    return structure.imports.map((item) => this.#unprepared.get(item.module)).find((why) =>
      why !== undefined
    );
  }

  #keep({ keep, name }: Extract<Step, { do: "instantiate" }>, made: Named): void {
    if (!keep) return;
    this.#current = made;
    if (name !== undefined) this.#instances.set(name, made);
  }

  #register(name: string, instance: Instance): void {
    this.#unprepared.delete(name);
    this.#registrations.push({ name, module: instance.module.aegis, instance: instance.index });
  }

  #instantiate(module: ScriptModule): Instance {
    const bindings = linkImports(module.aegis, this.#registrations, this.#functions).map((binding) =>
      binding.from !== "instance"
        ? binding
        : { ...binding, instance: this.#registrations[binding.instance]?.instance ?? -1 }
    );
    const { engine, module: compiled, support, layout } = module.prepared;
    this.#machine.load({
      kind: "load",
      engine,
      module: compiled,
      // `as`: it was not asked for as bytes
      support: support as WebAssembly.Module,
      layout,
      bindings,
      fresh: false,
      timeout: this.context.timeout,
    });
    // A load that was stopped before it made an instance has no number.
    if (this.#machine.stopReason !== undefined) throw new Error("The load was stopped");
    return { index: this.#count++, module, calls: undefined };
  }

  #act(
    step: Extract<Step, { do: "invoke" | "get" }>,
    { instance, budget }: { instance: Instance; budget: bigint | undefined },
  ): Outcome {
    const guest = this.#machine.instance(instance.index);
    if (guest === undefined) return { kind: "fault", message: "The machine has no such instance" };
    const { adapter, prepared } = instance.module, { hosts, adapterCore: core } = this.context;
    instance.calls ??= new CallAdapter(adapter, {
      exports: guest.exports,
      hosts,
      engine: prepared.engine === "v8" ? "v8" : { interpreter: this.#machine.engine("interpreter"), core },
    });
    if (step.do === "get") {
      return {
        kind: "returned",
        values: instance.calls.call("global", step.field, [], (read) => read()),
      };
    }
    const values = instance.calls.call("function", step.field, step.args, (call) => {
      this.#machine.begin(this.context.timeout, budget);
      return this.#machine.enter(guest, call);
    });
    return { kind: "returned", values };
  }

  /** Ends the request that `work` makes of the machine, and says how it ended. */
  #guarded(module: ScriptModule, work: () => Outcome): Outcome {
    this.#machine.forgetStop();
    let outcome: Outcome | undefined, failure: { error: unknown } | undefined;
    try {
      outcome = work();
    } catch (error) {
      failure = { error };
    }
    this.#machine.finish();
    const stop = this.#machine.stopReason;
    if (stop !== undefined) {
      return stop.kind === "fault"
        ? { kind: "fault", message: stop.message }
        : { kind: "stopped", by: stop.kind };
    }
    return outcome ??
      failureOutcome(
        failure?.error,
        this.#machine.growth.refused,
        (message) => linkError(module.aegis, message).message,
      );
  }
}
