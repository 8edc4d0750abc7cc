/** Paths of this machine, as text: nothing here looks at a disk, so links are not known. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { startsWithPath } from "./guest_path.ts";

/**
 * Checks a path that is to be granted.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function checkHostPath(path: string): string {
  const refuse = (reason: string, suggestion: string) =>
    new AegisError(
      "InvalidOption",
      `Cannot grant host path ${quote(String(path))}: ${reason}. ${suggestion}`,
      {
        field: "filesystem.host",
        suggestion,
      },
    );
  if (typeof path !== "string" || path === "") {
    throw refuse("it is empty", 'Use "." for the current directory.');
  }
  if (path.includes("\0") || !path.isWellFormed()) {
    throw refuse("it holds what no path can", "Use text without NUL.");
  }
  // A list of permissions is split at its commas, and nothing escapes them: the grant would be another, wider one.
  if (path.includes(",")) throw refuse("it holds a comma", "Rename it, or grant the directory above it.");
  return path;
}

/** `..` stays: behind a link it does not undo the component before it. */
function components(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Whether two paths are one by their text. */
export function sameHostPath(one: string, other: string): boolean {
  return liesWithin(one, other) && liesWithin(other, one);
}

/** Whether a path is a directory that was granted, or below it, by its text, with no step up on the way. */
export function liesWithin(directory: string, path: string): boolean {
  const outer = components(directory), inner = components(path);
  return directory.startsWith("/") === path.startsWith("/") &&
    startsWithPath(inner, outer) && !inner.slice(outer.length).includes("..");
}
