/** A module as the interpreter runs it: plain data, which can be posted. */
export interface CompiledModule {
  readonly kind: "interpreter";
  /** Index types of its memories, imported ones first. */
  readonly memories: readonly ("i32" | "i64")[];
}

/** Compiles instrumented bytes to the interpreter's code. */
export function compileModule(
  _bytes: Uint8Array,
  _hints: { readonly fuel: number; readonly hookTable: number },
): CompiledModule {
  throw new Error("the interpreter is not part of this build");
}
