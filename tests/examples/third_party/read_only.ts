/**
 * Modules that are read, validated and compiled but not driven: they import memory, tables and globals, or functions
 * that reach into memory, or are of use only together with another module.
 */
import { base64Modules, embeddedModule } from "./embedded.ts";
import { packageBytes, packageText } from "./package_file.ts";
import type { PackagedModule } from "./packaged_module.ts";

/** The layout engine's file cannot be imported past the package's `exports`, but it can be read. */
async function yogaBytes(): Promise<Uint8Array> {
  const [module] = base64Modules(
    await packageText("yoga-layout", "dist/binaries/yoga-wasm-base64-esm.js"),
  );
  if (module === undefined) throw new Error("yoga-layout holds no WebAssembly");
  return module;
}

/** Modules in the wild that only have to get through the reader, the validator and the instrumentation. */
export const readOnlyModules: readonly PackagedModule[] = [
  {
    name: "argon2-browser",
    package: "argon2-browser",
    version: "1.18.0",
    size: 25_725,
    bytes: () => embeddedModule("argon2-browser", "dist/argon2-bundled.min.js"),
  },
  {
    name: "argon2-browser simd",
    package: "argon2-browser",
    version: "1.18.0",
    size: 26_176,
    bytes: () => packageBytes("argon2-browser", "dist/argon2-simd.wasm"),
  },
  {
    name: "hash-wasm argon2",
    package: "hash-wasm",
    version: "4.13.0",
    size: 7148,
    bytes: () => embeddedModule("hash-wasm", "dist/argon2.umd.min.js"),
  },
  {
    name: "web-tree-sitter",
    package: "web-tree-sitter",
    version: "0.27.1",
    size: 210_415,
    bytes: () => packageBytes("web-tree-sitter", "web-tree-sitter.wasm"),
  },
  {
    name: "web-tree-sitter debug",
    package: "web-tree-sitter",
    version: "0.27.1",
    size: 841_293,
    bytes: () => packageBytes("web-tree-sitter", "debug/web-tree-sitter.wasm"),
  },
  {
    name: "yoga-layout",
    package: "yoga-layout",
    version: "3.2.1",
    size: 71_736,
    bytes: yogaBytes,
  },
  {
    name: "sql.js debug",
    package: "sql.js",
    version: "1.16.0",
    size: 770_495,
    bytes: () => packageBytes("sql.js", "dist/sql-wasm-debug.wasm"),
  },
];
