// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/**
 * The text parser of `wasm-tools`: the strictest of the three, and the only one that knows every instruction of the
 * suite but the old exceptions. It comes as a WebAssembly module inside a package that needs none of its own
 * JavaScript for this, so the module is called here by the canonical ABI.
 */
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
// Runs nothing: Deno installs what is imported, and the file below lies in the package's folder.
import "npm:@bytecodealliance/jco-transpile@0.1.1" with { type: "text" };
import type { TextCompiler } from "./module_bytes.ts";

const PACKAGE = "@bytecodealliance/jco-transpile", FILE = "vendor/wasm-tools.core.wasm";

/** WASI's `success` and `nosys`. */
const SUCCESS = 0, NO_SUCH_CALL = 52;

/** What the module exports of the canonical ABI; pointers and lengths in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly cabi_realloc: (old: number, oldSize: number, align: number, size: number) => number;
  /** Takes a string that it frees; gives a pointer to `{ failed: u8, pointer: u32, length: u32 }`. */
  readonly "local:wasm-tools/tools#parse": (pointer: number, length: number) => number;
  readonly "cabi_post_local:wasm-tools/tools#parse": (result: number) => void;
}

function moduleUrl(): URL {
  const manifest = findPackageJSON(PACKAGE, import.meta.url);
  if (manifest === undefined) throw new Error(`The package "${PACKAGE}" is not installed`);
  return new URL(FILE, pathToFileURL(manifest));
}

/** A system without files, arguments and environment: parsing asks for a seed of its hash tables and no more. */
function emptySystem(module: WebAssembly.Module, memory: () => WebAssembly.Memory): WebAssembly.Imports {
  const calls: Record<string, (...args: number[]) => number> = {
    random_get: () => SUCCESS,
    environ_get: () => SUCCESS,
    environ_sizes_get: (count = 0, size = 0) => {
      const view = new DataView(memory().buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return SUCCESS;
    },
  };
  const imports = WebAssembly.Module.imports(module).map(({ name }) =>
    [name, calls[name] ?? (() => NO_SUCH_CALL)] as const
  );
  return { wasi_snapshot_preview1: Object.fromEntries(imports) };
}

/** Makes a compiler; it throws `SyntaxError` for text that is malformed. */
export async function wasmToolsCompiler(): Promise<TextCompiler> {
  const module = await WebAssembly.compile(await Deno.readFile(moduleUrl()));
  const instance = new WebAssembly.Instance(module, emptySystem(module, () => tools.memory));
  const tools = instance.exports as unknown as Exports; // `as`: what the package's version holds
  return (text) => {
    const input = new TextEncoder().encode(text);
    const pointer = tools.cabi_realloc(0, 0, 1, input.length);
    new Uint8Array(tools.memory.buffer, pointer, input.length).set(input);
    const result = tools["local:wasm-tools/tools#parse"](pointer, input.length);
    const view = new DataView(tools.memory.buffer);
    const failed = view.getUint8(result) !== 0,
      output = new Uint8Array(
        tools.memory.buffer,
        view.getUint32(result + 4, true),
        view.getUint32(result + 8, true),
      ),
      bytes = Uint8Array.from(output);
    tools["cabi_post_local:wasm-tools/tools#parse"](result);
    if (failed) throw new SyntaxError(new TextDecoder().decode(bytes));
    return bytes;
  };
}
