/**
 * Owner of `@std/path`: what is used of it, with types that hold under every registry. Which of its two forms is the right
 * one is asked of Deno: the package's own way of telling loads Node's `process`, and takes 20 ms of every start.
 */
import * as posix from "@std/path/posix";
import * as windows from "@std/path/windows";

interface PathFunctions {
  basename(path: string): string;
  dirname(path: string): string;
  fromFileUrl(url: string): string;
  join(...parts: string[]): string;
  resolve(path: string): string;
  relative(from: string, to: string): string;
}

// `as`: one of the two packages that the name maps to carries no types.
const functions = (Deno.build.os === "windows" ? windows : posix) as unknown as PathFunctions;

export const basename: PathFunctions["basename"] = functions.basename;
export const dirname: PathFunctions["dirname"] = functions.dirname;
export const fromFileUrl: PathFunctions["fromFileUrl"] = functions.fromFileUrl;
export const join: PathFunctions["join"] = functions.join;
export const resolve: PathFunctions["resolve"] = functions.resolve;
export const relative: PathFunctions["relative"] = functions.relative;
