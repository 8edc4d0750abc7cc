/** What runs instrumented code: V8's compilers, or our own interpreter. */
export const ENGINES = ["v8", "interpreter"] as const;

/** One of {@linkcode ENGINES}. */
export type Engine = typeof ENGINES[number];
