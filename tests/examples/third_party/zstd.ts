import { Buffer } from "node:buffer";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { HostFunction, Session } from "../instance.ts";
import { callUnsigned } from "../guest_memory.ts";
import { packageBytes } from "./package_file.ts";
import type { DrivenModule } from "./packaged_module.ts";

const TEXT = "The same line again and again packs well, and unpacks to the same lines. ".repeat(40);

/** What emscripten's linker made of the names that are used here. */
const NAMES = {
  constructors: "g",
  isError: "h",
  compressBound: "i",
  compress: "m",
  decompress: "r",
  malloc: "s",
} as const;

const LEVEL = 3;

/** The heap's 16 MiB are enough: nothing of the C library's surroundings is needed. */
function refused(params: string[], results: string[]): HostFunction {
  return { params, results, fn: () => results.length === 0 ? undefined : 0 };
}

function session(): Session {
  return {
    imports: {
      a: {
        a: refused(["i32"], []),
        b: refused([], []),
        c: refused([], []),
        d: refused(["i32", "f64"], ["i32"]),
        e: refused(["i32"], ["i32"]),
      },
    },
    async drive(instance) {
      await instance.call(NAMES.constructors, []);
      const text = new TextEncoder().encode(TEXT);
      const bound = await callUnsigned(instance, NAMES.compressBound, text.length);
      const packed = await callUnsigned(instance, NAMES.malloc, bound);
      const plain = await callUnsigned(instance, NAMES.malloc, text.length);
      await instance.writeMemory(plain, text);
      const length = await callUnsigned(instance, NAMES.compress, packed, bound, plain, text.length, LEVEL);
      const compressed = await instance.readMemory(packed, length);

      const foreign = new Uint8Array(zstdCompressSync(text));
      await instance.writeMemory(packed, foreign);
      await instance.writeMemory(plain, new Uint8Array(text.length));
      const unpacked = await callUnsigned(
        instance,
        NAMES.decompress,
        plain,
        text.length,
        packed,
        foreign.length,
      );
      const readByGuest = new TextDecoder().decode(await instance.readMemory(plain, unpacked)) === TEXT;

      // A broken frame gives an error code, not a length.
      await instance.writeMemory(packed, Uint8Array.of(1, 2, 3, 4));
      const code = await callUnsigned(instance, NAMES.decompress, plain, text.length, packed, 4);
      return {
        smaller: length < text.length / 10,
        readByHost: zstdDecompressSync(Buffer.from(compressed)).toString() === TEXT,
        readByGuest,
        brokenIsError: await callUnsigned(instance, NAMES.isError, code),
      };
    },
  };
}

/** Zstandard in C, compiled and minified by emscripten. */
export const zstd: DrivenModule = {
  name: "@bokuweb/zstd-wasm",
  package: "@bokuweb/zstd-wasm",
  version: "0.0.27",
  size: 251_806,
  bytes: () => packageBytes("@bokuweb/zstd-wasm", "dist/common/zstd.wasm"),
  note: "compresses and decompresses a text against the host's own Zstandard",
  session,
  expected: { smaller: true, readByHost: true, readByGuest: true, brokenIsError: 1 },
};
