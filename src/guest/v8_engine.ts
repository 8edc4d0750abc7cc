/** The engine of V8: every function of ours is reached through the shim, see `instrument/shim.ts`. */
import type { EngineCode, EngineInstance, GuestEngine, HookFunctions, ImportValue } from "./engine.ts";
import { type HookName, HOOKS, IMPORT_MODULE, SHIM_EXPORTS } from "../instrument/layout.ts";

export const V8_ENGINE: GuestEngine = {
  instantiate(code, { imports, hooks }): EngineInstance {
    const shim = instantiateShim(code.support, imports, hooks);
    const values: Record<string, WebAssembly.ImportValue> = Object.create(null);
    for (const [index, value] of imports.entries()) {
      const name = SHIM_EXPORTS.function(index);
      // `as`: exports of a module are what another may import.
      values[name] = ("ours" in value ? shim[name] : value.value) as WebAssembly.ImportValue;
    }
    const { exports } = new WebAssembly.Instance(compiled(code), { [IMPORT_MODULE]: values });
    const dead = shim[SHIM_EXPORTS.dead] as unknown as { value: number }; // a mutable i32 global
    const wrapped = (Object.keys(HOOKS) as HookName[]).map((name) => [name, shim[SHIM_EXPORTS.hook(name)]]);
    return {
      exports,
      hooks: Object.fromEntries(wrapped) as HookFunctions, // the shim wraps each of them
      kill: () => void (dead.value = 1),
      revive: () => void (dead.value = 0),
    };
  },
};

function compiled({ module }: EngineCode): WebAssembly.Module {
  if (module instanceof WebAssembly.Module) return module;
  throw new TypeError("Cannot run in V8 what was prepared for the interpreter");
}

function instantiateShim(
  module: WebAssembly.Module,
  imports: readonly ImportValue[],
  hooks: HookFunctions,
): WebAssembly.Exports {
  const functions: Record<string, WebAssembly.ImportValue> = Object.create(null);
  for (const [index, value] of imports.entries()) {
    // An import that another module provides is linked directly, but the shim has a place for it all the same.
    functions[SHIM_EXPORTS.function(index)] = "ours" in value ? value.ours : neverCalled;
  }
  for (const name of Object.keys(HOOKS) as HookName[]) functions[SHIM_EXPORTS.hook(name)] = hooks[name];
  return new WebAssembly.Instance(module, { [IMPORT_MODULE]: functions }).exports;
}

function neverCalled(): never {
  throw new Error("The shim's function for an import that another module provides was called");
}
