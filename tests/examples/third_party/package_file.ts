/**
 * Finds files inside npm packages. The imports below run nothing: they make sure that a package is there before
 * its folder is looked up, because Deno installs what is imported and no more.
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import "@bokuweb/zstd-wasm" with { type: "text" };
import "argon2-browser" with { type: "text" };
import "brotli-wasm" with { type: "text" };
import "cjs-module-lexer" with { type: "text" };
import "es-module-lexer" with { type: "text" };
import "hash-wasm" with { type: "text" };
import "long" with { type: "text" };
import "source-map" with { type: "text" };
import "sql.js" with { type: "text" };
import "undici" with { type: "text" };
import "wasm-feature-detect" with { type: "text" };
import "web-tree-sitter" with { type: "text" };
import "xxhash-wasm" with { type: "text" };
import "yoga-layout" with { type: "text" };

/** Where a file of an installed package lies. */
function packageUrl(name: string, path: string): URL {
  const manifest = findPackageJSON(name, import.meta.url);
  if (manifest === undefined) throw new Error(`The package "${name}" is not installed`);
  return new URL(path, pathToFileURL(manifest));
}

/** The version that the package itself states. */
export async function packageVersion(name: string): Promise<unknown> {
  // `version` is whatever the file holds; the caller compares it.
  return (JSON.parse(await packageText(name, "package.json")) as { version?: unknown }).version;
}

/** A file of the package as bytes. */
export function packageBytes(name: string, path: string): Promise<Uint8Array> {
  return Deno.readFile(packageUrl(name, path));
}

/** A file of the package as text. */
export function packageText(name: string, path: string): Promise<string> {
  return Deno.readTextFile(packageUrl(name, path));
}
