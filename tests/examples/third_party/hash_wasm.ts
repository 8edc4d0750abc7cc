import type { Session } from "../instance.ts";
import { callUnsigned, writeText } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

/** One hash function of the package; all modules have the same exports, with slightly different parameters. */
interface Hash {
  readonly name: string;
  readonly size: number;
  /** What is hashed: "abc", or the nine digits where the definition gives its check value for them. */
  readonly text: "abc" | "123456789";
  readonly digest: string;
  /** Eight bytes that initialising finds in the buffer: a seed or a polynomial, in hex. */
  readonly parameter?: string;
  readonly init?: number;
  readonly final?: number;
}

const NO_SEED = "0000000000000000";

/** Digests as their definitions publish them. */
const HASHES: readonly Hash[] = [
  { name: "adler32", size: 1757, text: "abc", digest: "024d0127" },
  { name: "crc32", size: 1183, text: "123456789", digest: "cbf43926", init: 0xedb88320 | 0 },
  // The polynomial of CRC-64/XZ, reflected, least significant byte first.
  { name: "crc64", size: 1182, text: "123456789", digest: "995dc9bbdf1939fa", parameter: "420f87d795576cc9" },
  { name: "md4", size: 3130, text: "abc", digest: "a448017aaf21d8525fc10ae87aa6729d" },
  { name: "md5", size: 3798, text: "abc", digest: "900150983cd24fb0d6963f7d28e17f72" },
  { name: "ripemd160", size: 7070, text: "abc", digest: "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc" },
  { name: "sha1", size: 5367, text: "abc", digest: "a9993e364706816aba3e25717850c26c9cd0d89d" },
  {
    name: "sha256",
    size: 9560,
    text: "abc",
    digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    init: 256,
  },
  {
    name: "sha512",
    size: 13_746,
    text: "abc",
    digest: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    init: 512,
  },
  {
    name: "sha3",
    size: 4041,
    text: "abc",
    digest: "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    init: 256,
    final: 0x06,
  },
  {
    name: "sm3",
    size: 3891,
    text: "abc",
    digest: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
  },
  {
    name: "whirlpool",
    size: 5695,
    text: "abc",
    digest: "4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c" +
      "7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5",
  },
  {
    name: "blake2b",
    size: 7449,
    text: "abc",
    digest: "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" +
      "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    init: 512,
  },
  {
    name: "blake2s",
    size: 6731,
    text: "abc",
    digest: "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
    init: 256,
  },
  {
    name: "blake3",
    size: 11_564,
    text: "abc",
    digest: "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    init: 0,
    final: 32,
  },
  { name: "xxhash32", size: 2262, text: "abc", digest: "32d153ff", init: 0 },
  { name: "xxhash64", size: 2386, text: "abc", digest: "44bc2cf5ad770999", parameter: NO_SEED },
  { name: "xxhash3", size: 8908, text: "abc", digest: "78af5f94892f3950", parameter: NO_SEED },
  {
    name: "xxhash128",
    size: 10_322,
    text: "abc",
    digest: "06b05ab6733a618578af5f94892f3950",
    parameter: NO_SEED,
  },
];

const optional = (value: number | undefined) => value === undefined ? [] : [value];

function session(hash: Hash): Session {
  return {
    imports: {},
    async drive(instance) {
      const buffer = await callUnsigned(instance, "Hash_GetBuffer");
      if (hash.parameter !== undefined) {
        await instance.writeMemory(buffer, Uint8Array.fromHex(hash.parameter));
      }
      await instance.call("Hash_Init", optional(hash.init));
      // In two pieces, so that the module has to keep a partial block between the calls.
      for (const piece of [hash.text.slice(0, 1), hash.text.slice(1)]) {
        await instance.call("Hash_Update", [await writeText(instance, buffer, piece)]);
      }
      await instance.call("Hash_Final", optional(hash.final));
      return (await instance.readMemory(buffer, hash.digest.length / 2)).toHex();
    },
  };
}

const PACKAGE = { package: "hash-wasm", version: "4.13.0" };

/** Hash functions in C, one small module without imports each. */
export const hashModules: readonly DrivenModule[] = HASHES.map((hash) => ({
  ...PACKAGE,
  name: `hash-wasm ${hash.name}`,
  size: hash.size,
  bytes: () => embeddedModule("hash-wasm", `dist/${hash.name}.umd.min.js`),
  note: `hashes "${hash.text}" in two pieces; expected is the published digest`,
  session: () => session(hash),
  expected: hash.digest,
}));
