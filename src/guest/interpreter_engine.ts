/**
 * The engine of the interpreter. It needs no shim: what a function of ours throws ends the guest's code by itself, past
 * every handler, so a guest that is to stop is stopped by a throw.
 */
import type {
  EngineCode,
  EngineInstance,
  GuestEngine,
  HookFunctions,
  ImportedFunction,
  ImportValue,
} from "./engine.ts";
import { HOOK_TYPES, type HookName, HOOKS } from "../instrument/layout.ts";
import type { CompiledModule } from "../interp/compile/compile_module.ts";
import { Store, type StoreOptions } from "../interp/run/store.ts";
import { restoreStore, saveStore, StateError, type StoreState } from "../interp/run/store_state.ts";

/**
 * The stack of the interpreter, for a sandbox whose counted frames may take so many bytes. It is wider than what is
 * counted: a slot has the size of the largest value, frames that cannot recur are not counted. So the counter speaks
 * first, as in V8; bytes that nobody touches cost nothing.
 */
function stackBytes(stackLimit: number): number {
  return 4 * stackLimit + 1024 * 1024;
}

export class InterpreterEngine implements GuestEngine {
  readonly #stackBytes: number;
  readonly #watcher: StoreOptions["watcher"];
  /** Cores by the memories that they are for. */
  readonly #cores: Map<string, WebAssembly.Module> = new Map();
  /** What all instances of this life are in. */
  #store: Store | undefined;

  readonly #mayGoOn: () => boolean;

  /**
   * @param stackLimit bytes of frames, as the guest counts them
   * @param around `mayGoOn` is asked when code has run for long without a look at the control words, whatever the reason;
   * `watcher`: who watches, if anybody does
   */
  constructor(
    stackLimit: number,
    around: { readonly mayGoOn?: () => boolean; readonly watcher?: StoreOptions["watcher"] } = {},
  ) {
    this.#stackBytes = stackBytes(stackLimit);
    this.#mayGoOn = around.mayGoOn ?? (() => true);
    this.#watcher = around.watcher;
  }

  instantiate(
    code: EngineCode,
    { imports, hooks }: { readonly imports: readonly ImportValue[]; readonly hooks: HookFunctions },
  ): EngineInstance {
    const module = compiled(code), life = { dead: false };
    this.#cores.set(coreKey(module.memories), code.support);
    const store = this.#store ??= new Store({
      core: (memories) => this.#core(memories),
      stackBytes: this.#stackBytes,
      onRounds: () => {
        if (!this.#mayGoOn()) throw new Error("The guest was stopped");
      },
      watcher: this.#watcher,
    });
    const exports = store.instantiate(
      module,
      imports.map((value) => "ours" in value ? stopping(value.ours, life) : value.value),
    );
    const wrapped = (Object.keys(HOOKS) as HookName[]).map((name) => [
      name,
      store.hostFunction(HOOK_TYPES[name], stopping(hooks[name] as ImportedFunction, life)), // called by that type
    ]);
    return {
      exports: exports as WebAssembly.Exports, // a store gives what V8 gives
      hooks: Object.fromEntries(wrapped) as HookFunctions, // each of them was wrapped
      kill: () => void (life.dead = true),
      revive: () => void (life.dead = false),
    };
  }

  /** Whether a call of the guest's waits where its state can be taken. */
  get waits(): boolean {
    return this.#store?.processor.waiting !== undefined;
  }

  /** @throws {StateError} */
  save(): StoreState {
    if (this.#store === undefined) throw new StateError("only what the interpreter runs can be saved");
    return saveStore(this.#store);
  }

  /** Puts a state in the place of what instances hold that were made and not started. @throws {StateError} */
  restore(state: StoreState): void {
    if (this.#store === undefined) throw new StateError("only what the interpreter runs can go on elsewhere");
    restoreStore(this.#store, state);
  }

  /** Goes on in the midst of the call whose state was restored. @throws what the call throws */
  resume(): unknown {
    return this.#store?.processor.resume();
  }

  /** What all instances of this life are in; undefined before the first. */
  get store(): Store | undefined {
    return this.#store;
  }

  /** Forgets every instance, and the memory that they take. */
  clear(): void {
    this.#store = undefined;
  }

  #core(memories: CompiledModule["memories"]): WebAssembly.Module {
    const core = this.#cores.get(coreKey(memories));
    if (core === undefined) throw new Error(`No core was sent for memories [${coreKey(memories)}]`);
    return core;
  }
}

function coreKey(memories: CompiledModule["memories"]): string {
  return memories.join();
}

function compiled({ module }: EngineCode): CompiledModule {
  if (module instanceof WebAssembly.Module) {
    throw new TypeError("Cannot interpret what was prepared for V8");
  }
  return module;
}

/** The function, after which a guest that was killed meanwhile is not gone back to. */
function stopping<Args extends unknown[]>(
  run: (...args: Args) => unknown,
  life: { readonly dead: boolean },
): (...args: Args) => unknown {
  return (...args) => {
    const result = run(...args);
    if (life.dead) throw new Error("The guest was stopped");
    return result;
  };
}
