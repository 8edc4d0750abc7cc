/** Hash functions and password hashes: long straight-line code in loops. */
import { exported, memoryOf, type Workload } from "../subject.ts";
import { packagedBytes } from "./packaged.ts";
import { checksum, proseBytes } from "./sample_text.ts";

/** Bytes that the package's buffer holds. */
const BUFFER = 16_384;

/** One module of hash-wasm; `rounds` times the buffer is hashed. */
function digest(
  name: string,
  rounds: number,
  init: readonly number[] = [],
  final: readonly number[] = [],
): Workload {
  return {
    name: `hash-wasm ${name}`,
    group: "third party",
    bytes: packagedBytes(`hash-wasm ${name}`),
    setUp(exports, share) {
      const initialise = exported<void>(exports, "Hash_Init"),
        update = exported<void>(exports, "Hash_Update");
      const finish = exported<void>(exports, "Hash_Final");
      const buffer = exported(exports, "Hash_GetBuffer")() >>> 0, text = proseBytes(BUFFER);
      return () => {
        // The eight bytes in front are the seed where there is one.
        memoryOf(exports).set(text, buffer);
        initialise(...init);
        for (let round = 0; round < rounds * share; round++) update(BUFFER);
        finish(...final);
        return checksum(memoryOf(exports).subarray(buffer, buffer + 4));
      };
    },
  };
}

const bcrypt: Workload = {
  name: "hash-wasm bcrypt",
  group: "third party",
  bytes: packagedBytes("hash-wasm bcrypt"),
  setUp(exports, share) {
    const buffer = exported(exports, "Hash_GetBuffer")() >>> 0, bcrypt = exported<void>(exports, "bcrypt");
    const input = proseBytes(28);
    return () => {
      let sum = 0;
      for (let round = 0; round < 20 * share; round++) {
        memoryOf(exports).set(input, buffer);
        bcrypt(12, 5, 1);
        sum = (sum + checksum(memoryOf(exports).subarray(buffer, buffer + 60))) | 0;
      }
      return sum;
    };
  },
};

const scrypt: Workload = {
  name: "hash-wasm scrypt",
  group: "third party",
  bytes: packagedBytes("hash-wasm scrypt"),
  setUp(exports, share) {
    const blockSize = 8, cost = 1024, parallelism = Math.max(1, Math.round(24 * share));
    const blocks = proseBytes(128 * blockSize * parallelism);
    const buffer = exported(exports, "Hash_GetBuffer")() >>> 0, scrypt = exported<void>(exports, "scrypt");
    exported<void>(exports, "Hash_SetMemorySize")(blocks.length + 128 * blockSize * cost + 256 * blockSize);
    return () => {
      memoryOf(exports).set(blocks, buffer);
      scrypt(blockSize, cost, parallelism);
      return checksum(memoryOf(exports).subarray(buffer, buffer + blocks.length));
    };
  },
};

/** Argon2id over 4 MiB, one lane; its parameters lie behind the blocks, of which the first two are given. */
const argon2: Workload = {
  name: "hash-wasm argon2",
  group: "third party",
  bytes: packagedBytes("hash-wasm argon2"),
  setUp(exports, share) {
    const blocks = 4096, passes = Math.max(1, Math.round(12 * share)), version = 0x13, argon2id = 2;
    const buffer = exported(exports, "Hash_GetBuffer")() >>> 0,
      calculate = exported<void>(exports, "Hash_Calculate");
    exported<void>(exports, "Hash_SetMemorySize")((blocks + 1) * 1024);
    const parameters = new Uint8Array(Int32Array.of(1, 32, blocks, passes, version, argon2id).buffer);
    const first = proseBytes(2048);
    return () => {
      memoryOf(exports).set(first, buffer);
      memoryOf(exports).set(parameters, buffer + blocks * 1024);
      calculate(0, blocks);
      return checksum(memoryOf(exports).subarray(buffer, buffer + 1024));
    };
  },
};

/** Written in the text format by hand. */
const xxhash: Workload = {
  name: "xxhash-wasm",
  group: "third party",
  bytes: packagedBytes("xxhash-wasm"),
  setUp(exports, share) {
    const xxh64 = exported<bigint>(exports, "xxh64"), xxh32 = exported(exports, "xxh32"), size = 49_152;
    const text = proseBytes(size);
    return () => {
      let sum = 0;
      for (let round = 0; round < 3000 * share; round++) {
        // Hashing destroys the input.
        memoryOf(exports).set(text, 0);
        sum = (sum + xxh32(0, size, round)) | 0;
        memoryOf(exports).set(text, 0);
        sum = (sum + Number(BigInt.asIntN(32, xxh64(0, size, 1n)))) | 0;
      }
      return sum;
    };
  },
};

export const hashWorkloads: readonly Workload[] = [
  digest("crc32", 5000, [0xedb88320 | 0]),
  digest("md5", 1300),
  digest("sha1", 1400),
  digest("sha256", 750, [256]),
  digest("sha512", 1100, [512]),
  digest("sha3", 1000, [256], [0x06]),
  digest("blake2b", 2300, [512]),
  digest("blake3", 1700, [0], [32]),
  digest("xxhash64", 36_000),
  bcrypt,
  scrypt,
  argon2,
  xxhash,
];
