// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/**
 * Finds files inside npm packages. The imports below run nothing: they make sure that a package is there before
 * its folder is looked up, because Deno installs what is imported and no more.
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import "npm:@bokuweb/zstd-wasm@0.0.27" with { type: "text" };
import "npm:argon2-browser@1.18.0" with { type: "text" };
import "npm:brotli-wasm@3.0.1" with { type: "text" };
import "npm:cjs-module-lexer@2.3.0" with { type: "text" };
import "npm:es-module-lexer@3.0.5" with { type: "text" };
import "npm:hash-wasm@4.13.0" with { type: "text" };
import "npm:long@5.3.2" with { type: "text" };
import "npm:source-map@0.8.0" with { type: "text" };
import "npm:sql.js@1.16.0" with { type: "text" };
import "npm:undici@7.30.2" with { type: "text" };
import "npm:wasm-feature-detect@1.9.0" with { type: "text" };
import "npm:web-tree-sitter@0.27.1" with { type: "text" };
import "npm:xxhash-wasm@1.1.0" with { type: "text" };
import "npm:yoga-layout@3.2.1" with { type: "text" };

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
