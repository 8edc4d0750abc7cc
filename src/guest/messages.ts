/** Messages from the host to a guest: what cannot travel in a frame, since it carries compiled modules. */
import type { ModuleCode, V8Code } from "./prepare.ts";
import type { Engine } from "../core/engine.ts";
import type { Limits } from "../core/limits.ts";
import type { OnDenial } from "../core/on_denial.ts";
import type { Kind } from "../core/signature.ts";
import type { Layout } from "../instrument/layout.ts";
import type { CompiledModule } from "../interp/compile/compile_module.ts";
import type { BrokerLinks } from "../protocol/broker_link.ts";
import type { WasiSettings } from "../wasi/host.ts";

/** First message: everything that holds for the guest's whole life. */
export interface StartMessage {
  readonly kind: "start";
  readonly buffer: SharedArrayBuffer;
  readonly limits: Limits;
  /** Fuel units between two looks at the control words. */
  readonly slice: bigint;
  /** Units up to which slices grow while they take little time. @default slices do not grow */
  readonly mostSlice?: bigint;
  /** What a refused growth does: -1 as the specification allows, or a trap. */
  readonly onMemoryLimit: "fail" | "trap";
  /** What an operation does that is refused for want of a grant. */
  readonly onDenial: OnDenial;
  /** What WASI shows of the world; every life of the instances starts from it. */
  readonly wasi: WasiSettings;
  /** The brokers of the runtime, those that hold a grant of this sandbox. */
  readonly brokers: BrokerLinks;
  /** Words that count changes of files; of length 0 where there are none. */
  readonly changes: SharedArrayBuffer;
  /** Whether waiting may spin: not on one core. */
  readonly spin: boolean;
}

/** Where an import comes from; the host has resolved it. */
export type Binding =
  | {
    readonly from: "host";
    readonly id: number;
    readonly params: readonly Kind[];
    readonly results: readonly Kind[];
    /** The text of the function, for one that runs in the guest's thread. */
    readonly source?: string;
  }
  | { readonly from: "instance"; readonly instance: number; readonly name: string }
  /** A function that Aegis itself provides: WASI, and what is named after us. */
  | { readonly from: "aegis"; readonly module: string; readonly name: string };

/**
 * Instantiate a module, run its start function. Answered by a `result` frame. On the way to another process the code
 * for V8 is still bytes; a guest gets it compiled.
 */
export interface LoadMessage<Code extends ModuleCode = ModuleCode, Support extends V8Code = V8Code> {
  readonly kind: "load";
  /** All modules of a guest are for the same. */
  readonly engine: Engine;
  readonly module: Code;
  readonly support: Support;
  readonly layout: Layout;
  /** One for each import, in order. */
  readonly bindings: readonly Binding[];
  /** Forget the modules loaded before. */
  readonly fresh: boolean;
  /** Make the instance and start nothing: a state comes. @default false */
  readonly restoring?: boolean;
  readonly timeout: number;
  /** The text of `watch_main.ts`, with a module that is to be watched. */
  readonly watch?: string;
}

/** Instantiate all loaded modules anew, with a full budget, or none. Answered by a `result` frame. */
export interface ResetMessage {
  readonly kind: "reset";
  /** Forget the modules, too. */
  readonly drop: boolean;
  readonly timeout: number;
}

export type GuestMessage = StartMessage | LoadMessage | ResetMessage;

/** Code as a guest gets it. */
export type LoadedModule = LoadMessage<WebAssembly.Module | CompiledModule, WebAssembly.Module>;

/** A message as it reaches a guest. */
export type ReceivedMessage = StartMessage | LoadedModule | ResetMessage;
