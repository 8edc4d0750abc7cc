/** An import of a guest, by its two names. */
export interface ImportName {
  readonly module: string;
  readonly name: string;
}

/** A function as a guest calls it: arguments of its type; the result is ignored where its type has none. */
export type ProvidedFunction = (...args: readonly (number | bigint)[]) => number | undefined;
