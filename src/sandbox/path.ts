/** Owner of `@std/path`: what is used of it, with types that hold under every registry. */
import * as path from "@std/path";

interface PathFunctions {
  basename(path: string): string;
  dirname(path: string): string;
  fromFileUrl(url: string): string;
  join(...parts: string[]): string;
  resolve(path: string): string;
  relative(from: string, to: string): string;
}

// `as`: one of the two packages that the name maps to carries no types.
const functions = path as unknown as PathFunctions;

export const basename: PathFunctions["basename"] = functions.basename;
export const dirname: PathFunctions["dirname"] = functions.dirname;
export const fromFileUrl: PathFunctions["fromFileUrl"] = functions.fromFileUrl;
export const join: PathFunctions["join"] = functions.join;
export const resolve: PathFunctions["resolve"] = functions.resolve;
export const relative: PathFunctions["relative"] = functions.relative;
