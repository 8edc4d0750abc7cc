import type { CompiledModule } from "./compile_module.ts";

/** What a store is made with. */
export interface StoreOptions {
  /** The core for modules with these memories. */
  readonly core: (memories: readonly ("i32" | "i64")[]) => WebAssembly.Module;
  /** Bytes of the stack of all its instances. */
  readonly stackBytes: number;
}

/** All instances of one sandbox. */
export class Store {
  constructor(_options: StoreOptions) {}

  /** Like `new WebAssembly.Instance(…).exports`. @param _imports in the order of the module's */
  instantiate(_module: CompiledModule, _imports: readonly unknown[]): Record<string, unknown> {
    throw new Error("the interpreter is not part of this build");
  }
}

/** A frame of code that was interpreted. */
export interface InterpreterFrame {
  readonly functionIndex: number;
  readonly offset: number;
  readonly label: string;
}

/** The frames of a trap of the interpreter's, innermost first; undefined for any other error. */
export function interpreterFrames(_error: unknown): readonly InterpreterFrame[] | undefined {
  return undefined;
}
