/** Brotli and Zstandard: large modules, tables, unpredictable branches. */
import { Buffer } from "node:buffer";
import { brotliCompressSync, zstdCompressSync } from "node:zlib";
import { exported, memoryOf, type Workload } from "../subject.ts";
import { driverImports, packagedBytes } from "./packaged.ts";
import { checksum, proseBytes } from "./sample_text.ts";

const BROTLI = {
  group: "third party",
  bytes: packagedBytes("brotli-wasm"),
  imports: driverImports("brotli-wasm"),
} as const;

/** wasm-bindgen's handle of `undefined`: no options. */
const UNDEFINED_HANDLE = 1;

/** The result is a pointer, a length, and an error handle that is zero. */
function transform(exports: WebAssembly.Exports, name: string, options: readonly number[]) {
  const run = exported<void>(exports, name), stack = exported(exports, "__wbindgen_add_to_stack_pointer");
  const malloc = exported(exports, "__wbindgen_malloc"), free = exported<void>(exports, "__wbindgen_free");
  return (input: Uint8Array): number => {
    const result = stack(-16) >>> 0, pointer = malloc(input.length) >>> 0;
    memoryOf(exports).set(input, pointer);
    run(result, pointer, input.length, ...options);
    const [output = 0, length = 0, , failed] = new Uint32Array(memoryOf(exports).buffer, result, 4);
    if (failed !== 0) throw new Error(`"${name}" failed`);
    const sum = checksum(memoryOf(exports).subarray(output, output + Math.min(length, 4096))) ^ length;
    free(output, length);
    stack(16);
    return sum;
  };
}

const brotliCompress: Workload = {
  ...BROTLI,
  name: "brotli compress",
  setUp(exports, share) {
    const compress = transform(exports, "compress", [UNDEFINED_HANDLE]), text = proseBytes(24_000 * share);
    return () => compress(text);
  },
};

const brotliDecompress: Workload = {
  ...BROTLI,
  name: "brotli decompress",
  setUp(exports, share) {
    const decompress = transform(exports, "decompress", []);
    const packed = new Uint8Array(brotliCompressSync(Buffer.from(proseBytes(400_000))));
    return () => {
      let sum = 0;
      for (let round = 0; round < 20 * share; round++) sum = decompress(packed);
      return sum;
    };
  },
};

/** What emscripten's linker made of the names that are used here. */
const NAMES = {
  constructors: "g",
  compressBound: "i",
  compress: "m",
  decompress: "r",
  malloc: "s",
  memory: "f",
} as const;

const LEVEL = 3;

const ZSTD = {
  group: "third party",
  bytes: packagedBytes("@bokuweb/zstd-wasm"),
  imports: driverImports("@bokuweb/zstd-wasm"),
} as const;

function zstdInstance(exports: WebAssembly.Exports) {
  exported<void>(exports, NAMES.constructors)();
  const malloc = exported(exports, NAMES.malloc);
  return {
    /** Places bytes in the module's memory for good. */
    place(bytes: Uint8Array): number {
      const pointer = malloc(bytes.length) >>> 0;
      memoryOf(exports, NAMES.memory).set(bytes, pointer);
      return pointer;
    },
    reserve: (length: number) => malloc(length) >>> 0,
    sum: (at: number, length: number) => checksum(memoryOf(exports, NAMES.memory).subarray(at, at + length)),
  };
}

const zstdCompress: Workload = {
  ...ZSTD,
  name: "zstd compress",
  setUp(exports, share) {
    const instance = zstdInstance(exports),
      text = proseBytes(700_000),
      plain = instance.place(text);
    const bound = exported(exports, NAMES.compressBound)(text.length) >>> 0, packed = instance.reserve(bound);
    const compress = exported(exports, NAMES.compress);
    return () => {
      let length = 0;
      for (let round = 0; round < 8 * share; round++) {
        length = compress(packed, bound, plain, text.length, LEVEL);
      }
      return instance.sum(packed, Math.min(length, 4096)) ^ length;
    };
  },
};

const zstdDecompress: Workload = {
  ...ZSTD,
  name: "zstd decompress",
  setUp(exports, share) {
    const size = Math.round(5_000_000 * share),
      instance = zstdInstance(exports),
      plain = instance.reserve(size);
    const bytes = new Uint8Array(zstdCompressSync(Buffer.from(proseBytes(size)))),
      packed = instance.place(bytes);
    const decompress = exported(exports, NAMES.decompress);
    return () => {
      let length = 0;
      for (let round = 0; round < 4 * share; round++) length = decompress(plain, size, packed, bytes.length);
      return instance.sum(plain + size - 4096, 4096) ^ length;
    };
  },
};

export const compressionWorkloads: readonly Workload[] = [
  brotliCompress,
  brotliDecompress,
  zstdCompress,
  zstdDecompress,
];
