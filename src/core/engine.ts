/** What runs instrumented code: V8's compilers, or our own interpreter. */
export type Engine = "v8" | "interpreter";

/** Both, the default first. */
export const ENGINES: readonly Engine[] = ["v8", "interpreter"];
