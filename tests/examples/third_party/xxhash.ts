import type { Session } from "../instance.ts";
import { callUnsigned, writeText } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

const hex64 = (value: unknown) => typeof value === "bigint" ? BigInt.asUintN(64, value).toString(16) : value;

function session(): Session {
  return {
    imports: {},
    async drive(instance) {
      const length = await writeText(instance, 0, "abc");
      const xxh32 = await callUnsigned(instance, "xxh32", 0, length, 0);
      // The 64-bit function takes its seed and returns its hash as i64; hashing destroys the input.
      await writeText(instance, 0, "abc");
      const [xxh64] = await instance.call("xxh64", [0, length, 0n]);
      const [empty] = await instance.call("xxh64", [0, 0, 0n]);
      return { xxh32: xxh32.toString(16), xxh64: hex64(xxh64), empty: hex64(empty) };
    },
  };
}

/** xxHash; written in the text format, with i64 parameters and results. */
export const xxhash: DrivenModule = {
  name: "xxhash-wasm",
  package: "xxhash-wasm",
  version: "1.1.0",
  size: 3_105,
  bytes: () => embeddedModule("xxhash-wasm", "esm/xxhash-wasm.js"),
  note: 'hashes "abc" and nothing; expected are the values of the reference implementation',
  session,
  expected: { xxh32: "32d153ff", xxh64: "44bc2cf5ad770999", empty: "ef46db3751d8e999" },
};
