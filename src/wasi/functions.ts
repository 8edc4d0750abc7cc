/**
 * The functions of WASI preview 1: THE list, from which linking, binding and tests derive. Types are those of
 * `wasi_snapshot_preview1.witx` lowered to WebAssembly; parameters stand in the order of the specification.
 */
import type { FuncType } from "../core/value.ts";

interface WasiFunctionRow {
  readonly params: readonly ("i32" | "i64")[];
  readonly results: readonly "i32"[];
}

/** Every function; a result is an error number. */
export const WASI_FUNCTIONS = {
  args_get: { params: ["i32", "i32"], results: ["i32"] },
  args_sizes_get: { params: ["i32", "i32"], results: ["i32"] },
  environ_get: { params: ["i32", "i32"], results: ["i32"] },
  environ_sizes_get: { params: ["i32", "i32"], results: ["i32"] },
  clock_res_get: { params: ["i32", "i32"], results: ["i32"] },
  clock_time_get: { params: ["i32", "i64", "i32"], results: ["i32"] },
  fd_advise: { params: ["i32", "i64", "i64", "i32"], results: ["i32"] },
  fd_allocate: { params: ["i32", "i64", "i64"], results: ["i32"] },
  fd_close: { params: ["i32"], results: ["i32"] },
  fd_datasync: { params: ["i32"], results: ["i32"] },
  fd_fdstat_get: { params: ["i32", "i32"], results: ["i32"] },
  fd_fdstat_set_flags: { params: ["i32", "i32"], results: ["i32"] },
  fd_fdstat_set_rights: { params: ["i32", "i64", "i64"], results: ["i32"] },
  fd_filestat_get: { params: ["i32", "i32"], results: ["i32"] },
  fd_filestat_set_size: { params: ["i32", "i64"], results: ["i32"] },
  fd_filestat_set_times: { params: ["i32", "i64", "i64", "i32"], results: ["i32"] },
  fd_pread: { params: ["i32", "i32", "i32", "i64", "i32"], results: ["i32"] },
  fd_prestat_get: { params: ["i32", "i32"], results: ["i32"] },
  fd_prestat_dir_name: { params: ["i32", "i32", "i32"], results: ["i32"] },
  fd_pwrite: { params: ["i32", "i32", "i32", "i64", "i32"], results: ["i32"] },
  fd_read: { params: ["i32", "i32", "i32", "i32"], results: ["i32"] },
  fd_readdir: { params: ["i32", "i32", "i32", "i64", "i32"], results: ["i32"] },
  fd_renumber: { params: ["i32", "i32"], results: ["i32"] },
  fd_seek: { params: ["i32", "i64", "i32", "i32"], results: ["i32"] },
  fd_sync: { params: ["i32"], results: ["i32"] },
  fd_tell: { params: ["i32", "i32"], results: ["i32"] },
  fd_write: { params: ["i32", "i32", "i32", "i32"], results: ["i32"] },
  path_create_directory: { params: ["i32", "i32", "i32"], results: ["i32"] },
  path_filestat_get: { params: ["i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  path_filestat_set_times: { params: ["i32", "i32", "i32", "i32", "i64", "i64", "i32"], results: ["i32"] },
  path_link: { params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  path_open: {
    params: ["i32", "i32", "i32", "i32", "i32", "i64", "i64", "i32", "i32"],
    results: ["i32"],
  },
  path_readlink: { params: ["i32", "i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  path_remove_directory: { params: ["i32", "i32", "i32"], results: ["i32"] },
  path_rename: { params: ["i32", "i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  path_symlink: { params: ["i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  path_unlink_file: { params: ["i32", "i32", "i32"], results: ["i32"] },
  poll_oneoff: { params: ["i32", "i32", "i32", "i32"], results: ["i32"] },
  proc_exit: { params: ["i32"], results: [] },
  proc_raise: { params: ["i32"], results: ["i32"] },
  sched_yield: { params: [], results: ["i32"] },
  random_get: { params: ["i32", "i32"], results: ["i32"] },
  sock_accept: { params: ["i32", "i32", "i32"], results: ["i32"] },
  sock_recv: { params: ["i32", "i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  sock_send: { params: ["i32", "i32", "i32", "i32", "i32"], results: ["i32"] },
  sock_shutdown: { params: ["i32", "i32"], results: ["i32"] },
} as const satisfies Record<string, WasiFunctionRow>;

/** The name of a function. */
export type WasiFunctionName = keyof typeof WASI_FUNCTIONS;

/** What a function is called with: numbers for `i32`, bigints for `i64`, both unsigned. */
export type WasiArguments<Name extends WasiFunctionName> = ArgumentsOf<
  (typeof WASI_FUNCTIONS)[Name]["params"]
>;

type ArgumentsOf<Params extends readonly ("i32" | "i64")[]> = {
  -readonly [Index in keyof Params]: Params[Index] extends "i64" ? bigint : number;
};

/** How the module of a name lays out and numbers things; where they do not differ, the code says it. */
export interface WasiAbi {
  /** Meaning of `whence` 0, 1, 2 of `fd_seek`. */
  readonly whence: readonly ("start" | "current" | "end")[];
  /** Bytes of a `filestat`, and offsets of its fields; `links` is 4 bytes wide where it says so. */
  readonly filestat: {
    readonly size: number;
    readonly links: number;
    readonly wideLinks: boolean;
    readonly fileSize: number;
  };
  /** Bytes of a `subscription`, and the offset of the clock's id in it; the other fields of a clock follow that. */
  readonly subscription: { readonly size: number; readonly clock: number };
  /** Functions that it lacks. */
  readonly without: readonly WasiFunctionName[];
}

/** The import modules of WASI preview 1: the final one, and the draft that the first programs were built for. */
export const WASI_MODULES = {
  wasi_snapshot_preview1: {
    whence: ["start", "current", "end"],
    filestat: { size: 64, links: 24, wideLinks: true, fileSize: 32 },
    subscription: { size: 48, clock: 16 },
    without: [],
  },
  wasi_unstable: {
    whence: ["current", "end", "start"],
    filestat: { size: 56, links: 20, wideLinks: false, fileSize: 24 },
    subscription: { size: 56, clock: 24 },
    without: ["sock_accept"],
  },
} as const satisfies Record<string, WasiAbi>;

/** The name of an import module of WASI preview 1. */
export type WasiModuleName = keyof typeof WASI_MODULES;

/** Whether imports from a module of that name are WASI's. */
export function isWasiModule(name: string): name is WasiModuleName {
  return Object.hasOwn(WASI_MODULES, name);
}

/** Whether a module has a function of that name. */
export function hasWasiFunction(module: WasiModuleName, name: string): name is WasiFunctionName {
  const { without }: WasiAbi = WASI_MODULES[module];
  return Object.hasOwn(WASI_FUNCTIONS, name) && !without.some((absent) => absent === name);
}

/** The type of a function; undefined when there is none of these names. */
export function wasiFunctionType(module: string, name: string): FuncType | undefined {
  return isWasiModule(module) && hasWasiFunction(module, name) ? WASI_FUNCTIONS[name] : undefined;
}

/** The functions of a module; none when it is not WASI's. */
export function wasiFunctionNames(module: string): readonly WasiFunctionName[] {
  if (!isWasiModule(module)) return [];
  const names = Object.keys(WASI_FUNCTIONS);
  return names.filter((name) => hasWasiFunction(module, name));
}
