/**
 * Rights of descriptors, `rights` of the specification. They are what a guest took away from itself, and what kind of
 * thing a descriptor is; they are not what the sandbox was granted. A preopened directory has them all, whatever its
 * grant: wasi-libc asks for no more rights than the directory passes on, so with fewer it would open a file of a
 * read-only directory for writing with success, and the refusal, which the person should hear of, would never happen.
 */
export const RIGHTS = {
  fd_datasync: 1 << 0,
  fd_read: 1 << 1,
  fd_seek: 1 << 2,
  fd_fdstat_set_flags: 1 << 3,
  fd_sync: 1 << 4,
  fd_tell: 1 << 5,
  fd_write: 1 << 6,
  fd_advise: 1 << 7,
  fd_allocate: 1 << 8,
  path_create_directory: 1 << 9,
  path_create_file: 1 << 10,
  path_link_source: 1 << 11,
  path_link_target: 1 << 12,
  path_open: 1 << 13,
  fd_readdir: 1 << 14,
  path_readlink: 1 << 15,
  path_rename_source: 1 << 16,
  path_rename_target: 1 << 17,
  path_filestat_get: 1 << 18,
  path_filestat_set_size: 1 << 19,
  path_filestat_set_times: 1 << 20,
  fd_filestat_get: 1 << 21,
  fd_filestat_set_size: 1 << 22,
  fd_filestat_set_times: 1 << 23,
  path_symlink: 1 << 24,
  path_remove_directory: 1 << 25,
  path_unlink_file: 1 << 26,
  poll_fd_readwrite: 1 << 27,
  sock_shutdown: 1 << 28,
  sock_accept: 1 << 29,
} as const;

function together(...names: readonly (keyof typeof RIGHTS)[]): number {
  return names.reduce((bits, name) => bits | RIGHTS[name], 0);
}

/** What can be done to a regular file. */
export const FILE_RIGHTS: number = together(
  "fd_datasync",
  "fd_read",
  "fd_seek",
  "fd_fdstat_set_flags",
  "fd_sync",
  "fd_tell",
  "fd_write",
  "fd_advise",
  "fd_allocate",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "poll_fd_readwrite",
);

/** What can be done to a directory. */
export const DIRECTORY_RIGHTS: number = together(
  "fd_datasync",
  "fd_fdstat_set_flags",
  "fd_sync",
  "path_create_directory",
  "path_create_file",
  "path_link_source",
  "path_link_target",
  "path_open",
  "fd_readdir",
  "path_readlink",
  "path_rename_source",
  "path_rename_target",
  "path_filestat_get",
  "path_filestat_set_size",
  "path_filestat_set_times",
  "fd_filestat_get",
  "fd_filestat_set_times",
  "path_symlink",
  "path_remove_directory",
  "path_unlink_file",
);

/** What a preopened directory passes on to what is opened below it. */
export const INHERITED_RIGHTS: number = FILE_RIGHTS | DIRECTORY_RIGHTS;

/** What can be done to standard input, and to standard output and error. No seeking: so libc knows a terminal. */
export const INPUT_RIGHTS: number = together(
    "fd_read",
    "fd_fdstat_set_flags",
    "fd_filestat_get",
    "poll_fd_readwrite",
  ),
  OUTPUT_RIGHTS: number = together(
    "fd_write",
    "fd_fdstat_set_flags",
    "fd_filestat_get",
    "poll_fd_readwrite",
  );

const KNOWN = BigInt(together(...Object.keys(RIGHTS) as (keyof typeof RIGHTS)[])); // its own keys

/** The rights among 64 bits; bits that mean nothing are dropped. */
export function knownRights(bits: bigint): number {
  return Number(bits & KNOWN);
}

/** Whether 64 bits are all among `rights`. */
export function within(bits: bigint, rights: number): boolean {
  return (bits & ~BigInt(rights)) === 0n;
}
