/** The names of the files of an audit log. */
import { basename, dirname, join } from "./path.ts";

/** Files that are kept beside the one that is written to. */
export const MOST_KEPT = 3;

/** The file of the head. */
export function headFile(path: string): string {
  return `${path}.head`;
}

/** The files of the records before, the latest first, whether they are there or not. */
export function olderFiles(path: string): string[] {
  return Array.from({ length: MOST_KEPT }, (_, index) => `${path}.${index + 1}`);
}

/** Every file that a log may have: what a process needs to read and write. */
export function auditFiles(path: string): string[] {
  return [path, headFile(path), ...olderFiles(path)];
}

/** The absolute path of a file that need not be there yet; its folder must be. */
export function auditPath(path: string, realPath: (path: string) => string): string {
  return join(realPath(dirname(path)), basename(path));
}
