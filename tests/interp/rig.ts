/** Modules on bare V8 and on the interpreter, as they are: no instrumentation, no sandbox. */
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { buildCore } from "../../src/interp/core/build_core.ts";
import type { MemoryKind } from "../../src/interp/machine_layout.ts";
import { Store } from "../../src/interp/run/store.ts";

const cores: Map<string, WebAssembly.Module> = new Map();

/** The core for these memories; compiled once. */
export function coreFor(memories: readonly MemoryKind[]): WebAssembly.Module {
  const key = memories.join();
  let core = cores.get(key);
  if (core === undefined) cores.set(key, core = new WebAssembly.Module(buildCore(memories)));
  return core;
}

export function newStore(stackBytes = 1 << 20): Store {
  return new Store({ core: coreFor, stackBytes });
}

export type Exports = Record<string, unknown>;

/** Both of the same bytes; imports in the order of the module. */
export function onBoth(
  bytes: Uint8Array<ArrayBuffer>,
  imports: readonly ((...args: unknown[]) => unknown)[] = [],
): { readonly v8: Exports; readonly interpreter: Exports; readonly store: Store } {
  const module = new WebAssembly.Module(bytes),
    named: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const [index, item] of WebAssembly.Module.imports(module).entries()) {
    const value = imports[index];
    if (value !== undefined) (named[item.module] ??= {})[item.name] = value;
  }
  const store = newStore();
  return {
    v8: new WebAssembly.Instance(module, named).exports,
    interpreter: store.instantiate(compileModule(bytes), imports),
    store,
  };
}

/** Calls an export. */
export function callExport(exports: Exports, name: string, ...args: unknown[]): unknown {
  const target = exports[name];
  if (typeof target !== "function") throw new TypeError(`There is no function "${name}"`);
  return target(...args);
}

/** The bytes of an exported memory, as they are now. */
export function bytesOfMemory(exports: Exports, name = "memory"): Uint8Array {
  const memory = exports[name];
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError(`There is no memory "${name}"`);
  return new Uint8Array(memory.buffer);
}

/** What a call gives, or the message of what it throws. */
export function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError ? `trap: ${error.message}` : `thrown: ${error}`;
  }
}
