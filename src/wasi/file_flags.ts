/** Bits of `fdflags`. All of them work, on files: the synchronous ones by an operation behind each write. */
export const FD_FLAGS = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;

/** All bits of `fdflags`; others mean nothing and are refused. */
export const ALL_FD_FLAGS = 31;

/** Bits of `oflags` of `path_open`. */
export const OPEN_BITS = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

/** All bits of `oflags`. */
export const ALL_OPEN_BITS = 15;

/** The one bit of `lookupflags`: follow a symbolic link that a path ends in. */
export const FOLLOW = 1;

/** The greatest offset that is used: sums of it and of one call's bytes are exact. */
export const LARGEST_OFFSET: number = 2 ** 53 - 2 ** 32;
