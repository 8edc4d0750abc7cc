/**
 * What runs the code of an instance. Both engines run the same instrumented bytes, so fuel, limits and hooks are the
 * same in both; what differs is how a guest is kept from what it must not catch.
 */
import type { HookName } from "../instrument/layout.ts";
import type { CompiledModule } from "../interp/compile/compile_module.ts";

/** A function behind an import; what it throws ends the guest's code with a trap. */
export type ImportedFunction = (...args: unknown[]) => unknown;

/** Values for the imports of a module, in order; functions of ours are given as JavaScript functions. */
export type ImportValue = { readonly ours: ImportedFunction } | { readonly value: WebAssembly.ExportValue };

/** The hooks of one instance. */
export type HookFunctions = Readonly<Record<HookName, (...args: never[]) => unknown>>;

/** Code as an engine takes it. */
export interface EngineCode {
  readonly module: WebAssembly.Module | CompiledModule;
  readonly support: WebAssembly.Module;
}

/** An instance as its engine made it. */
export interface EngineInstance {
  readonly exports: WebAssembly.Exports;
  /** The hooks as they go into the table through which instrumented code calls them. */
  readonly hooks: HookFunctions;
  /** From now on whatever comes back from a function of ours is a trap that no handler catches. */
  kill(): void;
  revive(): void;
}

/** Makes instances. */
export interface GuestEngine {
  /** @throws what V8 throws when the module cannot be linked */
  instantiate(
    code: EngineCode,
    given: { readonly imports: readonly ImportValue[]; readonly hooks: HookFunctions },
  ): EngineInstance;
}
