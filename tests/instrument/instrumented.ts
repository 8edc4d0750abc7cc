/**
 * Runs instrumented modules on this thread: the guest's own instance class over the real shim, with hooks that a test
 * chooses. No Worker, no channel: what is seen here is the doing of the instrumented code alone.
 */
import { type LimitOptions, resolveLimits } from "../../src/core/limits.ts";
import type { ImportValue } from "../../src/guest/engine.ts";
import { GuestInstance, type Hooks } from "../../src/guest/instance.ts";
import { prepare, type Prepared, type PrepareOptions } from "../../src/guest/prepare.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

export interface RunOptions extends Omit<PrepareOptions, "limits"> {
  readonly limits?: LimitOptions;
  readonly imports?: readonly ImportValue[];
  /** Units granted at each refuel. */
  readonly slice?: bigint;
  /** Bytes above which the stack hook is called. @default none */
  readonly stackCap?: number;
  readonly hooks?: Partial<Hooks>;
}

/** Prepares bytes as the prepare Worker does. */
export function prepareWide(bytes: Uint8Array<ArrayBuffer>, options: RunOptions = {}): Promise<Prepared> {
  const { limits = WIDE_LIMITS, imports: _, slice: __, hooks: ___, stackCap: ____, ...rest } = options;
  return prepare(bytes, { ...rest, limits: resolveLimits(limits) });
}

/** An instance of an instrumented module, and what its hooks saw. */
export class InstrumentedRun {
  readonly instance: GuestInstance;
  refuels = 0;
  /** Arguments of the growth hooks, in order. */
  readonly growths: (readonly [kind: "memory" | "table", index: number, amount: bigint])[] = [];
  #granted = 0n;

  private constructor(readonly prepared: Prepared, options: RunOptions) {
    const { slice = 1_000_000n, hooks = {}, imports = [] } = options;
    const defaults: Hooks = {
      refuel: (instance) => {
        this.refuels++;
        this.#granted += slice;
        instance.fuel.value += slice;
      },
      stack: () => {
        throw new Error("The stack hook was called");
      },
      unwound: () => {},
      growMemory: (_, index, pages) => {
        this.growths.push(["memory", index, BigInt.asUintN(64, pages)]);
        return 1;
      },
      growTable: (_, index, elements) => {
        this.growths.push(["table", index, BigInt.asUintN(64, elements)]);
        return 1;
      },
    };
    this.instance = new GuestInstance(prepared.layout, prepared, imports, { ...defaults, ...hooks });
    this.instance.stackCap.value = options.stackCap ?? 0x7fffffff;
  }

  /** Prepares and instantiates; applies segments and runs the start function, as the guest does once the counters are set. */
  static async start(bytes: Uint8Array<ArrayBuffer>, options: RunOptions = {}): Promise<InstrumentedRun> {
    return InstrumentedRun.of(await prepareWide(bytes, options), options);
  }

  /** The same of a module that is prepared, for several runs of it. */
  static of(prepared: Prepared, options: RunOptions = {}): InstrumentedRun {
    const run = new InstrumentedRun(prepared, options);
    run.instance.start();
    return run;
  }

  /** Units consumed, instantiation not included. */
  get consumed(): bigint {
    return this.#granted - this.instance.fuel.value;
  }

  /** Calls an export. */
  call(name: string, args: readonly unknown[] = []): unknown {
    return callExport(this.instance.exports, name, args);
  }
}

/** Calls an exported function of any instance. */
export function callExport(exports: WebAssembly.Exports, name: string, args: readonly unknown[]): unknown {
  const target = exports[name];
  if (typeof target !== "function") throw new TypeError(`The instance exports no function "${name}"`);
  return target(...args);
}

/** The numeric value of an exported global. */
export function globalValue(exports: WebAssembly.Exports, name: string): unknown {
  const global = exports[name];
  if (!(global instanceof WebAssembly.Global)) {
    throw new TypeError(`The instance exports no global "${name}"`);
  }
  return global.value;
}
