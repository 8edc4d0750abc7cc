/** The one file that asks `node:crypto`, which hashes at once: a record is written before the call goes on. */
import { createHash, createHmac } from "node:crypto";
import type { Digest } from "./digest.ts";

/** The hash of a chain. @param key of one that only its holder can forge */
export function digestWith(key: Uint8Array | undefined): Digest {
  if (key === undefined) {
    return { name: "sha256", of: (data) => createHash("sha256").update(data).digest("hex") };
  }
  return { name: "hmac-sha256", of: (data) => createHmac("sha256", key).update(data).digest("hex") };
}
