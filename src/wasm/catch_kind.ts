/** Kinds of the clauses of `try_table`; the values are their bytes in the binary format. */
export const CATCH_KIND = { catch: 0, catch_ref: 1, catch_all: 2, catch_all_ref: 3 } as const;
