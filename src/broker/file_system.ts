/** What the files broker needs from the file system, as a port: tests make single operations fail. */

/** A file that is open. */
export type OpenedFile = Pick<
  Deno.FsFile,
  | "readSync"
  | "writeSync"
  | "seekSync"
  | "statSync"
  | "truncateSync"
  | "utimeSync"
  | "syncSync"
  | "syncDataSync"
  | "close"
>;

/** Absolute host paths everywhere; every method throws what Deno throws. */
export interface FileSystem {
  /** Whether this thread may read or write there without anybody being asked. */
  granted(access: "read" | "write", path: string): boolean;
  lstat(path: string): Deno.FileInfo;
  readLink(path: string): string;
  open(path: string, options: Deno.OpenOptions): OpenedFile;
  entries(path: string): Iterable<Deno.DirEntry>;
  createDirectory(path: string): void;
  /** A file, a link, or an empty directory. */
  remove(path: string): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
}

/** The file system of the machine. */
export const DENO_FILE_SYSTEM: FileSystem = {
  granted: (access, path) => Deno.permissions.querySync({ name: access, path }).state === "granted",
  lstat: (path) => Deno.lstatSync(path),
  readLink: (path) => Deno.readLinkSync(path),
  open: (path, options) => Deno.openSync(path, options),
  entries: (path) => Deno.readDirSync(path),
  createDirectory: (path) => Deno.mkdirSync(path),
  remove: (path) => Deno.removeSync(path),
  rename: (from, to) => Deno.renameSync(from, to),
  link: (from, to) => Deno.linkSync(from, to),
};
