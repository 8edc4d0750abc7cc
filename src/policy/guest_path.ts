/**
 * Paths as guests name them, compared by their components. What a program's library makes of a path before it picks a
 * directory is done here too: `/data`, `data` and `./data` are one directory, `.` and `/` are the root.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** Components of a path, `..` resolved by the text alone; undefined when it climbs above its root. */
export function resolveGuestPath(path: string): string[] | undefined {
  const components: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") components.push(part);
    else if (components.pop() === undefined) return undefined;
  }
  return components;
}

/** The path of components, absolute or not. */
export function joinGuestPath(components: readonly string[], absolute: boolean): string {
  return absolute ? `/${components.join("/")}` : components.join("/") || ".";
}

/** Whether `inner` is `outer` or below it. */
export function startsWithPath(inner: readonly string[], outer: readonly string[]): boolean {
  return outer.length <= inner.length && outer.every((part, index) => part === inner[index]);
}

/**
 * Reads the path under which a guest is to find a directory or a file.
 *
 * @returns without `.`, and without a slash at the end
 * @throws {AegisError} `InvalidOption`
 */
export function parseGuestPath(path: string): string {
  const refuse = (reason: string, suggestion: string) =>
    new AegisError("InvalidOption", `Cannot grant guest path ${quote(path)}: ${reason}. ${suggestion}`, {
      field: "filesystem.guest",
      suggestion,
    });
  if (path === "") throw refuse("it is empty", 'Use "." or "/" for the root.');
  if (path.includes("\0") || !path.isWellFormed()) {
    throw refuse("it holds what no path can", "Use text without NUL.");
  }
  if (path.includes("//")) throw refuse("it holds an empty component", 'Write single slashes: "/data/in".');
  if (path.split("/").includes("..")) {
    throw refuse('it holds ".."', 'Name where the guest finds it: { host: "../data", guest: "/data" }.');
  }
  return joinGuestPath(resolveGuestPath(path) ?? [], path.startsWith("/"));
}
