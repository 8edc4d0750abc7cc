/**
 * An instrumented instance on this thread, metered as in a sandbox: the guest's own machine refuels it through the real
 * shim, reads the clock and the control words of a real channel, and publishes the meters. No Worker and no messages,
 * since what is measured is the guest's code.
 */
import { noWorld } from "../../tests/guest/no_world.ts";
import { DEFAULT_SLICE, MOST_SLICE, resolveLimits, UNLIMITED_FUEL } from "../../src/core/limits.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { EngineCode, GuestEngine, ImportedFunction } from "../../src/guest/engine.ts";
import { InterpreterEngine } from "../../src/guest/interpreter_engine.ts";
import { V8_ENGINE } from "../../src/guest/v8_engine.ts";
import { GuestInstance } from "../../src/guest/instance.ts";
import { Machine } from "../../src/guest/machine.ts";
import { prepare } from "../../src/guest/prepare.ts";
import { GuestEnd, HostEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";

/** Wide enough for every module that is measured; none of them stands in the hot code. */
export const LIMITS = resolveLimits({ memoryLimit: "1GiB", timeout: "10m", stackLimit: "640KiB" });

export class Metered {
  /** The instance's exports; a call is to stand inside {@linkcode metered}. */
  readonly exports: WebAssembly.Exports;
  /** Fuel units of the last run. */
  lastUnits = 0n;

  private constructor(readonly machine: Machine, instance: GuestInstance, readonly size: number) {
    this.exports = instance.exports;
  }

  /** @param imports functions for the module's imports, in order */
  static async start(
    bytes: Uint8Array<ArrayBuffer>,
    imports: readonly ImportedFunction[] = [],
    engine: Engine = "v8",
  ): Promise<Metered> {
    const prepared = await prepare(bytes, { limits: LIMITS, engine });
    const buffer = createSharedBuffer(LIMITS.frameSize), host = new HostEnd(buffer);
    host.setFuelBudget(UNLIMITED_FUEL);
    const noFunctions = () => () => undefined;
    const machine = new Machine(new GuestEnd(buffer), {
      kind: "start",
      buffer,
      limits: LIMITS,
      slice: DEFAULT_SLICE,
      mostSlice: MOST_SLICE,
      onMemoryLimit: "fail",
      onDenial: "continue",
      ...noWorld(),
    }, noFunctions);
    // The machine binds imports to the host, who has no thread of its own here; so the instance is made beside it.
    const runner = engine === "v8" ? V8_ENGINE : new InterpreterEngine(LIMITS.stackLimit);
    const code = { ...prepared, runner } as EngineCode & { runner: GuestEngine }; // it was compiled, not left as bytes
    const instance = new GuestInstance(prepared.layout, code, imports.map((ours) => ({ ours })), machine);
    instance.stackCap.value = LIMITS.stackLimit;
    machine.fuel.add(instance);
    machine.growth.add(instance);
    const metered = new Metered(machine, instance, prepared.instrumentedSize);
    metered.run(() => instance.start?.());
    return metered;
  }

  /** Runs work with this instance as one call of a sandbox. */
  run<T>(work: () => T): T {
    const before = this.machine.fuel.consumed;
    this.machine.begin(LIMITS.timeout, undefined);
    const result = work();
    this.machine.finish();
    this.lastUnits = this.machine.fuel.consumed - before;
    if (this.machine.stopReason !== undefined) {
      throw new Error(`The guest was stopped: ${this.machine.stopReason.kind}`);
    }
    return result;
  }
}
