import { Buffer } from "node:buffer";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import type { HostFunction, Instance, Session } from "../instance.ts";
import { callUnsigned, readWords } from "../guest_memory.ts";
import { packageBytes } from "./package_file.ts";
import type { DrivenModule } from "./packaged_module.ts";

const TEXT = "The same line again and again packs well, and unpacks to the same lines. ".repeat(40);

/** wasm-bindgen passes JavaScript values as handles; 1 stands for `undefined`: no options. */
const UNDEFINED_HANDLE = 1;

const i32s = (count: number) => Array.from({ length: count }, () => "i32");

/** Reached only when the module fails; then the run fails with a name instead of a wrong handle. */
function unexpected(name: string, params: number, results: number): HostFunction {
  return {
    params: i32s(params),
    results: i32s(results),
    fn: () => {
      throw new Error(`The module called "${name}"`);
    },
  };
}

/** `compress` and `decompress` return a pointer, a length, an error handle and whether there is an error. */
async function transform(instance: Instance, name: string, input: Uint8Array, ...options: number[]) {
  const result = await callUnsigned(instance, "__wbindgen_add_to_stack_pointer", -16);
  const pointer = await callUnsigned(instance, "__wbindgen_malloc", input.length);
  await instance.writeMemory(pointer, input);
  await instance.call(name, [result, pointer, input.length, ...options]);
  const [output = 0, length = 0, , failed] = await readWords(instance, result, 4);
  if (failed !== 0) throw new Error(`"${name}" failed`);
  const bytes = await instance.readMemory(output, length);
  await instance.call("__wbindgen_free", [output, length]);
  await instance.call("__wbindgen_add_to_stack_pointer", [16]);
  return bytes;
}

function session(): Session {
  return {
    imports: {
      wbg: {
        __wbindgen_is_undefined: {
          params: ["i32"],
          results: ["i32"],
          fn: (handle) => handle === UNDEFINED_HANDLE ? 1 : 0,
        },
        __wbindgen_object_drop_ref: { params: ["i32"], results: [], fn: () => {} },
        __wbindgen_is_object: unexpected("is_object", 1, 1),
        __wbindgen_string_new: unexpected("string_new", 2, 1),
        __wbindgen_error_new: unexpected("error_new", 2, 1),
        __wbindgen_json_serialize: unexpected("json_serialize", 2, 0),
        __wbg_new_693216e109162396: unexpected("new", 0, 1),
        __wbg_stack_0ddaca5d1abfb52f: unexpected("stack", 2, 0),
        __wbg_error_09919627ac0992f5: unexpected("error", 2, 0),
        __wbindgen_throw: unexpected("throw", 2, 0),
      },
    },
    async drive(instance) {
      const text = new TextEncoder().encode(TEXT);
      const compressed = await transform(instance, "compress", text, UNDEFINED_HANDLE);
      const unpacked = await transform(instance, "decompress", new Uint8Array(brotliCompressSync(text)));
      return {
        smaller: compressed.length < text.length / 10,
        readByHost: brotliDecompressSync(Buffer.from(compressed)).toString() === TEXT,
        readByGuest: new TextDecoder().decode(unpacked) === TEXT,
      };
    },
  };
}

/** Brotli in Rust with wasm-bindgen, a megabyte. */
export const brotli: DrivenModule = {
  name: "brotli-wasm",
  package: "brotli-wasm",
  version: "3.0.1",
  size: 1_056_860,
  bytes: () => packageBytes("brotli-wasm", "pkg.web/brotli_wasm_bg.wasm"),
  note: "compresses and decompresses a text against the host's own Brotli",
  session,
  expected: { smaller: true, readByHost: true, readByGuest: true },
};
