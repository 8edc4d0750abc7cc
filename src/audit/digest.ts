/** The names under which a log says how it is chained. */
export const DIGESTS = ["sha256", "hmac-sha256"] as const;

/** One of {@linkcode DIGESTS}. */
export type DigestName = typeof DIGESTS[number];

/** Hashes texts and bytes: 64 hexadecimal digits. */
export interface Digest {
  readonly name: DigestName;
  of(data: string | Uint8Array): string;
}
